/** Constraints on vectors: simplex, ordered vectors, sphere, L1 ball, arrays that sum to zero, rows of circulant matrices. */
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { constraint, independent, TOLERANCE, type Constraint } from './constraint.ts';
import { real } from './numbers.ts';

const { logicalAnd: and, abs, all, greater, greaterEqual, less, lessEqual, sub, sum } = ops;

/** Vectors of any numbers. */
export const realVector: Constraint = Object.freeze({ ...independent(real, 1), name: 'realVector' });

/** Nonnegative vectors that sum to 1. */
export const simplex: Constraint = constraint('simplex', {
  eventDim: 1,
  check: (x) => and(all(greaterEqual(x, 0), -1), less(abs(sub(sum(x, -1), 1)), TOLERANCE)),
  feasible: (shape) => ops.fill(shape, 1 / shape.at(-1)!),
});

const increases = (x: AnyArray): AnyArray => {
  const size = x.shape.at(-1)!;
  const isNumber = all(ops.equal(x, x), -1);
  if (size < 2) return isNumber;
  const [head] = ops.split(x, [size - 1, 1], -1);
  const [, rest] = ops.split(x, [1, size - 1], -1);
  return and(isNumber, all(greater(rest!, head!), -1));
};

/** start, start + 1 … along the last axis. */
const counting = (shape: Shape, start: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => start + (i % shape.at(-1)!)),
    shape,
  );

/** Vectors whose elements increase strictly. */
export const orderedVector: Constraint = constraint('orderedVector', { eventDim: 1, check: increases, feasible: (shape) => counting(shape, 0) });
/** Vectors of positive elements that increase strictly. */
export const positiveOrderedVector: Constraint = constraint('positiveOrderedVector', {
  eventDim: 1,
  check: (x) => and(all(greater(x, 0), -1), increases(x)),
  feasible: (shape) => counting(shape, 1),
});

/** Vectors of Euclidean length 1. */
export const sphere: Constraint = constraint('sphere', {
  eventDim: 1,
  check: (x) => less(abs(sub(ops.norm(x, -1), 1)), TOLERANCE),
  feasible: (shape) => ops.fill(shape, 1 / Math.sqrt(shape.at(-1)!)),
});

/** Vectors whose absolute values sum to 1 at most. */
export const l1Ball: Constraint = constraint('l1Ball', {
  eventDim: 1,
  check: (x) => lessEqual(sum(abs(x), -1), 1 + TOLERANCE),
  feasible: ops.zeros,
});

const lastAxes = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => -1 - i);

/**
 * Arrays of `eventDim` axes that sum to 0 along each of them.
 *
 * @param eventDim - a whole number, at least 1
 * @throws InvalidArgument for another `eventDim`
 * @example
 * constraints.zeroSum(1).check([1, 2, -3]); // true
 */
export const zeroSum = (eventDim: number = 1): Constraint => {
  if (!Number.isInteger(eventDim) || eventDim < 1) {
    throw kindlingError('InvalidArgument', { message: 'zeroSum needs a whole number of axes, at least 1', given: String(eventDim) });
  }
  const axes = lastAxes(eventDim);
  return constraint('zeroSum', {
    name: `zeroSum(${eventDim})`,
    eventDim,
    params: { eventDim },
    check: (x) => {
      const bound = ops.mul(TOLERANCE, ops.max(abs(x), axes, true));
      const isZero = axes.map((axis) => all(lessEqual(abs(sum(x, axis, true)), bound), axes));
      return isZero.reduce((a, b) => and(a, b));
    },
    feasible: ops.zeros,
  });
};

const cosines = (n: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: n * n }, (_, i) => Math.cos((2 * Math.PI * ((Math.floor(i / n) * (i % n)) % n)) / n)),
    [n, n],
  );

/**
 * First rows of symmetric circulant matrices with eigenvalues λ_k = Σ_j x_j cos(2πjk/n) that are not negative: the covariances of a
 * stationary process on a circle. Elements mirrored in the first must be equal, x_j = x_{n−j}.
 */
export const positiveDefiniteCirculantVector: Constraint = constraint('positiveDefiniteCirculantVector', {
  eventDim: 1,
  check: (x) => {
    const n = x.shape.at(-1)!;
    const bound = ops.mul(TOLERANCE, ops.max(abs(x), -1, true));
    const mirrored = ops.gather(
      x,
      makeNDArray(
        Float64Array.from({ length: n }, (_, j) => (n - j) % n),
        [n],
        'int32',
      ),
      -1,
    );
    const eigenvalues = sum(ops.mul(ops.expandDims(x, -2), cosines(n)), -1);
    return and(all(lessEqual(abs(sub(x, mirrored)), bound), -1), all(greater(eigenvalues, ops.neg(bound)), -1));
  },
  feasible: (shape) =>
    makeNDArray(
      Float64Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % shape.at(-1)! === 0)),
      shape,
    ),
});
