/** The Bernoulli distribution, by probability or by log-odds. */
import { boolean, real, unitInterval } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { bernoulli } from '../random/draws.ts';
import type { Distribution } from './distribution.ts';
import { defineDistribution, namedArguments, type Constructor } from './family.ts';

const { add, cast, log, log1p, mul, mulNoNan, neg, sigmoid, softplus, sub } = ops;

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
  entropy: ({ logits }) => add(mulNoNan(sigmoid(logits), softplus(neg(logits))), mulNoNan(sigmoid(neg(logits)), softplus(logits))),
});

/** One of two parametrisations of a family; exactly one must be given. */
export const eitherOf =
  <Names extends 'probs' | 'logits'>(name: string, byProbs: Constructor<'probs'>, byLogits: Constructor<'logits'>): Constructor<Names> =>
  (...args: readonly unknown[]): Distribution => {
    const { probs, logits } = namedArguments(name, ['probs', 'logits'], args);
    if ((probs === undefined) === (logits === undefined)) {
      throw kindlingError('InvalidArgument', {
        message: `${name} takes either probs or logits`,
        given: probs === undefined ? 'neither' : 'both',
        remedy: `For example dist.${name}({ logits })`,
      });
    }
    return probs === undefined ? byLogits({ logits }) : byProbs({ probs });
  };

/**
 * Bernoulli(probs), or Bernoulli({ logits }).
 *
 * @example
 * dist.Bernoulli({ logits: 0 }).mean; // 0.5
 */
export const Bernoulli: Constructor<'probs' | 'logits'> = eitherOf('Bernoulli', BernoulliProbs, BernoulliLogits);
