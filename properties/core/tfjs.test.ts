/** Laws of tfjs taught: plain tf.* calls differentiate, branches not taken leave no NaN, and the traps of its tape and kernels are closed. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { ensureGradients, startTfjs } from '../../core/backend.ts';
import { composites } from '../../core/kernels/composite.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { drawFrom } from '../laws/draw.ts';
import { assertClose, dotAll, forEachEntry, numericGradient } from '../laws/numeric.ts';
import { tapeGradients } from '../laws/tape.ts';
import { compositeCalls } from './compositeCalls.ts';
import { tfCalls, type TfCall } from './tfCalls.ts';

const allCalls: Readonly<Record<string, TfCall>> = {
  ...tfCalls,
  ...Object.fromEntries(Object.entries(compositeCalls).flatMap(([name, calls]) => calls.map((call, i) => [`${name} ${i}`, call]))),
};

/** Value, gradient and second derivative of a tf.* call are those of the float64 function beside it. */
const callAgrees = (call: TfCall, seed: number): void => {
  const draw = drawFrom(seed);
  const x = makeNDArray(draw.distinct(call.shape).data.map(Math.fround), call.shape);
  const expected = toNDArray(call.exact(x));
  const weights = draw.uniform(expected.shape, -1, 1);
  const direction = draw.uniform(x.shape, -1, 1);
  const gradient = (at: Input): AnyArray => numericGradient((moved) => dotAll(weights, call.exact(moved)), toNDArray(at));
  tf.tidy(() => {
    const loss = (at: Value): AnyArray => ops.sum(ops.mul(weights, call.tf(at)));
    const tensor = toTensor(x);
    assertClose(call.tf(tensor), expected, { relative: 1e-5, absolute: 1e-6, scaled: true }, 'value');
    const [first] = tapeGradients(loss, [tensor]);
    assertClose(first!, gradient(x), { relative: 1e-4, absolute: 1e-5, scaled: true }, 'gradient');
    const [second] = tapeGradients((at) => ops.sum(ops.mul(direction, tapeGradients(loss, [at])[0]!)), [tensor]);
    assertClose(
      second!,
      numericGradient((moved) => dotAll(direction, gradient(moved)), x, 3e-3),
      { relative: 1e-3, absolute: 1e-3, scaled: true },
      'second derivative',
    );
  });
};

const gradientAt = (f: (x: Value) => AnyArray, at: readonly number[]): readonly number[] =>
  tf.tidy(() => [...toNDArray(tapeGradients((x) => ops.sum(f(x)), [toTensor([...at])])[0]!).data]);

interface Branch {
  readonly f: (x: Value) => AnyArray;
  readonly at: readonly number[];
  readonly gradient: readonly number[];
}

/** `where` with a branch that is not taken at some points, and has no finite derivative there. */
const branches: Readonly<Record<string, Branch>> = {
  log: { f: (x) => ops.where(ops.greater(x, 0), ops.log(x), 0), at: [0, -1, 2], gradient: [0, 0, 0.5] },
  'tf.log': { f: (x) => tf.where(tf.greater(x, 0), tf.log(x), tf.zerosLike(x)), at: [0, -1, 2], gradient: [0, 0, 0.5] },
  sqrt: { f: (x) => ops.where(ops.greater(x, 0), ops.sqrt(x), 0), at: [0, -1, 4], gradient: [0, 0, 0.25] },
  rsqrt: { f: (x) => ops.where(ops.greater(x, 0), ops.rsqrt(x), 0), at: [0, -1, 4], gradient: [0, 0, -0.0625] },
  'overflowing exp': { f: (x) => ops.where(ops.less(x, 10), ops.exp(x), 0), at: [1000, 0], gradient: [0, 1] },
  expm1: { f: (x) => ops.where(ops.less(x, 10), ops.expm1(x), 0), at: [1000, 0], gradient: [0, 1] },
  'division by 0': { f: (x) => ops.where(ops.notEqual(x, 0), ops.div(1, x), 0), at: [0, 2], gradient: [0, -0.25] },
  '0 / 0': { f: (x) => ops.where(ops.notEqual(x, 0), ops.div(x, x), 1), at: [0, 2], gradient: [0, 0] },
  'tf.div': { f: (x) => tf.where(tf.notEqual(x, 0), tf.div(1, x), tf.zerosLike(x)), at: [0, 2], gradient: [0, -0.25] },
  reciprocal: { f: (x) => ops.where(ops.notEqual(x, 0), ops.reciprocal(x), 0), at: [0, 2], gradient: [0, -0.25] },
  log1p: { f: (x) => ops.where(ops.greater(x, -1), ops.log1p(x), 0), at: [-1, -2, 1], gradient: [0, 0, 0.5] },
  pow: { f: (x) => ops.where(ops.greater(x, 0), ops.pow(x, -1.5), 0), at: [0, -1, 1], gradient: [0, 0, -1.5] },
  'exponent of pow': { f: (x) => ops.where(ops.greater(x, 0), ops.pow(0, x), 0), at: [-1, 1], gradient: [0, 0] },
  asin: { f: (x) => ops.where(ops.less(ops.abs(x), 1), ops.asin(x), 0), at: [1, 2, 0], gradient: [0, 0, 1] },
  acos: { f: (x) => ops.where(ops.less(ops.abs(x), 1), ops.acos(x), 0), at: [1, 2, 0], gradient: [0, 0, -1] },
  acosh: { f: (x) => ops.where(ops.greater(x, 1), ops.acosh(x), 0), at: [1, 0], gradient: [0, 0] },
  atanh: { f: (x) => ops.where(ops.less(ops.abs(x), 1), ops.atanh(x), 0), at: [1, 2, 0], gradient: [0, 0, 1] },
  sinh: { f: (x) => ops.where(ops.less(x, 10), ops.sinh(x), 0), at: [1000, 0], gradient: [0, 1] },
  cosh: { f: (x) => ops.where(ops.less(x, 10), ops.cosh(x), 0), at: [1000, 0], gradient: [0, 0] },
  lgamma: { f: (x) => ops.where(ops.greater(x, 0), ops.lgamma(x), 0), at: [0, -1], gradient: [0, 0] },
  digamma: { f: (x) => ops.where(ops.greater(x, 0), ops.digamma(x), 0), at: [0, -1], gradient: [0, 0] },
  erfinv: { f: (x) => ops.where(ops.less(x, 1), ops.erfinv(x), 0), at: [1, 2], gradient: [0, 0] },
  ndtri: { f: (x) => ops.where(ops.greater(x, 0), ops.ndtri(x), 0), at: [0, -1], gradient: [0, 0] },
  logSumExp: { f: (x) => ops.where(ops.greater(x, -Infinity), ops.add(x, ops.logSumExp(x)), 0), at: [-Infinity, 0], gradient: [0, 2] },
  log1mExp: { f: (x) => ops.where(ops.greater(x, 0), ops.log1mExp(x), 0), at: [0, -1], gradient: [0, 0] },
};

laws('tfjs', {
  'plain tf.* calls have the right values, gradients and second derivatives': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => forEachEntry(allCalls, (call) => callAgrees(call, seed))),
      { numRuns: 2, endOnFailure: true },
    ),

  'every composite kernel is called': () =>
    assert.deepEqual(
      composites()
        .map(({ name }) => name)
        .sort(),
      Object.keys(compositeCalls).sort(),
    ),

  'a branch not taken adds exactly 0 to the gradient': () =>
    forEachEntry(branches, ({ f, at, gradient }) => assertClose([...gradientAt(f, at)], [...gradient], { relative: 1e-5 })),

  'log |x| and its like keep an infinite derivative where the branch is taken': () =>
    assert.deepEqual(
      gradientAt((x) => ops.log(x), [0]),
      [Infinity],
    ),

  'inputs of one sum do not share the tensor of their gradients': () => {
    const f = (a: Value, b: Value): AnyArray => ops.sum(ops.add(ops.add(ops.add(a, b), ops.mul(a, a)), ops.mul(b, a)));
    const [da, db] = tf.tidy(() => tapeGradients(f, [tf.scalar(2), tf.scalar(3)]).map((g) => g.dataSync()[0]));
    assert.deepEqual([da, db], [1 + 4 + 3, 1 + 2]);
  },

  'an outer tape sees through a saved output, to the third derivative': () => {
    const third = tf.tidy(() => {
      const d =
        (f: (x: Value) => AnyArray) =>
        (x: Value): Value =>
          tapeGradients(f, [x])[0]!;
      return d(d(d((x) => ops.exp(x))))(tf.scalar(1)).dataSync()[0]!;
    });
    assertClose(third, Math.E, { relative: 1e-6 });
  },

  'sums over no elements are 0, whatever the heap holds': () =>
    tf.tidy(() => {
      tf.fill([64], 7);
      assert.deepEqual([...tf.sum(tf.zeros([3, 0]), 1).dataSync()], [0, 0, 0]);
      assert.deepEqual([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).dataSync()], [0, 0, 0, 0]);
    }),

  'booleans are selected and reversed by their own size': () =>
    tf.tidy(() => {
      const [t, f] = [tf.tensor1d([1, 1, 1], 'bool'), tf.tensor1d([0, 0, 0], 'bool')];
      const guard = tf.tensor1d([5, 6, 7]);
      assert.deepEqual([...tf.where(tf.tensor1d([1, 0, 1], 'bool'), t, f).dataSync()], [1, 0, 1]);
      assert.deepEqual([...tf.reverse(tf.tensor1d([1, 0, 0], 'bool')).dataSync()], [0, 0, 1]);
      assert.deepEqual([...tf.cast(tf.tensor1d([0.5, 0, -0.2]), 'bool').dataSync()], [1, 0, 1]);
      assert.deepEqual([...guard.dataSync()], [5, 6, 7]);
    }),

  'our gradients come back after another library has put its own in their place': () => {
    tf.registerGradient({ kernelName: 'Exp', inputsToSave: ['x'], gradFunc: (dy) => ({ x: () => tf.mul(dy as Value, 100) }) });
    ensureGradients();
    assertClose([...gradientAt((x) => ops.exp(x), [0])], [1], { relative: 1e-6 });
  },

  'startTfjs() may be awaited again': () => startTfjs(),
});
