/** The exponential distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { exponential } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { div, expm1, log, log1p, maximum, mul, neg, reciprocal, square, sub } = ops;

/**
 * Exponential(rate): f(x) = rate e^(−rate x) on x ≥ 0.
 *
 * @param rate - positive, the inverse of the mean
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 19
 * @example
 * dist.Exponential(2).logProb(1); // -1.3068528194400546
 */
export const Exponential: Constructor<'rate'> = defineDistribution({
  name: 'Exponential',
  params: { rate: { constraint: positive, default: 1 } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ rate }, key, shape) => div(exponential(key, shape), rate),
  logProb: ({ rate }, x) => sub(log(rate), mul(rate, x)),
  mean: ({ rate }) => reciprocal(rate),
  variance: ({ rate }) => reciprocal(square(rate)),
  cdf: ({ rate }, x) => neg(expm1(neg(mul(rate, maximum(x, 0))))),
  icdf: ({ rate }, q) => neg(div(log1p(neg(q)), rate)),
  entropy: ({ rate }) => sub(1, log(rate)),
});
