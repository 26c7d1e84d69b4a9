/** Constraints on matrices: Cholesky factors, positive definite matrices, correlations. */
import { makeNDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { constraint, independent, TOLERANCE, type Constraint } from './constraint.ts';
import { real } from './numbers.ts';

const { logicalAnd: and, abs, all, equal, greater, less, lessEqual, mul, sub } = ops;

/** Matrices of any numbers. */
export const realMatrix: Constraint = Object.freeze({ ...independent(real, 2), name: 'realMatrix' });

const identity = (shape: Shape): AnyArray => {
  const n = shape.at(-1)!;
  return makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Number((i % (n * n)) % (n + 1) === 0)),
    shape,
  );
};

const MATRIX = [-2, -1] as const;

const isLowerCholesky = (x: AnyArray): AnyArray => and(all(equal(ops.tril(x), x), MATRIX), all(greater(ops.diagPart(x), 0), -1));

/** Lower triangular matrices with a positive diagonal. */
export const lowerCholesky: Constraint = constraint('lowerCholesky', { eventDim: 2, check: isLowerCholesky, feasible: identity });
/** As `lowerCholesky`, for parameters that optimise better with a diagonal through softplus than through exp. */
export const softplusLowerCholesky: Constraint = constraint('softplusLowerCholesky', { eventDim: 2, check: isLowerCholesky, feasible: identity });
/** As `lowerCholesky`, for parameters that optimise better as a unit triangle whose rows are scaled. */
export const scaledUnitLowerCholesky: Constraint = constraint('scaledUnitLowerCholesky', { eventDim: 2, check: isLowerCholesky, feasible: identity });
/** Cholesky factors of correlation matrices: lower triangular, the diagonal positive, each row of length 1. */
export const corrCholesky: Constraint = constraint('corrCholesky', {
  eventDim: 2,
  check: (x) => and(isLowerCholesky(x), all(less(abs(sub(ops.norm(x, -1), 1)), TOLERANCE), -1)),
  feasible: identity,
});

/** Entries mirrored in the diagonal may differ by rounding, relative to the largest. */
const isSymmetric = (x: AnyArray): AnyArray => {
  const gap = abs(sub(x, ops.transposeMatrix(x)));
  return all(lessEqual(gap, mul(TOLERANCE, ops.max(abs(x), MATRIX, true))), MATRIX);
};

/** A test has no gradient: that of a factor which does not exist would be NaN. */
const isPositiveDefinite = (x: AnyArray): AnyArray => and(isSymmetric(x), all(ops.isFinite(ops.diagPart(ops.cholesky(ops.stopGradient(x)))), -1));

/** Symmetric matrices with positive eigenvalues: those that have a Cholesky factor. */
export const positiveDefinite: Constraint = constraint('positiveDefinite', { eventDim: 2, check: isPositiveDefinite, feasible: identity });
/** Symmetric matrices with no negative eigenvalue, up to rounding relative to the largest entry. */
export const positiveSemidefinite: Constraint = constraint('positiveSemidefinite', {
  eventDim: 2,
  check: (x) => {
    const bound = mul(-TOLERANCE, ops.max(abs(x), MATRIX));
    return and(isSymmetric(x), ops.greaterEqual(ops.min(ops.eigh(x)[0], -1), bound));
  },
  feasible: identity,
});
/** Correlation matrices: positive definite, with ones on the diagonal. */
export const corrMatrix: Constraint = constraint('corrMatrix', {
  eventDim: 2,
  check: (x) => and(isPositiveDefinite(x), all(less(abs(sub(ops.diagPart(x), 1)), TOLERANCE), -1)),
  feasible: identity,
});
