/** The statements of a pass, for one tile of its rows: sums into their accumulators, stores, and sums along another axis. */
import { partsOf, walk, type Axis, type Expr } from '../../core/loop/expression.ts';
import { op, simd, type as types } from './assembler.ts';
import { addInTurn, addTree, address, firstLane, get, LANES, memarg, memargSingle, pushAddress, set, vector, type Local } from './code.ts';
import { compute, computeAll, loopOver, prepare, touchNextTile, writtenOut } from './nest.ts';
import { addressOf, offsetOf } from './nestAddress.ts';
import { bodiesOf, loadsIn, type Statement } from './program.ts';
import { withRows, type Nest, type Rows } from './scope.ts';
import { isSingleSum, leavesOf, LONGEST_SINGLE_SUM, prepareSingle, quadsOf } from './single.ts';

type Store = Statement & { readonly kind: 'store' };
type SumAlong = Statement & { readonly kind: 'sumAlong' };

/** Values with nothing in the lanes past the last row. */
const masked = ({ program: { code }, rows }: Nest, values: readonly Local[]): readonly Local[] => {
  if (rows?.mask === undefined) return values;
  const cut = code.local(types.v128);
  get(code, values.at(-1)!);
  get(code, rows.mask);
  vector(code, simd.and);
  set(code, cut);
  return [...values.slice(0, -1), cut];
};

const accumulate = (nest: Nest, body: Expr, total: Local): void => {
  const { code } = nest.program;
  const contributions = masked(nest, computeAll(nest, body));
  get(code, total);
  addTree(code, contributions);
  vector(code, simd.add);
  set(code, total);
};

/** Stores values, one for each vector of the rows: whole vectors where the rows lie side by side, else lane by lane. */
const storeRows = (nest: Nest, { memory, index, body }: Store): void => {
  const { code } = nest.program;
  const place = addressOf(nest, index);
  const begin = nest.program.placeOf(memory).begin + offsetOf(nest, index);
  const { axis, mask, vectors } = nest.rows!;
  const stride = index.terms.find((term) => term.axis === axis)?.stride ?? 0;
  const store = (value: Local, v: number): void => {
    const isCut = mask !== undefined && v === vectors - 1;
    // At the end of its memory a vector that is cut may be stored whole: there is room, and it is read back without waiting.
    const isLast = index.terms.length === 1 && index.offset + axis.extent === memory.size;
    if (stride === 1 && (!isCut || isLast)) {
      pushAddress(code, place);
      get(code, value);
      vector(code, simd.store);
      memarg(code, begin + 16 * v);
      return;
    }
    for (let lane = 0; lane < (isCut ? 1 : LANES); lane++) {
      pushAddress(code, place);
      get(code, value);
      vector(code, simd.store64Lane);
      memarg(code, begin + 8 * stride * (LANES * v + lane));
      code.bytes.byte(lane);
    }
  };
  const early = new Set<number>();
  const values = Array.from({ length: vectors }, (_, v) =>
    compute(nest, body, v, (value) => {
      store(value, v);
      early.add(v);
    }),
  );
  values.forEach((value, v) => {
    if (!early.has(v)) store(value, v);
  });
};

const emitStore = (nest: Nest, statement: Store): void => {
  const open = new Set(nest.scopes.map(({ axis }) => axis));
  const inner = statement.index.terms.map(({ axis }) => axis).filter((axis) => !open.has(axis));
  const go = (here: Nest, axes: readonly Axis[]): void => {
    const [axis, ...rest] = axes;
    if (axis === undefined) storeRows(here, statement);
    else loopOver(here, axis, [statement.body], (times) => times.forEach((deeper) => go(deeper, rest)));
  };
  go(nest, inner);
};

/** Adds the rows' contributions to sums along a free axis, of which each is a vector in memory: all sums along one axis in one loop. */
const accumulateAlong = (nest: Nest, free: Axis, sums: readonly SumAlong[]): void => {
  const { code } = nest.program;
  const bodies = sums.map(({ body }) => body);
  const partials = sums.map((statement) => nest.rows?.partials?.get(statement));
  prepareSingle(
    nest,
    free,
    bodies.filter((_, k) => partials[k] !== undefined),
    compute,
  );
  const add = (inner: Nest): void => {
    const { counter, shift } = inner.scopes.at(-1)!;
    const place = counter === undefined ? undefined : address(code, [[counter, 2]]);
    const values = sums.map(({ body }, k) => (partials[k] === undefined ? masked(inner, computeAll(inner, body)) : quadsOf(inner, free, body, compute)));
    sums.forEach(({ memory, index }, k) => {
      const partial = partials[k];
      const target = (partial ?? nest.program.placeOf(memory).begin + 16 * index.offset) + 16 * shift;
      pushAddress(code, place);
      pushAddress(code, place);
      vector(code, simd.load);
      memarg(code, target);
      if (partial === undefined) addInTurn(code, values[k]!);
      else addTree(code, values[k]!, simd.addF32);
      vector(code, partial === undefined ? simd.add : simd.addF32);
      vector(code, simd.store);
      memarg(code, target);
    });
  };
  const times = partials.every((partial) => partial === undefined) ? writtenOut(nest, free, bodies) : undefined;
  if (times !== undefined) return times.forEach(add);
  const tiled = loadsIn(bodies).filter(({ buffer }) => nest.program.placeOf(buffer).isTiled);
  loopOver(nest, free, bodies, (inners) => {
    inners.forEach(add);
    if (nest.rows?.isLong === true) for (const inner of inners) for (const load of tiled) touchNextTile(inner, load);
  });
};

/** The sums of a pass, with their axes, that are added up in single precision. */
const singleSums = (nest: Nest, statements: readonly Statement[]): readonly (readonly [Axis, Expr])[] => {
  const found: (readonly [Axis, Expr])[] = [];
  for (const one of statements) if (one.kind === 'sumAlong') found.push([one.free, one.body]);
  walk(bodiesOf(statements), (e) => {
    if (e.op === 'sum' && e.axis.extent <= LONGEST_SINGLE_SUM) found.push([e.axis, e.body]);
    return partsOf(e);
  });
  return found.filter(([axis, body]) => isSingleSum(nest, axis, body));
};

/** Takes memory for the partial sums of singles of a pass: zeros, as whoever adds them up leaves them. */
export const reservePartials = (nest: Nest, rows: Rows, statements: readonly Statement[]): ReadonlyMap<Statement, number> => {
  const open = withRows(nest, rows, undefined);
  return new Map(
    statements.flatMap((one) =>
      one.kind === 'sumAlong' && isSingleSum(open, one.free, one.body) ? [[one, nest.program.reserve(16 * one.free.extent)] as const] : [],
    ),
  );
};

/** Writes to memory, as singles, what sums over a tile take along their own axis alone: rounded once, not in every tile. `rows` are those to be opened. */
export const narrowAlong = (nest: Nest, rows: Rows, statements: readonly Statement[]): void => {
  const { code, axesOf, narrowed, reserve } = nest.program;
  const open = withRows(nest, rows, undefined);
  for (const [axis, body] of singleSums(open, statements)) {
    for (const leaf of leavesOf(open, axis, [body])) {
      if (narrowed.has(leaf) || axesOf(leaf).size !== 1 || !axesOf(leaf).has(axis)) continue;
      const at = reserve(8 * axis.extent);
      loopOver(nest, axis, [leaf], (times) =>
        times.forEach((inner) => {
          const { counter, shift } = inner.scopes.at(-1)!;
          const value = compute(inner, leaf, 0);
          pushAddress(code, counter);
          get(code, value);
          firstLane(code);
          code.bytes.byte(op.f32DemoteF64, op.f32Store);
          memargSingle(code, at + 8 * shift);
        }),
      );
      narrowed.set(leaf, at);
    }
  }
};

/** Emits the statements of a pass for the rows that are open in a nest. */
export const emitTile = (nest: Nest, statements: readonly Statement[], accumulators: ReadonlyMap<Statement, Local>): void => {
  prepare(
    nest,
    statements.flatMap((statement) => (statement.kind === 'sum' ? [statement.body] : [])),
  );
  for (const statement of statements) if (statement.kind === 'sum') accumulate(nest, statement.body, accumulators.get(statement)!);
  for (const statement of statements) if (statement.kind === 'store') emitStore(nest, statement);
  const along = statements.filter((statement) => statement.kind === 'sumAlong');
  for (const free of new Set(along.map((statement) => statement.free))) {
    accumulateAlong(
      nest,
      free,
      along.filter((statement) => statement.free === free),
    );
  }
};
