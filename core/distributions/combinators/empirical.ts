/** The distribution of weighted samples. */
import { constraint, type Constraint } from '../../constraints/constraint.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { categorical } from '../../random/draws.ts';
import { sameShape, showShape, type Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { namedArguments, type Constructor } from '../family.ts';

const { all, any, equal, exp, expandDims, logSoftmax, logSumExp, mulNoNan, square, sub, sum, where } = ops;

const lastAxes = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => -1 - i);

/**
 * Empirical(samples, logWeights): P(x) ∝ Σ exp(logWeights[i]) over the samples i that equal x; Pyro's, for draws of a posterior.
 *
 * @param samples - of shape batch ++ [count] ++ event
 * @param logWeights - of shape batch ++ [count], up to a constant, −∞ for a sample that is left out; by default all samples along the first axis weigh the same
 * @example
 * dist.Empirical([1, 2, 2, 5]).mean; // 2.5
 */
export const Empirical: Constructor<'samples' | 'logWeights'> = (...args: readonly unknown[]): Distribution => {
  const { samples, logWeights: given } = namedArguments('Empirical', ['samples', 'logWeights'], args);
  if (samples === undefined || samples.shape.length === 0 || samples.shape.includes(0)) {
    throw kindlingError('InvalidArgument', { message: 'Empirical needs at least one sample', expected: 'samples along an axis' });
  }
  const weights = given ?? ops.zeros(samples.shape.slice(0, 1));
  const rank = weights.shape.length;
  if (rank === 0 || !sameShape(weights.shape, samples.shape.slice(0, rank))) {
    throw kindlingError('InvalidShape', {
      message: 'logWeights does not fit the samples of Empirical',
      given: `${showShape(weights.shape)} for ${showShape(samples.shape)}`,
      expected: 'the leading axes of the samples',
    });
  }
  return empirical(samples, weights);
};

const empirical = (samples: AnyArray, weights: AnyArray): Distribution => {
  const rank = weights.shape.length;
  const batchShape = weights.shape.slice(0, -1);
  const eventShape = samples.shape.slice(rank);
  const eventRank = eventShape.length;
  /** For each value and each sample, whether they are equal, the samples along the last axis. */
  const matches = (value: AnyArray): AnyArray => {
    const same = equal(expandDims(value, -eventRank - 1), samples);
    return eventRank === 0 ? same : all(same, lastAxes(eventRank));
  };
  const probs = (): AnyArray => addAxes(exp(logSoftmax(weights)), eventRank);
  const average = (x: AnyArray): AnyArray => sum(mulNoNan(probs(), x), -eventRank - 1);
  const mean = (): AnyArray => average(samples);
  const first = (): AnyArray =>
    ops.reshape(
      ops.slice(
        samples,
        samples.shape.map(() => 0),
        samples.shape.map((n, i) => (i === rank - 1 ? 1 : n)),
      ),
      [...batchShape, ...eventShape],
    );
  return makeDistribution({
    name: 'Empirical',
    params: { samples, logWeights: weights },
    batchShape,
    eventShape,
    support: amongSamples(
      eventRank,
      (x) => any(matches(x), -1),
      (shape) => ops.broadcastTo(first(), shape),
    ),
    isReparameterized: false,
    apart: () => ({
      arrays: [samples, weights],
      rebuild: ([s, w], lead) => empirical(ops.broadcastTo(s!, [...lead, ...samples.shape]), ops.broadcastTo(w!, [...lead, ...weights.shape])),
    }),
    draw: (key, shape) => {
      const index = categorical(key, weights, shape);
      const isTaken = equal(expandDims(index, -1), ops.range(0, weights.shape.at(-1)!));
      return sum(where(addAxes(isTaken, eventRank), samples, 0), -eventRank - 1);
    },
    logProb: (value) => logSumExp(where(matches(value), logSoftmax(weights), -Infinity), -1),
    mean,
    variance: () => average(square(sub(samples, expandDims(mean(), -eventRank - 1)))),
    cdf: eventRank > 0 ? undefined : (value) => sum(where(ops.lessEqual(samples, expandDims(value, -1)), exp(logSoftmax(weights)), 0), -1),
  });
};

/** The samples as a set. */
const amongSamples = (eventDim: number, check: (x: AnyArray) => AnyArray, feasible: (shape: Shape) => AnyArray): Constraint =>
  constraint('samples', { eventDim, isDiscrete: true, check, feasible });
