/** Distributions of values of which some are known only by a bound: LeftCensoredDistribution, RightCensoredDistribution. */
import { boolean } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { widened, withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { apartBy, arrayPart, commonBatch, namedParts, univariatePart } from './parts.ts';
import { tailsOf, type Tails } from './tails.ts';

/** How to call a censored distribution. */
interface Censored {
  (parts: { readonly baseDist: Distribution; readonly censored?: Input | undefined }): Distribution;
  (baseDist: Distribution, censored?: Input | { readonly censored?: Input | undefined } | undefined): Distribution;
}

const censoring = (name: string, logBound: (tails: Tails, x: AnyArray) => AnyArray): Censored => {
  const make: Censored = (...args: readonly unknown[]): Distribution => {
    const given = namedParts(name, ['baseDist', 'censored'], args);
    const base = univariatePart(name, 'baseDist', given['baseDist']);
    const censored = arrayPart(given['censored']) ?? asArray(false);
    checkParam(name, 'censored', censored, boolean);
    const batchShape = commonBatch(name, { baseDist: base.batchShape, censored: censored.shape });
    const tails = (): Tails => tailsOf(base);
    return makeDistribution({
      name: `${name}(${base.name})`,
      params: { baseDist: base, censored },
      batchShape,
      eventShape: [],
      support: base.support,
      isReparameterized: base.isReparameterized,
      apart: apartBy(
        [{ fn: base, missing: batchShape.length - base.batchShape.length }],
        () => [withRank(censored, batchShape.length)],
        ([fn], [mask], lead) => widened(make(fn!, mask), [...lead, ...batchShape]),
      ),
      draw: (key, shape) => base.expand(shape).sample(key),
      logProb: (x) => ops.where(censored, logBound(tails(), x), base.logProb(x)),
      mean: () => base.mean,
      variance: () => base.variance,
    });
  };
  return make;
};

/**
 * LeftCensoredDistribution(baseDist, censored): log f(x) where `censored` is 0; where it is 1 the value is known to be x or less, and counts log F(x).
 * Draws, mean and variance are those of `baseDist`.
 *
 * @param baseDist - a distribution of single numbers that has a `cdf`
 * @param censored - 0 or 1, for each observation; 0 by default
 * @see Klein, Moeschberger, Survival Analysis, sec. 3.5
 * @example
 * dist.LeftCensoredDistribution(dist.Exponential(1), [0, 1]).logProb(2); // [-2, -0.14541345786885906]
 */
export const LeftCensoredDistribution: Censored = censoring('LeftCensoredDistribution', (tails, x) => tails.logCdf(x));

/**
 * RightCensoredDistribution(baseDist, censored): log f(x) where `censored` is 0; where it is 1 the value is known to be x or more, and counts
 * log (1 − F(x)). Draws, mean and variance are those of `baseDist`.
 *
 * @param baseDist - a distribution of single numbers that has a `cdf`
 * @param censored - 0 or 1, for each observation; 0 by default
 * @see Klein, Moeschberger, Survival Analysis, sec. 3.5
 * @example
 * dist.RightCensoredDistribution(dist.Exponential(0.1), [0, 1]).logProb(5); // [-2.8025850929940455, -0.5]
 */
export const RightCensoredDistribution: Censored = censoring('RightCensoredDistribution', (tails, x) => tails.logSurvival(x));
