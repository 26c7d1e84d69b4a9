/** The projected normal distribution on a sphere. */
import { realVector, sphere } from '../../constraints/index.ts';
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { add, div, equal, expandDims, expm1, greater, log, logSumExp, mul, neg, reciprocal, sqrt, square, stopGradient, sub, sum, where } = ops;

const STRETCH = 2;
const STEP = 0.08;

/**
 * Points w and logs of weights of a trapezoidal rule in s, w = 2 sinh s, for an integral whose integrand in w has width 1 and falls to
 * 10⁻¹⁷ of its height between −160/n − 8 and 9: it then keeps 13 digits.
 */
const rule = (n: number): { readonly points: NDArray; readonly logWeights: NDArray } => {
  const from = -Math.asinh((160 / n + 8) / STRETCH);
  const count = Math.ceil((Math.asinh(9 / STRETCH) - from) / STEP) + 1;
  const at = (f: (s: number) => number): NDArray =>
    makeNDArray(
      Float64Array.from({ length: count }, (_, i) => f(from + i * STEP)),
      [count],
    );
  return { points: at((s) => STRETCH * Math.sinh(s)), logWeights: at((s) => Math.log(STEP * STRETCH * Math.cosh(s))) };
};

/**
 * log ∫₀^∞ rⁿ⁻¹ exp(−(r − t)²/2) dr. Along r = c eᵛ with c where rⁿ exp(−(r − t)²/2) is largest, in units of its width there: every term is
 * positive, at every t. The integral does not depend on c, which therefore has no gradient.
 */
const logRadialIntegral = (t: AnyArray, n: number): AnyArray => {
  const { points, logWeights } = rule(n);
  const fixed = stopGradient(t);
  const root = sqrt(add(square(fixed), 4 * n));
  const isAhead = greater(fixed, 0);
  const away = ops.abs(fixed);
  const c = where(isAhead, mul(0.5, add(away, root)), div(2 * n, add(away, root)));
  const width = reciprocal(sqrt(add(square(c), n)));
  const v = mul(expandDims(width, -1), points);
  // r − t = c (eᵛ − 1) + n/c, and the difference of t to itself, which has the gradient.
  const offset = add(div(n, c), sub(fixed, t));
  const distance = add(mul(expandDims(c, -1), expm1(v)), expandDims(offset, -1));
  const terms = add(sub(mul(n, v), mul(0.5, square(distance))), logWeights);
  return add(logSumExp(terms, -1), add(mul(n, log(c)), log(width)));
};

/** x / |x|, and all elements equal for x = 0, as in NumPyro. */
const direction = (x: AnyArray): AnyArray => {
  const n = x.shape.at(-1)!;
  const isZero = equal(sum(square(x), -1, true), 0);
  const safe = where(isZero, 1 / Math.sqrt(n), x);
  return div(safe, ops.norm(safe, -1, true));
};

/**
 * ProjectedNormal(concentration): the direction z / |z| of z ~ Normal(μ, I), μ = concentration, on the unit sphere of n ≥ 2 dimensions:
 * f(x) = (2π)^(−n/2) exp(−½ |μ − t x|²) ∫₀^∞ rⁿ⁻¹ exp(−(r − t)²/2) dr, t = μ · x, with respect to its surface.
 *
 * `mean` is the mean direction μ / |μ|, as in NumPyro; `variance`, which directions have none of, is NaN.
 *
 * @param concentration - μ, `[…, n]`, any numbers; 0 is uniform
 * @see Hernandez-Stumpfhauser, Breidt, van der Woerd, The general projected normal distribution of arbitrary dimension (2017)
 * @example
 * dist.ProjectedNormal([0, 0]).logProb([1, 0]); // -1.837877066409
 */
export const ProjectedNormal: Constructor<'concentration'> = defineDistribution({
  name: 'ProjectedNormal',
  params: { concentration: { constraint: realVector } },
  support: sphere,
  eventShape: ({ concentration }) => concentration.shape.slice(-1),
  isReparameterized: true,
  sample: ({ concentration }, key, shape) => direction(add(concentration, normal(key, [...shape, concentration.shape.at(-1)!]))),
  logProb: ({ concentration }, x) => {
    const n = concentration.shape.at(-1)!;
    const t = sum(mul(concentration, x), -1);
    const across = sub(concentration, mul(expandDims(t, -1), x));
    return add(sub(neg(mul(0.5, sum(square(across), -1))), n * HALF_LOG_2PI), logRadialIntegral(t, n));
  },
  mean: ({ concentration }) => direction(concentration),
  variance: () => ops.fill([], NaN),
});
