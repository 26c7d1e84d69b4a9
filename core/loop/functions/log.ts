/** The natural logarithm: log x and log(1 + x), from one reduction. */
import {
  add,
  and,
  bits,
  defineFunction,
  div,
  eq,
  fromBits,
  gt,
  iadd,
  iand,
  ior,
  isub,
  lt,
  mul,
  ne,
  polynomial,
  select,
  shrU,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import type { DoubleDouble } from './doubleDouble.ts';
import { LN2_HIGH, LN2_LOW } from './exp.ts';

const ONE = 0x3ff0000000000000n;
const SQRT_HALF = 0x3fe6a09e667f3bcdn;
const EXPONENT = 0x7ff0000000000000n;
const MANTISSA = 0x000fffffffffffffn;
/** Or-ing a small integer into the bits of 2^52 gives that double plus the integer. */
const TWO_52 = 0x4330000000000000n;
/** Keeps the exponents of scaled subnormals above 0 while they are integers. */
const MARGIN = 64;

/** (2 atanh s − 2 s) / s³ as a polynomial in s² for 1 + f in [√½, √2], s = f / (2 + f): minimax, error 2^−51, of which log(1 + f) keeps 2^−57. */
const ATANH: readonly number[] = [
  0.666666666666667, 0.39999999999898495, 0.28571428626376233, 0.22222211076546297, 0.18182892951225108, 0.15331605794580813, 0.14617763992693425,
];

/**
 * f − log(1 + f) − more for 1 + f in [√½, √2]: f²/2 − s (f²/2 + R) − more, where log(1 + f) = 2 s + s R and f = 2 s + s f. The rounded
 * quotient s counts little, since f²/2 is taken out of what it multiplies.
 */
export const logDeficit = (f: Expr, more: Expr): Expr => {
  const s = div(f, add(f, 2));
  const square = mul(s, s);
  const half = mul(mul(f, 0.5), f);
  return sub(half, add(mul(s, add(half, mul(square, polynomial(square, ATANH)))), more));
};

/** k ln 2 + log(1 + f), before the last rounding. */
export const logParts = (k: Expr, f: Expr): DoubleDouble => {
  const shift = mul(k, LN2_HIGH);
  const high = add(shift, f);
  return { high, low: sub(sub(f, sub(high, shift)), logDeficit(f, mul(k, LN2_LOW))) };
};

/** x = 2^k m for x > 0, m in [√½, √2), subnormal x included. */
export const mantissaAndExponent = (x: Expr): { readonly k: Expr; readonly m: Expr } => {
  const scale = select(lt(x, 2 ** -1022), 2 ** 54, 1);
  const relative = isub(toBits(mul(x, scale)), toBits(scale));
  const shifted = iadd(relative, bits(2n * ONE - SQRT_HALF + (BigInt(MARGIN) << 52n)));
  const k = sub(fromBits(ior(shrU(shifted, 52), bits(TWO_52))), 2 ** 52 + 1023 + MARGIN);
  return { k, m: fromBits(iadd(iand(shifted, bits(MANTISSA)), bits(SQRT_HALF))) };
};

/** log x for x > 0 in two parts, the second what the rounding of their sum would lose; anything for other x. */
export const logOf = (x: Expr): DoubleDouble => {
  const { k, m } = mantissaAndExponent(x);
  return logParts(k, sub(m, 1));
};

/**
 * log x for every double: −Infinity at ±0, NaN below.
 *
 * x = 2^k (1 + f), log(1 + f) = f − f²/2 + s (f²/2 + R(s²)) with s = f / (2 + f). Error below 0.9 ulp (2.4 million points
 * against MPFR); 46 operations.
 *
 * @see W. J. Cody, W. Waite: Software Manual for the Elementary Functions (1980), chapter 5
 * @see P. T. P. Tang: Table-driven implementation of the logarithm function in IEEE floating-point arithmetic, ACM TOMS 16 (1990)
 */
export const log: ScalarFunction = defineFunction('log', 1, (x) => {
  const { high, low } = logOf(x);
  return select(gt(x, 0), select(lt(x, Infinity), add(high, low), x), select(eq(x, 0), -Infinity, NaN));
});

/**
 * log(1 + x) for every double: −Infinity at −1, NaN below; the sign of zero is kept.
 *
 * As log u with u = 1 + x rounded, and what the rounding lost added to the reduced argument. Error below 1.5 ulp (2 million
 * points against MPFR); 52 operations.
 *
 * @see N. H. F. Beebe: The Mathematical-Function Computation Handbook (2017), chapter 10
 */
export const log1p: ScalarFunction = defineFunction('log1p', 1, (x) => {
  const u = add(x, 1);
  const lost = sub(x, sub(u, 1));
  const shifted = iadd(toBits(u), bits(ONE - SQRT_HALF));
  const k = sub(fromBits(ior(shrU(shifted, 52), bits(TWO_52))), 2 ** 52 + 1023);
  const m = fromBits(iadd(iand(shifted, bits(MANTISSA)), bits(SQRT_HALF)));
  // 2^(1−k): of 2^−k the largest u would leave nothing.
  const scale = fromBits(isub(bits(2047n << 52n), iand(shifted, bits(EXPONENT))));
  const { high, low } = logParts(k, add(sub(m, 1), mul(mul(lost, scale), 0.5)));
  const inside = select(and(lt(x, Infinity), ne(x, 0)), add(high, low), x);
  return select(gt(u, 0), inside, select(eq(u, 0), -Infinity, NaN));
});
