/** The categorical distribution, by probabilities or by unnormalised logs of them. */
import { integerInterval, realVector, simplex } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { categorical } from '../../random/draws.ts';
import type { Input } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { classesOf, entropyOfClasses, noMoment, pick } from './classes.ts';
import { eitherOf } from './eitherOf.ts';

const { cast, log, logSoftmax, range } = ops;

/**
 * Categorical of probabilities: P(k) = probs[k], k from 0 to K − 1.
 *
 * @param probs - a simplex along the last axis
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35 (one trial)
 * @example
 * dist.CategoricalProbs([0.25, 0.75]).logProb(0); // -1.3862943611198906
 */
export const CategoricalProbs: Constructor<'probs'> = defineDistribution({
  name: 'CategoricalProbs',
  params: { probs: { constraint: simplex } },
  support: ({ probs }) => integerInterval(0, classesOf(probs) - 1),
  isReparameterized: false,
  sample: ({ probs }, key, shape) => cast(categorical(key, log(probs), shape), 'int32'),
  logProb: ({ probs }, value) => pick(log(probs), value),
  mean: noMoment,
  variance: noMoment,
  enumerate: ({ probs }) => range(0, classesOf(probs)),
  entropy: ({ probs }) => entropyOfClasses(log(probs)),
});

/**
 * Categorical of logits: P(k) ∝ exp(logits[k]).
 *
 * @param logits - any numbers along the last axis, up to a constant; −∞ for a class that does not occur
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35 (one trial)
 * @example
 * dist.CategoricalLogits([0, 0]).logProb(1); // -0.6931471805599453
 */
export const CategoricalLogits: Constructor<'logits'> = defineDistribution({
  name: 'CategoricalLogits',
  params: { logits: { constraint: realVector } },
  support: ({ logits }) => integerInterval(0, classesOf(logits) - 1),
  isReparameterized: false,
  sample: ({ logits }, key, shape) => cast(categorical(key, logits as Input, shape), 'int32'),
  logProb: ({ logits }, value) => pick(logSoftmax(logits), value),
  mean: noMoment,
  variance: noMoment,
  enumerate: ({ logits }) => range(0, classesOf(logits)),
  entropy: ({ logits }) => entropyOfClasses(logSoftmax(logits)),
});

/**
 * Categorical(probs), or Categorical({ logits }).
 *
 * @example
 * dist.Categorical([0.5, 0.5]).logProb(1); // -0.6931471805599453
 */
export const Categorical: Constructor<'probs' | 'logits'> = eitherOf('Categorical', CategoricalProbs, CategoricalLogits);
