/** Laws of convolutions and poolings: sums over windows as they are defined, transposes, derivatives, refusals; eager and compiled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { drawFrom } from '../laws/draw.ts';
import { assertClose, dotAll, numericGradient } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';

type Pair = readonly [number, number];

interface Geometry {
  readonly image: Shape;
  readonly window: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pad: 'same' | 'valid' | number;
}

const pairs = (max: number): fc.Arbitrary<Pair> => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

const extentOf = (size: number, dilation: number): number => (size - 1) * dilation + 1;

const geometries: fc.Arbitrary<Geometry> = fc
  .record({
    image: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 })),
    window: pairs(3),
    strides: pairs(3),
    dilations: pairs(2),
    pad: fc.constantFrom<Geometry['pad'][]>('same', 'valid', 0, 1, 2),
  })
  // tfjs takes either strides or dilations.
  .map((one): Geometry => ({ ...one, dilations: one.strides[0] * one.strides[1] === 1 ? one.dilations : [1, 1] }))
  .filter(({ image, window, dilations, pad }) => {
    const room = typeof pad === 'number' ? 2 * pad : 0;
    return pad === 'same' || [0, 1].every((i) => image[i + 1]! + room >= extentOf(window[i]!, dilations[i]!));
  });

/** How many windows fit along an axis, and where the first begins: TensorFlow's rules of 'same' and 'valid', written anew. */
const placesOf = ({ image, window, strides, dilations, pad }: Geometry, i: number): { readonly count: number; readonly before: number } => {
  const [extent, reach, stride] = [image[i + 1]!, extentOf(window[i]!, dilations[i]!), strides[i]!];
  if (pad === 'same') {
    const count = Math.ceil(extent / stride);
    return { count, before: Math.floor(Math.max(0, (count - 1) * stride + reach - extent) / 2) };
  }
  const before = pad === 'valid' ? 0 : pad;
  return { count: Math.floor((extent + 2 * before - reach) / stride) + 1, before };
};

/** Calls `visit` for every element of every window that lies within the image. */
const eachElement = (geometry: Geometry, visit: (batch: number, row: number, column: number, element: number, y: number, x: number) => void): Pair => {
  const { image, window, strides, dilations } = geometry;
  const [down, across] = [placesOf(geometry, 0), placesOf(geometry, 1)];
  for (let batch = 0; batch < image[0]!; batch++)
    for (let row = 0; row < down.count; row++)
      for (let column = 0; column < across.count; column++)
        for (let element = 0; element < window[0] * window[1]; element++) {
          const y = row * strides[0] - down.before + Math.floor(element / window[1]) * dilations[0];
          const x = column * strides[1] - across.before + (element % window[1]) * dilations[1];
          if (y >= 0 && y < image[1]! && x >= 0 && x < image[2]!) visit(batch, row, column, element, y, x);
        }
  return [down.count, across.count];
};

const at = ({ shape, data }: NDArray, index: readonly number[]): number => data[index.reduce((offset, i, axis) => offset * shape[axis]! + i, 0)]!;

/** The convolution as it is defined. */
const naive = (image: NDArray, filter: NDArray, geometry: Geometry): NDArray => {
  const results = filter.shape[3]!;
  const sums = new Map<string, number>();
  const [rows, columns] = eachElement(geometry, (batch, row, column, element, y, x) => {
    for (let channel = 0; channel < geometry.image[3]!; channel++)
      for (let result = 0; result < results; result++) {
        const key = [batch, row, column, result].join();
        const factor = at(filter, [Math.floor(element / geometry.window[1]), element % geometry.window[1], channel, result]);
        sums.set(key, (sums.get(key) ?? 0) + at(image, [batch, y, x, channel]) * factor);
      }
  });
  const shape = [geometry.image[0]!, rows, columns, results];
  const keys = Array.from({ length: sizeOf(shape) }, (_, i) =>
    [Math.floor(i / (results * columns * rows)), Math.floor(i / (results * columns)) % rows, Math.floor(i / results) % columns, i % results].join(),
  );
  return makeNDArray(
    Float64Array.from(keys, (key) => sums.get(key) ?? 0),
    shape,
  );
};

const near = { relative: 1e-12, absolute: 1e-12, scaled: true };

const both = (f: (...xs: readonly AnyArray[]) => AnyArray, ...xs: readonly NDArray[]): readonly NDArray[] => [
  toNDArray(f(...xs)),
  compiled(recordAt((...values) => [f(...values)], xs))[0]!,
];

const convolution =
  ({ strides, dilations, pad }: Geometry) =>
  (x: AnyArray, filter: AnyArray): AnyArray =>
    ops.conv2d(x, filter, strides, pad, 'NHWC', dilations);

const inputsOf = ({ image, window }: Geometry, seed: number): readonly [NDArray, NDArray] => {
  const draw = drawFrom(seed);
  return [draw.uniform(image, -1, 1), draw.uniform([...window, image[3]!, 2], -1, 1)];
};

laws('convolutions', {
  'conv2d is the sum over each window that its name says': () =>
    fc.assert(
      fc.property(geometries, fc.nat(), (geometry, seed) => {
        const inputs = inputsOf(geometry, seed);
        const expected = naive(...inputs, geometry);
        for (const y of both((x, filter) => convolution(geometry)(x, filter), ...inputs)) {
          assert.deepEqual(y.shape, expected.shape);
          assertClose(y, expected, near);
        }
      }),
      { numRuns: 60 },
    ),
  'its gradients are its transposes: it is linear in the images and in the filter': () =>
    fc.assert(
      fc.property(geometries, fc.nat(), (geometry, seed) => {
        const inputs = inputsOf(geometry, seed);
        const y = naive(...inputs, geometry);
        const weights = drawFrom(seed + 1).uniform(y.shape, -1, 1);
        const loss = (x: AnyArray, filter: AnyArray): AnyArray => ops.sum(ops.mul(weights, convolution(geometry)(x, filter)));
        for (const i of [0, 1]) {
          for (const slope of both((x, filter) => grad(loss, i)(x, filter), ...inputs)) {
            assert.deepEqual(slope.shape, inputs[i]!.shape);
            assertClose(dotAll(slope, inputs[i]!), dotAll(weights, y), near);
            const moved = inputsOf(geometry, seed + 2)[i]!;
            const other = naive(i === 0 ? moved : inputs[0], i === 0 ? inputs[1] : moved, geometry);
            assertClose(dotAll(slope, moved), dotAll(weights, other), near);
          }
        }
      }),
      { numRuns: 25 },
    ),
  'conv2dTranspose is the transpose of conv2d': () =>
    fc.assert(
      fc.property(geometries, fc.nat(), (one, seed) => {
        const geometry: Geometry = { ...one, dilations: [1, 1] };
        const [image, filter] = inputsOf(geometry, seed);
        const y = toNDArray(convolution(geometry)(image, filter));
        const dy = drawFrom(seed + 1).uniform(y.shape, -1, 1);
        for (const back of both((d, f) => ops.conv2dTranspose(d, f, geometry.image, geometry.strides, geometry.pad), dy, filter))
          assertClose(dotAll(back, image), dotAll(dy, y), near);
      }),
      { numRuns: 30 },
    ),
  'conv1d is a conv2d of one row, and a batch of one may be left out': () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom<Geometry['pad'][]>('same', 'valid', 1, 2),
        fc.nat(),
        (width, stride, pad, seed) => {
          const draw = drawFrom(seed);
          const [x, filter] = [draw.uniform([2, 7, 2], -1, 1), draw.uniform([width, 2, 3], -1, 1)];
          const expected = naive(ops.reshape(x, [2, 1, 7, 2]), ops.reshape(filter, [1, width, 2, 3]), {
            image: [2, 1, 7, 2],
            window: [1, width],
            strides: [1, stride],
            dilations: [1, 1],
            // No rows above and below.
            pad: typeof pad === 'number' ? 'valid' : pad,
          });
          const own =
            typeof pad === 'number'
              ? ops.conv1d(
                  ops.pad(x, [
                    [0, 0],
                    [pad, pad],
                    [0, 0],
                  ]),
                  filter,
                  stride,
                  'valid',
                )
              : expected;
          for (const y of both((at_, f) => ops.conv1d(at_, f, stride, pad), x, filter)) assertClose(y, ops.reshape(own, y.shape), near);
          const one = ops.slice(x, [1], [1]);
          assertClose(ops.expandDims(ops.conv1d(ops.reshape(one, [7, 2]), filter, stride, pad), 0), ops.conv1d(one, filter, stride, pad), near);
        },
      ),
      { numRuns: 25 },
    ),
  'poolings are the largest and the mean of what each window holds of the image': () =>
    fc.assert(
      fc.property(geometries, fc.nat(), (one, seed) => {
        const geometry: Geometry = { ...one, dilations: [1, 1], pad: typeof one.pad === 'number' ? 'same' : one.pad };
        const [image] = inputsOf(geometry, seed);
        const held = new Map<string, number[]>();
        eachElement(geometry, (batch, row, column, _, y, x) => {
          for (let channel = 0; channel < geometry.image[3]!; channel++) {
            const key = [batch, row, column, channel].join();
            held.set(key, [...(held.get(key) ?? []), at(image, [batch, y, x, channel])]);
          }
        });
        const { window, strides, pad } = geometry;
        const check = (ys: readonly NDArray[], of: (numbers: readonly number[]) => number): void =>
          ys.forEach((y) =>
            held.forEach((numbers, key) => assertClose(makeNDArray(Float64Array.of(at(y, key.split(',').map(Number))), []), of(numbers), near)),
          );
        check(
          both((x) => ops.maxPool(x, window, strides, pad), image),
          (numbers) => Math.max(...numbers),
        );
        check(
          both((x) => ops.avgPool(x, window, strides, pad), image),
          (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length,
        );
      }),
      { numRuns: 20 },
    ),
  'the gradients of poolings are their derivatives': () => {
    const x = drawFrom(7).distinct([1, 4, 3, 2]);
    for (const pool of [ops.maxPool, ops.avgPool]) {
      const loss = (at_: AnyArray): AnyArray => ops.sum(ops.square(pool(at_, [2, 2], [2, 1], 'same')));
      const expected = numericGradient((moved) => toNDArray(loss(moved)).item(), x);
      for (const slope of both((at_) => grad(loss)(at_), x)) assertClose(slope, expected, { relative: 1e-6, absolute: 1e-8, scaled: true });
    }
  },
  'what does not fit is refused': () => {
    assert.throws(() => ops.conv2d(ops.ones([1, 4, 4, 2]), ops.ones([2, 2, 3, 1]), 1, 'same'), { _tag: 'InvalidShape' });
    assert.throws(() => ops.conv2d(ops.ones([4, 4]), ops.ones([2, 2, 1, 1]), 1, 'same'), { _tag: 'InvalidShape' });
    assert.throws(() => ops.conv2d(ops.ones([4, 4, 1]), ops.ones([2, 2]), 1, 'same'), { _tag: 'InvalidShape' });
    assert.throws(() => ops.conv2d(ops.ones([4, 4, 1]), ops.ones([2, 2, 1, 1]), 1, 'same', 'NCHW' as never), { _tag: 'Unsupported' });
    assert.throws(() => ops.conv2dTranspose(ops.ones([1, 2, 2, 1]), ops.ones([2, 2, 1, 1]), [1, 9, 9, 1], 1, 'valid'), { _tag: 'InvalidShape' });
  },
});
