/** The logarithm of the gamma function. */
import {
  abs,
  add,
  and,
  call,
  defineFunction,
  div,
  eq,
  gt,
  horner,
  lt,
  mul,
  nearest,
  ne,
  neg,
  select,
  sub,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import type { DoubleDouble } from './doubleDouble.ts';
import { log, logOf } from './log.ts';
import { sineOfPiOverPi } from './trigonometric.ts';

/** From here on Stirling's series serves. */
const STIRLING_FROM = 4;

/**
 * log Γ(1 + w) / (w (w − 1)) − ¼ for 0 ≤ w ≤ 3 as a quotient of polynomials: near minimax, error 2^−58 of the whole. What is taken off at
 * the front is nearly all there is at large w, where the powers have gathered errors.
 */
const LEAST = 0.25;
const NUMERATOR: readonly number[] = [
  0.32721566490153287, 0.8906671472276881, 0.8817595436577147, 0.36531759145722764, 0.03732178362612473, -0.014317056937578938, -0.00378702388631797,
  -0.0002640382404062904, -4.370731030855726e-6,
];
const DENOMINATOR: readonly number[] = [
  1.0, 3.4714674069534337, 4.821613325283293, 3.4331681919939956, 1.3365971179861877, 0.2816454365211677, 0.029907805590948085, 0.0013608095945057226,
  1.7893469898998384e-5,
];

/** x times what Stirling's formula lacks, for x ≥ 4, as a polynomial in 1/x²: near minimax, error 2^−58 of log Γ. */
const STIRLING: readonly number[] = [
  0.08333333333333331, -0.0027777777777247014, 0.0007936507699869304, -0.0005952340077801196, 0.000841392820490967, -0.0018995129801677782,
  0.0058547604263804445, -0.01864684165712843, 0.03733379095940477,
];
/** ½ log 2π − ½. */
const STIRLING_CONSTANT = 0.4189385332046727;

interface LogGamma {
  readonly isBelowOne: Expr;
  /** log Γ(a), or log Γ(1 + a) where a < 1. */
  readonly shifted: Expr;
  /** log Γ(a). */
  readonly value: Expr;
}

/** log Γ(1 + w) for 0 ≤ w ≤ 3. */
const nearOf = (w: Expr): Expr => mul(mul(w, sub(w, 1)), add(div(horner(w, NUMERATOR), horner(w, DENOMINATOR)), LEAST));

/** log Γ(a) for a ≥ 4, from the two parts of log a: the error of one would be multiplied. */
const farOf = (a: Expr, { high, low }: DoubleDouble): Expr => {
  const inverse = div(1, a);
  const correction = mul(inverse, horner(mul(inverse, inverse), STIRLING));
  return add(mul(sub(a, 0.5), add(sub(high, 1), low)), add(correction, STIRLING_CONSTANT));
};

/** For a > 0. */
const logGamma = (a: Expr): LogGamma => {
  const logarithm = logOf(a);
  const isBelowOne = lt(a, 1);
  const near = nearOf(select(isBelowOne, a, sub(a, 1)));
  const shifted = select(lt(a, STIRLING_FROM), near, farOf(a, logarithm));
  return { isBelowOne, shifted, value: select(isBelowOne, sub(near, add(logarithm.high, logarithm.low)), shifted) };
};

/** log Γ(1 + z) for finite z ≥ 0, with full relative precision at z = 0, by the methods of `lgammaPositive`. */
export const lgamma1p: ScalarFunction = defineFunction('lgamma1p', 1, (z) => {
  const a = add(z, 1);
  return select(lt(z, STIRLING_FROM - 1), nearOf(z), farOf(a, logOf(a)));
});

/**
 * log Γ(x) for x ≥ 0, without the reflection that `lgamma` computes besides: +Infinity at 0 and Infinity, NaN below 0.
 *
 * Below 4: a quotient of polynomials times (x − 1)(x − 2), and Γ(x) = Γ(x + 1) / x below 1. From 4: Stirling's series. Error below
 * 3.6 ulp (2.8 million points against MPFR), beside the zeros at 1 and 2 too, where it gives −0 and 0; 115 operations.
 *
 * @see NIST Digital Library of Mathematical Functions, 5.5.1, 5.7.3 and 5.11.1
 */
export const lgammaPositive: ScalarFunction = defineFunction('lgammaPositive', 1, (x) => {
  const ordinary = select(lt(x, Infinity), logGamma(x).value, x);
  return select(gt(x, 0), ordinary, select(eq(x, 0), Infinity, NaN));
});

/**
 * log |Γ(x)| for every double: +Infinity at 0, −1, −2, … and ±Infinity.
 *
 * As `lgammaPositive`, and for x < 0 by log |Γ(x)| = −log |x sin πx / π| − log Γ(−x). Error below 3.6 ulp for x > 0; below 0 it is
 * below 3 ulp of the larger of the two terms, so that relative precision is lost only beside the zeros. 191 operations.
 *
 * @see NIST Digital Library of Mathematical Functions, 5.5.1, 5.5.3, 5.7.3 and 5.11.1
 */
export const lgamma: ScalarFunction = defineFunction('lgamma', 1, (x) => {
  const a = abs(x);
  const { isBelowOne, shifted, value } = logGamma(a);
  const f = sub(a, nearest(a));
  const sine = abs(sineOfPiOverPi(f));
  // Below 1 log a would be added and taken off again.
  const reflected = neg(add(call(log, mul(sine, select(isBelowOne, 1, a))), shifted));
  // Just below 0 both sides are −log a, and πa may be too small for a double.
  const ordinary = select(lt(x, -(2 ** -60)), select(eq(f, 0), Infinity, reflected), value);
  return select(and(gt(a, 0), lt(a, Infinity)), ordinary, select(ne(x, x), x, Infinity));
});
