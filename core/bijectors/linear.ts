/** The linear bijectors of vectors and arrays: affine maps by a factor, arrays that sum to zero, linear recursions. */
import { realMatrix, zeroSum as zeroSumSet } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, showShape, type Shape } from '../shape.ts';
import { shapeOf, type AnyArray, type Input } from '../value.ts';
import { makeBijector, noVolume, type Bijector } from './bijector.ts';
import { atRank } from './layout.ts';

const { add, div, log, sub, sum } = ops;

/** y = loc + L x for a lower Cholesky factor L. */
export const lowerCholeskyAffine = (loc: Input, scaleTril: Input): Bijector => {
  const widened = (shape: Shape): Shape => broadcastShapes(shape, shapeOf(loc), shapeOf(scaleTril).slice(0, -1));
  return makeBijector('lowerCholeskyAffine', {
    params: { loc, scaleTril },
    domainDim: 1,
    forward: (x) => add(loc, ops.squeeze(ops.matMul(scaleTril, ops.expandDims(x, -1)), -1)),
    inverse: (y) => ops.squeeze(ops.triangularSolve(scaleTril, ops.expandDims(sub(y, loc), -1)), -1),
    logDet: (x) => ops.broadcastTo(sum(log(ops.diagPart(scaleTril)), -1), widened(x.shape).slice(0, -1)),
    forwardShape: widened,
    inverseShape: widened,
    apart: (rank) => ({
      form: 'lowerCholeskyAffine',
      arrays: [atRank(loc, rank), atRank(scaleTril, rank + 1)],
      rebuild: ([l, s]) => lowerCholeskyAffine(l!, s!),
    }),
  });
};

/** One more place along an axis, such that the sum along it is 0: a vector turned, its length kept. */
const extend = (x: AnyArray, axis: number): AnyArray => {
  const root = Math.sqrt(x.shape.at(axis)! + 1);
  const total = sum(x, axis, true);
  const shift = div(total, root * (1 + root));
  return ops.concat([sub(x, shift), div(total, -root)], x.shape.length + axis);
};

const shorten = (y: AnyArray, axis: number): AnyArray => {
  const n = y.shape.at(axis)!;
  const [head, last] = ops.split(y, [n - 1, 1], axis);
  return sub(head!, div(last!, 1 + Math.sqrt(n)));
};

const resized = (shape: Shape, dims: number, by: number): Shape => shape.map((extent, i) => (i < shape.length - dims ? extent : extent + by));

/**
 * From arrays with n − 1 places along each of the last `transformNdims` axes to arrays with n that sum to 0 along each: an isometry, by
 * the Householder reflection that takes the last axis to the diagonal. As NumPyro's ZeroSumTransform and PyMC's ZeroSumNormal.
 *
 * @example
 * bijectors.zeroSum(1).forward([1]); // [0.7071067812, -0.7071067812]
 */
export const zeroSum = (transformNdims: number = 1): Bijector => {
  const codomain = zeroSumSet(transformNdims);
  const axes = Array.from({ length: transformNdims }, (_, i) => -1 - i);
  return makeBijector(`zeroSum(${transformNdims})`, {
    params: { transformNdims },
    domainDim: transformNdims,
    forward: (x) => axes.reduce(extend, x),
    inverse: (y) => axes.reduce(shorten, y),
    logDet: (x) => noVolume(x, transformNdims),
    forwardShape: (shape) => resized(shape, transformNdims, 1),
    inverseShape: (shape) => resized(shape, transformNdims, -1),
    codomain: () => codomain,
  });
};

/** Rows moved to `by` rows later, zeros coming in. */
const later = (x: AnyArray, by: number): AnyArray => {
  const [kept] = ops.split(x, [x.shape.at(-2)! - by, by], -2);
  return ops.pad(
    kept!,
    x.shape.map((_, i) => (i === x.shape.length - 2 ? ([by, 0] as const) : ([0, 0] as const))),
  );
};

/**
 * y_t = A y_{t−1} + x_t along the axis before the last, from y_{−1} = 0: the states of a linear process from its innovations, as NumPyro's
 * RecursiveLinearTransform. Computed in ⌈log₂ T⌉ products, each joining runs of twice as many steps.
 *
 * @param transitionMatrix - A, `[…, n, n]`, for arguments `[…, T, n]`
 * @throws InvalidShape for a matrix that is not square
 * @example
 * bijectors.recursiveLinear([[0.5]]).forward([[1], [1], [1]]); // [[1], [1.5], [1.75]]
 */
export const recursiveLinear = (transitionMatrix: Input): Bijector => {
  const matrix = shapeOf(transitionMatrix);
  if (matrix.length < 2 || matrix.at(-1) !== matrix.at(-2)) {
    throw kindlingError('InvalidShape', { message: 'recursiveLinear needs a square transition matrix', given: `shape ${showShape(matrix)}` });
  }
  const widened = (shape: Shape): Shape => [...broadcastShapes(shape.slice(0, -2), matrix.slice(0, -2)), ...shape.slice(-2)];
  return makeBijector('recursiveLinear', {
    params: { transitionMatrix },
    domainDim: 2,
    forward: (x) => {
      let [y, power]: readonly [AnyArray, Input] = [x, transitionMatrix];
      for (let run = 1; run < x.shape.at(-2)!; run *= 2) {
        y = add(y, ops.matMul(later(y, run), power, false, true));
        power = ops.matMul(power, power);
      }
      return ops.broadcastTo(y, widened(x.shape));
    },
    inverse: (y) => sub(y, ops.matMul(ops.shift(y, -2, 1), transitionMatrix, false, true)),
    logDet: (x) => ops.zeros(widened(x.shape).slice(0, -2)),
    forwardShape: widened,
    inverseShape: widened,
    codomain: () => realMatrix,
    apart: (rank) => ({ form: 'recursiveLinear', arrays: [atRank(transitionMatrix, rank)], rebuild: ([a]) => recursiveLinear(a!) }),
  });
};
