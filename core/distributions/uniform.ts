/** The continuous uniform distribution. */
import { interval, real } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { uniform } from '../random/draws.ts';
import { isConcrete, toNDArray } from '../value.ts';
import { defineDistribution, type Constructor } from './family.ts';

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
    if (isConcrete(low) && isConcrete(high) && ops.lessEqual(toNDArray(high), toNDArray(low)).data.some((wrong) => wrong !== 0)) {
      throw kindlingError('InvalidParameter', {
        message: 'parameter high of Uniform is invalid',
        given: `low ${toNDArray(low).toString()}, high ${toNDArray(high).toString()}`,
        expected: 'high above low',
      });
    }
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
