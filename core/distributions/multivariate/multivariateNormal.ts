/** The multivariate normal distribution, by covariance, precision or Cholesky factor. */
import { realVector } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { showShape, tryBroadcast } from '../../shape.ts';
import { asArray, type AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { widened, withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam, namedArguments, type Constructor } from '../family.ts';
import { byFactor, byInverse, byMatrix, exactlyOne, isOfSize, logDiagonal, solveVector, timesVector, vectorOrNumber, type CovarianceForm } from './forms.ts';

const { add, mul, square, sub, sum } = ops;

type MatrixName = 'covarianceMatrix' | 'precisionMatrix' | 'scaleTril';
const matrices: Readonly<Record<MatrixName, CovarianceForm>> = { covarianceMatrix: byMatrix, precisionMatrix: byInverse, scaleTril: byFactor };

/** The lower factor of the covariance of a multivariate normal distribution, whichever matrix it was made of. */
export const scaleTrilOf = ({ params }: Distribution): AnyArray => {
  const [name, matrix] = Object.entries(params).find(([each]) => each in matrices)!;
  return matrices[name as MatrixName].factor(matrix as AnyArray);
};

/**
 * MultivariateNormal(loc, covarianceMatrix): f(x) ∝ exp(−½ (x − loc)ᵀ Σ⁻¹ (x − loc)) on locs of n numbers.
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
  const name = exactlyOne('MultivariateNormal', Object.keys(matrices) as MatrixName[], given);
  const matrix = given[name]!;
  checkParam('MultivariateNormal', name, matrix, matrices[name].constraint);
  const n = matrix.shape.at(-1)!;
  const loc = given['loc'] ?? asArray(0);
  checkParam('MultivariateNormal', 'loc', loc, vectorOrNumber(loc));
  const batchShape = tryBroadcast(loc.shape.slice(0, -1), matrix.shape.slice(0, -2));
  if (!isOfSize(loc, n) || batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      message: 'the parameters of MultivariateNormal do not fit together',
      given: `loc ${showShape(loc.shape)}, ${name} ${showShape(matrix.shape)}`,
    });
  }
  // Factored when first asked for, inside whatever scope or gradient asks.
  const factor = (): AnyArray => matrices[name].factor(matrix);
  return makeDistribution({
    name: 'MultivariateNormal',
    params: { loc, [name]: matrix },
    batchShape,
    eventShape: [n],
    support: realVector,
    isReparameterized: true,
    apart: () => ({
      arrays: [withRank(loc, batchShape.length + 1), withRank(matrix, batchShape.length + 2)],
      rebuild: ([mean, other], lead) => widened(MultivariateNormal({ loc: mean, [name]: other }), [...lead, ...batchShape]),
    }),
    draw: (key, shape) => add(loc, timesVector(factor(), normal(key, [...shape, n]))),
    logProb: (x) => {
      const l = factor();
      const standard = solveVector(l, sub(x, loc));
      return sub(mul(-0.5, sum(square(standard), -1)), add(logDiagonal(l), n * HALF_LOG_2PI));
    },
    mean: () => loc,
    variance: () => sum(square(factor()), -1),
    entropy: () => add(logDiagonal(factor()), n * (HALF_LOG_2PI + 0.5)),
  });
};
