/** The multivariate normal distribution, by covariance, precision or Cholesky factor. */
import { lowerCholesky, positiveDefinite, realVector, type Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { normal } from '../random/draws.ts';
import { showShape, tryBroadcast } from '../shape.ts';
import { asArray, type AnyArray } from '../value.ts';
import { makeDistribution, widened, withRank, type Distribution } from './distribution.ts';
import { checkParam, namedArguments, type Constructor } from './family.ts';

const { add, diagPart, expandDims, eye, log, matMul, mul, reverse, square, squeeze, sub, sum, transposeMatrix, triangularSolve } = ops;

const HALF_LOG_2PI = 0.91893853320467274178;

/** The lower factor of P⁻¹: with the flip F of both axes, F P F = M Mᵀ, and L = (F M F)⁻ᵀ, as in NumPyro. */
const factorOfPrecision = (precision: AnyArray): AnyArray => {
  const flipped = ops.cholesky(reverse(precision, [-2, -1]));
  const upper = transposeMatrix(reverse(flipped, [-2, -1]));
  return triangularSolve(upper, eye(precision.shape.at(-1)!));
};

type MatrixName = 'covarianceMatrix' | 'precisionMatrix' | 'scaleTril';

const matrices: Readonly<Record<MatrixName, { readonly constraint: Constraint; readonly factor: (m: AnyArray) => AnyArray }>> = {
  covarianceMatrix: { constraint: positiveDefinite, factor: ops.cholesky },
  precisionMatrix: { constraint: positiveDefinite, factor: factorOfPrecision },
  scaleTril: { constraint: lowerCholesky, factor: (m) => m },
};

/**
 * MultivariateNormal(loc, covarianceMatrix): f(x) ∝ exp(−½ (x − loc)ᵀ Σ⁻¹ (x − loc)) on vectors of n numbers.
 *
 * @param loc - `[…, n]`, or a number for all; 0 by default
 * @param covarianceMatrix - Σ, `[…, n, n]`, symmetric positive definite; or
 * @param precisionMatrix - Σ⁻¹; or
 * @param scaleTril - the lower Cholesky factor of Σ; exactly one of the three
 * @throws InvalidParameter for a matrix that is not positive definite, or a factor that is not lower triangular
 * @see Kotz, Balakrishnan, Johnson, Continuous Multivariate Distributions 1, ch. 45
 * @example
 * dist.MultivariateNormal([0, 0], [[1, 0], [0, 1]]).logProb([0, 0]); // -1.8378770664093456
 */
export const MultivariateNormal: Constructor<'loc' | MatrixName> = (...args: readonly unknown[]): Distribution => {
  const given = namedArguments('MultivariateNormal', ['loc', ...Object.keys(matrices)], args);
  const names = (Object.keys(matrices) as MatrixName[]).filter((name) => given[name] !== undefined);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw kindlingError('InvalidArgument', {
      message: 'MultivariateNormal takes exactly one of covarianceMatrix, precisionMatrix and scaleTril',
      given: names.length === 0 ? 'none' : names.join(', '),
    });
  }
  const matrix = given[name]!;
  checkParam('MultivariateNormal', name, matrix, matrices[name].constraint);
  const n = matrix.shape.at(-1)!;
  const loc = given['loc'] ?? asArray(0);
  const vector = loc.shape.length === 0 ? ops.broadcastTo(loc, [n]) : loc;
  checkParam('MultivariateNormal', 'loc', vector, realVector);
  const batchShape = tryBroadcast(vector.shape.slice(0, -1), matrix.shape.slice(0, -2));
  if ((vector.shape.at(-1) !== n && vector.shape.at(-1) !== 1) || batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      message: 'the parameters of MultivariateNormal do not fit together',
      given: `loc ${showShape(loc.shape)}, ${name} ${showShape(matrix.shape)}`,
    });
  }
  // Factored when first asked for, inside whatever scope or gradient asks.
  const factor = (): AnyArray => matrices[name].factor(matrix);
  const logDiagonal = (l: AnyArray): AnyArray => sum(log(diagPart(l)), -1);
  return makeDistribution({
    name: 'MultivariateNormal',
    params: { loc: vector, [name]: matrix },
    batchShape,
    eventShape: [n],
    support: realVector,
    isReparameterized: true,
    apart: () => ({
      arrays: [withRank(vector, batchShape.length + 1), withRank(matrix, batchShape.length + 2)],
      rebuild: ([mean, other], lead) => widened(MultivariateNormal({ loc: mean, [name]: other }), [...lead, ...batchShape]),
    }),
    draw: (key, shape) => add(vector, squeeze(matMul(factor(), expandDims(normal(key, [...shape, n]), -1)), -1)),
    logProb: (x) => {
      const l = factor();
      const standard = squeeze(triangularSolve(l, expandDims(sub(x, vector), -1)), -1);
      return sub(mul(-0.5, sum(square(standard), -1)), add(logDiagonal(l), n * HALF_LOG_2PI));
    },
    mean: () => vector,
    variance: () => sum(square(factor()), -1),
    entropy: () => add(logDiagonal(factor()), n * (HALF_LOG_2PI + 0.5)),
  });
};
