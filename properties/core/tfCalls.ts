/** Plain tf.* calls as users write them in models, each beside the same function in float64. */
import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../../core/ops/index.ts';
import type { Shape } from '../../core/shape.ts';
import type { AnyArray, Input, Value } from '../../core/value.ts';

/** A function of one array `x`, whose entries are away from 0 and from each other. */
export interface TfCall {
  readonly shape: Shape;
  readonly tf: (x: Value) => Value;
  readonly exact: (x: Input) => AnyArray;
}

export const call = (shape: Shape, inTf: TfCall['tf'], exact: TfCall['exact']): TfCall => ({ shape, tf: inTf, exact });

const matrix = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
];
const vector = [0.5, -1, 2];

/** The functions whose kernels are in our table. */
export const tfCalls: Readonly<Record<string, TfCall>> = {
  add: call(
    [2, 3],
    (x) => tf.add(x, vector),
    (x) => ops.add(x, vector),
  ),
  sub: call(
    [3],
    (x) => tf.sub(tf.tensor2d(matrix), x),
    (x) => ops.sub(matrix, x),
  ),
  mul: call(
    [3],
    (x) => tf.mul(x, tf.mul(x, x)),
    (x) => ops.mul(x, ops.square(x)),
  ),
  div: call(
    [3],
    (x) => tf.div(tf.tensor2d(matrix), x),
    (x) => ops.div(matrix, x),
  ),
  divNoNan: call(
    [3],
    (x) => tf.divNoNan(1, x),
    (x) => ops.div(1, x),
  ),
  pow: call(
    [3],
    (x) => tf.pow(tf.abs(x), 1.7),
    (x) => ops.pow(ops.abs(x), 1.7),
  ),
  maximum: call(
    [2, 3],
    (x) => tf.maximum(x, 0.01),
    (x) => ops.maximum(x, 0.01),
  ),
  clipByValue: call(
    [2, 3],
    (x) => tf.clipByValue(x, -0.33, 0.31),
    (x) => ops.clipByValue(x, -0.33, 0.31),
  ),
  where: call(
    [2, 3],
    (x) => tf.where(tf.greater(x, 0), tf.exp(x), tf.square(x)),
    (x) => ops.where(ops.greater(x, 0), ops.exp(x), ops.square(x)),
  ),
  whereBroadcast: call(
    [3],
    (x) =>
      tf.where(
        tf.tensor2d(
          [
            [1, 0, 1],
            [0, 0, 1],
          ],
          [2, 3],
          'bool',
        ),
        tf.exp(x),
        tf.scalar(2),
      ),
    (x) =>
      ops.where(
        [
          [true, false, true],
          [false, false, true],
        ],
        ops.exp(x),
        2,
      ),
  ),
  matMul: call(
    [2, 3],
    (x) => tf.matMul(x, tf.tensor2d(matrix), false, true),
    (x) => ops.matMul(x, matrix, false, true),
  ),
  matMulSquare: call(
    [3, 3],
    (x) => tf.matMul(x, x),
    (x) => ops.matMul(x, x),
  ),
  dot: call(
    [3],
    (x) => tf.dot(tf.tensor2d(matrix), x),
    (x) => ops.dot(matrix, x),
  ),
  outerProduct: call(
    [3],
    (x) => tf.outerProduct(x as tf.Tensor1D, x as tf.Tensor1D),
    (x) => ops.outerProduct(x, x),
  ),
  einsum: call(
    [2, 3],
    (x) => tf.einsum('ij,kj->ik', x, tf.tensor2d(matrix)),
    (x) => ops.einsum('ij,kj->ik', x, matrix),
  ),
  einsumTwice: call(
    [3],
    (x) => tf.einsum('i,i->', x, x),
    (x) => ops.sum(ops.square(x)),
  ),
  gather: call(
    [4, 2],
    (x) => tf.gather(x, tf.tensor1d([3, 0, 3], 'int32')),
    (x) => ops.gather(x, [3, 0, 3]),
  ),
  gatherAxis: call(
    [2, 3],
    (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [2, 0],
            [1, 1],
          ],
          [2, 2],
          'int32',
        ),
        1,
      ),
    (x) =>
      ops.gather(
        x,
        [
          [2, 0],
          [1, 1],
        ],
        1,
      ),
  ),
  cumsum: call(
    [2, 3],
    (x) => tf.cumsum(x, 1, true, true),
    (x) => ops.cumsum(x, 1, true, true),
  ),
  cumprod: call(
    [4],
    (x) => tf.cumprod(x),
    (x) => ops.cumprod(x),
  ),
  stack: call(
    [3],
    (x) => tf.stack([x, tf.exp(x)], 1),
    (x) => ops.stack([ops.mul(x, 1), ops.exp(x)], 1),
  ),
  concat: call(
    [2, 2],
    (x) => tf.concat([x, tf.square(x)], -1),
    (x) => ops.concat([ops.mul(x, 1), ops.square(x)], -1),
  ),
  slice: call(
    [3, 3],
    (x) => tf.slice(x, [1, 0], [2, 2]),
    (x) => ops.slice(x, [1, 0], [2, 2]),
  ),
  pad: call(
    [2, 2],
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
    (x) =>
      ops.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
  ),
  tile: call(
    [2, 2],
    (x) => tf.tile(x, [2, 3]),
    (x) => ops.tile(x, [2, 3]),
  ),
  broadcastTo: call(
    [3, 1],
    (x) => tf.broadcastTo(x, [2, 3, 2]),
    (x) => ops.broadcastTo(x, [2, 3, 2]),
  ),
  reverse: call(
    [2, 3],
    (x) => tf.reverse(x, -1),
    (x) => ops.reverse(x, -1),
  ),
  transpose: call(
    [2, 3],
    (x) => tf.transpose(x),
    (x) => ops.transpose(x),
  ),
  expandDims: call(
    [2, 3],
    (x) => tf.expandDims(x, -1),
    (x) => ops.expandDims(x, -1),
  ),
  squeeze: call(
    [2, 1, 3],
    (x) => tf.squeeze(x, [1]),
    (x) => ops.squeeze(x, 1),
  ),
  sum: call(
    [2, 3],
    (x) => tf.sum(x, -1, true),
    (x) => ops.sum(x, -1, true),
  ),
  mean: call(
    [2, 3],
    (x) => tf.mean(x, 0),
    (x) => ops.mean(x, 0),
  ),
  meanAll: call(
    [2, 3],
    (x) => tf.mean(tf.exp(x)),
    (x) => ops.mean(ops.exp(x)),
  ),
  max: call(
    [2, 3],
    (x) => tf.max(x, 1),
    (x) => ops.max(x, 1),
  ),
  maxKept: call(
    [2, 3],
    (x) => tf.max(x, -1, true),
    (x) => ops.max(x, -1, true),
  ),
  min: call(
    [2, 3],
    (x) => tf.min(x),
    (x) => ops.min(x),
  ),
  prod: call(
    [2, 3],
    (x) => tf.prod(x, 1),
    (x) => ops.prod(x, 1),
  ),
  argMax: call(
    [2, 3],
    (x) => tf.mul(tf.cast(tf.argMax(x, 1), 'float32'), tf.sum(x, 1)),
    (x) => ops.mul(ops.argMax(x, 1), ops.sum(x, 1)),
  ),
  logSumExp: call(
    [2, 3],
    (x) => tf.logSumExp(x, -1),
    (x) => ops.logSumExp(x, -1),
  ),
  logSoftmax: call(
    [2, 3],
    (x) => tf.logSoftmax(x),
    (x) => ops.logSoftmax(x),
  ),
  logSigmoid: call(
    [3],
    (x) => tf.logSigmoid(x),
    (x) => ops.logSigmoid(x),
  ),
  norm: call(
    [2, 3],
    (x) => tf.norm(x),
    (x) => ops.norm(x),
  ),
  normOne: call(
    [2, 3],
    (x) => tf.norm(x, 1, 1),
    (x) => ops.sum(ops.abs(x), 1),
  ),
  normMax: call(
    [2, 3],
    (x) => tf.norm(x, Infinity, 0),
    (x) => ops.max(ops.abs(x), 0),
  ),
  moments: call(
    [2, 3],
    (x) => tf.moments(x, 1).variance,
    (x) => ops.variance(x, 1),
  ),
  oneHot: call(
    [3],
    (x) => tf.matMul(tf.oneHot(tf.tensor1d([2, 0], 'int32'), 3, 1, 0, 'float32'), tf.reshape(x, [3, 1])),
    (x) => ops.reshape(ops.gather(x, [2, 0]), [2, 1]),
  ),
  bandPart: call(
    [3, 3],
    (x) => tf.linalg.bandPart(x as tf.Tensor2D, -1, 0),
    (x) => ops.tril(x),
  ),
  erf: call(
    [3],
    (x) => tf.erf(x),
    (x) => ops.erf(x),
  ),
  leakyRelu: call(
    [3],
    (x) => tf.leakyRelu(x, 0.1),
    (x) => ops.leakyRelu(x, 0.1),
  ),
  elu: call(
    [3],
    (x) => tf.elu(x),
    (x) => ops.elu(x),
  ),
  softplus: call(
    [3],
    (x) => tf.softplus(x),
    (x) => ops.softplus(x),
  ),
  sigmoid: call(
    [3],
    (x) => tf.sigmoid(x),
    (x) => ops.sigmoid(x),
  ),
  isNaN: call(
    [3],
    (x) => tf.where(tf.isNaN(x), tf.zerosLike(x), tf.sin(x)),
    (x) => ops.sin(x),
  ),
  sign: call(
    [3],
    (x) => tf.mul(tf.sign(x), x),
    (x) => ops.abs(x),
  ),
  comparison: call(
    [3],
    (x) => tf.mul(tf.cast(tf.lessEqual(x, 0.2), 'float32'), tf.cos(x)),
    (x) => ops.where(ops.lessEqual(x, 0.2), ops.cos(x), 0),
  ),
  losses: call(
    [3],
    (x) => tf.losses.sigmoidCrossEntropy(tf.tensor1d([0, 1, 1]), x),
    (x) => ops.mean(ops.sub(ops.softplus(x), ops.mul([0, 1, 1], x))),
  ),
};
