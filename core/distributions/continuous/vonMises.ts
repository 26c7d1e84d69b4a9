/** The von Mises distribution. */
import { circular, positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { vonMises } from '../../random/variates.ts';
import { DEFECT_SERIES, SERIES_FROM } from '../../loop/functions/vonMises.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { polynomial } from './elementary.ts';

const { add, clipByValue, div, floor, greater, i0e, i1e, less, log, mul, neg, sin, square, sub, vonMisesCdf, where } = ops;

const TURN = 2 * Math.PI;
const LOG_TURN = Math.log(TURN);

/** How many turns an angle is away from [−π, π). */
const turns = (angle: AnyArray): AnyArray => floor(div(add(angle, Math.PI), TURN));

const wrap = (angle: AnyArray): AnyArray => clipByValue(sub(angle, mul(TURN, turns(angle))), -Math.PI, Math.PI);

/** 1 − I₁(κ) / I₀(κ), one minus the mean resultant length: by its series where it is small. */
const defect = (concentration: AnyArray): AnyArray => {
  const isLarge = greater(concentration, SERIES_FROM);
  const inverse = div(1, where(isLarge, concentration, SERIES_FROM));
  const ordinary = where(isLarge, SERIES_FROM, concentration);
  return where(isLarge, mul(inverse, polynomial(DEFECT_SERIES, inverse)), sub(1, div(i1e(ordinary), i0e(ordinary))));
};

/** The cdf of angles from loc, which gains 1 with every turn. */
const unrolled = (concentration: AnyArray, angle: AnyArray): AnyArray => add(vonMisesCdf(concentration, wrap(angle)), turns(angle));

/**
 * VonMises(loc, concentration): f(x) = e^(κ cos(x − loc)) / (2π I₀(κ)), κ = concentration, on the circle −π ≤ x ≤ π. `mean` is the mean
 * direction, and `variance` the circular one, 1 − I₁(κ) / I₀(κ); `cdf` counts from −π.
 *
 * @param loc - the mode, an angle in radians, any number
 * @param concentration - κ, positive: near 0 uniform, for a large κ nearly Normal(loc, κ^−½)
 * @see Mardia, Jupp, Directional Statistics (2000), sec. 3.5.4
 * @example
 * dist.VonMises(0, 1).logProb(0); // -1.0737914249165241
 */
export const VonMises: Constructor<'loc' | 'concentration'> = defineDistribution({
  name: 'VonMises',
  params: { loc: { constraint: real }, concentration: { constraint: positive } },
  support: circular,
  isReparameterized: true,
  sample: ({ loc, concentration }, key, shape) => wrap(add(loc, vonMises(key, concentration, shape))),
  // κ (cos z − 1) = −2 κ sin² ½z.
  logProb: ({ loc, concentration }, x) => neg(add(mul(mul(2, concentration), square(sin(mul(0.5, sub(x, loc))))), add(log(i0e(concentration)), LOG_TURN))),
  mean: ({ loc }) => wrap(loc),
  variance: ({ concentration }) => defect(concentration),
  cdf: ({ loc, concentration }, x) => {
    const inside = sub(unrolled(concentration, sub(x, loc)), unrolled(concentration, sub(-Math.PI, loc)));
    return where(less(x, -Math.PI), 0, where(greater(x, Math.PI), 1, clipByValue(inside, 0, 1)));
  },
  entropy: ({ concentration }) => add(add(log(i0e(concentration)), LOG_TURN), mul(concentration, defect(concentration))),
});
