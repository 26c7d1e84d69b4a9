/** The logarithm of the gamma function and its first two derivatives. */
import {
  abs,
  add,
  and,
  call,
  defineFunction,
  div,
  eq,
  ge,
  gt,
  horner,
  lt,
  mul,
  nearest,
  neg,
  select,
  sub,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import { log, logOf } from './log.ts';

/** From here on the asymptotic series serve. */
const ASYMPTOTIC_FROM = 4;

/**
 * log Γ(1 + w) / (w (w − 1)) − ¼ for 0 ≤ w ≤ 3 as a quotient of polynomials: near minimax, error 2^−58 of the whole. What is taken off at
 * the front is nearly all there is at large w, where the powers have gathered errors.
 */
const LGAMMA_LEAST = 0.25;
const LGAMMA_NUMERATOR: readonly number[] = [
  0.32721566490153287, 0.8906671472276881, 0.8817595436577147, 0.36531759145722764, 0.03732178362612473, -0.014317056937578938, -0.00378702388631797,
  -0.0002640382404062904, -4.370731030855726e-6,
];
const LGAMMA_DENOMINATOR: readonly number[] = [
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

/** sin πf / f for |f| ≤ ½ as a polynomial in f²: minimax, relative error 2^−62. */
const SINE_PI: readonly number[] = [
  3.141592653589793, -5.167712780049969, 2.550164039877294, -0.5992645293187383, 0.0821458865698929, -0.007370430478763247, 0.00046629968877218814,
  -2.1903185411586563e-5, 7.694727198625975e-7,
];
const LOG_PI = 1.1447298858494002;

/** log Γ(a) for a ≥ 0. */
const lgammaOfPositive = (a: Expr): Expr => {
  const { high, low } = logOf(a);
  // Between 0 and 1: Γ(a) = Γ(a + 1) / a, and a is itself the factor that is 0 with a + 1 − 1.
  const isBelowOne = lt(a, 1);
  const w = select(isBelowOne, a, sub(a, 1));
  const quotient = add(div(horner(w, LGAMMA_NUMERATOR), horner(w, LGAMMA_DENOMINATOR)), LGAMMA_LEAST);
  const near = sub(mul(mul(w, sub(w, 1)), quotient), select(isBelowOne, add(high, low), 0));
  const inverse = div(1, a);
  const correction = mul(inverse, horner(mul(inverse, inverse), STIRLING));
  // (a − ½)(log a − 1) with the logarithm unrounded: near e its leading part cancels.
  const whole = mul(sub(a, 0.5), add(sub(high, 1), low));
  const far = add(whole, add(correction, STIRLING_CONSTANT));
  return select(lt(a, ASYMPTOTIC_FROM), near, far);
};

/**
 * log Γ(x) for x ≥ 0, without the reflection that `lgamma` computes besides; NaN for x < 0.
 */
export const lgammaPositive: ScalarFunction = defineFunction('lgammaPositive', 1, (x) => {
  const value = lgammaOfPositive(abs(x));
  return select(and(gt(abs(x), 0), lt(x, Infinity)), value, abs(x));
});

/**
 * log |Γ(x)| for every double: +Infinity at 0, −1, −2, … and ±Infinity.
 */
export const lgamma: ScalarFunction = defineFunction('lgamma', 1, (x) => {
  const a = abs(x);
  const positive = lgammaOfPositive(a);
  const f = sub(a, nearest(a));
  const sine = abs(mul(f, horner(mul(f, f), SINE_PI)));
  const reflected = sub(sub(LOG_PI, call(log, mul(a, sine))), positive);
  const value = select(lt(x, 0), select(eq(f, 0), Infinity, reflected), positive);
  return select(and(gt(a, 0), lt(a, Infinity)), value, select(eq(x, x), Infinity, x));
});

/** ψ(1 + w) / (w + 1 − zero) − 7/16 for 0 ≤ w ≤ 3 as a quotient of polynomials: near minimax, error 2^−59 of the whole. */
const DIGAMMA_LEAST = 0.4375;
const DIGAMMA_NUMERATOR: readonly number[] = [
  0.8128801375034054, 0.9945948488971385, 0.32916057521134257, -0.013429125328620449, -0.023757790239298342, -0.0038025794326586866, -0.00019930235386221616,
  -2.677550851649569e-6,
];
const DIGAMMA_DENOMINATOR: readonly number[] = [
  1.0, 2.2749826501833774, 1.8712535825875258, 0.7241010181055981, 0.14057645452525036, 0.013271650920827178, 0.0005314770798295601, 6.1933510486338044e-6,
];
/** The positive zero of ψ less 1, and what that double lacks. */
const DIGAMMA_ZERO_LESS_ONE = 0.46163214496836236;
const DIGAMMA_ZERO_REST = -1.5522348162858677e-17;
/** x² (log x − 1 / 2x − ψ(x)) for x ≥ 4 as a polynomial in 1/x²: near minimax, error 2^−55. */
const DIGAMMA_FAR: readonly number[] = [
  0.08333333333333302, -0.008333333332484615, 0.003968253588376626, -0.004166600751639528, 0.007569950415037962, -0.020798212258686218, 0.07413351304549759,
  -0.2586977936047479, 0.544554108016012,
];
/** πf cot πf / (1 − 4f²) for |f| ≤ ½ as a quotient of polynomials in f²: minimax, relative error 2^−56. */
const COTANGENT_NUMERATOR: readonly number[] = [1.0, -0.6297123988337872, 0.0868131366489358, -0.0019408377324894213, -2.0028126109282825e-5];
const COTANGENT_DENOMINATOR: readonly number[] = [1.0, -1.339844265137339, 0.3623982474154827, -0.022553969917973295];

/**
 * ψ(x), the derivative of log Γ, for every double: ∓Infinity at ±0, NaN at −1, −2, … and −Infinity.
 */
export const digamma: ScalarFunction = defineFunction('digamma', 1, (x) => {
  const a = abs(x);
  const inverse = div(1, a);
  const isBelowOne = lt(a, 1);
  // a ≥ 0 below 1: ψ(a) = ψ(a + 1) − 1/a. The shift by 2 is exact where the zero is near.
  const w = select(isBelowOne, a, sub(a, 1));
  const distance = sub(sub(w, DIGAMMA_ZERO_LESS_ONE), DIGAMMA_ZERO_REST);
  const quotient = add(div(horner(w, DIGAMMA_NUMERATOR), horner(w, DIGAMMA_DENOMINATOR)), DIGAMMA_LEAST);
  const near = sub(mul(distance, quotient), select(isBelowOne, inverse, 0));
  const square = mul(inverse, inverse);
  const { high, low } = logOf(a);
  const far = add(high, sub(sub(low, mul(inverse, 0.5)), mul(square, horner(square, DIGAMMA_FAR))));
  const positive = select(lt(a, ASYMPTOTIC_FROM), near, far);
  const f = sub(a, nearest(a));
  const z = mul(f, f);
  const cotangent = div(mul(sub(1, mul(z, 4)), horner(z, COTANGENT_NUMERATOR)), mul(f, horner(z, COTANGENT_DENOMINATOR)));
  const reflected = add(add(positive, inverse), cotangent);
  const value = select(lt(x, 0), select(eq(f, 0), NaN, reflected), positive);
  return select(and(gt(a, 0), lt(x, Infinity)), value, select(eq(x, 0), neg(div(1, x)), x));
});
void ge;
