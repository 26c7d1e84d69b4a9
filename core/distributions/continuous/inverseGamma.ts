/** The inverse gamma distribution. */
import { positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { logGamma } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cdfAbove } from './elementary.ts';
import { gammaQuantileAbove, logGammaMass, logMinusDigamma } from './gammaParts.ts';

const { add, div, exp, gammaincc, greater, log, logPoissonPeak, minimum, mul, neg, square, sub, where } = ops;

/** Beyond this the mass of a gamma variate is 0; an infinite one would have no derivative. */
const FAR = 1e30;

/**
 * InverseGamma(concentration, rate): f(x) = rate^a x^(−a−1) e^(−rate / x) / Γ(a), a = concentration, on x > 0: the distribution of 1 / y,
 * y ~ Gamma(concentration, rate). Its mean is infinite for a ≤ 1, its variance for a ≤ 2.
 *
 * @param concentration - the shape, positive
 * @param rate - positive; the mode is rate / (concentration + 1)
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17, sec. 8.3
 * @example
 * dist.InverseGamma(1, 2).logProb(2); // -1.6931471805599454
 */
export const InverseGamma: Constructor<'concentration' | 'rate'> = defineDistribution({
  name: 'InverseGamma',
  params: { concentration: { constraint: positive }, rate: { constraint: positive, default: 1 } },
  support: positive,
  isReparameterized: true,
  sample: ({ concentration, rate }, key, shape) => mul(rate, exp(neg(logGamma(key, concentration, shape)))),
  logProb: ({ concentration, rate }, x) => sub(logGammaMass(concentration, div(rate, x), sub(log(rate), log(x))), log(x)),
  mean: ({ concentration: a, rate }) => where(greater(a, 1), div(rate, sub(a, 1)), Infinity),
  variance: ({ concentration: a, rate }) => where(greater(a, 2), div(square(div(rate, sub(a, 1))), sub(a, 2)), Infinity),
  cdf: ({ concentration, rate }, x) => cdfAbove(x, 0, (inside) => gammaincc(concentration, minimum(div(rate, inside), FAR))),
  icdf: ({ concentration, rate }, q) => div(rate, gammaQuantileAbove(concentration, q)),
  entropy: ({ concentration: a, rate }) => add(sub(mul(add(a, 1), logMinusDigamma(a)), add(logPoissonPeak(a), mul(2, log(a)))), log(rate)),
});
