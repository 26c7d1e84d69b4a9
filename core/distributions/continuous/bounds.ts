/** The bounds of distributions on intervals, checked while they can be seen. */
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';

/** Refuses an upper bound that is not above the lower one. */
export const checkBounds = (distribution: string, { low, high }: { readonly low: AnyArray; readonly high: AnyArray }): void => {
  if (!isConcrete(low) || !isConcrete(high)) return;
  const [from, to] = [toNDArray(low), toNDArray(high)];
  if (ops.lessEqual(to, from).data.every((wrong) => wrong === 0)) return;
  throw kindlingError('InvalidParameter', {
    message: `parameter high of ${distribution} is invalid`,
    given: `low ${JSON.stringify(from.toArray())}, high ${JSON.stringify(to.toArray())}`,
    expected: 'high above low',
  });
};
