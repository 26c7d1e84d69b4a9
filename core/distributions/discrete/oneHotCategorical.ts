/** The categorical distribution of vectors with a single one, as in Pyro, and its straight-through variant. */
import { oneHot, realVector, simplex } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { categorical } from '../../random/draws.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type Family, type ParamsOf } from '../family.ts';
import { classesOf, entropyOfClasses } from './classes.ts';
import { eitherOf } from './eitherOf.ts';

const { add, eye, log, logSoftmax, mul, mulNoNan, softmax, stopGradient, sub, sum } = ops;

const draw = (logProbs: AnyArray, key: Key, shape: Shape): AnyArray => ops.oneHot(categorical(key, logProbs, shape), classesOf(logProbs));

const density = (logProbs: AnyArray, x: AnyArray): AnyArray => sum(mulNoNan(x, logProbs), -1);

const spread = (probs: AnyArray): AnyArray => mul(probs, sub(1, probs));

const probsRow: Family<'probs'> = {
  name: 'OneHotCategoricalProbs',
  params: { probs: { constraint: simplex } },
  support: oneHot,
  eventShape: ({ probs }) => [classesOf(probs)],
  isReparameterized: false,
  sample: ({ probs }, key, shape) => draw(log(probs), key, shape),
  logProb: ({ probs }, x) => density(log(probs), x),
  mean: ({ probs }) => probs,
  variance: ({ probs }) => spread(probs),
  enumerate: ({ probs }) => eye(classesOf(probs)),
  entropy: ({ probs }) => entropyOfClasses(log(probs)),
};

const logitsRow: Family<'logits'> = {
  name: 'OneHotCategoricalLogits',
  params: { logits: { constraint: realVector } },
  support: oneHot,
  eventShape: ({ logits }) => [classesOf(logits)],
  isReparameterized: false,
  sample: ({ logits }, key, shape) => draw(logits, key, shape),
  logProb: ({ logits }, x) => density(logSoftmax(logits), x),
  mean: ({ logits }) => softmax(logits),
  variance: ({ logits }) => spread(softmax(logits)),
  enumerate: ({ logits }) => eye(classesOf(logits)),
  entropy: ({ logits }) => entropyOfClasses(logSoftmax(logits)),
};

/** A row whose draws have the derivative of the probabilities. */
const straightThrough = <Names extends string>(row: Family<Names>, suffix: string, probsOf: (params: ParamsOf<Names>) => AnyArray): Family<Names> => ({
  ...row,
  name: `OneHotCategoricalStraightThrough${suffix}`,
  isReparameterized: true,
  sample: (params, key, shape) => {
    const probs = probsOf(params);
    return add(stopGradient(row.sample(params, key, shape)), sub(probs, stopGradient(probs)));
  },
});

/**
 * OneHotCategorical(probs), or OneHotCategorical({ logits }): P(x) = Π probs[k]^x[k] on vectors of zeros with a single one.
 *
 * @param probs - a simplex along the last axis; or
 * @param logits - any numbers along the last axis, up to a constant; −∞ for a class that does not occur
 * @throws InvalidArgument for both or neither
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35 (one trial)
 * @example
 * dist.OneHotCategorical([0.25, 0.75]).logProb([1, 0]); // -1.3862943611198906
 */
export const OneHotCategorical: Constructor<'probs' | 'logits'> = eitherOf('OneHotCategorical', defineDistribution(probsRow), defineDistribution(logitsRow));

/**
 * As OneHotCategorical, but draws have the derivative of the probabilities (the straight-through estimator): a gradient that is right for
 * functions linear in the draw, and biased for others.
 *
 * @param probs - a simplex along the last axis; or
 * @param logits - any numbers along the last axis, up to a constant
 * @throws InvalidArgument for both or neither
 * @see Bengio, Léonard, Courville, "Estimating or propagating gradients through stochastic neurons for conditional computation" (2013)
 * @example
 * dist.OneHotCategoricalStraightThrough([0.25, 0.75]).logProb([1, 0]); // -1.3862943611198906
 */
export const OneHotCategoricalStraightThrough: Constructor<'probs' | 'logits'> = eitherOf(
  'OneHotCategoricalStraightThrough',
  defineDistribution(straightThrough(probsRow, 'Probs', ({ probs }) => probs)),
  defineDistribution(straightThrough(logitsRow, 'Logits', ({ logits }) => softmax(logits))),
);
