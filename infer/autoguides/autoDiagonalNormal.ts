/** AutoDiagonalNormal: independent normals for all latents on the unconstrained scale. */
import { softplusPositive } from '../../core/constraints/index.ts';
import { Normal } from '../../core/distributions/continuous/normal.ts';
import type { Model } from '../../core/runtime.ts';
import { AutoContinuous, type AutoContinuousOptions } from './autoContinuous.ts';
import type { Guide } from './autoGuide.ts';

/**
 * A guide with a normal for each coordinate of the unconstrained latents: parameters `auto_loc` and `auto_scale`, both `[D]`.
 *
 * @example
 * const model = () => sample('rate', dist.Gamma(2, 1));
 * const guide = AutoDiagonalNormal(model).bind();
 * guide.median({ auto_loc: [0], auto_scale: [0.1] }).rate.item(); // 1
 */
export const AutoDiagonalNormal = <Args extends readonly unknown[]>(model: Model<Args>, options: AutoContinuousOptions = {}): Guide<Args> =>
  AutoContinuous(
    model,
    {
      name: 'AutoDiagonalNormal',
      getPosterior: ({ param, initLoc, initScale }) => Normal(param('loc', initLoc), param('scale', initScale, softplusPositive)).toEvent(1),
      hasNormalMarginals: true,
    },
    options,
  );
