/** Scalar functions at many numbers at once, in plain JavaScript: how arrays of float64 compute eagerly, with the bits of compiled code. */
import { compileColumns, copyColumn, type ColumnFunction } from './columnExpression.ts';
import { LANES, makeColumn, type Column } from './columns.ts';
import { compileRoutine } from './columnSteps.ts';
import { kindlingError } from '../errors.ts';
import type { Expr, ScalarFunction } from './expression.ts';
import { functionOf } from './interpret.ts';

const paramsOf = ({ arity }: ScalarFunction): readonly Column[] => Array.from({ length: arity }, makeColumn);

const plain = (fn: ScalarFunction): ColumnFunction => {
  const params = paramsOf(fn);
  return { params, ...compileRoutine(fn, params, columnFunctionOf) };
};

/** A function that is computed by its short form where that holds, and as a whole in the lanes that are left. */
const withFast = (fn: ScalarFunction, { isKnown, value }: NonNullable<ScalarFunction['fast']>): ColumnFunction => {
  const params = paramsOf(fn);
  const whole = plain(fn);
  const sourceOf = (e: Expr): Column => {
    if (e.op === 'param') return params[e.index]!;
    throw kindlingError('Unsupported', { message: `the short form of ${fn.name} has no ${e.op}` });
  };
  const { fills, results } = compileColumns([isKnown, value], { sourceOf, functionOf: columnFunctionOf });
  const [known, short] = [results[0]!, results[1]!];
  const lanes = new Int32Array(LANES);
  const result = makeColumn();
  const run = (n: number): void => {
    for (let k = 0; k < known.after; k++) fills[k]!(n, lanes);
    let left = 0;
    for (let i = 0; i < n; i++) if (known.column.w[i] === 0) lanes[left++] = i;
    if (left < n) {
      for (let k = known.after; k < fills.length; k++) fills[k]!(n, lanes);
      copyColumn(result, short.column, n);
    }
    if (left === 0) return;
    for (let p = 0; p < params.length; p++) {
      const [to, from] = [whole.params[p]!.f, params[p]!.f];
      for (let k = 0; k < left; k++) to[k] = from[lanes[k]!]!;
    }
    whole.run(left);
    for (let k = 0; k < left; k++) result.f[lanes[k]!] = whole.result.f[k]!;
  };
  return { params, result, run };
};

const compiled = new WeakMap<ScalarFunction, ColumnFunction>();

/** A function over columns, made when it is first asked for. */
export const columnFunctionOf = (fn: ScalarFunction): ColumnFunction => {
  const known = compiled.get(fn) ?? (fn.fast === undefined ? plain(fn) : withFast(fn, fn.fast));
  compiled.set(fn, known);
  return known;
};

/** A scalar function as one of JavaScript, of one list of numbers at a time. */
export const numberFunction = (fn: ScalarFunction): ((...args: readonly number[]) => number) => {
  const { params, result, run } = columnFunctionOf(fn);
  return (...args) => {
    for (let k = 0; k < params.length; k++) params[k]!.f[0] = args[k]!;
    run(1);
    return result.f[0]!;
  };
};

/** A function compiled for many lists of numbers at once, as many as its columns are long. */
export interface WideFunction {
  readonly params: readonly Pick<Column, 'f'>[];
  readonly result: Float64Array;
  readonly run: () => void;
}

let wideFunctionOf: ((fn: ScalarFunction) => WideFunction) | undefined;

/** Has long arrays computed by a compiler, whose functions give the bits of the columns. */
export const useWideFunctions = (make: (fn: ScalarFunction) => WideFunction): void => {
  wideFunctionOf = make;
};

/** From so many elements on it pays to compile a function. */
const WIDE_FROM = 4096;

/** Computes what fills whole wide columns; gives the number of elements done. */
const runWide = (fn: ScalarFunction, out: OutData, fill: FillColumns): number => {
  if (wideFunctionOf === undefined || out.length < WIDE_FROM) return 0;
  const { params, result, run } = wideFunctionOf(fn);
  const lanes = result.length;
  let begin = 0;
  for (; begin + lanes <= out.length; begin += lanes) {
    fill(params, begin, lanes);
    run();
    out.set(result, begin);
  }
  return begin;
};

type OutData = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Puts `count` lists of numbers, from element `begin` on, into columns. */
type FillColumns = (params: readonly Pick<Column, 'f'>[], begin: number, count: number) => void;

/** Until a function has been asked for so many elements it does not pay to make columns for it. */
const COLUMNS_FROM = 64;

/** How many elements of a function have been computed without columns. */
const computed = new WeakMap<ScalarFunction, number>();

/** Computes the first few elements of a function by the interpreter, which has the same bits and is sooner made; gives whether it has done so. */
const runFew = (fn: ScalarFunction, out: OutData, fill: FillColumns): boolean => {
  const count = (computed.get(fn) ?? 0) + out.length;
  if (count > COLUMNS_FROM || compiled.has(fn)) return false;
  computed.set(fn, count);
  const params = Array.from({ length: fn.arity }, () => ({ f: new Float64Array(out.length) }));
  fill(params, 0, out.length);
  const of = functionOf(fn);
  for (let i = 0; i < out.length; i++) out[i] = of(...params.map(({ f }) => f[i]!));
  return true;
};

/** Computes a function at `size` lists of numbers, which `fill` puts into columns from element `begin` on; `out` takes the results. */
export const runOver = (fn: ScalarFunction, out: OutData, fill: FillColumns): void => {
  if (runFew(fn, out, fill)) return;
  const { params, result, run } = columnFunctionOf(fn);
  for (let begin = runWide(fn, out, fill); begin < out.length; begin += LANES) {
    const count = Math.min(LANES, out.length - begin);
    fill(params, begin, count);
    run(count);
    for (let i = 0; i < count; i++) out[begin + i] = result.f[i]!;
  }
};
