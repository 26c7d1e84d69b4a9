/** Functions as code, compiled: a program gives the bits of the interpreter, whichever lane computes them, and the values of its kernels. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import { decay } from '../../../core/loop/functions/exp.ts';
import { elu } from '../../../core/loop/functions/elu.ts';
import { gammainc, gammaincc } from '../../../core/loop/functions/gammainc.ts';
import { gammaincDa, logGammaVariateGrad } from '../../../core/loop/functions/gammaincSlope.ts';
import * as functions from '../../../core/loop/functions/index.ts';
import { atan2 } from '../../../core/loop/functions/inverseTrigonometric.ts';
import { logAddExp } from '../../../core/loop/functions/logAddExp.ts';
import { xlog1py, xlogy } from '../../../core/loop/functions/xlogy.ts';
import { polygammaOfOrder } from '../../../core/loop/functions/polygammaOfOrder.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { asArray, toNDArray, type AnyArray, type Value } from '../../../core/value.ts';
import { between } from '../../core/fixed.ts';
import { laws } from '../../laws.ts';
import { compiled, interpreted, recordAt } from '../../laws/recorded.ts';

type Unary = (x: Value) => AnyArray;
type Binary = (a: Value, x: Value) => AnyArray;

const unary: readonly (readonly [Unary, ScalarFunction])[] = [
  [ops.tan, functions.tan],
  [ops.asin, functions.asin],
  [ops.acos, functions.acos],
  [ops.atan, functions.atan],
  [ops.sinh, functions.sinh],
  [ops.cosh, functions.cosh],
  [ops.asinh, functions.asinh],
  [ops.acosh, functions.acosh],
  [ops.atanh, functions.atanh],
  [ops.ndtri, functions.ndtri],
  [ops.logNdtr, functions.logNdtr],
  [ops.elu, elu],
  ...[0, 1, 2, 5].map((n): readonly [Unary, ScalarFunction] => [(x) => ops.polygamma(n, x), polygammaOfOrder(n)]),
];

const binary: readonly (readonly [Binary, ScalarFunction])[] = [
  [ops.atan2, atan2],
  [ops.gammainc, gammainc],
  [ops.gammaincc, gammaincc],
  [ops.gammaincDa, gammaincDa],
  [ops.logAddExp, logAddExp],
  [ops.xlogy, xlogy],
  [ops.xlog1py, xlog1py],
  [ops.randomGammaGrad, logGammaVariateGrad],
];

const edges: readonly number[] = [0, -0, 5e-324, -5e-324, 1e-300, 0.5, -0.5, 1, -1, 2, -2, 1e300, -1e300, Infinity, -Infinity, NaN];

const vector = (numbers: readonly number[]): NDArray => makeNDArray(Float64Array.from(numbers), [numbers.length]);

const sameBits = (actual: NDArray, fn: ScalarFunction, ...inputs: readonly (readonly number[])[]): void =>
  actual.data.forEach((x, i) => {
    const args = inputs.map((input) => input[i]!);
    const expected = functionOf(fn)(...args);
    assert.ok(Object.is(x, expected), `${fn.name}(${args.join(', ')}): ${x} compiled, ${expected} interpreted`);
  });

const checkUnary = (x: readonly number[]): void => {
  const outputs = compiled(recordAt((value) => unary.map(([op]) => op(value)), [vector(x)]));
  unary.forEach(([, fn], i) => sameBits(outputs[i]!, fn, x));
};

const checkBinary = (a: readonly number[], x: readonly number[]): void => {
  const outputs = compiled(recordAt((first, second) => binary.map(([op]) => op(first, second)), [vector(a), vector(x)]));
  binary.forEach(([, fn], i) => sameBits(outputs[i]!, fn, a, x));
};

const simple: readonly Unary[] = [
  ops.elu,
  ops.step,
  (x) => ops.step(x, 0.3),
  ops.stopGradient,
  (x) => ops.leakyRelu(x, 0.1),
  (x) => ops.polygamma(3, x),
  (x) => ops.polygamma(0.5, x),
];

/** Whether two numbers are one but for the rounding of different formulas. */
const isNear = (x: number, y: number): boolean => Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-14 * Math.max(Math.abs(x), Math.abs(y));

laws('functions, compiled', {
  'decay is exp of what is not above 0, to the bit': () => {
    const same = (x: number): boolean => Object.is(functionOf(decay)(x), functionOf(functions.exp)(x));
    assert.ok([...edges.filter((x) => !(x > 0)), -708.5, -745.1, -745.2].every(same));
    fc.assert(fc.property(fc.oneof(between(-750, 0), between(-1, 0)), same));
  },
  'of one argument: every lane gives the bits of the interpreter': () => {
    checkUnary(edges);
    checkUnary([0.3]);
    const some = fc.oneof(between(-6, 6), between(0, 1));
    fc.assert(fc.property(fc.array(some, { minLength: 9, maxLength: 9 }), checkUnary), { numRuns: 10 });
  },
  'of two arguments: routines in every lane, also where the lanes go different ways': () => {
    checkBinary(
      edges.flatMap((a) => edges.map(() => a)),
      edges.flatMap(() => edges),
    );
    checkBinary([2.5], [1.5]);
    const shapes = fc.array(
      between(-7, 12).map((x) => Math.exp(x)),
      { minLength: 9, maxLength: 9 },
    );
    const ratios = fc.array(between(0.05, 6), { minLength: 9, maxLength: 9 });
    const check = (a: readonly number[], ratio: readonly number[]): void =>
      checkBinary(
        a,
        a.map((each, i) => each * ratio[i]!),
      );
    fc.assert(fc.property(shapes, ratios, check), { numRuns: 10 });
  },
  'a product with a logarithm that is known is as with one that is not, and 0 · ∞ stays 0': () => {
    const known = compiled(recordAt((x) => [ops.xlogy(x, 3), ops.xlogy(x, 0), ops.xlog1py(x, 0.5), ops.xlog1py(x, -1)], [vector(edges)]));
    const [three, zero, half, minusOne] = [3, 0, 0.5, -1].map((y) => edges.map(() => y));
    for (const [i, fn, y] of [
      [0, xlogy, three],
      [1, xlogy, zero],
      [2, xlog1py, half],
      [3, xlog1py, minusOne],
    ] as const) {
      known[i]!.data.forEach((x, k) => {
        const expected = functionOf(fn)(edges[k]!, y![k]!);
        assert.ok(Object.is(x, expected) || x === expected, `${fn.name}(${edges[k]}, ${y![k]}): ${x}, not ${expected}`);
      });
    }
  },
  'integers have no −0, compiled as eagerly': () => {
    const whole = (x: AnyArray): AnyArray => ops.cast(x, 'int32');
    const makers: readonly Unary[] = [
      whole,
      (x) => ops.neg(whole(ops.abs(x))),
      (x) => ops.mul(whole(x), whole(asArray(-3))),
      (x) => ops.floorDiv(whole(x), whole(asArray(-7))),
      (x) => ops.neg(ops.cast(ops.greater(x, 5), 'int32')),
    ];
    const given = vector([-0.5, -0, 0, 0.9]);
    compiled(recordAt((x) => makers.map((make) => ops.div(1, make(x))), [given])).forEach((x, i) =>
      assert.deepEqual([...x.data], [Infinity, Infinity, Infinity, Infinity], String(i)),
    );
    for (const make of makers) assert.ok(toNDArray(make(given as never)).data.every((x) => Object.is(x, 0)));
  },
  'what is no function of its own has the values of its kernel': () => {
    const recorded = recordAt((x) => simple.map((op) => op(x)), [vector([...edges, 1.5, -1.5, -0.3])]);
    const expected = interpreted(recorded);
    compiled(recorded).forEach((actual, k) =>
      actual.data.forEach((x, i) => assert.ok(isNear(x, expected[k]!.data[i]!), `${k} at ${i}: ${x}, not ${expected[k]!.data[i]}`)),
    );
  },
});
