/** The distribution of a transformed value: a base distribution pushed through bijectors. */
import { requireBijectors, sumRightmost, type Bijector, type BijectorApart } from '../../bijectors/bijector.ts';
import { compose } from '../../bijectors/combinators.ts';
import { independent, type Constraint } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { makeDistribution, type Distribution, type DistributionParts } from '../distribution.ts';
import { isAffine, isExponentialOfAffine, varianceOf } from './affineMaps.ts';
import { distributionPart } from './parts.ts';
import { endsOf } from './supportEnds.ts';
import { tailsOf } from './tails.ts';

const { exp, greaterEqual, lessEqual, logicalOr, where } = ops;

const unknownMoment = (): AnyArray => ops.fill([], NaN);

/**
 * TransformedDistribution(base, transforms): the distribution of t(x), x from `base`, t the transforms one after another.
 * Its log-density is that of the base at t⁻¹(y) minus log |det ∂t/∂x|. Mean, variance and entropy are there where t is affine, the entropy
 * under exp too; else mean and variance are NaN.
 *
 * @param transforms - one bijector or several; one that takes vectors turns batch axes of the base into event axes
 * @example
 * const lognormal = dist.TransformedDistribution(dist.Normal(0, 1), bijectors.exp);
 * lognormal.logProb(1); // -0.9189385332046728
 */
export const TransformedDistribution = (base: Distribution, transforms: Bijector | readonly Bijector[]): Distribution => {
  const given = distributionPart('TransformedDistribution', 'base', base);
  const transform = transformOf(transforms);
  const missing = Math.max(0, transform.domainDim - given.eventShape.length);
  const seed = given.toEvent(missing);
  const extra = seed.eventShape.length - transform.domainDim;
  const full = transform.forwardShape([...seed.batchShape, ...seed.eventShape]);
  const eventDim = transform.codomainDim + extra;
  // Parameters of the transform may widen the batch: each element then has a draw of its own.
  const source = seed.expand(transform.inverseShape(full).slice(0, full.length - eventDim));
  const map = transform.apart(source.batchShape.length + source.eventShape.length);
  const support = codomain(transform, source.support, eventDim);
  const mean = isAffine(transform) ? (): AnyArray => transform.forward(source.mean) : unknownMoment;
  return makeDistribution({
    // Branches and loops take two of one name for distributions whose arrays may stand for each other.
    name: `Transformed(${given.name}, ${map?.form ?? transform.name})`,
    params: { base: source, transform },
    batchShape: full.slice(0, full.length - eventDim),
    eventShape: full.slice(full.length - eventDim),
    support,
    isReparameterized: source.isReparameterized,
    apart: apartOf(source, map),
    draw: (key, shape) => transform.forward(source.expand(shape).sample(key)),
    logProb: (y) => {
      const [x, logDet] = transform.inverseAndLogDet(y);
      return ops.sub(source.logProb(x), sumRightmost(logDet, extra));
    },
    mean,
    variance: () => varianceOf(transform, source) ?? unknownMoment(),
    cdf: eventDim === 0 ? (y) => cdfOf(source, transform, support, y) : undefined,
    icdf: eventDim === 0 ? (q) => transform.forward(quantileOf(source, transform, q)) : undefined,
    entropy: entropyOf(source, transform, extra),
  });
};

const transformOf = (given: Bijector | readonly Bijector[]): Bijector => {
  const all = (Array.isArray(given) ? given : [given]) as readonly Bijector[];
  requireBijectors('TransformedDistribution, after its base,', all);
  return Array.isArray(given) ? compose(...all) : all[0]!;
};

const apartOf = (source: Distribution, map: BijectorApart | undefined): DistributionParts['apart'] => {
  if (source.apart === undefined || map === undefined) return undefined;
  return () => {
    const { arrays, rebuild } = source.apart!();
    return {
      arrays: [...arrays, ...map.arrays],
      rebuild: (given, lead) => TransformedDistribution(rebuild(given.slice(0, arrays.length), lead), map.rebuild(given.slice(arrays.length))),
    };
  };
};

/** A decreasing map turns probabilities below into probabilities above. */
const cdfOf = (source: Distribution, transform: Bijector, support: Constraint, y: AnyArray): AnyArray => {
  const { low, high } = endsOf(support);
  const below = (x: AnyArray): AnyArray => (transform.sign === 1 ? source.cdf(x) : exp(tailsOf(source).logSurvival(x)));
  if (low === undefined && high === undefined) return below(transform.inverse(y));
  const isLow = low === undefined ? ops.zeros([]) : lessEqual(y, low);
  const isHigh = high === undefined ? ops.zeros([]) : greaterEqual(y, high);
  const isOut = logicalOr(isLow, isHigh);
  // Beyond the ends the inverse need not exist.
  const inside = where(isOut, support.feasible(ops.broadcastTo(y, isOut.shape).shape), y);
  return where(isLow, 0, where(isHigh, 1, below(transform.inverse(inside))));
};

const quantileOf = (source: Distribution, transform: Bijector, q: AnyArray): AnyArray => source.icdf(transform.sign === 1 ? q : ops.sub(1, q));

/** That of the base and the mean of the log-determinant, which is known where it is a constant, or affine in x as under exp. */
const entropyOf = (source: Distribution, transform: Bijector, extra: number): DistributionParts['entropy'] => {
  const volumeAt = (x: AnyArray): AnyArray => ops.add(source.entropy(), sumRightmost(transform.logAbsDetJacobian(x), extra));
  if (isAffine(transform)) return () => volumeAt(source.support.feasible([...source.batchShape, ...source.eventShape]));
  return isExponentialOfAffine(transform) ? () => volumeAt(source.mean) : undefined;
};

const codomain = (transform: Bijector, support: Constraint, eventDim: number): Constraint => {
  const image = transform.codomain(support);
  return image.eventDim < eventDim ? independent(image, eventDim - image.eventDim) : image;
};
