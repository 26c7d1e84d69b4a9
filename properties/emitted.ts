/** Functions of the loop language as WebAssembly runs them, two doubles at a time. */
import assert from 'node:assert/strict';
import { call, type Expr, type ScalarFunction } from '../core/loop/expression.ts';
import { assemble, simd, type as types } from '../transforms/jit/assembler.ts';
import { countedLoop, get, makeCode, memarg, set, vector } from '../transforms/jit/code.ts';
import { makeFunctionTable } from '../transforms/jit/procedureCode.ts';
import { evaluate } from '../transforms/jit/scalarCode.ts';
import { webAssembly } from '../transforms/jit/webassembly.ts';

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

/** How many points a module takes at once. */
export const CAPACITY = 40;

/** A function as its code in WebAssembly computes it, at up to `CAPACITY` points in one call: those at 2i and 2i + 1 share a vector. */
export const emittedOf = (fn: ScalarFunction): ((points: readonly (readonly number[])[]) => readonly number[]) => {
  const pages = Math.ceil((8 * CAPACITY * (fn.arity + 1)) / PAGE);
  const bytes = moduleOf(fn, CAPACITY, pages);
  assert.ok(webAssembly.validate(bytes), `the module of ${fn.name} validates`);
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const numbers = new Float64Array(memory.buffer);
  const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } });
  return (points) => {
    assert.ok(points.length <= CAPACITY, 'no more points than a module takes');
    numbers.fill(0);
    points.forEach((point, i) => point.forEach((x, k) => (numbers[k * CAPACITY + i] = x)));
    (exports['run'] as () => void)();
    return [...numbers.subarray(CAPACITY * fn.arity, CAPACITY * fn.arity + points.length)];
  };
};
