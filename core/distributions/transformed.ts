/** The distribution of a transformed value: a base distribution pushed through bijectors. */
import { compose, sumRightmost, type Bijector } from '../bijectors/bijector.ts';
import { independent, type Constraint } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { tensorsWithin } from '../tree.ts';
import { makeDistribution, type Apart, type Distribution } from './distribution.ts';

const unknownMoment = (): AnyArray => ops.fill([], NaN);

/**
 * TransformedDistribution(base, transforms): the distribution of t(x), x from `base`, t the transforms one after another.
 * Its log-density is that of the base at t⁻¹(y) minus log |det ∂t/∂x|.
 *
 * @param transforms - one bijector or several; one that takes vectors turns batch axes of the base into event axes
 * @example
 * const lognormal = dist.TransformedDistribution(dist.Normal(0, 1), bijectors.exp);
 * lognormal.logProb(1); // -0.9189385332046728
 */
export const TransformedDistribution = (base: Distribution, transforms: Bijector | readonly Bijector[]): Distribution => {
  const transform = 'forward' in transforms ? transforms : compose(...transforms);
  const missing = Math.max(0, transform.domainDim - base.eventShape.length);
  const seed = base.toEvent(missing);
  const extra = seed.eventShape.length - transform.domainDim;
  const full = transform.forwardShape([...seed.batchShape, ...seed.eventShape]);
  const eventDim = transform.codomainDim + extra;
  // Parameters of the transform may widen the batch: each element then has a draw of its own.
  const source = seed.expand(transform.inverseShape(full).slice(0, full.length - eventDim));
  return makeDistribution({
    name: `Transformed(${base.name})`,
    params: { base: source, transform },
    batchShape: full.slice(0, full.length - eventDim),
    eventShape: full.slice(full.length - eventDim),
    support: codomain(transform, source.support, eventDim),
    isReparameterized: source.isReparameterized,
    // A transform keeps its arrays to itself: those of a recording can't be taken out of it.
    apart: source.apart === undefined || tensorsWithin(transform).length > 0 ? undefined : () => apartOf(source, transform),
    draw: (key, shape) => transform.forward(source.expand(shape).sample(key)),
    logProb: (y) => {
      const x = transform.inverse(y);
      return ops.sub(source.logProb(x), sumRightmost(transform.logAbsDetJacobian(x, y), extra));
    },
    mean: unknownMoment,
    variance: unknownMoment,
    cdf: eventDim === 0 ? (y) => monotone(transform, base.cdf(transform.inverse(y))) : undefined,
    icdf: eventDim === 0 ? (q) => transform.forward(base.icdf(monotone(transform, q))) : undefined,
  });
};

const apartOf = (source: Distribution, transform: Bijector): Apart => {
  const { arrays, rebuild } = source.apart!();
  return { arrays, rebuild: (given, lead) => TransformedDistribution(rebuild(given, lead), transform) };
};

/** A decreasing map turns probabilities below into probabilities above. */
const monotone = (transform: Bijector, q: AnyArray): AnyArray => (transform.sign === 1 ? q : ops.sub(1, q));

const codomain = (transform: Bijector, support: Constraint, eventDim: number): Constraint => {
  const image = transform.codomain(support);
  return image.eventDim < eventDim ? independent(image, eventDim - image.eventDim) : image;
};
