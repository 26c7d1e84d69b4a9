/** The beta negative binomial distribution: negative binomial counts whose probability is a beta variate. */
import { nonnegativeInteger, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { poisson } from '../../random/counts.ts';
import { split } from '../../random/key.ts';
import { gamma, logBeta } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { concentrationTerm } from './countTerms.ts';

const { add, div, exp, greater, logGammaPeakDrop, logPoissonPeak, mul, square, sub, where } = ops;

/**
 * BetaNegativeBinomial(concentration1, concentration0, n): P(k) = Γ(n + k) / (k! Γ(n)) · B(a + k, b + n) / B(a, b), a = concentration1,
 * b = concentration0, k = 0, 1, 2 …: NegativeBinomialProbs(n, p), p ~ Beta(a, b).
 *
 * @param concentration1 - positive
 * @param concentration0 - positive; the mean is infinite up to 1, the variance up to 2
 * @param n - positive, not only whole
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 6, sec. 2.3
 * @example
 * dist.BetaNegativeBinomial(1, 1, 1).logProb(0); // -0.6931471805599453
 */
export const BetaNegativeBinomial: Constructor<'concentration1' | 'concentration0' | 'n'> = defineDistribution({
  name: 'BetaNegativeBinomial',
  params: { concentration1: { constraint: positive }, concentration0: { constraint: positive }, n: { constraint: positive } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ concentration1, concentration0, n }, key, shape) => {
    const [forOdds, forRate, forCount] = split(key, 3);
    const [logP, logQ] = logBeta(forOdds!, concentration1, concentration0, shape);
    return poisson(forCount!, mul(gamma(forRate!, n, shape), exp(sub(logP, logQ))), shape);
  },
  // The k counted events and the n others are shares of n + k draws from a beta-binomial urn.
  logProb: ({ concentration1: a, concentration0: b, n }, k) => {
    const [all, total] = [add(n, k), add(a, b)];
    const peaks = sub(add(logPoissonPeak(k), logGammaPeakDrop(n, k)), logGammaPeakDrop(total, all));
    return add(peaks, add(concentrationTerm(k, a, all, total), concentrationTerm(n, b, all, total)));
  },
  mean: ({ concentration1: a, concentration0: b, n }) => where(greater(b, 1), div(mul(n, a), sub(where(greater(b, 1), b, 2), 1)), Infinity),
  variance: ({ concentration1: a, concentration0: b, n }) => {
    const isFinite = greater(b, 2);
    const c = sub(where(isFinite, b, 3), 1);
    return where(isFinite, div(mul(mul(n, a), mul(add(n, c), add(a, c))), mul(square(c), sub(c, 1))), Infinity);
  },
});
