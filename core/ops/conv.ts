/** Convolutions and poolings of images with tfjs's names and signatures; the channels come last. */
import * as tf from '#tfjs';
import { kindlingError } from '../errors.ts';
import { convolve, convolveBack } from '../kernels/conv.ts';
import type { Attrs } from '../kernels/kernel.ts';
import { poolMax, poolMean } from '../kernels/pool.ts';
import { showShape } from '../shape.ts';
import { asArray, dtypeOf, isTensor, toTensor, type AnyArray, type Input, type Out, type Out2, type Value } from '../value.ts';
import { cast, div } from './elementwise.ts';
import { gather, pad as padded, reshape, slice, transpose, unsortedSegmentSum } from './layout.ts';
import { matMul } from './linalg.ts';
import { max, sum } from './reduce.ts';

const ops = { div, gather, matMul, max, pad: padded, reshape, slice, sum, transpose, unsortedSegmentSum };

/** Zeros around an image: none, as many as keep its extents at strides of 1, or this number on every side. */
export type Pad = 'valid' | 'same' | number;
/** One number for both axes, or one for each. */
export type Pair = number | readonly [height: number, width: number];

const pairOf = (x: Pair): [number, number] => (typeof x === 'number' ? [x, x] : [...x]);

/** tfjs takes a number of zeros for square filters only, but lists for all. */
const padOf = (pad: Pad, vertical: boolean = true): unknown => (typeof pad === 'number' ? [[0, 0], vertical ? [pad, pad] : [0, 0], [pad, pad], [0, 0]] : pad);

const asFloat = (x: AnyArray): AnyArray => (dtypeOf(x) === 'float' ? x : cast(x, 'float32'));

/** Applies a composite kernel: tfjs's own to tensors, what it expands to otherwise. */
const compose = (name: string, inputs: Readonly<Record<string, AnyArray>>, attrs: Attrs, expand: (inputs: readonly AnyArray[]) => AnyArray): AnyArray => {
  const floats = Object.entries(inputs).map(([key, x]) => [key, asFloat(x)] as const);
  if (!floats.some(([, x]) => isTensor(x))) return expand(floats.map(([, x]) => x));
  const named = Object.fromEntries(floats.map(([key, x]) => [key, toTensor(x)]));
  return tf.engine().runKernel<Value>(name, named, attrs as tf.NamedAttrMap);
};

const correlate = (images: AnyArray, filter: AnyArray, attrs: Attrs): AnyArray =>
  compose('Conv2D', { x: images, filter }, attrs, ([x, f]) => convolve(ops, x!, f!, attrs));

/** Runs what takes batches on one image or on several. */
const batched = (what: string, x: Input, rank: number, run: (batch: AnyArray) => AnyArray): AnyArray => {
  const array = asArray(x);
  if (array.shape.length === rank) return run(array);
  if (array.shape.length !== rank - 1) {
    throw kindlingError('InvalidShape', {
      message: `${what} takes an array of rank ${rank}, or of ${rank - 1} without a batch`,
      given: showShape(array.shape),
    });
  }
  const y = run(reshape(array, [1, ...array.shape]));
  return reshape(y, y.shape.slice(1));
};

/**
 * The convolution (cross-correlation) of images `[batch, height, width, channels]` with a filter `[height, width, channels, results]`.
 *
 * @throws InvalidShape where the ranks or the channels do not fit
 * @example
 * ops.conv2d(ops.ones([4, 4, 1]), ops.ones([3, 3, 1, 1]), 1, 'valid'); // [[[9], [9]], [[9], [9]]]
 */
export const conv2d = <X extends Input, F extends Input>(
  x: X,
  filter: F,
  strides: Pair,
  pad: Pad,
  dataFormat: 'NHWC' = 'NHWC',
  dilations: Pair = 1,
): Out2<X, F> =>
  batched('conv2d', x, 4, (images) =>
    correlate(images, asArray(filter), { strides: pairOf(strides), pad: padOf(pad), dataFormat, dilations: pairOf(dilations) }),
  ) as Out2<X, F>;

/**
 * The convolution of sequences `[batch, width, channels]` with a filter `[width, channels, results]`.
 *
 * @example
 * ops.conv1d([[1], [2], [3]], [[[1]], [[1]]], 1, 'valid'); // [[3], [5]]
 */
export const conv1d = <X extends Input, F extends Input>(
  x: X,
  filter: F,
  stride: number,
  pad: Pad,
  dataFormat: 'NWC' = 'NWC',
  dilation: number = 1,
): Out2<X, F> => {
  const kernel = asArray(filter);
  if (dataFormat !== 'NWC') throw kindlingError('Unsupported', { message: 'conv1d takes sequences with the channels last', given: dataFormat });
  return batched('conv1d', x, 3, (sequences) => {
    const [batch, width, channels] = sequences.shape as [number, number, number];
    const y = correlate(reshape(sequences, [batch, 1, width, channels]), reshape(kernel, [1, ...kernel.shape]), {
      strides: [1, stride],
      pad: padOf(pad, false),
      dataFormat: 'NHWC',
      dilations: [1, dilation],
    });
    return reshape(y, [batch, y.shape[2]!, y.shape[3]!]);
  }) as Out2<X, F>;
};

/** The transpose of `conv2d` in its images: a filter `[height, width, results, channels]` laid over a grid of strides, to images of `outputShape`. */
export const conv2dTranspose = <X extends Input, F extends Input>(x: X, filter: F, outputShape: readonly number[], strides: Pair, pad: Pad): Out2<X, F> =>
  batched('conv2dTranspose', x, 4, (dy) => {
    const [image, kernel] = [outputShape.length === 3 ? [1, ...outputShape] : [...outputShape], asArray(filter)];
    const attrs = { strides: pairOf(strides), pad: padOf(pad), dataFormat: 'NHWC', inputShape: image };
    return compose('Conv2DBackpropInput', { dy, filter: kernel }, attrs, ([d, f]) => convolveBack(ops, d!, f!, image, attrs));
  }) as Out2<X, F>;

const pooling =
  (name: string, what: string, expand: typeof poolMax) =>
  <X extends Input>(x: X, filterSize: Pair, strides: Pair, pad: Pad): Out<X> =>
    batched(what, x, 4, (images) => {
      const attrs = { filterSize: pairOf(filterSize), strides: pairOf(strides), pad: padOf(pad) };
      return compose(name, { x: images }, attrs, ([own]) => expand(ops, own!, attrs));
    }) as Out<X>;

/** The largest element of each window of images. */
export const maxPool: <X extends Input>(x: X, filterSize: Pair, strides: Pair, pad: Pad) => Out<X> = pooling('MaxPool', 'maxPool', poolMax);
/** The mean of each window of images, of what lies within the image. */
export const avgPool: <X extends Input>(x: X, filterSize: Pair, strides: Pair, pad: Pad) => Out<X> = pooling('AvgPool', 'avgPool', poolMean);
