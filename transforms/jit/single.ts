/** Sums over a tile of rows in single precision, four rows in a vector: products with a matrix that is stored as singles. */
import { operandsOf, partsOf, walk, type Axis, type Expr } from '../../core/loop/expression.ts';
import { simd, type as types } from './assembler.ts';
import { get, LANES, memargSingle, pushAddress, set, shuffle, vector, type Code, type Local } from './code.ts';
import { addressOf, offsetOf, scaleOf } from './nestAddress.ts';
import { rowsInTile } from './place.ts';
import { isOfRows, scopeOf, type Nest } from './scope.ts';

/** What nest.ts does for doubles: the local of an expression, for vector `v` of the rows. */
type Compute = (nest: Nest, e: Expr, v: number) => Local;

/** Singles are added up no further than this in their own precision: the error of a sum grows with its length. */
export const LONGEST_SINGLE_SUM = 256;

/** A longer body would be more than a product. */
const MOST_NODES = 24;

const arithmetic: Readonly<Record<string, number>> = { add: simd.addF32, sub: simd.subF32, mul: simd.mulF32, neg: simd.negF32 };

/** Whether an expression has another value for each row and each index of an axis. */
const varies = ({ program, rows }: Nest, axis: Axis, e: Expr): boolean => {
  const axes = program.axesOf(e);
  return rows !== undefined && axes.has(axis) && axes.has(rows.axis);
};

/**
 * Whether a sum over an axis, or one along it for the rows of a tile, can be added up in single precision: what varies with both is sums and
 * products of matrices that are stored as singles. All else in it is computed in double, and rounded once.
 */
export const isSingleSum = (nest: Nest, axis: Axis, body: Expr): boolean => {
  const { program, rows } = nest;
  if (rows?.isLong !== true || LANES * rows.vectors !== rowsInTile(true)) return false;
  const stack = [body];
  let reads = false;
  for (let count = 0; stack.length > 0; count++) {
    const e = stack.pop()!;
    if (!varies(nest, axis, e)) continue;
    if (e.op === 'load') {
      const { isTiled, isSingle } = program.placeOf(e.buffer);
      if (!isTiled || isSingle !== true) return false;
      reads = true;
    } else if (count > MOST_NODES || arithmetic[e.op] === undefined) return false;
    else stack.push(...operandsOf(e));
  }
  return reads;
};

/** Pushes a value of the rows, or of all of them, as four singles. */
const pushNarrow = (nest: Nest, e: Expr, quad: number, compute: Compute): void => {
  const { code } = nest.program;
  const narrow = (v: number): void => {
    get(code, compute(nest, e, v));
    vector(code, simd.demoteZero);
  };
  if (isOfRows(nest, e)) {
    narrow(2 * quad);
    narrow(2 * quad + 1);
    return shuffle(code, 0, LANES);
  }
  const both = code.local(types.v128);
  narrow(0);
  set(code, both);
  get(code, both);
  get(code, both);
  shuffle(code, 0, 0);
};

/** The local of an expression of a sum over an axis, for four of the rows. */
export const computeSingle = (nest: Nest, axis: Axis, e: Expr, quad: number, compute: Compute): Local => {
  const { code, placeOf, narrowed } = nest.program;
  const scope = scopeOf(nest, e);
  const known = isOfRows(nest, e) ? scope.ownSingles[quad]! : scope.sharedSingles;
  const found = known.get(e);
  if (found !== undefined) return found;
  const isVarying = varies(nest, axis, e);
  const at = narrowed.get(e);
  if (isVarying && e.op === 'load') {
    const place = placeOf(e.buffer);
    const scale = scaleOf(place);
    pushAddress(code, addressOf(nest, e.index, scale));
    vector(code, simd.load);
    memargSingle(code, place.begin + offsetOf(nest, e.index, scale) + 16 * quad);
  } else if (isVarying) {
    const args = operandsOf(e).map((part) => computeSingle(nest, axis, part, quad, compute));
    for (const arg of args) get(code, arg);
    vector(code, arithmetic[e.op]!);
  } else if (at !== undefined) {
    pushAddress(code, scope.counter);
    vector(code, simd.load32Splat);
    memargSingle(code, at + 8 * scope.shift);
  } else pushNarrow(nest, e, quad, compute);
  const local = code.local(types.v128);
  set(code, local);
  known.set(e, local);
  return local;
};

/** What is computed in double within some bodies, and rounded. */
export const leavesOf = (nest: Nest, axis: Axis, bodies: readonly Expr[]): readonly Expr[] => {
  const leaves: Expr[] = [];
  walk(bodies, (e) => {
    if (varies(nest, axis, e)) return partsOf(e);
    leaves.push(e);
    return [];
  });
  return leaves;
};

/** Rounds, before a loop over an axis, what does not depend on it. */
export const prepareSingle = (nest: Nest, axis: Axis, bodies: readonly Expr[], compute: Compute): void => {
  for (const e of leavesOf(nest, axis, bodies)) {
    if (nest.program.axesOf(e).has(axis)) continue;
    const quads = isOfRows(nest, e) ? nest.rows!.vectors / 2 : 1;
    for (let quad = 0; quad < quads; quad++) computeSingle(nest, axis, e, quad, compute);
  }
};

/** Four singles as two vectors of doubles. */
export const widened = (code: Code, quad: Local): readonly [Local, Local] => {
  const [low, high] = [code.local(types.v128), code.local(types.v128)];
  get(code, quad);
  vector(code, simd.promoteLow);
  set(code, low);
  get(code, quad);
  get(code, quad);
  shuffle(code, 1, 1);
  vector(code, simd.promoteLow);
  set(code, high);
  return [low, high];
};

/** The locals of a body for all rows of a tile, four in each. */
export const quadsOf = (nest: Nest, axis: Axis, body: Expr, compute: Compute): readonly Local[] =>
  Array.from({ length: nest.rows!.vectors / 2 }, (_, quad) => computeSingle(nest, axis, body, quad, compute));
