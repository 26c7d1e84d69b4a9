/** The continuous uniform distribution. */
import { interval, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { checkBounds } from './bounds.ts';

const { add, clipByValue, div, log, mul, square, sub } = ops;

/**
 * Uniform(low, high): f(x) = 1 / (high − low) on low ≤ x ≤ high.
 *
 * @param low - any number
 * @param high - above `low`
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 26
 * @example
 * dist.Uniform(0, 2).logProb(1); // -0.6931471805599453
 */
export const Uniform: Constructor<'low' | 'high'> = defineDistribution({
  name: 'Uniform',
  params: { low: { constraint: real, default: 0 }, high: { constraint: real, default: 1 } },
  support: ({ low, high }) => {
    checkBounds('Uniform', { low, high });
    return interval(low, high);
  },
  isReparameterized: true,
  sample: ({ low, high }, key, shape) => add(low, mul(sub(high, low), uniform(key, shape))),
  logProb: ({ low, high }, x) => ops.sub(ops.zerosLike(x), log(sub(high, low))),
  mean: ({ low, high }) => add(low, mul(0.5, sub(high, low))),
  variance: ({ low, high }) => div(square(sub(high, low)), 12),
  cdf: ({ low, high }, x) => clipByValue(div(sub(x, low), sub(high, low)), 0, 1),
  icdf: ({ low, high }, q) => add(low, mul(q, sub(high, low))),
  entropy: ({ low, high }) => log(sub(high, low)),
});
