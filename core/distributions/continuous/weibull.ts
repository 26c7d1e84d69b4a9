/** The Weibull distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { EULER_GAMMA } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cdfAbove, fromEdge, logRatio, positiveExponential } from './elementary.ts';
import { exponentialVariance } from './exponentialMoments.ts';

const { add, div, exp, expm1, lgamma, log, log1p, mul, neg, pow, square, sub } = ops;

/**
 * Weibull(scale, concentration): f(x) = k / scale (x / scale)^(k−1) exp(−(x / scale)^k), k = concentration, on x ≥ 0.
 *
 * @param scale - positive, the quantile at 1 − 1/e
 * @param concentration - the shape k, positive: the hazard falls below 1 and rises above
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 21
 * @example
 * dist.Weibull(1, 2).logProb(1); // -0.3068528194400547
 */
export const Weibull: Constructor<'scale' | 'concentration'> = defineDistribution({
  name: 'Weibull',
  params: { scale: { constraint: positive }, concentration: { constraint: positive } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ scale, concentration }, key, shape) => mul(scale, pow(positiveExponential(key, shape), div(1, concentration))),
  logProb: ({ scale, concentration: k }, x) => {
    const fall = fromEdge(x, sub(k, 1), (inside) => {
      const logZ = logRatio(inside, scale);
      return sub(mul(sub(k, 1), logZ), exp(mul(k, logZ)));
    });
    return add(sub(log(k), log(scale)), fall);
  },
  mean: ({ scale, concentration: k }) => mul(scale, exp(lgamma(add(1, div(1, k))))),
  // Γ(1 + 2/k) − Γ(1 + 1/k)² as it stands where it is large; else from deviations, for with a large k it is a small difference.
  variance: ({ scale, concentration: k }) => {
    const [first, second] = [exp(lgamma(add(1, div(1, k)))), exp(lgamma(add(1, div(2, k))))];
    const narrow = exponentialVariance([k], (s, [shape]) => expm1(div(log(s), shape!)));
    return mul(square(scale), ops.where(ops.less(k, 1), sub(second, square(first)), narrow));
  },
  cdf: ({ scale, concentration }, x) => cdfAbove(x, 0, (inside) => neg(expm1(neg(exp(mul(concentration, logRatio(inside, scale))))))),
  icdf: ({ scale, concentration }, q) => mul(scale, pow(neg(log1p(neg(q))), div(1, concentration))),
  entropy: ({ scale, concentration: k }) => add(mul(EULER_GAMMA, sub(1, div(1, k))), add(sub(log(scale), log(k)), 1)),
});
