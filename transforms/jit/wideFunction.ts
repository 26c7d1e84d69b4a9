/** Scalar functions as modules of their own: what long arrays of float64 are computed by eagerly, to the bits of compiled programs. */
import { call, type Expr, type ScalarFunction } from '../../core/loop/expression.ts';
import type { WideFunction } from '../../core/loop/columnFunctions.ts';
import { assemble, simd, type as types } from './assembler.ts';
import { countedLoop, get, makeCode, memarg, set, vector } from './code.ts';
import { makeFunctionTable } from './procedureCode.ts';
import { evaluate } from './scalarCode.ts';
import { webAssembly } from './webassembly.ts';

const PAGE = 65536;
const VECTOR = 16;

/** The bytes of a module whose `run` gives the values of a function for `count` of each of its arguments, one array after another in memory. */
const moduleOf = (fn: ScalarFunction, count: number, pages: number): Uint8Array => {
  const functions = makeFunctionTable();
  const code = makeCode(0);
  countedLoop(code, 8 * count, VECTOR, (counter) => {
    const args = Array.from({ length: fn.arity }, (_, k) => {
      const local = code.local(types.v128);
      get(code, counter);
      vector(code, simd.load);
      memarg(code, 8 * count * k);
      set(code, local);
      return local;
    });
    const params = args.map((_, index): Expr => ({ op: 'param', type: 'f64', index }));
    const value = evaluate({ code, functions }, call(fn, ...params), new Map(), (e) => (e.op === 'param' ? args[e.index] : undefined));
    get(code, counter);
    get(code, value);
    vector(code, simd.store);
    memarg(code, 8 * count * fn.arity);
  });
  return assemble([...functions.codes, { params: [], results: [], locals: code.locals, body: code.bytes.result(), export: 'run' }], pages);
};

/** Compiles a function for `count` lists of numbers at a time, an even number: those at 2i and 2i + 1 share a vector. */
export const makeWideFunction = (fn: ScalarFunction, count: number): WideFunction => {
  const pages = Math.ceil((8 * count * (fn.arity + 1)) / PAGE);
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(moduleOf(fn, count, pages)), { env: { memory } });
  const column = (k: number): Float64Array => new Float64Array(memory.buffer, 8 * count * k, count);
  return { params: Array.from({ length: fn.arity }, (_, k) => ({ f: column(k) })), result: column(fn.arity), run: exports['run'] as () => void };
};

/** How many elements of an array are computed in one call. */
const LANES = 2048;

const known = new WeakMap<ScalarFunction, WideFunction>();

/** The module of a function, made when it is first asked for. */
export const wideFunctionOf = (fn: ScalarFunction): WideFunction => {
  const made = known.get(fn) ?? makeWideFunction(fn, LANES);
  known.set(fn, made);
  return made;
};
