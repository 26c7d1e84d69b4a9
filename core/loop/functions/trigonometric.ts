/** Sine, cosine and tangent, which share their reduction and their kernels. */
import {
  abs,
  add,
  bits,
  defineFunction,
  div,
  fromBits,
  horner,
  iadd,
  iand,
  ieq,
  ixor,
  mul,
  pmin,
  select,
  shl,
  shrU,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';

const TWO_OVER_PI = 0.6366197723675814;
/** π/2 in three parts: 33 bits, 33 bits, and the next 53. */
const HALF_PI: readonly [number, number, number] = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21];
/** Adding this rounds to an integer, whose lowest bits are then those of the sum. */
const ROUND = 1.5 * 2 ** 52;
/** Beyond this the quadrant is not known to a bit; what is given there is the value at this point. */
const LARGEST = 2 ** 45;

/** (sin r / r − 1) / r² as a polynomial in r² for |r| ≤ π/4: minimax, error 2^−55. */
const SINE: readonly number[] = [
  -0.16666666666666666, 0.008333333333330948, -0.00019841269836757408, 2.755731610178906e-6, -2.505113166029247e-8, 1.591811451157248e-10,
];
/** (cos r − 1 + r²/2) / r⁴ as a polynomial in r² for |r| ≤ π/4: minimax, error 2^−59. */
const COSINE: readonly number[] = [
  0.041666666666666664, -0.0013888888888887398, 2.4801587298764788e-5, -2.755731727117521e-7, 2.0876146138582637e-9, -1.1382622252241744e-11,
];

interface Reduced {
  /** The quadrant in the lowest bits. */
  readonly quadrant: Expr;
  readonly sine: Expr;
  readonly cosine: Expr;
}

/** |x| = n π/2 + r + rest with |r| ≤ π/4, and the sine and cosine of r + rest. */
const reduce = (x: Expr): Reduced => {
  const magnitude = abs(x);
  const a = pmin(magnitude, LARGEST);
  const shifted = add(mul(a, TWO_OVER_PI), ROUND);
  const n = sub(shifted, ROUND);
  // The first two products and differences are exact up to n = 2^20; the third brings what is left to 119 bits of π/2.
  const first = sub(a, mul(n, HALF_PI[0]));
  const second = mul(n, HALF_PI[1]);
  const leading = sub(first, second);
  const rounding = sub(sub(first, leading), second);
  // An infinite x is NaN from here on, by ∞ − ∞.
  const low = add(sub(rounding, mul(n, HALF_PI[2])), sub(magnitude, magnitude));
  const r = add(leading, low);
  const rest = add(sub(leading, r), low);
  const square = mul(r, r);
  const sine = add(r, add(mul(mul(square, r), horner(square, SINE)), rest));
  const half = mul(square, 0.5);
  const whole = sub(1, half);
  const cosine = add(whole, add(sub(sub(1, whole), half), sub(mul(mul(square, square), horner(square, COSINE)), mul(r, rest))));
  return { quadrant: toBits(shifted), sine, cosine };
};

/** Bit 1 of a quadrant, as the sign of a double. */
const signOfHalfTurn = (quadrant: Expr): Expr => shl(shrU(quadrant, 1), 63);

const isEven = (quadrant: Expr): Expr => ieq(iand(quadrant, bits(1n)), bits(0n));

/**
 * sin x; the sign of zero is kept, and ±Infinity gives NaN.
 *
 * x = n π/2 + r by Cody and Waite's reduction in three parts, then a polynomial in r². For |x| ≤ 2^20 π/2 the error is below 1.1 ulp
 * (2 million points against MPFR), beside the zeros too. Up to 2^45 the absolute error is below 2^−51 |x|; beyond, where a double says
 * little about the angle, the value is that at ±2^45. 61 operations.
 *
 * @see W. J. Cody, W. Waite: Software Manual for the Elementary Functions (1980), chapter 8
 * @see J.-M. Muller: Elementary Functions, 3rd edition (2016), chapter 11
 */
export const sin: ScalarFunction = defineFunction('sin', 1, (x) => {
  const { quadrant, sine, cosine } = reduce(x);
  const sign = ixor(signOfHalfTurn(quadrant), iand(toBits(x), bits(1n << 63n)));
  return fromBits(ixor(toBits(select(isEven(quadrant), sine, cosine)), sign));
});

/** cos x = sin(x + π/2), with the method and the bounds of `sin`. 60 operations. */
export const cos: ScalarFunction = defineFunction('cos', 1, (x) => {
  const { quadrant, sine, cosine } = reduce(x);
  const value = select(isEven(quadrant), cosine, sine);
  return fromBits(ixor(toBits(value), signOfHalfTurn(iadd(quadrant, bits(1n)))));
});

/** tan x = sin x / cos x; the sign of zero is kept, and ±Infinity gives NaN. The range is that of `sin`. Error below 2 ulp (9,000 points against mpmath); 62 operations. */
export const tan: ScalarFunction = defineFunction('tan', 1, (x) => {
  const { quadrant, sine, cosine } = reduce(x);
  const isSine = isEven(quadrant);
  const sign = ixor(shl(quadrant, 63), iand(toBits(x), bits(1n << 63n)));
  return fromBits(ixor(toBits(div(select(isSine, sine, cosine), select(isSine, cosine, sine))), sign));
});

/** (sin πf / πf − 1) / f² for |f| ≤ ½ as a polynomial in f²: minimax, error 2^−60 of sin πf / πf. */
const SINE_OF_PI: readonly number[] = [
  -1.6449340668482264, 0.8117424252833472, -0.1907518241217264, 0.02614784780893392, -0.0023460809228183217, 0.0001484279651560497, -6.9723932671759175e-6,
  2.453140664687044e-7,
];

/** sin πf / π for |f| ≤ ½, within 1 ulp. */
export const sineOfPiOverPi = (f: Expr): Expr => {
  const square = mul(f, f);
  return add(f, mul(mul(f, square), horner(square, SINE_OF_PI)));
};
