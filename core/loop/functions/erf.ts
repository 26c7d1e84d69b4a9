/** The error function and its complement. */
import { abs, add, defineFunction, div, horner, lt, mul, neg, pmin, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { fastTwoSum, split } from './doubleDouble.ts';
import { expOf } from './exp.ts';
import { withSignOf } from './hyperbolic.ts';

/** erf x / x as a polynomial in x² for |x| ≤ ½: minimax, relative error 2^−57. */
const NEAR_ZERO: readonly number[] = [
  1.1283791670955126, -0.37612638903183465, 0.11283791670924394, -0.02686617063256875, 0.005223977367815722, -0.0008548297293151912, 0.00012053312581128318,
  -1.4845275280370208e-5, 1.4719934752557034e-6,
];
/** Where t = (a − CENTRE) / (a + CENTRE) is 0. */
const CENTRE = 3.5;
/** (1 + a) e^(a²) erfc a for 0 ≤ a ≤ 27.5 as a polynomial in t: near minimax, relative error 2^−57. It is flat at a = 0, where t has lost bits. */
const SCALED: readonly number[] = [
  0.6988214502400243, -0.21463711248519335, 0.1112874426340177, -0.031909714805632074, -0.010330895625586197, 0.021273196320898306, -0.01592328244624322,
  0.007428546164467041, -0.0019738174321986116, -6.85629725183766e-6, 0.0002281499751970103, -6.309321205440229e-5, -1.471881880489609e-5,
  1.1316670532998647e-5, 4.070684440860169e-7, -1.7232098826728062e-6, 6.88776490392565e-8, 2.708026416133336e-7, -1.1815004886194295e-8, -4.330942742676918e-8,
  -1.9832005746406753e-9, 5.148272146956354e-9, 1.1130766110222943e-9,
];

/** About what 1 / SCALED is: its value lies between 0.56 and 1. */
const INVERSE = 1.3;

/** e^(a²) erfc a for 0 ≤ a ≤ 27.5 is about `quotient` (1 + `relative`). */
interface Scaled {
  readonly quotient: Expr;
  readonly relative: Expr;
}

/** A polynomial over 1 + a, and what the roundings of both parts of the quotient lost. */
export const scaledErfcParts = (a: Expr): Scaled => {
  const t = div(sub(a, CENTRE), add(a, CENTRE));
  const scaled = fastTwoSum(SCALED[0]!, mul(t, horner(t, SCALED.slice(1))));
  const divisor = add(a, 1);
  const divisorRest = sub(a, sub(divisor, 1));
  const quotient = div(scaled.high, divisor);
  return { quotient, relative: mul(sub(scaled.low, mul(divisorRest, quotient)), INVERSE) };
};

/** e^(a²) erfc a for 0 ≤ a ≤ 27.5. */
export const scaledErfc = (a: Expr): Expr => scaledErfcParts(a).quotient;

/** erfc |x|: e^(−x²) times the scaled function, where the exponent is given what the roundings lost. */
const erfcOfAbs = (x: Expr): Expr => {
  const a = pmin(abs(x), 27.5);
  const { quotient, relative } = scaledErfcParts(a);
  // a² = h² + (a − h)(a + h), and h² is exact.
  const { high, low } = split(a);
  return mul(expOf(neg(mul(high, high)), sub(relative, mul(low, add(high, a)))), quotient);
};

/**
 * erf x for every double; the sign of zero is kept.
 *
 * |x| < ½: x times a polynomial in x². Beyond: 1 − erfc |x|. Error below 2.3 ulp (1.6 million points against MPFR); 126 operations.
 *
 * @see W. J. Cody: Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969)
 */
export const erf: ScalarFunction = defineFunction('erf', 1, (x) =>
  select(lt(abs(x), 0.5), mul(x, horner(mul(x, x), NEAR_ZERO)), withSignOf(sub(1, erfcOfAbs(x)), x)),
);

/**
 * 1 − erf x for every double, with full relative accuracy down to underflow near 27.2.
 *
 * e^(−x²) Q(x) for x ≥ 0, and 2 − erfc |x| below. Error below 3.1 ulp (2.4 million points against MPFR); 105 operations.
 *
 * @see M. M. Shepherd, J. G. Laframboise: Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞, Math. Comp. 36 (1981)
 */
export const erfc: ScalarFunction = defineFunction('erfc', 1, (x) => {
  const value = erfcOfAbs(x);
  return select(lt(x, 0), sub(2, value), value);
});
