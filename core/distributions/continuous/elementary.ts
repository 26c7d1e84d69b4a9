/** Elementary functions of the continuous distributions, written so that no digits are lost and nothing overflows on the way. */
import * as ops from '../../ops/index.ts';
import { exponential, uniform } from '../../random/draws.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray, Input } from '../../value.ts';

const { abs, add, atan2, div, equal, greater, less, log, log1p, maximum, mul, neg, square, sub, tan, where } = ops;

/** From here on log(1 + z²) is 2 log |z|. */
const SQUARE_ALONE_FROM = 1e8;

/** log(1 + z²), also where z² overflows. */
export const logOnePlusSquare = (z: AnyArray): AnyArray => {
  const size = abs(z);
  const isSmall = less(size, SQUARE_ALONE_FROM);
  // One logarithm for both, as it is most of the cost.
  return mul(where(isSmall, 1, 2), log1p(where(isSmall, square(z), sub(size, 1))));
};

/** −|z|, differentiated at 0 as to its right: the side that `where(less(z, 0), …)` takes there. */
export const minusAbs = (z: AnyArray): AnyArray => where(less(z, 0), z, neg(z));

/** log(x / base) for positive numbers, from the difference where they are close. */
export const logRatio = (x: AnyArray, base: AnyArray): AnyArray => {
  const excess = div(sub(x, base), base);
  return where(less(abs(excess), 0.5), log1p(excess), log(div(x, base)));
};

/** k log x at x = 0: 0 where k is 0, else infinite. */
export const edgeOf = (k: AnyArray): AnyArray => where(equal(k, 0), 0, where(less(k, 0), Infinity, -Infinity));

/** A part of a log-density that goes as k log x at x = 0, and that is not asked for there, where its derivatives would not be numbers. */
export const fromEdge = (x: AnyArray, k: AnyArray, inside: (x: AnyArray) => AnyArray): AnyArray => {
  const isEdge = equal(x, 0);
  return where(isEdge, edgeOf(k), inside(where(isEdge, 0.5, x)));
};

/** A distribution function above the lower end of the support, and 0 up to there. */
export const cdfAbove = (x: AnyArray, low: Input, inside: (x: AnyArray) => AnyArray): AnyArray => {
  const isAbove = greater(x, low);
  return where(isAbove, inside(where(isAbove, x, add(low, 0.5))), 0);
};

/** c₀ + c₁ x + c₂ x² + …, by Horner's rule. */
export const polynomial = (coefficients: readonly number[], x: AnyArray): AnyArray =>
  coefficients.slice(0, -1).reduceRight<Input>((sum, c) => add(mul(sum, x), c), coefficients.at(-1)!) as AnyArray;

/** The distribution function of the standard Cauchy distribution: the angle of (−z, 1), which keeps its digits in the lower tail. */
export const cauchyCdf = (z: AnyArray): AnyArray => div(atan2(1, neg(z)), Math.PI);

/** Its inverse, tan(π(q − ½)): from the nearer end by the cotangent. */
export const cauchyQuantile = (q: AnyArray): AnyArray => {
  const cotangent = (tail: AnyArray): AnyArray => div(1, tan(mul(Math.PI, tail)));
  const upper = sub(1, q);
  return where(less(q, 0.25), neg(cotangent(q)), where(less(upper, 0.25), cotangent(upper), tan(mul(Math.PI, sub(q, 0.5)))));
};

/** Below every nonzero uniform number. A draw of 0, once in 2⁵³ or in 2²³, would have no logarithm. */
const SMALLEST_DRAW = 2 ** -60;

/** Uniform numbers above 0. */
export const positiveUniform = (key: Key, shape: Shape): AnyArray => maximum(uniform(key, shape), SMALLEST_DRAW);

/** Standard exponential numbers above 0. */
export const positiveExponential = (key: Key, shape: Shape): AnyArray => maximum(exponential(key, shape), SMALLEST_DRAW);
