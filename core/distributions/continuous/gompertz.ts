/** The Gompertz distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { exponential } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { exponentialMean, exponentialVariance } from './exponentialMoments.ts';

const { add, div, expm1, log, log1p, maximum, mul, neg, square, sub } = ops;

/** rate · x as a function of the exponential variate concentration (e^(rate x) − 1). */
const scaled = (s: AnyArray, [concentration]: readonly AnyArray[]): AnyArray => log1p(div(s, concentration!));

/** e^c E₁(c), the mean of rate · x. */
const scaledMean = (concentration: AnyArray): AnyArray => exponentialMean([concentration], scaled);

/**
 * Gompertz(concentration, rate): f(x) = c rate exp(rate x − c (e^(rate x) − 1)), c = concentration, on x ≥ 0: a hazard c rate e^(rate x).
 *
 * @param concentration - positive
 * @param rate - the growth of the hazard, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 22, sec. 8; the mean is e^c E₁(c) / rate
 * @example
 * dist.Gompertz(2, 1).logProb(0); // 0.6931471805599453
 */
export const Gompertz: Constructor<'concentration' | 'rate'> = defineDistribution({
  name: 'Gompertz',
  params: { concentration: { constraint: positive }, rate: { constraint: positive, default: 1 } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ concentration, rate }, key, shape) => div(log1p(div(exponential(key, shape), concentration)), rate),
  logProb: ({ concentration, rate }, x) => {
    const time = mul(rate, x);
    return sub(add(add(log(concentration), log(rate)), time), mul(concentration, expm1(time)));
  },
  mean: ({ concentration, rate }) => div(scaledMean(concentration), rate),
  variance: ({ concentration, rate }) => div(exponentialVariance([concentration], scaled), square(rate)),
  cdf: ({ concentration, rate }, x) => neg(expm1(neg(mul(concentration, expm1(mul(rate, maximum(x, 0))))))),
  icdf: ({ concentration, rate }, q) => div(log1p(neg(div(log1p(neg(q)), concentration))), rate),
  entropy: ({ concentration, rate }) => sub(1, add(add(log(concentration), log(rate)), scaledMean(concentration))),
});
