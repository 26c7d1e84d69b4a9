/** The Poisson distribution. */
import { nonnegative, nonnegativeInteger } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { poisson } from '../../random/counts.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { countCdf, logPoisson } from './countTerms.ts';

const { add, gammaincc } = ops;

/**
 * Poisson(rate): P(k) = λᵏ e^−λ / k!, λ = rate, k = 0, 1, 2 …; at rate 0 all is at 0.
 *
 * @param rate - the mean, not negative
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 4; Loader, "Fast and accurate computation of binomial probabilities" (2000)
 * @example
 * dist.Poisson(2).logProb(0); // -2
 */
export const Poisson: Constructor<'rate'> = defineDistribution({
  name: 'Poisson',
  params: { rate: { constraint: nonnegative } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ rate }, key, shape) => poisson(key, rate, shape),
  logProb: ({ rate }, k) => logPoisson(k, rate),
  mean: ({ rate }) => rate,
  variance: ({ rate }) => rate,
  cdf: ({ rate }, x) => countCdf(x, (k) => gammaincc(add(k, 1), rate)),
});
