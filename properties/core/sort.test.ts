/** Laws of sorting: NumPy's order, stability, gradients that go back to where each element came from; eager, compiled and on tensors. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, stridesOf, type Shape } from '../../core/shape.ts';
import { toNDArray, toTensor, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { assertClose } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';

const numbers = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0) },
);

const finite = fc.double({ min: -5, max: 5, noNaN: true });

const arrayOf = (shape: Shape, of: fc.Arbitrary<number>): fc.Arbitrary<NDArray> =>
  fc.array(of, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => makeNDArray(Float64Array.from(data), shape));

const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  fc.integer({ min: 0, max: 70 }).map((n) => [n]),
  fc.constant([2, 0]),
);

const anyArray = (of: fc.Arbitrary<number>): fc.Arbitrary<readonly [NDArray, number]> =>
  shapes.chain((shape) => fc.tuple(arrayOf(shape, of), fc.integer({ min: -shape.length, max: shape.length - 1 })));

/** The offsets of each lane along an axis. */
const lanesOf = ({ shape }: NDArray, axis: number): readonly (readonly number[])[] => {
  const at = axis < 0 ? axis + shape.length : axis;
  const stride = stridesOf(shape)[at]!;
  const starts = Array.from({ length: sizeOf(shape) }, (_, i) => i).filter((i) => Math.floor(i / stride) % shape[at]! === 0);
  return starts.map((start) => Array.from({ length: shape[at]! }, (_, k) => start + k * stride));
};

const comesBefore = (a: number, b: number): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a));

const outputs = (f: (x: AnyArray) => AnyArray, x: NDArray): readonly NDArray[] => [toNDArray(f(x)), compiled(recordAt((at) => [f(at)], [x]))[0]!];

laws('sorting', {
  'positions are a permutation of each lane, in order, equal elements as they stood': () =>
    fc.assert(
      fc.property(anyArray(numbers), fc.boolean(), ([x, axis], descending) => {
        for (const positions of outputs((at) => ops.argsort(at, axis, { descending }), x)) {
          assert.equal(positions.dtype, 'int32');
          for (const lane of lanesOf(x, axis)) {
            const own = lane.map((offset) => positions.data[offset]!);
            assert.deepEqual(
              [...own].sort((a, b) => a - b),
              own.map((_, k) => k),
            );
            const inOrder = own.every((position, k) => {
              if (k === 0) return true;
              const [before, after] = [own[k - 1]!, position].map((each) => x.data[lane[each]!]!) as [number, number];
              const [first, second] = descending ? [after, before] : [before, after];
              return comesBefore(first, second) || (!comesBefore(second, first) && own[k - 1]! < position);
            });
            assert.ok(inOrder, `${lane.map((offset) => x.data[offset]).join(', ')} by ${own.join(', ')}`);
          }
        }
      }),
    ),
  'sorted lanes hold the same doubles, and topk the first of them': () =>
    fc.assert(
      fc.property(anyArray(numbers), fc.nat({ max: 5 }), ([x, axis], some) => {
        for (const sorted of outputs((at) => ops.sort(at, axis), x)) {
          for (const lane of lanesOf(x, axis)) {
            const expected = lane.map((offset) => x.data[offset]!).sort((a, b) => (comesBefore(a, b) ? -1 : comesBefore(b, a) ? 1 : 0));
            lane.forEach((offset, k) => assert.ok(Object.is(sorted.data[offset], expected[k]), `${sorted.data.join(', ')}`));
          }
        }
        const extent = x.shape.at(-1)!;
        const k = Math.min(some, extent);
        const [values, indices] = [0, 1].map((i) => outputs((at) => ops.topk(at, k)[i]!, x)) as [readonly NDArray[], readonly NDArray[]];
        const expected = toNDArray(ops.sort(x, -1, { descending: true }));
        values.forEach((own, version) => {
          assert.deepEqual(own.shape, [...x.shape.slice(0, -1), k]);
          own.data.forEach((value, i) => {
            const lane = Math.floor(i / k);
            assert.ok(Object.is(value, expected.data[lane * extent + (i % k)]));
            assert.ok(Object.is(value, x.data[lane * extent + indices[version]!.data[i]!]));
          });
        });
      }),
    ),
  'the gradient of a weighted sum of sorted elements is the weight of each one, wherever it went': () =>
    fc.assert(
      fc.property(
        anyArray(finite).chain(([x, axis]) => fc.tuple(fc.constant(x), fc.constant(axis), arrayOf(x.shape, finite))),
        fc.boolean(),
        ([x, axis, weights], descending) => {
          const loss = (at: AnyArray): AnyArray => ops.sum(ops.mul(weights, ops.sort(at, axis, { descending })));
          const positions = toNDArray(ops.argsort(x, axis, { descending }));
          const expected = new Float64Array(x.data.length);
          for (const lane of lanesOf(x, axis)) lane.forEach((offset) => (expected[lane[positions.data[offset]!]!] = weights.data[offset]!));
          for (const gradient of outputs((at) => grad(loss)(at), x))
            assert.deepEqual(
              [...gradient.data],
              [...expected].map((each) => each + 0),
            );
        },
      ),
      { numRuns: 30 },
    ),
  'tensors sort as arrays do, and tf.topk has a gradient': () =>
    tf.tidy(() => {
      const x = [3, 1, 2, 1];
      assert.deepEqual([...ops.argsort(toTensor(x)).dataSync()], [1, 3, 2, 0]);
      assert.deepEqual([...ops.sort(toTensor(x)).dataSync()], [1, 1, 2, 3]);
      const slope = grad((at: AnyArray) => ops.sum(tf.mul(tf.topk(toTensor(at), 2).values, tf.tensor1d([5, 7]))))(toTensor(x));
      assert.deepEqual([...toNDArray(slope).data], [5, 0, 7, 0]);
    }),
  'addAlongAxis is the transpose of takeAlongAxis': () =>
    fc.assert(
      fc.property(
        arrayOf([3, 4, 2], finite),
        arrayOf([3, 5, 2], finite),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
        (x, y, at) => {
          const indices = makeNDArray(Float64Array.from(at), [3, 5, 2], 'int32');
          const taken = ops.sum(ops.mul(ops.takeAlongAxis(x, indices, 1), y));
          assertClose(ops.sum(ops.mul(x, ops.addAlongAxis(y, indices, 1, 4))), taken, { relative: 1e-12, absolute: 1e-11 });
          assert.ok(Object.is(ops.takeAlongAxis(x, indices, 1).data[0], x.data[2 * at[0]!]));
        },
      ),
    ),
  'quantiles interpolate, are monotone, and the extremes are the extreme elements': () =>
    fc.assert(
      fc.property(anyArray(finite), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), ([x, axis], p, q) => {
        fc.pre(!x.shape.includes(0));
        for (const levels of outputs((at) => ops.quantile(at, [0, Math.min(p, q), Math.max(p, q), 1], axis), x)) {
          const size = levels.data.length / 4;
          for (let i = 0; i < size; i++)
            for (let k = 1; k < 4; k++) assert.ok(levels.data[k * size + i]! - levels.data[(k - 1) * size + i]! >= -1e-14, `${levels.data.join(', ')}`);
          assertClose(ops.slice(levels, [0], [1]), ops.expandDims(ops.min(x, axis), 0), { relative: 0 });
          assertClose(ops.slice(levels, [3], [1]), ops.expandDims(ops.max(x, axis), 0), { relative: 0 });
        }
        assertClose(ops.median(x, axis), ops.neg(ops.median(ops.neg(x), axis)), { relative: 0, absolute: 1e-13 });
      }),
    ),
  'a quantile of a lane with NaN is NaN; its known values': () => {
    assert.deepEqual([...ops.quantile([1, 2, 3, 4], [0.5, 0.25]).data], [2.5, 1.75]);
    assert.ok(Number.isNaN(ops.median([1, NaN, 3]).item()));
    assert.equal(ops.median([1, Infinity, 3]).item(), 3);
    assert.throws(() => ops.quantile([1], 1.5), { _tag: 'InvalidArgument' });
    assert.throws(() => ops.topk([1, 2], 3), { _tag: 'InvalidArgument' });
  },
  'searchSorted counts what is below, or not above': () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 }), fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1 }), (x, values) => {
        const sorted = ops.sort(x);
        const expected = values.map((value) => x.filter((each) => each < value).length);
        const right = values.map((value) => x.filter((each) => each <= value).length);
        assert.deepEqual([...ops.searchSorted(sorted, values).data], expected);
        assert.deepEqual([...ops.searchSorted(sorted, values, 'right').data], right);
        assert.deepEqual([...compiled(recordAt((at) => [ops.searchSorted(at, values)], [sorted]))[0]!.data], expected);
      }),
    ),
});
