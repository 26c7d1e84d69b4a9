/** The negative binomial distribution: by probability, log-odds, or mean, and as a gamma mixture of Poisson distributions. */
import { nonnegative, nonnegativeInteger, positive, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { poisson } from '../../random/counts.ts';
import type { Key } from '../../random/key.ts';
import { split } from '../../random/key.ts';
import { gamma } from '../../random/variates.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { byLogits, logNegativeBinomial, logNegativeBinomialOf, negativeBinomialCdf } from './countTerms.ts';
import { eitherOf } from './eitherOf.ts';

const { add, div, exp, mul, neg, reciprocal, sigmoid, square, sub } = ops;

/** Poisson counts whose rates are gamma variates of shape r times `scale`. */
const mixed = (key: Key, r: AnyArray, scale: AnyArray, shape: Shape): AnyArray => {
  const [forRate, forCount] = split(key);
  return poisson(forCount, mul(gamma(forRate, r, shape), scale), shape);
};

/** The probabilities of a counted event and of the other, by the mean and the concentration. */
const sharesOf = (mean: AnyArray, r: AnyArray): readonly [p: AnyArray, q: AnyArray] => {
  const total = add(mean, r);
  return [div(mean, total), div(r, total)];
};

/**
 * NegativeBinomial2(mean, concentration): P(k) = Γ(k + r) / (k! Γ(r)) (μ / (μ + r))ᵏ (r / (μ + r))ʳ, μ = mean, r = concentration,
 * k = 0, 1, 2 …; the variance is μ + μ² / r.
 *
 * @param mean - not negative
 * @param concentration - positive; the larger, the nearer to Poisson(mean)
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.NegativeBinomial2(1, 1).logProb(0); // -0.6931471805599453
 */
export const NegativeBinomial2: Constructor<'mean' | 'concentration'> = defineDistribution({
  name: 'NegativeBinomial2',
  params: { mean: { constraint: nonnegative }, concentration: { constraint: positive } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ mean, concentration }, key, shape) => mixed(key, concentration, div(mean, concentration), shape),
  logProb: ({ mean, concentration }, k) => logNegativeBinomialOf(k, concentration, ...sharesOf(mean, concentration)),
  mean: ({ mean }) => mean,
  variance: ({ mean, concentration }) => add(mean, div(square(mean), concentration)),
  cdf: ({ mean, concentration }, x) => negativeBinomialCdf(x, concentration, ...sharesOf(mean, concentration)),
});

/** 1 / (1 + rate) and its complement. */
const sharesOfRate = (rate: AnyArray): readonly [p: AnyArray, q: AnyArray] => {
  const total = add(rate, 1);
  return [reciprocal(total), div(rate, total)];
};

/**
 * GammaPoisson(concentration, rate): Poisson counts whose rate is Gamma(concentration, rate): P(k) = Γ(k + r) / (k! Γ(r)) pᵏ (1 − p)ʳ,
 * r = concentration, p = 1 / (1 + rate), k = 0, 1, 2 …
 *
 * @param concentration - positive
 * @param rate - positive; 1 by default
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.GammaPoisson(2, 1).logProb(0); // -1.3862943611198906
 */
export const GammaPoisson: Constructor<'concentration' | 'rate'> = defineDistribution({
  name: 'GammaPoisson',
  params: { concentration: { constraint: positive }, rate: { constraint: positive, default: 1 } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ concentration, rate }, key, shape) => mixed(key, concentration, reciprocal(rate), shape),
  logProb: ({ concentration, rate }, k) => logNegativeBinomialOf(k, concentration, ...sharesOfRate(rate)),
  mean: ({ concentration, rate }) => div(concentration, rate),
  variance: ({ concentration, rate }) => mul(div(concentration, square(rate)), add(1, rate)),
  cdf: ({ concentration, rate }, x) => negativeBinomialCdf(x, concentration, ...sharesOfRate(rate)),
});

/**
 * NegativeBinomial of a probability: P(k) = Γ(k + r) / (k! Γ(r)) pᵏ (1 − p)ʳ, r = totalCount, p = probs, k = 0, 1, 2 …: the counted events
 * before r of the others. As in NumPyro probs is that of the counted event, so that the mean is r p / (1 − p).
 *
 * @param totalCount - positive, not only whole
 * @param probs - from 0 to 1
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.NegativeBinomialProbs(2, 0.5).logProb(0); // -1.3862943611198906
 */
export const NegativeBinomialProbs: Constructor<'totalCount' | 'probs'> = defineDistribution({
  name: 'NegativeBinomialProbs',
  params: { totalCount: { constraint: positive }, probs: { constraint: unitInterval } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ totalCount, probs }, key, shape) => mixed(key, totalCount, div(probs, sub(1, probs)), shape),
  logProb: ({ totalCount, probs }, k) => logNegativeBinomial(k, totalCount, probs),
  mean: ({ totalCount, probs }) => div(mul(totalCount, probs), sub(1, probs)),
  variance: ({ totalCount, probs }) => div(mul(totalCount, probs), square(sub(1, probs))),
  cdf: ({ totalCount, probs }, x) => negativeBinomialCdf(x, totalCount, probs, sub(1, probs)),
});

/**
 * NegativeBinomial of log-odds: as NegativeBinomialProbs with p = 1 / (1 + e^(−logits)).
 *
 * @param totalCount - positive, not only whole
 * @param logits - log(p / (1 − p)), any number
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.NegativeBinomialLogits(2, 0).logProb(0); // -1.3862943611198906
 */
export const NegativeBinomialLogits: Constructor<'totalCount' | 'logits'> = defineDistribution({
  name: 'NegativeBinomialLogits',
  params: { totalCount: { constraint: positive }, logits: { constraint: real } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ totalCount, logits }, key, shape) => mixed(key, totalCount, exp(logits), shape),
  logProb: ({ totalCount, logits }, k) => byLogits(logits, k, totalCount, (p, q) => logNegativeBinomialOf(k, totalCount, p, q)),
  mean: ({ totalCount, logits }) => mul(totalCount, exp(logits)),
  variance: ({ totalCount, logits }) => mul(totalCount, mul(exp(logits), add(1, exp(logits)))),
  cdf: ({ totalCount, logits }, x) => negativeBinomialCdf(x, totalCount, sigmoid(logits), sigmoid(neg(logits))),
});

/**
 * NegativeBinomial(totalCount, probs), or NegativeBinomial({ totalCount, logits }).
 *
 * @example
 * dist.NegativeBinomial(3, 0.5).mean; // 3
 */
export const NegativeBinomial: Constructor<'totalCount' | 'probs' | 'logits'> = eitherOf('NegativeBinomial', NegativeBinomialProbs, NegativeBinomialLogits, [
  'totalCount',
]);
