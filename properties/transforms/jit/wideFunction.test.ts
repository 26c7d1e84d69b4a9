/** Laws of long arrays: computed by compiled functions, with the bits of short ones. */
import assert from 'node:assert/strict';
import { columnFunctionOf, numberFunction, runOver } from '../../../core/loop/columnFunctions.ts';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import * as elementary from '../../../core/loop/functions/index.ts';
import * as gamma from '../../../core/loop/functions/gammainc.ts';
import * as beta from '../../../core/loop/functions/betainc.ts';
import { variates } from '../../../core/loop/functions/variates.ts';
import { makeNDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { wideFunctionOf } from '../../../transforms/jit/wideFunction.ts';
import { laws } from '../../laws.ts';

const isFunction = (x: unknown): x is ScalarFunction => typeof x === 'object' && x !== null && 'arity' in x && 'body' in x;

/** Longer than two calls of a module, and not a multiple of one. */
const SIZE = 2 * wideFunctionOf(elementary.exp).result.length + 301;

const sameBits = (actual: Float64Array, expected: (i: number) => number, label: string): void =>
  actual.forEach((value, i) => assert.ok(Object.is(value, expected(i)), `${label}, element ${i}: ${value} and ${expected(i)}`));

const numbers = (key: random.Key, from: number, to: number): Float64Array => random.uniform(key, [SIZE], { minval: from, maxval: to }).data;

const agrees = (fn: ScalarFunction, columns: readonly Float64Array[]): void => {
  const out = new Float64Array(SIZE);
  runOver(fn, out, (params, begin, count) => params.forEach(({ f }, k) => f.set(columns[k]!.subarray(begin, begin + count))));
  const alone = numberFunction(fn);
  sameBits(out, (i) => alone(...columns.map((column) => column[i]!)), fn.name);
};

laws('long arrays', {
  'give what their elements give, function by function': () => {
    for (const fn of [...Object.values({ ...elementary, ...gamma, ...beta }).filter(isFunction)]) {
      const ranges = fn.name.includes('betainc') ? [0.01, 0.99] : [0.05, 8];
      agrees(
        fn,
        Array.from({ length: fn.arity }, (_, k) => numbers(random.PRNGKey(k), ranges[0]!, ranges[1]!)),
      );
    }
  },

  'draw what their elements draw': () => {
    const [word0, word1] = random.keyData(random.PRNGKey(7)).map((word) => new Float64Array(SIZE).fill(word | 0));
    const index = Float64Array.from({ length: SIZE }, (_, i) => i);
    for (const fn of Object.values(variates)) {
      const parameters = Array.from({ length: fn.arity - 3 }, (_, k) =>
        k === 0 ? numbers(random.PRNGKey(3), 0.1, 30).map(Math.ceil) : numbers(random.PRNGKey(4), 0.05, 0.95),
      );
      agrees(fn, [word0!, word1!, index, ...parameters]);
    }
  },

  'are the same in one piece and in small ones': () => {
    const x = makeNDArray(numbers(random.PRNGKey(1), -3, 3), [SIZE]);
    const whole = ops.softplus(x);
    sameBits(whole.data, (i) => ops.softplus(x.data[i]!).item(), 'softplus');
    assert.ok(columnFunctionOf(elementary.exp).result.f.length < SIZE, 'a column is shorter than the array');
  },
});
