/** The handlers that change what sites count: scale and mask. */
import * as ops from '../../core/ops/index.ts';
import { kindlingError } from '../../core/errors.ts';
import { handle } from '../../core/runtime.ts';
import { asArray, isConcrete, toNDArray, type Input } from '../../core/value.ts';
import type { ModelTransform } from './seed.ts';

/**
 * Multiplies the log-probability of every site by a positive factor.
 *
 * @throws InvalidArgument for a factor that is not positive
 * @example
 * const model = () => factor('f', -1);
 * logDensity(scale(3)(model), [], {}).logDensity.dataSync()[0]; // -3
 */
export const scale = (by: Input): ModelTransform => {
  const factor = asArray(by);
  if (isConcrete(factor) && toNDArray(factor).data.some((x) => !(x > 0))) {
    throw kindlingError('InvalidArgument', { message: 'scale needs a positive factor', given: toNDArray(factor).toString() });
  }
  return handle(() => ({
    process: (site) =>
      site.type === 'sample' || site.type === 'factor'
        ? { ...site, scale: typeof by === 'number' && typeof site.scale === 'number' ? by * site.scale : ops.mul(by, site.scale) }
        : site,
  }));
};

/**
 * Counts the log-probability of sites as 0 where the mask is false; it broadcasts against their batch shapes.
 *
 * @example
 * const model = () => factor('f', -1);
 * logDensity(mask(false)(model), [], {}).logDensity.dataSync()[0]; // 0
 */
export const mask = (where: Input): ModelTransform => {
  const given = asArray(where);
  if (isConcrete(given) && toNDArray(given).data.some((x) => x !== 0 && x !== 1)) {
    throw kindlingError('InvalidArgument', {
      message: 'mask takes booleans',
      given: toNDArray(given).toString(),
      expected: 'true or false, or an array of them',
    });
  }
  return handle(() => ({
    process: (site) =>
      site.type === 'sample' || site.type === 'factor' ? { ...site, mask: site.mask === undefined ? where : ops.logicalAnd(where, site.mask) } : site,
  }));
};
