/** Distributions of angles, skewed by sines. */
import { circular, independent, l1Ball } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import { split } from '../../random/key.ts';
import { showShape } from '../../shape.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { withRank } from '../axes.ts';
import { apartBy, commonBatch, distributionPart, namedParts } from '../combinators/parts.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { wrap } from './sineMarginal.ts';

const { add, expandDims, lessEqual, log1p, mul, sin, sub, sum, where } = ops;

/** How `SineSkewed` is called. */
export interface SineSkewedConstructor {
  (params: { readonly baseDist: Distribution; readonly skewness: Input }): Distribution;
  (baseDist: Distribution, skewness: Input): Distribution;
}

/**
 * SineSkewed(baseDist, skewness): f(x) = g(x) (1 + Σ_i λ_i sin(x_i − μ_i)), g the density of `baseDist`, symmetric about its mean direction
 * μ, and λ = skewness. `mean` is that of the base, as in NumPyro; `variance` is NaN.
 *
 * @param baseDist - a distribution of d angles, its event shape `[d]`
 * @param skewness - λ, `[…, d]`, the absolute values of which sum to 1 at most
 * @throws InvalidShape where the two do not fit
 * @see Ameijeiras-Alonso, Ley, Sine-skewed toroidal distributions and their application in protein bioinformatics (2022), eq. 2.1
 * @example
 * const base = dist.SineBivariateVonMises(0, 0, 1, 1, 0);
 * dist.SineSkewed(base, [0.5, 0]).logProb([0, 1]); // -2.60728054396491
 */
export const SineSkewed: SineSkewedConstructor = (...args: readonly unknown[]): Distribution => {
  const given = namedParts('SineSkewed', ['baseDist', 'skewness'], args);
  const base = distributionPart('SineSkewed', 'baseDist', given['baseDist']);
  if (given['skewness'] === undefined) throw kindlingError('InvalidArgument', { message: 'SineSkewed needs parameter skewness' });
  const skewness = asArray(given['skewness'] as Input);
  checkParam('SineSkewed', 'skewness', skewness, l1Ball);
  if (base.eventShape.length !== 1 || skewness.shape.at(-1) !== base.eventShape[0]) {
    throw kindlingError('InvalidShape', {
      message: 'SineSkewed needs a skewness for each angle of its base',
      given: `skewness ${showShape(skewness.shape)}, ${base.name} of event shape ${showShape(base.eventShape)}`,
      remedy: 'A distribution of single angles becomes one of vectors by expand and toEvent(1)',
    });
  }
  const batchShape = commonBatch('SineSkewed', { baseDist: base.batchShape, skewness: skewness.shape.slice(0, -1) });
  const lean = (x: AnyArray): AnyArray => sum(mul(skewness, sin(sub(x, base.mean))), -1);
  return makeDistribution({
    name: 'SineSkewed',
    params: { baseDist: base, skewness },
    batchShape,
    eventShape: base.eventShape,
    support: independent(circular, 1),
    // A draw is reflected or not, which no derivative sees.
    isReparameterized: false,
    apart: apartBy(
      [{ fn: base, missing: batchShape.length - base.batchShape.length }],
      () => [withRank(skewness, batchShape.length + 1)],
      ([fn], [skew], lead) => SineSkewed(fn!, skew!).expand([...lead, ...batchShape]),
    ),
    draw: (key, shape) => {
      const [forBase, forSide] = split(key);
      const x = base.expand(shape).sample(forBase);
      const isKept = lessEqual(uniform(forSide, shape), mul(0.5, add(1, lean(x))));
      return wrap(where(expandDims(isKept, -1), x, sub(mul(2, base.mean), x)));
    },
    logProb: (x) => add(base.logProb(x), log1p(lean(x))),
    mean: () => add(base.mean, mul(0, skewness)),
    variance: () => ops.fill([], NaN),
  });
};
