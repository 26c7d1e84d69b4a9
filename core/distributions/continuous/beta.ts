/** The beta distribution. */
import { positive, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { beta } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { betaEntropy, logBetaDensity } from './gammaParts.ts';

const { add, betainc, betaincInv, clipByValue, div, mul, square, sub } = ops;

/**
 * Beta(concentration1, concentration0): f(x) = x^(a−1) (1−x)^(b−1) / B(a, b) on 0 ≤ x ≤ 1, a = concentration1, b = concentration0.
 *
 * @param concentration1 - positive, counts the ones
 * @param concentration0 - positive, counts the zeros
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 25
 * @example
 * dist.Beta(1, 1).logProb(0.3); // 0
 */
export const Beta: Constructor<'concentration1' | 'concentration0'> = defineDistribution({
  name: 'Beta',
  params: { concentration1: { constraint: positive }, concentration0: { constraint: positive } },
  support: unitInterval,
  isReparameterized: true,
  sample: ({ concentration1, concentration0 }, key, shape) => beta(key, concentration1, concentration0, shape),
  logProb: ({ concentration1, concentration0 }, x) => logBetaDensity(concentration1, concentration0, x, sub(1, x)),
  mean: ({ concentration1: a, concentration0: b }) => div(a, add(a, b)),
  variance: ({ concentration1: a, concentration0: b }) => {
    const total = add(a, b);
    return div(mul(a, b), mul(square(total), add(total, 1)));
  },
  cdf: ({ concentration1, concentration0 }, x) => betainc(concentration1, concentration0, clipByValue(x, 0, 1)),
  icdf: ({ concentration1, concentration0 }, q) => betaincInv(concentration1, concentration0, q),
  entropy: ({ concentration1, concentration0 }) => betaEntropy(concentration1, concentration0),
});
