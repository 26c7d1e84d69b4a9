/** The gamma distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { gamma } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { gammaEntropy, logGammaDensity } from './gammaParts.ts';

const { add, div, gammainc, gammaincInv, log, maximum, mul, square, sub } = ops;

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
  logProb: ({ concentration, rate }, x) => add(log(rate), logGammaDensity(concentration, mul(rate, x))),
  mean: ({ concentration, rate }) => div(concentration, rate),
  variance: ({ concentration, rate }) => div(concentration, square(rate)),
  cdf: ({ concentration, rate }, x) => gammainc(concentration, mul(rate, maximum(x, 0))),
  icdf: ({ concentration, rate }, q) => div(gammaincInv(concentration, q), rate),
  entropy: ({ concentration, rate }) => sub(gammaEntropy(concentration), log(rate)),
});
