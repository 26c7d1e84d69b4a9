/** Expressions as lists of loops over columns: each node once, in columns that are used again when nobody reads them any more. */
import { kindlingError } from '../errors.ts';
import { arithmetic, multiplePlusNumber, productPlus, productPlusNumber, withNumber } from './columnArithmetic.ts';
import { bitOperations, selectBits, selectDouble, shifts } from './columnBits.ts';
import { filledColumn, makeColumn, makePool, type Column, type Fill } from './columns.ts';
import { operandsOf, schedule, type Expr, type ScalarFunction } from './expression.ts';

/** A function of columns: whoever calls it fills `params` and runs it, and reads `result` before anybody calls it again. */
export interface ColumnFunction {
  readonly params: readonly Column[];
  readonly result: Column;
  readonly run: (n: number) => void;
}

/** Where a node that has no operands comes from: a column that is there, or what fills one. */
export type Source = Column | ((out: Column) => Fill);

export interface ColumnContext {
  readonly sourceOf: (e: Expr) => Source;
  readonly functionOf: (fn: ScalarFunction) => ColumnFunction;
}

/** The loops that compute some results in turn, and for each result where it is and how many of the loops it takes. */
export interface ColumnCode {
  readonly fills: readonly Fill[];
  readonly results: readonly { readonly column: Column; readonly after: number }[];
}

/** Bits and doubles are the same column. */
const storageOf = (e: Expr): Expr => (e.op === 'toBits' || e.op === 'fromBits' ? storageOf(operandsOf(e)[0]!) : e);

const bitsColumn = (value: bigint): Column => {
  const column = makeColumn();
  new BigInt64Array(column.f.buffer).fill(value);
  return column;
};

const constants = new Map<number | bigint, Column>();

/** The column of a constant, which all functions share: nobody writes to it. −0 has the key of its bits. */
const constantColumn = (e: Expr & { op: 'const' | 'bits' }): Column => {
  const key = Object.is(e.value, -0) ? -(2n ** 63n) : e.value;
  const known = constants.get(key) ?? (typeof e.value === 'bigint' ? bitsColumn(e.value) : filledColumn(e.value));
  constants.set(key, known);
  return known;
};

const isConstant = (e: Expr): e is Expr & { op: 'const' | 'bits' } => e.op === 'const' || e.op === 'bits';
const numberOf = (e: Expr): number | undefined => (e.op === 'const' ? e.value : undefined);

export const copyColumn = ({ f: to }: Column, { f: from }: Column, n: number): void => {
  for (let i = 0; i < n; i++) to[i] = from[i]!;
};

const callOf = (callee: ColumnFunction, out: Column, args: readonly Column[]): Fill => {
  const { params, result, run } = callee;
  return (n) => {
    for (let k = 0; k < args.length; k++) copyColumn(params[k]!, args[k]!, n);
    run(n);
    copyColumn(out, result, n);
  };
};

/** A node as one loop: the operands it reads, and how the loop is made from their columns. */
interface Loop {
  readonly reads: readonly Expr[];
  readonly make: (out: Column, columns: readonly Column[]) => Fill;
}

/** a·b + c where nobody else reads the product. */
const productSum = (e: Expr, isReadOnce: (e: Expr) => boolean): Loop | undefined => {
  const parts = operandsOf(e).map(storageOf);
  const at = parts.findIndex((part) => part.op === 'mul' && isReadOnce(part));
  if (at < 0) return undefined;
  const [a, b] = operandsOf(parts[at]!).map(storageOf) as [Expr, Expr];
  const rest = parts[1 - at]!;
  const [factor, more] = [numberOf(b) ?? numberOf(a), numberOf(rest)];
  if (factor !== undefined && more !== undefined)
    return { reads: [numberOf(b) === undefined ? b : a], make: (out, [x]) => multiplePlusNumber(out, x!, factor, more) };
  if (more !== undefined) return { reads: [a, b], make: (out, [x, y]) => productPlusNumber(out, x!, y!, more) };
  return { reads: [a, b, rest], make: (out, [x, y, z]) => productPlus(out, x!, y!, z!) };
};

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul']);

const loopOf = (e: Expr, { functionOf }: ColumnContext, isReadOnce: (e: Expr) => boolean): Loop => {
  const reads = operandsOf(e).map(storageOf);
  const [a, b] = reads as [Expr, Expr];
  const shift = shifts[e.op];
  if (shift !== undefined && b.op === 'bits') return { reads: [a], make: (out, [x]) => shift(out, x!, Number(b.value)) };
  if (e.op === 'call') {
    const callee = functionOf(e.fn);
    return { reads, make: (out, columns) => callOf(callee, out, columns) };
  }
  const fused = e.op === 'add' ? productSum(e, isReadOnce) : undefined;
  if (fused !== undefined) return fused;
  const numbered = withNumber[e.op];
  if (numbered !== undefined) {
    const [first, second] = COMMUTATIVE.has(e.op) && a.op === 'const' ? [b, a] : [a, b];
    const number = numberOf(second);
    if (number !== undefined) return { reads: [first], make: (out, [x]) => numbered(out, x!, number) };
  }
  const operation = e.op === 'select' ? (e.type === 'i64' ? selectBits : selectDouble) : (arithmetic[e.op] ?? bitOperations[e.op]);
  if (operation === undefined) throw kindlingError('Unsupported', { message: `columns have no rule for ${e.op}` });
  return { reads, make: (out, [x, y = x, z = x]) => operation(out, x!, y!, z!) };
};

const countReads = (order: readonly Expr[], results: readonly Expr[]): ReadonlyMap<Expr, number> => {
  const counts = new Map<Expr, number>();
  const read = (e: Expr): void => void counts.set(storageOf(e), (counts.get(storageOf(e)) ?? 0) + 1);
  for (const e of order) if (storageOf(e) === e) operandsOf(e).forEach(read);
  results.forEach((e) => {
    read(e);
    read(e);
  });
  return counts;
};

/** Makes the loops for some results, in the order of `results`. */
export const compileColumns = (results: readonly Expr[], context: ColumnContext): ColumnCode => {
  const order = schedule(results).filter((e) => storageOf(e) === e && !isConstant(e));
  const reads = countReads(schedule(results), results);
  const isReadOnce = (e: Expr): boolean => reads.get(e) === 1;
  const loops = new Map<Expr, Loop>();
  // From the results down, so that a product that went into a sum makes no loop of its own.
  const last = new Map<Expr, Expr>();
  const needed = new Set(results.map(storageOf));
  for (const e of [...order].reverse()) {
    if (!needed.has(e) || operandsOf(e).length === 0) continue;
    const loop = loopOf(e, context, isReadOnce);
    loops.set(e, loop);
    for (const part of loop.reads) {
      needed.add(part);
      if (!last.has(part)) last.set(part, e);
    }
  }
  const pool = makePool();
  const columns = new Map<Expr, Column>();
  const isPooled = new Set<Expr>();
  const isResult = new Set(results.map(storageOf));
  const columnOf = (e: Expr): Column => (isConstant(e) ? constantColumn(e) : columns.get(e)!);
  const fills: Fill[] = [];
  const after = new Map<Expr, number>();
  for (const e of order) {
    if (!needed.has(e)) continue;
    const loop = loops.get(e);
    const source = loop === undefined ? context.sourceOf(e) : undefined;
    if (source !== undefined && typeof source !== 'function') columns.set(e, source);
    else {
      // Taken before the operands are given back: a loop never writes to what it still has to read.
      const out = isResult.has(e) ? makeColumn() : pool.take();
      if (!isResult.has(e)) isPooled.add(e);
      columns.set(e, out);
      fills.push(source === undefined ? loop!.make(out, loop!.reads.map(columnOf)) : source(out));
      for (const part of new Set(loop?.reads)) if (last.get(part) === e && isPooled.has(part)) pool.give(columns.get(part)!);
    }
    after.set(e, fills.length);
  }
  return { fills, results: results.map(storageOf).map((e) => ({ column: columnOf(e), after: after.get(e) ?? 0 })) };
};
