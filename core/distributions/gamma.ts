/** The gamma distribution. */
import { nonnegative, positive } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import { gamma } from '../random/draws.ts';
import { defineDistribution, type Constructor } from './family.ts';

const { add, digamma, div, gammainc, gammaincInv, lgamma, log, mul, mulNoNan, square, sub } = ops;

/**
 * Gamma(concentration, rate): f(x) = rate^a x^(a−1) e^(−rate x) / Γ(a), a = concentration, on x ≥ 0.
 *
 * @param concentration - the shape, positive
 * @param rate - positive; the mean is concentration / rate
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17
 * @example
 * dist.Gamma(2, 1).logProb(1); // -1
 */
export const Gamma: Constructor<'concentration' | 'rate'> = defineDistribution({
  name: 'Gamma',
  params: { concentration: { constraint: positive }, rate: { constraint: positive, default: 1 } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ concentration, rate }, key, shape) => div(gamma(key, concentration, shape), rate),
  // At x = 0 the term (a − 1) log x is 0 for a = 1, and ±∞ otherwise.
  logProb: ({ concentration: a, rate }, x) => sub(add(mul(a, log(rate)), mulNoNan(sub(a, 1), log(x))), add(mul(rate, x), lgamma(a))),
  mean: ({ concentration, rate }) => div(concentration, rate),
  variance: ({ concentration, rate }) => div(concentration, square(rate)),
  cdf: ({ concentration, rate }, x) => gammainc(concentration, mul(rate, x)),
  icdf: ({ concentration, rate }, q) => div(gammaincInv(concentration, q), rate),
  entropy: ({ concentration: a, rate }) => add(sub(a, log(rate)), add(lgamma(a), mul(sub(1, a), digamma(a)))),
});
