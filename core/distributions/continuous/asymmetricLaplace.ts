/** The asymmetric Laplace distribution, by its asymmetry or by the quantile that its location is. */
import { openInterval, positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { exponential } from '../../random/draws.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type Family } from '../family.ts';
import { minusAbs } from './elementary.ts';

const { abs, add, div, exp, expm1, less, log, log1p, mul, neg, square, sub, where } = ops;

/** The location, and the mean distances of the left and the right half from it. */
interface Halves {
  readonly loc: AnyArray;
  readonly left: AnyArray;
  readonly right: AnyArray;
}

/** The mass below the location, and above it. */
const masses = ({ left, right }: Halves): readonly [AnyArray, AnyArray] => [div(left, add(left, right)), div(right, add(left, right))];

/** loc − left E₁ + right E₂ with two exponential variates. */
const draw = ({ loc, left, right }: Halves, key: Key, shape: Shape): AnyArray => {
  const [below, above] = ops.unstack(exponential(key, [2, ...shape]));
  return add(sub(loc, mul(left, below!)), mul(right, above!));
};

const logProb = ({ loc, left, right }: Halves, x: AnyArray): AnyArray => {
  const z = sub(x, loc);
  return neg(add(div(abs(z), where(less(z, 0), left, right)), log(add(left, right))));
};

const cdf = (halves: Halves, x: AnyArray): AnyArray => {
  const z = sub(x, halves.loc);
  const isLeft = less(z, 0);
  const [below, above] = masses(halves);
  const depth = div(minusAbs(z), where(isLeft, halves.left, halves.right));
  return where(isLeft, mul(below, exp(depth)), sub(below, mul(above, expm1(depth))));
};

const icdf = (halves: Halves, q: AnyArray): AnyArray => {
  const [below, above] = masses(halves);
  const { loc, left, right } = halves;
  // q − below, from the nearer end; and log(q / below) and log((1 − q) / above) by it where they are near 0.
  const rest = sub(1, q);
  const excess = where(less(q, 0.5), sub(q, below), sub(above, rest));
  const logOf = (part: AnyArray, whole: AnyArray, more: AnyArray): AnyArray =>
    where(less(abs(more), mul(0.5, whole)), log1p(div(more, whole)), log(div(part, whole)));
  return add(loc, where(less(excess, 0), mul(left, logOf(q, below, excess)), neg(mul(right, logOf(rest, above, neg(excess))))));
};

/** A family of two halves, from what its parameters say of them. */
const ofHalves = <Names extends string>(
  name: string,
  params: Family<Names>['params'],
  halves: (p: Parameters<Family<Names>['mean']>[0]) => Halves,
): Constructor<Names> =>
  defineDistribution({
    name,
    params,
    support: real,
    isReparameterized: true,
    sample: (p, key, shape) => draw(halves(p), key, shape),
    logProb: (p, x) => logProb(halves(p), x),
    mean: (p) => {
      const { loc, left, right } = halves(p);
      return add(loc, sub(right, left));
    },
    variance: (p) => add(square(halves(p).left), square(halves(p).right)),
    cdf: (p, x) => cdf(halves(p), x),
    icdf: (p, q) => icdf(halves(p), q),
    entropy: (p) => add(1, log(add(halves(p).left, halves(p).right))),
  });

/**
 * AsymmetricLaplace(loc, scale, asymmetry): f(x) = exp(−|x − loc| / s) / (scale (κ + 1/κ)) on the real line, where κ = asymmetry and s is
 * scale κ below loc, scale / κ above it.
 *
 * @param loc - the mode, any number
 * @param scale - positive
 * @param asymmetry - κ, positive: above 1 the left tail is the longer one
 * @see Kotz, Kozubowski, Podgórski, The Laplace Distribution and Generalizations (2001), ch. 3
 * @example
 * dist.AsymmetricLaplace(0, 1, 2).logProb(0); // -0.9162907318741551
 */
export const AsymmetricLaplace: Constructor<'loc' | 'scale' | 'asymmetry'> = ofHalves(
  'AsymmetricLaplace',
  { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 }, asymmetry: { constraint: positive, default: 1 } },
  ({ loc, scale, asymmetry }) => ({ loc, left: mul(scale, asymmetry), right: div(scale, asymmetry) }),
);

/**
 * AsymmetricLaplaceQuantile(loc, scale, quantile): f(x) = q (1 − q) / scale · exp(−w |x − loc| / scale) on the real line, where q = quantile
 * and w is 1 − q below loc, q above it; the mass below loc is q. With loc a regression this is Bayesian quantile regression.
 *
 * @param loc - the q-quantile, any number
 * @param scale - positive
 * @param quantile - strictly between 0 and 1
 * @see Yu, Moyeed, "Bayesian quantile regression" (2001), eq. 2
 * @example
 * dist.AsymmetricLaplaceQuantile(1, 2, 0.9).cdf(1); // 0.9
 */
export const AsymmetricLaplaceQuantile: Constructor<'loc' | 'scale' | 'quantile'> = ofHalves(
  'AsymmetricLaplaceQuantile',
  { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 }, quantile: { constraint: openInterval(0, 1), default: 0.5 } },
  ({ loc, scale, quantile }) => ({ loc, left: div(scale, sub(1, quantile)), right: div(scale, quantile) }),
);
