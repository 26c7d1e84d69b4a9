/** The geometric distribution, by probability or by log-odds. */
import { nonnegativeInteger, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { geometric } from '../../random/counts.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { countCdf } from './countTerms.ts';
import { eitherOf } from './eitherOf.ts';

const { add, ceil, div, exp, expm1, log, log1p, logTrials, maximum, mul, mulNoNan, neg, sigmoid, softplus, square, sub } = ops;

/** P(K ≤ x) and the quantile, from the log-probability of a failure. */
const cdfOf = (logFailure: AnyArray, x: AnyArray): AnyArray => countCdf(x, (k) => neg(expm1(mul(add(k, 1), logFailure))));
const icdfOf = (logFailure: AnyArray, q: AnyArray): AnyArray => maximum(sub(ceil(div(log1p(neg(q)), logFailure)), 1), 0);

/**
 * Geometric of a probability: P(k) = p (1 − p)ᵏ, the failures before the first success; p = probs, k = 0, 1, 2 …
 *
 * @param probs - the probability of success, from 0 to 1
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.GeometricProbs(0.5).logProb(1); // -1.3862943611198906
 */
export const GeometricProbs: Constructor<'probs'> = defineDistribution({
  name: 'GeometricProbs',
  params: { probs: { constraint: unitInterval } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ probs }, key, shape) => geometric(key, probs, shape),
  logProb: ({ probs }, k) => logTrials(1, k, probs),
  mean: ({ probs }) => div(sub(1, probs), probs),
  variance: ({ probs }) => div(sub(1, probs), square(probs)),
  cdf: ({ probs }, x) => cdfOf(log1p(neg(probs)), x),
  icdf: ({ probs }, q) => icdfOf(log1p(neg(probs)), q),
  entropy: ({ probs }) => neg(add(div(mulNoNan(sub(1, probs), log1p(neg(probs))), probs), log(probs))),
});

/**
 * Geometric of log-odds: P(k) = p (1 − p)ᵏ, p = 1 / (1 + e^(−logits)).
 *
 * @param logits - log(p / (1 − p)), any number
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5
 * @example
 * dist.GeometricLogits(0).logProb(1); // -1.3862943611198906
 */
export const GeometricLogits: Constructor<'logits'> = defineDistribution({
  name: 'GeometricLogits',
  params: { logits: { constraint: real } },
  support: nonnegativeInteger,
  isReparameterized: false,
  sample: ({ logits }, key, shape) => geometric(key, sigmoid(logits), shape),
  logProb: ({ logits }, k) => neg(add(mulNoNan(k, softplus(logits)), softplus(neg(logits)))),
  mean: ({ logits }) => exp(neg(logits)),
  variance: ({ logits }) => mul(exp(neg(logits)), add(exp(neg(logits)), 1)),
  cdf: ({ logits }, x) => cdfOf(neg(softplus(logits)), x),
  icdf: ({ logits }, q) => icdfOf(neg(softplus(logits)), q),
  entropy: ({ logits }) => add(mul(exp(neg(logits)), softplus(logits)), softplus(neg(logits))),
});

/**
 * Geometric(probs), or Geometric({ logits }).
 *
 * @example
 * dist.Geometric(0.25).mean; // 3
 */
export const Geometric: Constructor<'probs' | 'logits'> = eitherOf('Geometric', GeometricProbs, GeometricLogits);
