/** The beta distribution. */
import { positive, unitInterval } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import { beta } from '../random/draws.ts';
import { defineDistribution, type Constructor } from './family.ts';

const { add, betainc, betaincInv, digamma, div, lbeta, log, log1p, mul, mulNoNan, neg, square, sub } = ops;

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
  logProb: ({ concentration1: a, concentration0: b }, x) => sub(add(mulNoNan(sub(a, 1), log(x)), mulNoNan(sub(b, 1), log1p(neg(x)))), lbeta(a, b)),
  mean: ({ concentration1: a, concentration0: b }) => div(a, add(a, b)),
  variance: ({ concentration1: a, concentration0: b }) => {
    const total = add(a, b);
    return div(mul(a, b), mul(square(total), add(total, 1)));
  },
  cdf: ({ concentration1, concentration0 }, x) => betainc(concentration1, concentration0, x),
  icdf: ({ concentration1, concentration0 }, q) => betaincInv(concentration1, concentration0, q),
  entropy: ({ concentration1: a, concentration0: b }) =>
    add(sub(sub(lbeta(a, b), mul(sub(a, 1), digamma(a))), mul(sub(b, 1), digamma(b))), mul(sub(add(a, b), 2), digamma(add(a, b)))),
});
