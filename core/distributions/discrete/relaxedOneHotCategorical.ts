/** The Concrete, or relaxed one-hot categorical, distribution on the simplex. */
import { positive, realVector, simplex } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { gumbel } from '../../random/draws.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { classesOf, noMoment } from './classes.ts';
import { eitherOf } from './eitherOf.ts';

const { add, cast, div, equal, greater, lgamma, log, logSoftmax, mul, softmax, sub, sum, where } = ops;

const draw = (temperature: AnyArray, logits: AnyArray, key: Key, shape: Shape): AnyArray =>
  softmax(div(add(gumbel(key, [...shape, classesOf(logits)]), logits), addAxes(temperature, 1)));

/** log (n−1)! + (n−1) log τ + Σ log softmax(logits − τ log x) − Σ log x. */
const density = (temperature: AnyArray, logits: AnyArray, x: AnyArray): AnyArray => {
  const n = classesOf(logits);
  const isEdge = equal(x, 0);
  const logX = log(where(isEdge, 1, x));
  const shares = logSoftmax(sub(logits, mul(addAxes(temperature, 1), logX)));
  const inside = add(sum(sub(shares, logX), -1), add(mul(n - 1, log(temperature)), lgamma(n)));
  // Where m entries tend to 0 the density is their power ((n − m) τ − m) of them.
  const zeros = sum(cast(isEdge, 'float32'), -1);
  const vanishes = greater(mul(sub(n, zeros), temperature), zeros);
  return where(greater(zeros, 0), where(vanishes, -Infinity, Infinity), inside);
};

const byProbs: Constructor<'temperature' | 'probs'> = defineDistribution({
  name: 'RelaxedOneHotCategoricalProbs',
  params: { temperature: { constraint: positive }, probs: { constraint: simplex } },
  support: simplex,
  eventShape: ({ probs }) => [classesOf(probs)],
  isReparameterized: true,
  sample: ({ temperature, probs }, key, shape) => draw(temperature, log(probs), key, shape),
  logProb: ({ temperature, probs }, x) => density(temperature, log(probs), x),
  mean: noMoment,
  variance: noMoment,
});

const byLogits: Constructor<'temperature' | 'logits'> = defineDistribution({
  name: 'RelaxedOneHotCategoricalLogits',
  params: { temperature: { constraint: positive }, logits: { constraint: realVector } },
  support: simplex,
  eventShape: ({ logits }) => [classesOf(logits)],
  isReparameterized: true,
  sample: ({ temperature, logits }, key, shape) => draw(temperature, logits, key, shape),
  logProb: ({ temperature, logits }, x) => density(temperature, logits, x),
  mean: noMoment,
  variance: noMoment,
});

/**
 * RelaxedOneHotCategorical(temperature, probs), or RelaxedOneHotCategorical({ temperature, logits }): the distribution of
 * softmax((logits + Gumbel noise) / τ), τ = temperature, on the simplex of n entries:
 * f(x) = (n − 1)! τ^(n−1) Π (π[k] x[k]^(−τ−1)) / (Σ π[k] x[k]^(−τ))ⁿ, π ∝ exp(logits). As τ falls to 0 draws near those of OneHotCategorical.
 * Mean and variance have no closed form: they are NaN.
 *
 * @param temperature - τ, positive
 * @param probs - a simplex along the last axis; or
 * @param logits - any numbers along the last axis, up to a constant
 * @throws InvalidArgument for both or neither of probs and logits
 * @see Maddison, Mnih, Teh, "The Concrete distribution" (2017), eq. 10
 * @example
 * dist.RelaxedOneHotCategorical(1, [0.5, 0.5]).logProb([0.5, 0.5]); // 0
 */
export const RelaxedOneHotCategorical: Constructor<'temperature' | 'probs' | 'logits'> = eitherOf('RelaxedOneHotCategorical', byProbs, byLogits, [
  'temperature',
]);
