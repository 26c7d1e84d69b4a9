/** The first two derivatives of the logarithm of the gamma function. */
import { abs, add, and, defineFunction, div, eq, gt, horner, lt, mul, nearest, neg, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { logOf } from './log.ts';
import { sineOfPiOverPi } from './trigonometric.ts';

/** From here on the asymptotic series serve. */
const ASYMPTOTIC_FROM = 4;

/**
 * ψ(1 + w) / (w + 1 − zero) − 7/16 for 0 ≤ w ≤ 3 as a quotient of polynomials: near minimax, error 2^−59 of the whole. What is taken off at
 * the front is nearly all there is at large w, where the powers have gathered errors.
 */
const DIGAMMA_LEAST = 0.4375;
const DIGAMMA_NUMERATOR: readonly number[] = [
  0.8128801375034054, 0.9945948488971385, 0.32916057521134257, -0.013429125328620449, -0.023757790239298342, -0.0038025794326586866, -0.00019930235386221616,
  -2.677550851649569e-6,
];
const DIGAMMA_DENOMINATOR: readonly number[] = [
  1.0, 2.2749826501833774, 1.8712535825875258, 0.7241010181055981, 0.14057645452525036, 0.013271650920827178, 0.0005314770798295601, 6.1933510486338044e-6,
];
/** The positive zero of ψ less 1, and what that double lacks. */
const ZERO_LESS_ONE = 0.46163214496836236;
const ZERO_REST = -1.5522348162858677e-17;
/** x² (log x − 1 / 2x − ψ(x)) for x ≥ 4 as a polynomial in 1/x²: near minimax, error 2^−55 of ψ. */
const DIGAMMA_FAR: readonly number[] = [
  0.08333333333333302, -0.008333333332484615, 0.003968253588376626, -0.004166600751639528, 0.007569950415037962, -0.020798212258686218, 0.07413351304549759,
  -0.2586977936047479, 0.544554108016012,
];
/** πf cot πf / (1 − 4f²) for |f| ≤ ½ as a quotient of polynomials in f²: minimax, relative error 2^−56. */
const COTANGENT_NUMERATOR: readonly number[] = [1.0, -0.6297123988337872, 0.0868131366489358, -0.0019408377324894213, -2.0028126109282825e-5];
const COTANGENT_DENOMINATOR: readonly number[] = [1.0, -1.339844265137339, 0.3623982474154827, -0.022553969917973295];

/** π cot πf for |f| ≤ ½. */
const cotangentOfPi = (f: Expr): Expr => {
  const square = mul(f, f);
  // 1 − 4f² as two factors, which are exact near ½.
  const twice = add(f, f);
  return div(mul(mul(sub(1, twice), add(1, twice)), horner(square, COTANGENT_NUMERATOR)), mul(f, horner(square, COTANGENT_DENOMINATOR)));
};

/**
 * ψ(x), the derivative of log Γ, for every double: ∓Infinity at ±0, NaN at −1, −2, … and −Infinity.
 *
 * Below 4: a quotient of polynomials times x − zero, and ψ(x) = ψ(x + 1) − 1/x below 1. From 4: the asymptotic series. Below 0:
 * ψ(x) = ψ(1 − x) − π cot πx. Error below 3.3 ulp for x > 0 (2.4 million points against MPFR), beside the zero too; below 0 it is
 * below 4.5 ulp of the larger term. 144 operations.
 *
 * @see NIST Digital Library of Mathematical Functions, 5.5.2, 5.5.4 and 5.11.2
 */
export const digamma: ScalarFunction = defineFunction('digamma', 1, (x) => {
  const a = abs(x);
  const inverse = div(1, a);
  const isBelowOne = lt(a, 1);
  const w = select(isBelowOne, a, sub(a, 1));
  const quotient = add(div(horner(w, DIGAMMA_NUMERATOR), horner(w, DIGAMMA_DENOMINATOR)), DIGAMMA_LEAST);
  const near = mul(sub(sub(w, ZERO_LESS_ONE), ZERO_REST), quotient);
  const square = mul(inverse, inverse);
  const { high, low } = logOf(a);
  const far = add(high, sub(sub(low, mul(inverse, 0.5)), mul(square, horner(square, DIGAMMA_FAR))));
  // ψ(a), or ψ(1 + a) where a < 1.
  const shifted = select(lt(a, ASYMPTOTIC_FROM), near, far);
  const f = sub(a, nearest(a));
  const reflected = add(select(isBelowOne, near, add(shifted, inverse)), cotangentOfPi(f));
  const ordinary = select(lt(x, 0), select(eq(f, 0), NaN, reflected), select(isBelowOne, sub(near, inverse), shifted));
  return select(and(gt(a, 0), lt(a, Infinity)), ordinary, select(eq(x, 0), neg(div(1, x)), select(lt(x, 0), NaN, x)));
});

/** ψ′(1 + w) − ¼ for 0 ≤ w ≤ 3 as a quotient of polynomials: near minimax, error 2^−59 of the whole. */
const TRIGAMMA_LEAST = 0.25;
const TRIGAMMA_NUMERATOR: readonly number[] = [
  1.3949340668482264, 3.500626957333515, 3.505092704673304, 1.6336580226735389, 0.22972278184446715, -0.09702848542392324, -0.04346694743283471,
  -0.005165465698272772,
];
const TRIGAMMA_DENOMINATOR: readonly number[] = [
  1.0, 4.232989145497126, 7.4804328736521395, 7.183704039879675, 4.073258017253653, 1.372851145179077, 0.25651524330308156, 0.020661862709955302,
];
/** x³ (ψ′(x) − 1 / x − 1 / 2x²) for x ≥ 4 as a polynomial in 1/x²: near minimax, error 2^−55 of ψ′. */
const TRIGAMMA_FAR: readonly number[] = [
  0.16666666666666616, -0.033333333331582636, 0.0238095228359598, -0.03333312195075002, 0.07573398565616113, -0.25156934883936405, 1.1028039672303196,
  -5.340190814285981, 21.54011508548898, -47.05740673209723,
];

/**
 * ψ′(x), the derivative of ψ, for every double: +Infinity at 0, −1, −2, …, NaN at −Infinity.
 *
 * Below 4: a quotient of polynomials, and ψ′(x) = ψ′(x + 1) + 1/x² below 1. From 4: the asymptotic series. Below 0:
 * ψ′(x) = π² / sin² πx − ψ′(1 − x). Error below 3 ulp for x > 0 (1.2 million points against MPFR); below 0 it is below 4.5 ulp of the larger
 * term. 92 operations.
 *
 * @see NIST Digital Library of Mathematical Functions, 5.15.1, 5.15.5, 5.15.6 and 5.15.8
 */
export const trigamma: ScalarFunction = defineFunction('trigamma', 1, (x) => {
  const a = abs(x);
  const inverse = div(1, a);
  const isBelowOne = lt(a, 1);
  const w = select(isBelowOne, a, sub(a, 1));
  const near = add(div(horner(w, TRIGAMMA_NUMERATOR), horner(w, TRIGAMMA_DENOMINATOR)), TRIGAMMA_LEAST);
  const square = mul(inverse, inverse);
  const far = add(inverse, mul(inverse, add(mul(inverse, 0.5), mul(square, horner(square, TRIGAMMA_FAR)))));
  // ψ′(a), or ψ′(1 + a) where a < 1.
  const shifted = select(lt(a, ASYMPTOTIC_FROM), near, far);
  const f = sub(a, nearest(a));
  const sine = sineOfPiOverPi(f);
  const reflected = sub(div(1, mul(sine, sine)), select(isBelowOne, near, sub(shifted, square)));
  const ordinary = select(lt(x, 0), reflected, select(isBelowOne, add(near, square), shifted));
  return select(eq(x, -Infinity), NaN, ordinary);
});
