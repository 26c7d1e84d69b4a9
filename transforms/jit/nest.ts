/** Values within nested loops: each expression is computed in the outermost loop on which it depends, for one vector or for all vectors of a tile of rows. */
import { operandsOf, partsOf, walk, type Affine, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import { op, simd, type as types } from './assembler.ts';
import { address, countedLoop, get, i32, memarg, pushAddress, set, vector, zeros, type Code, type Local } from './code.ts';
import { evaluate, type Target } from './scalarCode.ts';

/** Rows in a tile: four vectors of two lanes, which V8 keeps in registers beside what the inner loops need. */
export const TILE_ROWS = 8;

/** Where a memory begins, in bytes; and whether it is a matrix stored in tiles of rows, the rows of a tile side by side for each column. */
export interface Place {
  readonly begin: number;
  readonly isTiled: boolean;
}

/** A program while it is written: what its loops share. */
export interface ProgramCode extends Target {
  readonly placeOf: (memory: Memory) => Place;
  /** The axes on which an expression depends. */
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
  /** The scalars that statements of this function have named. */
  readonly scalars: Map<number, Local>;
  /** The bytes in memory where values of earlier functions of the program are found, scalars by their names. */
  readonly spilled: Map<Expr | number, number>;
}

/** One open loop, or the function around all of them, and the values computed in it so far. */
export interface Scope {
  readonly axis: Axis | undefined;
  /** Eight times the index, or the index that `shift` is added to; nothing for the function, and for rows that begin at 0. */
  readonly counter: Local | undefined;
  readonly shift: number;
  /** Values that do not depend on the rows. */
  readonly shared: Map<Expr, Local>;
  /** For each vector of the rows, values that do. */
  readonly own: readonly Map<Expr, Local>[];
  /** The addresses so far, by what they are made of: loads that differ only in an offset share one. */
  readonly addresses: Map<string, Local>;
}

/** The rows of a tile. */
export interface Rows {
  readonly axis: Axis;
  /** Whether there are many such tiles. */
  readonly isLong: boolean;
  readonly vectors: number;
  /** Over the lanes of the last vector, if the rows end within it. */
  readonly mask: Local | undefined;
}

/** The loops that are open where code is being written, the function first. */
export interface Nest {
  readonly program: ProgramCode;
  readonly scopes: readonly Scope[];
  readonly rows: Rows | undefined;
}

const makeScope = (axis: Axis | undefined, counter: Local | undefined, vectors: number, shift: number = 0): Scope => ({
  axis,
  counter,
  shift,
  shared: new Map(),
  own: Array.from({ length: vectors }, () => new Map<Expr, Local>()),
  addresses: new Map(),
});

/** The function itself. */
export const functionNest = (program: ProgramCode): Nest => ({ program, scopes: [makeScope(undefined, undefined, 0)], rows: undefined });

/** With one more loop open, at its index plus `shift`. */
const within = (nest: Nest, axis: Axis, counter: Local, shift: number, addresses: Scope['addresses']): Nest => ({
  ...nest,
  scopes: [...nest.scopes, { ...makeScope(axis, counter, nest.rows?.vectors ?? 0, shift), addresses }],
});

/** With a tile of rows open. */
export const withRows = (nest: Nest, rows: Rows, first: Local | undefined): Nest => ({
  ...nest,
  rows,
  scopes: [...nest.scopes, makeScope(rows.axis, first, rows.vectors)],
});

/** The innermost open loop on which an expression depends. */
const scopeOf = ({ program, scopes }: Nest, e: Expr): Scope => {
  const axes = program.axesOf(e);
  if (axes.size > 0) for (let depth = scopes.length - 1; depth > 0; depth--) if (axes.has(scopes[depth]!.axis!)) return scopes[depth]!;
  return scopes[0]!;
};

const isOfRows = ({ program, rows }: Nest, e: Expr): boolean => rows !== undefined && program.axesOf(e).has(rows.axis);

const strideOf = ({ terms }: Affine, axis: Axis): number => terms.reduce((sum, term) => (term.axis === axis ? sum + term.stride : sum), 0);

/** The local of place + counter · stride, or nothing for 0. */
const moved = (code: Code, place: Local | undefined, counter: Local, stride: number): Local => {
  if (place === undefined && stride === 1) return counter;
  return address(code, [[counter, stride], ...(place === undefined ? [] : [[place, 1] as const])])!;
};

/** Whether a loop within runs over the same axis: a sum that does not vary along an axis outside of it may have taken that axis for its own. */
const isShadowed = (scopes: readonly Scope[], depth: number): boolean => scopes.some(({ axis }, inner) => inner > depth && axis === scopes[depth]!.axis);

/** The local of Σ counter · stride over the open loops, in bytes, or nothing for 0. `stretch` widens the strides of all but the rows. */
export const addressOf = ({ program, scopes, rows }: Nest, index: Affine, stretch: number = 1): Local | undefined => {
  let place: Local | undefined;
  for (const [depth, { axis, counter, addresses }] of scopes.entries()) {
    if (axis === undefined || counter === undefined || isShadowed(scopes, depth)) continue;
    const stride = strideOf(index, axis) * (axis === rows?.axis ? 1 : stretch);
    if (stride === 0) continue;
    const key = `${place}+${counter}*${stride}`;
    const known = addresses.get(key);
    place = known ?? moved(program.code, place, counter, stride);
    if (known === undefined) addresses.set(key, place);
  }
  return place;
};

/** What is added to an address: the bytes of the index's offset, and of the shifts of the open loops. */
export const offsetOf = ({ scopes, rows }: Nest, index: Affine, stretch: number = 1): number =>
  scopes.reduce((bytes, { axis, shift }, depth) => {
    if (axis === undefined || shift === 0 || isShadowed(scopes, depth)) return bytes;
    return bytes + 8 * shift * strideOf(index, axis) * (axis === rows?.axis ? 1 : stretch);
  }, 8 * index.offset);

const emitLoad = (nest: Nest, e: Expr & { readonly op: 'load' }, v: number): Local => {
  const { code } = nest.program;
  const { begin, isTiled } = nest.program.placeOf(e.buffer);
  const rowStride = nest.rows === undefined ? 0 : strideOf(e.index, nest.rows.axis);
  // Within a tile the rows lie side by side; from tile to tile, the row counter moves by whole rows.
  const stretch = isTiled ? TILE_ROWS : 1;
  const place = addressOf(nest, e.index, stretch);
  const offset = begin + offsetOf(nest, e.index, stretch);
  const local = code.local(types.v128);
  // An address that counts down is below zero before the offset is added, which the instruction would not take.
  const countsDown = e.index.terms.some(({ stride }) => stride < 0);
  const read = (opcode: number, bytes: number): void => {
    pushAddress(code, place);
    if (countsDown) {
      i32(code, bytes);
      code.bytes.byte(op.i32Add);
    }
    if (opcode === simd.load64Lane) get(code, local);
    vector(code, opcode);
    memarg(code, countsDown ? 0 : bytes);
  };
  if (rowStride === 0) read(simd.load64Splat, offset);
  else if (rowStride === 1 || isTiled) read(simd.load, offset + 16 * v);
  else {
    const least = offset + 16 * v * rowStride;
    read(simd.load64Splat, least);
    const isCut = nest.rows!.mask !== undefined && v === nest.rows!.vectors - 1;
    if (!isCut) {
      set(code, local);
      read(simd.load64Lane, least + 8 * rowStride);
      code.bytes.byte(1);
    }
  }
  set(code, local);
  return local;
};

const lookup = (nest: Nest, e: Expr, v: number): Local | undefined => {
  if (e.op === 'ref' && nest.program.scalars.has(e.id)) return nest.program.scalars.get(e.id);
  const scope = scopeOf(nest, e);
  return isOfRows(nest, e) ? scope.own[v]!.get(e) : scope.shared.get(e);
};

const keep = (nest: Nest, e: Expr, v: number, local: Local): void => {
  const scope = scopeOf(nest, e);
  (isOfRows(nest, e) ? scope.own[v]! : scope.shared).set(e, local);
};

const reload = ({ program }: Nest, from: number): Local => {
  const { code } = program;
  const local = code.local(types.v128);
  i32(code, 0);
  vector(code, simd.load64Splat);
  memarg(code, from);
  set(code, local);
  return local;
};

/** The local of an expression, for vector `v` of the rows; computes what it still needs. */
export const compute = (nest: Nest, root: Expr, v: number): Local => {
  const { program } = nest;
  const stack = [root];
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    if (lookup(nest, e, v) !== undefined) {
      stack.pop();
      continue;
    }
    const spilled = program.spilled.get(e.op === 'ref' ? e.id : e);
    if (spilled !== undefined) keep(nest, e, v, reload(nest, spilled));
    else if (e.op === 'load') keep(nest, e, v, emitLoad(nest, e, v));
    else if (e.op === 'sum') emitSum(nest, e);
    else {
      const waiting = operandsOf(e).filter((part) => lookup(nest, part, v) === undefined);
      if (waiting.length > 0) {
        stack.push(...waiting.reverse());
        continue;
      }
      const isUniform = nest.rows === undefined || !isOfRows(nest, e);
      keep(
        nest,
        e,
        v,
        evaluate({ ...program, isUniform, isInLoop: program.isInLoop === true || (!isUniform && nest.rows?.isLong === true) }, e, new Map(), (part) =>
          part === e ? undefined : lookup(nest, part, v),
        ),
      );
    }
    stack.pop();
  }
  return lookup(nest, root, v)!;
};

/** The locals of an expression, one for each vector of the rows. */
export const computeAll = (nest: Nest, e: Expr): readonly Local[] => Array.from({ length: nest.rows?.vectors ?? 1 }, (_, v) => compute(nest, e, v));

/** Computes, in the loops that are open, every part of some expressions that depends on no other. */
export const prepare = (nest: Nest, roots: readonly Expr[]): void => {
  const open = new Set(nest.scopes.map(({ axis }) => axis));
  const seen = new Set<Expr>();
  const stack = [...roots];
  while (stack.length > 0) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if ([...nest.program.axesOf(e)].every((axis) => open.has(axis))) computeAll(nest, e);
    else stack.push(...partsOf(e));
  }
};

/** Nodes of a body that is worth writing twice, so that half of the counting is saved. */
const SHORT = 16;

/** Computes before a loop what does not depend on its axis: values, and the parts of addresses. Gives how many nodes are left for within. */
const enter = (nest: Nest, axis: Axis, roots: readonly Expr[]): number => {
  prepare(nest, roots);
  let count = 0;
  walk(roots, (e) => {
    if (!nest.program.axesOf(e).has(axis) && e.op !== 'sum') return [];
    count += e.op === 'call' || e.op === 'sum' ? SHORT : 1;
    if (e.op === 'load') addressOf(nest, e.index, nest.program.placeOf(e.buffer).isTiled ? TILE_ROWS : 1);
    return partsOf(e);
  });
  return count;
};

/** A loop over an axis. The body is written twice where it is short; an odd last time comes after the loop. */
export const loopOver = (nest: Nest, axis: Axis, roots: readonly Expr[], body: (inner: Nest) => void): void => {
  const { code } = nest.program;
  const times = enter(nest, axis, roots) <= SHORT && axis.extent > 2 ? 2 : 1;
  const rest = axis.extent % times;
  const write = (counter: Local, count: number): void => {
    const addresses = new Map<string, Local>();
    for (let shift = 0; shift < count; shift++) body(within(nest, axis, counter, shift, addresses));
  };
  const last = countedLoop(code, 8 * (axis.extent - rest), 8 * times, (counter) => write(counter, times));
  if (rest > 0) write(last, rest);
};

const emitSum = (nest: Nest, sum: Expr & { readonly op: 'sum' }): void => {
  const { code } = nest.program;
  const count = isOfRows(nest, sum) ? nest.rows!.vectors : 1;
  const totals = Array.from({ length: count }, () => zeros(code));
  loopOver(nest, sum.axis, [sum.body], (inner) =>
    totals.forEach((total, v) => {
      const value = compute(inner, sum.body, v);
      get(code, total);
      get(code, value);
      vector(code, simd.add);
      set(code, total);
    }),
  );
  totals.forEach((total, v) => keep(nest, sum, v, total));
};
