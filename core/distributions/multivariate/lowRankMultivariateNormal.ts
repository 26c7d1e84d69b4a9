/** The multivariate normal distribution whose covariance is of low rank beside a diagonal. */
import { independent, positive, realMatrix, realVector } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { split } from '../../random/key.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { checkFit, logDiagonal, timesVector } from './forms.ts';

const { add, choleskySolve, div, expandDims, eye, log, matMul, mul, sqrt, square, squeeze, sub, sum } = ops;

interface Parts {
  readonly covFactor: AnyArray;
  readonly covDiag: AnyArray;
}

/** V = D^−½ W and the factor of the capacitance I + Vᵀ V, r × r: no n × n matrix is made. */
const capacitance = ({ covFactor, covDiag }: Parts): { readonly scaled: AnyArray; readonly factor: AnyArray } => {
  const scaled = div(covFactor, expandDims(sqrt(covDiag), -1));
  return { scaled, factor: ops.cholesky(add(eye(covFactor.shape.at(-1)!), matMul(scaled, scaled, true, false))) };
};

/** ½ log |det Σ| by the matrix determinant lemma. */
const halfLogDet = ({ covDiag }: Parts, factor: AnyArray): AnyArray => add(mul(0.5, sum(log(covDiag), -1)), logDiagonal(factor));

/**
 * LowRankMultivariateNormal(loc, covFactor, covDiag): the multivariate normal of covariance Σ = W Wᵀ + diag(d), W = covFactor,
 * d = covDiag. Its density takes O(n r²) by Woodbury's identity, in a form that subtracts no large numbers.
 *
 * @param loc - the mean, `[…, n]`
 * @param covFactor - `[…, n, r]`, any numbers
 * @param covDiag - `[…, n]`, positive
 * @throws InvalidShape where the three do not agree on n
 * @see Kotz, Balakrishnan, Johnson, Continuous Multivariate Distributions 1, ch. 45; Woodbury, Inverting modified matrices (1950)
 * @example
 * dist.LowRankMultivariateNormal([0, 0], [[1], [0]], [1, 1]).variance; // [2, 1]
 */
export const LowRankMultivariateNormal: Constructor<'loc' | 'covFactor' | 'covDiag'> = defineDistribution({
  name: 'LowRankMultivariateNormal',
  params: { loc: { constraint: realVector }, covFactor: { constraint: realMatrix }, covDiag: { constraint: independent(positive, 1) } },
  support: realVector,
  eventShape: (params) => {
    const n = params.loc.shape.at(-1)!;
    checkFit('LowRankMultivariateNormal', params.covFactor.shape.at(-2) === n && params.covDiag.shape.at(-1) === n, { ...params });
    return [n];
  },
  isReparameterized: true,
  sample: ({ loc, covFactor, covDiag }, key, shape) => {
    const [forFactor, forDiagonal] = split(key);
    const common = timesVector(covFactor, normal(forFactor, [...shape, covFactor.shape.at(-1)!]));
    return add(add(loc, common), mul(sqrt(covDiag), normal(forDiagonal, [...shape, loc.shape.at(-1)!])));
  },
  logProb: ({ loc, ...parts }, x) => {
    const { scaled, factor } = capacitance(parts);
    const y = expandDims(div(sub(x, loc), sqrt(parts.covDiag)), -1);
    // The quadratic form is the least of |y − V z|² + |z|² over z: two sums of squares.
    const z = choleskySolve(factor, matMul(scaled, y, true, false));
    const rest = sub(y, matMul(scaled, z));
    const squares = add(sum(square(squeeze(rest, -1)), -1), sum(square(squeeze(z, -1)), -1));
    return sub(mul(-0.5, squares), add(halfLogDet(parts, factor), loc.shape.at(-1)! * HALF_LOG_2PI));
  },
  mean: ({ loc }) => loc,
  variance: ({ covFactor, covDiag }) => add(sum(square(covFactor), -1), covDiag),
  entropy: ({ loc, ...parts }) => add(halfLogDet(parts, capacitance(parts).factor), loc.shape.at(-1)! * (HALF_LOG_2PI + 0.5)),
});
