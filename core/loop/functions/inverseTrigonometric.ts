/** The inverse sine, cosine and tangent. */
import { abs, add, bits, defineFunction, div, eq, gt, horner, ilt, lt, max, min, mul, neg, select, sqrt, sub, toBits } from '../expression.ts';
import type { Expr, ScalarFunction } from '../expression.ts';
import { split } from './doubleDouble.ts';
import { withSignOf } from './hyperbolic.ts';

/** tan π/8. */
const TAN_EIGHTH = 0.41421356237309503;
/** π, π/2 and π/4 as doubles, each with what that double lacks. */
const PI: readonly [number, number] = [3.141592653589793, 1.2246467991473532e-16];
const HALF_PI: readonly [number, number] = [1.5707963267948966, 6.123233995736766e-17];
const QUARTER_PI: readonly [number, number] = [0.7853981633974483, 3.061616997868383e-17];

/** (atan t / t − 1) / t² for |t| ≤ tan π/8 as a polynomial in t²: the Chebyshev interpolant, relative error 2^−57 of atan. */
const ATAN: readonly number[] = [
  -0.3333333333333333, 0.1999999999999552, -0.14285714284666542, 0.11111111015256361, -0.09090904578123903, 0.07692183190826087, -0.06664511447381948,
  0.0585814891280221, -0.0508544973794026, 0.03923165829558719, -0.01917688711906226,
];

/** (asin t / t − 1) / t² for |t| ≤ ½ as a polynomial in t²: the Chebyshev interpolant, relative error 2^−57 of asin. */
const ASIN: readonly number[] = [
  0.16666666666666669, 0.07499999999998433, 0.04464285714635543, 0.030381944138531247, 0.02237217294214989, 0.017352392720869973, 0.013971212973552933,
  0.011479177415184906, 0.01032281435018578, 0.005457506718640358, 0.01740087944269402, -0.014851887071247204, 0.028757851367421566,
];

/** atan q for 0 ≤ q ≤ 1: from tan π/8 on as π/4 + atan((q − 1) / (q + 1)). */
const atanOfUnit = (q: Expr): Expr => {
  const isFar = gt(q, TAN_EIGHTH);
  const t = div(select(isFar, sub(q, 1), q), select(isFar, add(q, 1), 1));
  const square = mul(t, t);
  const rest = add(mul(mul(t, square), horner(square, ATAN)), select(isFar, QUARTER_PI[1], 0));
  return add(select(isFar, QUARTER_PI[0], 0), add(t, rest));
};

/** A constant of two parts less an angle. */
const less = (from: readonly [number, number], angle: Expr): Expr => sub(from[0], sub(angle, from[1]));

/**
 * atan x for every double; the sign of zero is kept.
 *
 * |x| > 1: π/2 − atan(1/|x|). Then a polynomial in t², |t| ≤ tan π/8. Error below 2.1 ulp (12,000 points against mpmath); 43 operations.
 *
 * @see J.-M. Muller: Elementary Functions, 3rd edition (2016), chapter 11
 */
export const atan: ScalarFunction = defineFunction('atan', 1, (x) => {
  const a = abs(x);
  const isLarge = gt(a, 1);
  const angle = atanOfUnit(select(isLarge, div(1, a), a));
  return withSignOf(select(isLarge, less(HALF_PI, angle), angle), x);
});

/**
 * The angle of the point (x, y), in [−π, π], for all doubles, with the signs of zeros told apart as C99 has it.
 *
 * atan of the smaller over the larger of |x| and |y|, and from there by π/2 − and π −. Error below 2.3 ulp (12,000 points against mpmath); 53 operations.
 *
 * @see ISO/IEC 9899:1999 (C99), F.9.1.4
 */
export const atan2: ScalarFunction = defineFunction('atan2', 2, (y, x) => {
  const [a, b] = [abs(y), abs(x)];
  const large = max(a, b);
  const small = min(a, b);
  // Equal magnitudes, also two infinities, give 1; two zeros give 0.
  const quotient = select(eq(large, 0), 0, select(eq(large, small), 1, div(small, large)));
  const angle = atanOfUnit(quotient);
  const fromAxis = select(gt(a, b), less(HALF_PI, angle), angle);
  return withSignOf(select(ilt(toBits(x), bits(0n)), less(PI, fromAxis), fromAxis), y);
});

interface Halves {
  /** s = √((1 − |x|) / 2), for |x| > ½, and its leading 26 bits. */
  readonly root: Expr;
  readonly high: Expr;
  /** asin s − high. */
  readonly rest: Expr;
  /** asin |x| − |x|, for |x| ≤ ½. */
  readonly excess: Expr;
  readonly isFar: Expr;
}

/** asin |x| = π/2 − 2 asin s, where s² = (1 − |x|) / 2 is exact. */
const halvesOf = (a: Expr): Halves => {
  const isFar = gt(a, 0.5);
  const half = mul(sub(1, a), 0.5);
  const square = select(isFar, half, mul(a, a));
  const root = sqrt(half);
  const { high } = split(root);
  // What the leading bits leave of the exact root.
  const low = select(eq(root, 0), 0, div(sub(half, mul(high, high)), add(root, high)));
  const excess = mul(mul(select(isFar, root, a), square), horner(square, ASIN));
  return { root, high, rest: add(low, excess), excess, isFar };
};

/**
 * asin x: NaN beyond ±1; the sign of zero is kept.
 *
 * |x| ≤ ½: a polynomial in x². Beyond: π/2 − 2 asin √((1 − |x|) / 2), the root in two parts. Error below 0.8 ulp (12,000 points against mpmath); 51 operations.
 *
 * @see N. H. F. Beebe: The Mathematical-Function Computation Handbook (2017), chapter 11
 */
export const asin: ScalarFunction = defineFunction('asin', 1, (x) => {
  const a = abs(x);
  const { high, rest, excess, isFar } = halvesOf(a);
  const far = add(sub(HALF_PI[0], mul(high, 2)), sub(HALF_PI[1], mul(rest, 2)));
  return withSignOf(select(isFar, far, add(a, excess)), x);
});

/** acos x: NaN beyond ±1. As π/2 − asin x for |x| ≤ ½, and by the half angle beyond. Error below 0.9 ulp (15,000 points against mpmath); 60 operations. */
export const acos: ScalarFunction = defineFunction('acos', 1, (x) => {
  const a = abs(x);
  const { high, rest, excess, isFar } = halvesOf(a);
  const isNegative = lt(x, 0);
  const doubled = mul(add(high, rest), 2);
  const beyond = select(isNegative, add(sub(PI[0], mul(high, 2)), sub(PI[1], mul(rest, 2))), doubled);
  const near = sub(HALF_PI[0], sub(select(isNegative, sub(neg(excess), HALF_PI[1]), sub(excess, HALF_PI[1])), select(isNegative, a, neg(a))));
  return select(isFar, beyond, near);
});
