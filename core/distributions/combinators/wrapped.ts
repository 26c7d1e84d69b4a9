/** The methods of every distribution by NumPyro's names of classes: Independent, ExpandedDistribution, MaskedDistribution. */
import { kindlingError } from '../../errors.ts';
import { broadcastShapes, type Shape } from '../../shape.ts';
import type { Input } from '../../value.ts';
import type { Distribution } from '../distribution.ts';
import { arrayPart, distributionPart, namedParts } from './parts.ts';

/**
 * Independent(baseDist, reinterpretedBatchNdims): the last batch axes taken as part of one event; the same as `baseDist.toEvent(n)`.
 *
 * @param reinterpretedBatchNdims - how many, from 0 to the number of batch axes
 * @example
 * dist.Independent(dist.Normal([0, 1], 1), 1).eventShape; // [2]
 */
export const Independent: {
  (parts: { readonly baseDist: Distribution; readonly reinterpretedBatchNdims: number }): Distribution;
  (baseDist: Distribution, reinterpretedBatchNdims: number): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const { baseDist, reinterpretedBatchNdims: count } = namedParts('Independent', ['baseDist', 'reinterpretedBatchNdims'], args);
  const base = distributionPart('Independent', 'baseDist', baseDist);
  if (typeof count !== 'number') {
    throw kindlingError('InvalidArgument', { message: 'Independent needs reinterpretedBatchNdims', given: typeof count, expected: 'a number of batch axes' });
  }
  return base.toEvent(count);
};

/**
 * ExpandedDistribution(baseDist, batchShape): the same distributions repeated to a larger batch shape; the same as `baseDist.expand(batchShape)`.
 *
 * @param batchShape - one to which that of `baseDist` broadcasts
 * @example
 * dist.ExpandedDistribution(dist.Normal(0, 1), [3]).batchShape; // [3]
 */
export const ExpandedDistribution: {
  (parts: { readonly baseDist: Distribution; readonly batchShape?: Shape | undefined }): Distribution;
  (baseDist: Distribution, batchShape?: Shape): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const { baseDist, batchShape = [] } = namedParts('ExpandedDistribution', ['baseDist', 'batchShape'], args);
  return distributionPart('ExpandedDistribution', 'baseDist', baseDist).expand(batchShape as Shape);
};

/**
 * MaskedDistribution(baseDist, mask): the log-probability counted as 0 where `mask` is false; the same as `baseDist.mask(mask)`.
 *
 * @param mask - booleans that broadcast with the batch shape
 * @example
 * dist.MaskedDistribution(dist.Normal(0, 1), false).logProb(3); // 0
 */
export const MaskedDistribution: {
  (parts: { readonly baseDist: Distribution; readonly mask: Input }): Distribution;
  (baseDist: Distribution, mask: Input): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const { baseDist, mask } = namedParts('MaskedDistribution', ['baseDist', 'mask'], args);
  const base = distributionPart('MaskedDistribution', 'baseDist', baseDist);
  const given = arrayPart(mask);
  if (given === undefined) throw kindlingError('InvalidArgument', { message: 'MaskedDistribution needs a mask', expected: 'booleans' });
  return base.mask(given).expand(broadcastShapes(given.shape, base.batchShape));
};
