/** The exponential: eˣ and eˣ − 1, from one reduction. */
import {
  abs,
  add,
  defineFunction,
  estrin,
  fromBits,
  isub,
  lt,
  mul,
  pmax,
  pmin,
  select,
  shl,
  shrU,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';

const LOG2_E = 1.4426950408889634;
/** ln 2 in two parts; the first has 33 bits, so that its product with an exponent is exact. */
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;

/** Adding this rounds to an integer k and leaves k + 2046 in the lowest bits: twice the bias of an exponent, for the two steps of the scaling. */
const ROUND_FOR_HALVES = 1.5 * 2 ** 52 + 2046;
/** The same with k + 1022: the exponent bits of 2^(k−1). */
const ROUND_FOR_HALF = 1.5 * 2 ** 52 + 1022;

/** (e^r − 1 − r) / r² as a polynomial in r for |r| ≤ ln 2 / 2 that begins with exactly ½: minimax, error 2^−57 of e^r. */
const REST: readonly number[] = [
  0.5, 0.16666666666666438, 0.041666666666604665, 0.008333333333497383, 0.0013888888926540004, 0.00019841269470018363, 2.4801508977216675e-5,
  2.7557638753703523e-6, 2.762507814240428e-7, 2.4978739040034864e-8,
];

interface Reduced {
  /** The rounded quotient, with k in its lowest bits. */
  readonly shifted: Expr;
  /** x − k ln 2 up to a small part: exact. */
  readonly high: Expr;
  /** e^r − 1 − high, where r is all that is left of x. */
  readonly rest: Expr;
}

/** x + tail = k ln 2 + r with |r| ≤ ln 2 / 2, and e^r = 1 + r + r² REST(r): no division, on which all else would wait. */
const reduce = (x: Expr, round: number, tail?: Expr): Reduced => {
  const shifted = add(mul(x, LOG2_E), round);
  const k = sub(shifted, round);
  const high = sub(x, mul(k, LN2_HIGH));
  const low = tail === undefined ? mul(k, LN2_LOW) : sub(mul(k, LN2_LOW), tail);
  const r = sub(high, low);
  return { shifted, high, rest: sub(mul(mul(r, r), estrin(r, REST)), low) };
};

/** e^r. The part of x that is exact is added to 1 first, with its rounding error kept, so that little but the last rounding is lost. */
const mantissaOf = (high: Expr, rest: Expr): Expr => {
  const leading = add(high, 1);
  return add(leading, add(add(sub(1, leading), high), rest));
};

/**
 * e^(x + tail) for a tail of at most about 1e-3; x is cut off at −746 and 710, where the result has long left the doubles.
 */
export const expOf = (x: Expr, tail?: Expr): Expr => {
  const { shifted, high, rest } = reduce(pmax(pmin(x, 710), -746), ROUND_FOR_HALVES, tail);
  // 2^k as two factors: either may be a double where 2^k is none, above and below.
  const biased = toBits(shifted);
  const half = shrU(biased, 1);
  return mul(mul(mantissaOf(high, rest), fromBits(shl(half, 52))), fromBits(shl(isub(biased, half), 52)));
};

/**
 * eˣ for every double: 0 below −745.14, subnormal results rounded, +Infinity above 709.79.
 *
 * x = k ln 2 + r by Cody and Waite's reduction; e^r is a polynomial. Error below 0.8 ulp (60,000 points against exact arithmetic); 43
 * operations.
 *
 * @see W. J. Cody, W. Waite: Software Manual for the Elementary Functions (1980), chapter 6
 * @see J.-M. Muller: Elementary Functions, 3rd edition (2016), chapters 3 (minimax) and 11 (range reduction)
 */
export const exp: ScalarFunction = defineFunction('exp', 1, (x) => expOf(x));

/** Adding this rounds to an integer k and leaves k + 1023 + 64 in the lowest bits: the exponent bits of 2^(k+64). */
const ROUND_FOR_DECAY = 1.5 * 2 ** 52 + 1023 + 64;

/** eˣ for x ≤ 0, the bits that `exp` gives, in 39 operations: 2^(k+64) is a double for every k that is left, and the second factor a constant. */
export const decay: ScalarFunction = defineFunction('decay', 1, (x) => {
  const { shifted, high, rest } = reduce(pmax(x, -746), ROUND_FOR_DECAY);
  return mul(mul(mantissaOf(high, rest), fromBits(shl(toBits(shifted), 52))), 2 ** -64);
});

/**
 * eˣ − 1 for every double, with full relative accuracy at 0, where the sign of zero is kept.
 *
 * 2^k (e^r − 1) + (2^k − 1), both halved until the end since 2^1024 is no double. Error below 1.7 ulp (45,000 points
 * against exact arithmetic); 41 operations.
 *
 * @see P. T. P. Tang: Table-driven implementation of the expm1 function in IEEE floating-point arithmetic, ACM TOMS 18 (1992)
 */
export const expm1: ScalarFunction = defineFunction('expm1', 1, (x) => {
  const { shifted, high, rest } = reduce(pmax(pmin(x, 710), -60), ROUND_FOR_HALF);
  const scale = fromBits(shl(toBits(shifted), 52));
  const half = add(mul(add(high, rest), scale), sub(scale, 0.5));
  return select(lt(abs(x), 2 ** -54), x, mul(half, 2));
});
