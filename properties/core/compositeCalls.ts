/** Plain tf.* calls whose kernels are composites of ours, each beside the same function in float64. */
import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../../core/ops/index.ts';
import type { AnyArray, Value } from '../../core/value.ts';
import { imageCalls } from './imageCalls.ts';
import { call, type TfCall } from './tfCalls.ts';

/** The sum of several outputs, with weights that tell them apart. */
const weighted = (parts: readonly AnyArray[]): AnyArray =>
  parts.map((part, i) => ops.sum(ops.mul(i + 1, ops.square(part)))).reduce((sum, part) => ops.add(sum, part));
const weightedTf = (parts: readonly Value[]): Value => tf.addN(parts.map((part, i) => tf.sum<tf.Scalar>(tf.mul(tf.square(part), i + 1))));

const matrix = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
];
/** By the kernel of tfjs that is a composite of ours; each has one at least. */
export const compositeCalls: Readonly<Record<string, readonly TfCall[]>> = {
  AddN: [
    call(
      [3],
      (x) => tf.addN([x, tf.square(x), x]),
      (x) => ops.add(ops.mul(2, x), ops.square(x)),
    ),
  ],
  Relu6: [
    call(
      [2, 3],
      (x) => tf.relu6(tf.mul(x, 6)),
      (x) => ops.clipByValue(ops.mul(x, 6), 0, 6),
    ),
  ],
  Selu: [call([2, 3], tf.selu, (x) => ops.mul(1.0507009873554805, ops.where(ops.greater(x, 0), x, ops.mul(1.6732632423543772, ops.expm1(x)))))],
  Prelu: [
    call(
      [2, 3],
      (x) => tf.prelu(x, tf.tensor1d([0.1, 0.2, 0.3])),
      (x) => ops.where(ops.greater(x, 0), x, ops.mul(x, [0.1, 0.2, 0.3])),
    ),
    call(
      [3],
      (x) => tf.prelu(tf.tensor2d(matrix), x),
      (x) => ops.where(ops.greater(matrix, 0), matrix, ops.mul(x, matrix)),
    ),
  ],
  Softmax: [
    call(
      [2, 3],
      (x) => tf.softmax(x),
      (x) => ops.softmax(x),
    ),
  ],
  Unpack: [
    call(
      [2, 3],
      (x) => weightedTf(tf.unstack(x, 1)),
      (x) => weighted(ops.unstack(x, 1)),
    ),
    call(
      [3],
      (x) => weightedTf(tf.unstack(x)),
      (x) => weighted(ops.unstack(x)),
    ),
  ],
  SplitV: [
    call(
      [2, 4],
      (x) => weightedTf(tf.split(x, 2, 1)),
      (x) => weighted(ops.split(x, 2, 1)),
    ),
    call(
      [5],
      (x) => weightedTf(tf.split(x, [1, 3, 1])),
      (x) => weighted(ops.split(x, [1, 3, 1])),
    ),
  ],
  StridedSlice: [
    call(
      [5],
      (x) => tf.stridedSlice(x, [0], [5], [2]),
      (x) => ops.gather(x, [0, 2, 4]),
    ),
    call(
      [3, 4],
      (x) => tf.stridedSlice(x, [2, 1], [0, 4], [-1, 2]),
      (x) => ops.gather(ops.gather(x, [2, 1]), [1, 3], 1),
    ),
    call(
      [2, 3],
      (x) => tf.stridedSlice(x, [1, 0], [2, 3], [1, 1], 0, 0, 0, 0, 1),
      (x) => ops.squeeze(ops.slice(x, [1, 0], [1, 3]), 0),
    ),
  ],
  MirrorPad: [
    call(
      [2, 3],
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          'reflect',
        ),
      (x) => ops.gather(ops.gather(x, [1, 0, 1]), [2, 1, 0, 1, 2, 1], 1),
    ),
    call(
      [3],
      (x) => tf.mirrorPad(x, [[2, 1]], 'symmetric'),
      (x) => ops.gather(x, [1, 0, 0, 1, 2, 2]),
    ),
  ],
  Diag: [
    call(
      [3],
      (x) => tf.diag(x),
      (x) => ops.diag(x),
    ),
    call(
      [2, 2],
      (x) => tf.diag(x),
      (x) => ops.reshape(ops.diag(ops.reshape(x, [4])), [2, 2, 2, 2]),
    ),
  ],
  GatherNd: [
    call(
      [2, 3],
      (x) =>
        tf.gatherND(
          x,
          tf.tensor2d(
            [
              [1, 2],
              [0, 0],
              [1, 2],
            ],
            [3, 2],
            'int32',
          ),
        ),
      (x) => ops.gather(ops.reshape(x, [6]), [5, 0, 5]),
    ),
    call(
      [3, 2],
      (x) => tf.gatherND(x, tf.tensor2d([[2], [0]], [2, 1], 'int32')),
      (x) => ops.gather(x, [2, 0]),
    ),
  ],
  ScatterNd: [
    call(
      [3],
      (x) => tf.scatterND(tf.tensor2d([[1], [4], [1]], [3, 1], 'int32'), x, [5]),
      (x) => ops.unsortedSegmentSum(x, [1, 4, 1], 5),
    ),
    call(
      [2, 3],
      (x) => tf.scatterND(tf.tensor2d([[2], [0]], [2, 1], 'int32'), x, [3, 3]),
      (x) => ops.unsortedSegmentSum(x, [2, 0], 3),
    ),
  ],
  TopK: [
    call(
      [2, 5],
      (x) => tf.topk(x, 3).values,
      (x) => ops.topk(x, 3)[0],
    ),
    call(
      [4],
      (x) => tf.mul(x, tf.cast(tf.topk(x, 4).indices, 'float32')),
      (x) => ops.mul(x, ops.topk(x, 4)[1]),
    ),
  ],
  ...imageCalls,
  ZerosLike: [
    call(
      [3],
      (x) => tf.add(x, tf.zerosLike(tf.exp(x))),
      (x) => ops.add(x, 0),
    ),
  ],
  OnesLike: [
    call(
      [3],
      (x) => tf.add(x, tf.onesLike(tf.exp(x))),
      (x) => ops.add(x, 1),
    ),
  ],
};
