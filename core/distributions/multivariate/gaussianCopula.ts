/** Distributions of vectors with given marginals, coupled as a multivariate normal is. */
import { corrCholesky, corrMatrix, independent } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { isRecording } from '../../random/traced.ts';
import { showShape, tryBroadcast } from '../../shape.ts';
import { asArray, isTensor, type AnyArray, type Input } from '../../value.ts';
import { withRank } from '../axes.ts';
import { apartBy, commonBatch, namedParts, univariatePart } from '../combinators/parts.ts';
import { Beta } from '../continuous/beta.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { exactlyOne, logDiagonal, solveVector, timesVector } from './forms.ts';

const { add, clipByValue, mul, ndtr, ndtri, square, sub, sum } = ops;

const forms = {
  correlationMatrix: { constraint: corrMatrix, factor: (matrix: AnyArray): AnyArray => ops.cholesky(matrix) },
  correlationCholesky: { constraint: corrCholesky, factor: (matrix: AnyArray): AnyArray => matrix },
} as const;
type Form = keyof typeof forms;

type Correlation =
  | { readonly correlationMatrix: Input; readonly correlationCholesky?: undefined }
  | { readonly correlationCholesky: Input; readonly correlationMatrix?: undefined };

/** How `GaussianCopula` is called. */
export interface GaussianCopulaConstructor {
  (params: { readonly marginalDist: Distribution } & Correlation): Distribution;
  (marginalDist: Distribution, correlation: Correlation): Distribution;
  (marginalDist: Distribution, correlationMatrix?: Input, correlationCholesky?: Input): Distribution;
}

/** How `GaussianCopulaBeta` is called. */
export interface GaussianCopulaBetaConstructor {
  (params: { readonly concentration1: Input; readonly concentration0: Input } & Correlation): Distribution;
  (concentration1: Input, concentration0: Input, correlation: Correlation): Distribution;
  (concentration1: Input, concentration0: Input, correlationMatrix?: Input, correlationCholesky?: Input): Distribution;
}

/** Normal quantiles of probabilities, kept from 0 and 1 by as much as their precision tells apart. */
const normalScores = (probabilities: AnyArray): AnyArray => {
  const isSingle = isTensor(probabilities) && !isRecording();
  return ndtri(clipByValue(probabilities, isSingle ? 2 ** -126 : 2 ** -1022, isSingle ? 1 - 2 ** -24 : 1 - 2 ** -53));
};

const copula = (name: string, params: Readonly<Record<string, unknown>>, marginal: Distribution, form: Form, matrix: AnyArray): Distribution => {
  checkParam(name, form, matrix, forms[form].constraint);
  const n = matrix.shape.at(-1)!;
  if (matrix.shape.at(-2) !== n || tryBroadcast(marginal.batchShape.slice(-1), [n])?.[0] !== n) {
    throw kindlingError('InvalidShape', {
      message: `the marginals of ${name} do not fit its correlations`,
      given: `batch shape ${showShape(marginal.batchShape)}, ${form} ${showShape(matrix.shape)}`,
    });
  }
  const batchShape = commonBatch(name, { marginals: marginal.batchShape.slice(0, -1), [form]: matrix.shape.slice(0, -2) });
  const each = marginal.expand([...batchShape, n]);
  const factor = (): AnyArray => forms[form].factor(matrix);
  return makeDistribution({
    name,
    params,
    batchShape,
    eventShape: [n],
    support: independent(marginal.support, 1),
    isReparameterized: marginal.isReparameterized,
    apart: apartBy(
      [{ fn: each, missing: 0 }],
      () => [withRank(matrix, batchShape.length + 2)],
      ([fn], [other], lead) => copula(name, params, fn!, form, other!).expand([...lead, ...batchShape]),
    ),
    draw: (key, shape) => marginal.icdf(ndtr(timesVector(factor(), normal(key, [...shape, n])))),
    logProb: (x) => {
      const l = factor();
      const z = normalScores(marginal.cdf(x));
      const coupling = mul(0.5, sub(sum(square(z), -1), sum(square(solveVector(l, z)), -1)));
      return add(sub(coupling, logDiagonal(l)), sum(each.logProb(x), -1));
    },
    mean: () => marginal.mean,
    variance: () => marginal.variance,
  });
};

/**
 * GaussianCopula(marginalDist, correlationMatrix): vectors x with x_i = F_i⁻¹(Φ(z_i)), z ~ Normal(0, R), F_i the distribution functions of
 * the marginals: f(x) = φ_R(z) / ∏ φ(z_i) · ∏ f_i(x_i), z_i = Φ⁻¹(F_i(x_i)).
 *
 * @param marginalDist - a distribution of single numbers with a cdf and an icdf; its last batch axis, if any, runs over the vector
 * @param correlationMatrix - R, `[…, n, n]`; or
 * @param correlationCholesky - the lower Cholesky factor of R; exactly one of the two
 * @throws InvalidShape where the marginals do not fit the correlations
 * @see Song, Multivariate dispersion models generated from Gaussian copula (2000)
 * @example
 * dist.GaussianCopula(dist.Exponential(1), [[1, 0], [0, 1]]).logProb([1, 2]); // -3
 */
export const GaussianCopula: GaussianCopulaConstructor = (...args: readonly unknown[]): Distribution => {
  const given = namedParts('GaussianCopula', ['marginalDist', ...Object.keys(forms)], args);
  const form = exactlyOne('GaussianCopula', Object.keys(forms) as Form[], given);
  const marginal = univariatePart('GaussianCopula', 'marginalDist', given['marginalDist']);
  const matrix = asArray(given[form] as Input);
  return copula('GaussianCopula', { marginalDist: marginal, [form]: matrix }, marginal, form, matrix);
};

/**
 * GaussianCopulaBeta(concentration1, concentration0, correlationMatrix): the GaussianCopula of Beta(concentration1, concentration0) marginals.
 *
 * @param concentration1 - positive, `[…, n]`
 * @param concentration0 - positive, `[…, n]`
 * @param correlationMatrix - R, `[…, n, n]`; or
 * @param correlationCholesky - the lower Cholesky factor of R; exactly one of the two
 * @throws InvalidShape where the concentrations do not fit the correlations
 * @see Song, Multivariate dispersion models generated from Gaussian copula (2000)
 * @example
 * dist.GaussianCopulaBeta([2, 2], [1, 1], [[1, 0], [0, 1]]).logProb([0.5, 0.8]); // 0.47000362924574
 */
export const GaussianCopulaBeta: GaussianCopulaBetaConstructor = (...args: readonly unknown[]): Distribution => {
  const given = namedParts('GaussianCopulaBeta', ['concentration1', 'concentration0', ...Object.keys(forms)], args);
  const form = exactlyOne('GaussianCopulaBeta', Object.keys(forms) as Form[], given);
  const { concentration1, concentration0 } = given as { readonly concentration1?: Input; readonly concentration0?: Input };
  const marginal = Beta({ concentration1, concentration0 });
  const matrix = asArray(given[form] as Input);
  return copula('GaussianCopulaBeta', { ...marginal.params, [form]: matrix }, marginal, form, matrix);
};
