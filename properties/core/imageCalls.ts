/** Plain tf.* calls of convolutions and poolings, each beside the same function in float64. */
import * as tf from '@tensorflow/tfjs-core';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toTensor } from '../../core/value.ts';
import { call, type TfCall } from './tfCalls.ts';

/** Numbers without a pattern, the same each time. */
const filter = (shape: Shape): NDArray =>
  makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 37) % 23) / 8 - 1.25),
    shape,
  );

export const imageCalls: Readonly<Record<string, readonly TfCall[]>> = {
  Conv2D: [
    call(
      [2, 2, 3, 1],
      (x) => tf.conv2d(x as tf.Tensor4D, toTensor(filter([3, 2, 1, 2])) as tf.Tensor4D, [1, 2], 'same'),
      (x) => ops.conv2d(x, filter([3, 2, 1, 2]), [1, 2], 'same'),
    ),
    call(
      [2, 1, 1, 2],
      (x) => tf.conv2d(toTensor(filter([2, 5, 4, 1])) as tf.Tensor4D, x as tf.Tensor4D, 1, 'valid', 'NHWC', [2, 1]),
      (x) => ops.conv2d(filter([2, 5, 4, 1]), x, 1, 'valid', 'NHWC', [2, 1]),
    ),
    call(
      [3, 4, 1],
      (x) => tf.mul(tf.conv2d(x as tf.Tensor3D, toTensor(filter([3, 3, 1, 2])) as tf.Tensor4D, 2, 1, 'NHWC', 1, 'floor'), 2),
      (x) => ops.mul(ops.conv2d(x, filter([3, 3, 1, 2]), 2, 1), 2),
    ),
    call(
      [4, 2],
      (x) => tf.conv1d(x as tf.Tensor2D, toTensor(filter([3, 2, 2])) as tf.Tensor3D, 1, 'same', 'NWC', 2),
      (x) => ops.conv1d(x, filter([3, 2, 2]), 1, 'same', 'NWC', 2),
    ),
  ],
  Conv2DBackpropInput: [
    call(
      [2, 1, 2, 2],
      (x) => tf.conv2dTranspose(x as tf.Tensor4D, toTensor(filter([3, 2, 1, 2])) as tf.Tensor4D, [2, 2, 4, 1], 2, 'same'),
      (x) => ops.conv2dTranspose(x, filter([3, 2, 1, 2]), [2, 2, 4, 1], 2, 'same'),
    ),
    call(
      [2, 2, 1, 2],
      (x) => tf.conv2dTranspose(toTensor(filter([2, 3, 2])) as tf.Tensor3D, x as tf.Tensor4D, [3, 4, 1], 1, 'valid'),
      (x) => ops.conv2dTranspose(filter([2, 3, 2]), x, [3, 4, 1], 1, 'valid'),
    ),
  ],
  MaxPool: [
    call(
      [2, 2, 3, 1],
      (x) => tf.maxPool(x as tf.Tensor4D, [2, 3], [2, 1], 'same'),
      (x) => ops.maxPool(x, [2, 3], [2, 1], 'same'),
    ),
    call(
      [3, 4, 1],
      (x) => tf.maxPool(x as tf.Tensor3D, 2, 2, 'valid'),
      (x) => ops.maxPool(x, 2, 2, 'valid'),
    ),
  ],
  AvgPool: [
    call(
      [2, 2, 3, 1],
      (x) => tf.avgPool(x as tf.Tensor4D, [2, 3], [2, 1], 'same'),
      (x) => ops.avgPool(x, [2, 3], [2, 1], 'same'),
    ),
    call(
      [3, 4, 1],
      (x) => tf.avgPool(x as tf.Tensor3D, 3, 1, 1, 'floor'),
      (x) => ops.avgPool(x, 3, 1, 1),
    ),
  ],
};
