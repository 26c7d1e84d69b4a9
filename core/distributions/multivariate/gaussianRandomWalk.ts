/** The Gaussian random walk. */
import { positive, realVector } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, sizePart } from './forms.ts';

const { add, cumsum, div, expandDims, log, mul, range, shift, square, sub, sum } = ops;

const row = (numSteps: number): Constructor<'scale'> =>
  defineDistribution({
    name: 'GaussianRandomWalk',
    params: { scale: { constraint: positive, default: 1 } },
    support: realVector,
    eventShape: () => [numSteps],
    isReparameterized: true,
    sample: ({ scale }, key, shape) => mul(expandDims(scale, -1), cumsum(normal(key, [...shape, numSteps]), -1)),
    logProb: ({ scale }, x) => {
      const steps = div(sub(x, shift(x, -1, 1)), expandDims(scale, -1));
      return sub(mul(-0.5, sum(square(steps), -1)), mul(numSteps, add(log(scale), HALF_LOG_2PI)));
    },
    mean: ({ scale }) => mul(expandDims(scale, -1), ops.zeros([numSteps])),
    variance: ({ scale }) => mul(expandDims(square(scale), -1), range(1, numSteps + 1)),
    entropy: ({ scale }) => mul(numSteps, add(log(scale), HALF_LOG_2PI + 0.5)),
  });

/**
 * GaussianRandomWalk(scale, numSteps): the partial sums of numSteps independent Normal(0, scale) steps, from 0:
 * f(x) = ∏ φ((x_t − x_{t−1}) / scale) / scale, x_0 = 0.
 *
 * @param scale - the standard deviation of a step, positive; 1 by default
 * @param numSteps - the length of the walk, a whole number; 1 by default
 * @throws InvalidArgument for a length that is not a positive whole number
 * @see Durbin, Koopman, Time Series Analysis by State Space Methods, ch. 2 (the local level without noise)
 * @example
 * dist.GaussianRandomWalk(2, 3).variance; // [4, 8, 12]
 */
export const GaussianRandomWalk: Constructor<'scale' | 'numSteps'> = (...args: readonly unknown[]): Distribution => {
  const { numSteps = 1, ...given } = namedParts('GaussianRandomWalk', ['scale', 'numSteps'], args);
  return row(sizePart('GaussianRandomWalk', 'numSteps', numSteps, 1))(arraysOf(given));
};
