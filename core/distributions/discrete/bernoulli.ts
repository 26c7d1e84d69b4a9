/** The Bernoulli distribution, by probability or by log-odds. */
import { boolean, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { bernoulli } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { eitherOf } from './eitherOf.ts';

const { add, cast, log, log1p, mul, mulNoNan, neg, range, sigmoid, softplus, sub } = ops;

/**
 * Bernoulli of a probability: P(1) = probs, P(0) = 1 − probs.
 *
 * @param probs - from 0 to 1
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 3
 * @example
 * dist.BernoulliProbs(0.25).logProb(1); // -1.3862943611198906
 */
export const BernoulliProbs: Constructor<'probs'> = defineDistribution({
  name: 'BernoulliProbs',
  params: { probs: { constraint: unitInterval } },
  support: boolean,
  isReparameterized: false,
  sample: ({ probs }, key, shape) => cast(bernoulli(key, probs, shape), 'int32'),
  logProb: ({ probs }, x) => add(mulNoNan(x, log(probs)), mulNoNan(sub(1, x), log1p(neg(probs)))),
  mean: ({ probs }) => probs,
  variance: ({ probs }) => mul(probs, sub(1, probs)),
  cdf: ({ probs }, x) => ops.where(ops.less(x, 0), 0, ops.where(ops.less(x, 1), sub(1, probs), 1)),
  enumerate: () => range(0, 2),
  entropy: ({ probs }) => neg(add(mulNoNan(probs, log(probs)), mulNoNan(sub(1, probs), log1p(neg(probs))))),
});

/**
 * Bernoulli of log-odds: P(1) = 1 / (1 + e^(−logits)). Infinite logits are allowed.
 *
 * @param logits - log(p / (1 − p)), any number
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 3
 * @example
 * dist.BernoulliLogits(0).logProb(1); // -0.6931471805599453
 */
export const BernoulliLogits: Constructor<'logits'> = defineDistribution({
  name: 'BernoulliLogits',
  params: { logits: { constraint: real } },
  support: boolean,
  isReparameterized: false,
  sample: ({ logits }, key, shape) => cast(bernoulli(key, sigmoid(logits), shape), 'int32'),
  // −softplus of the log-odds against what was seen: nothing cancels, however large they are.
  logProb: ({ logits }, x) => neg(softplus(mul(logits, sub(1, mul(2, x))))),
  mean: ({ logits }) => sigmoid(logits),
  variance: ({ logits }) => mul(sigmoid(logits), sigmoid(neg(logits))),
  cdf: ({ logits }, x) => ops.where(ops.less(x, 0), 0, ops.where(ops.less(x, 1), sigmoid(neg(logits)), 1)),
  enumerate: () => range(0, 2),
  entropy: ({ logits }) => add(mulNoNan(sigmoid(logits), softplus(neg(logits))), mulNoNan(sigmoid(neg(logits)), softplus(logits))),
});

/**
 * Bernoulli(probs), or Bernoulli({ logits }).
 *
 * @example
 * dist.Bernoulli({ logits: 0 }).mean; // 0.5
 */
export const Bernoulli: Constructor<'probs' | 'logits'> = eitherOf('Bernoulli', BernoulliProbs, BernoulliLogits);
