/** The uniform distribution on whole numbers. */
import { integerInterval } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { add, ceil, clipByValue, div, floor, log, maximum, minimum, mul, square, sub } = ops;

const integer = integerInterval(-Infinity, Infinity);

const sizeOf = (low: AnyArray, high: AnyArray): AnyArray => add(sub(high, low), 1);

const allEqual = ({ data }: { readonly data: Float64Array }): boolean => data.length > 0 && data.every((x) => x === data[0]);

/**
 * DiscreteUniform(low, high): P(k) = 1 / (high − low + 1), k = low … high.
 *
 * @param low - a whole number; 0 by default
 * @param high - a whole number, not below `low`; 1 by default
 * @throws InvalidParameter where `high` is below `low`
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 6, sec. 10.1
 * @example
 * dist.DiscreteUniform(1, 6).mean; // 3.5
 */
export const DiscreteUniform: Constructor<'low' | 'high'> = defineDistribution({
  name: 'DiscreteUniform',
  params: { low: { constraint: integer, default: 0 }, high: { constraint: integer, default: 1 } },
  support: ({ low, high }) => {
    if (isConcrete(low) && isConcrete(high) && ops.less(toNDArray(high), toNDArray(low)).data.some((wrong) => wrong !== 0)) {
      throw kindlingError('InvalidParameter', {
        message: 'parameter high of DiscreteUniform is invalid',
        given: `low ${toNDArray(low).toString()}, high ${toNDArray(high).toString()}`,
        expected: 'high not below low',
      });
    }
    return integerInterval(low, high);
  },
  isReparameterized: false,
  // Where the numbers are so many that the product rounds up to their count, the last is meant.
  sample: ({ low, high }, key, shape) => minimum(add(low, floor(mul(uniform(key, shape), sizeOf(low, high)))), high),
  logProb: ({ low, high }, k) => sub(ops.zerosLike(k), log(sizeOf(low, high))),
  mean: ({ low, high }) => add(low, mul(0.5, sub(high, low))),
  variance: ({ low, high }) => div(sub(square(sizeOf(low, high)), 1), 12),
  cdf: ({ low, high }, x) => clipByValue(div(add(sub(floor(x), low), 1), sizeOf(low, high)), 0, 1),
  icdf: ({ low, high }, q) => maximum(sub(add(low, ceil(mul(q, sizeOf(low, high)))), 1), low),
  entropy: ({ low, high }) => log(sizeOf(low, high)),
  isEnumerable: ({ low, high }) => isConcrete(low) && isConcrete(high) && allEqual(toNDArray(low)) && allEqual(toNDArray(high)),
  enumerate: ({ low, high }) => ops.range(toNDArray(low).data[0]!, toNDArray(high).data[0]! + 1),
});
