/** Temme's uniform expansion of the incomplete gamma functions for large a, and its derivative in a. */
import { abs, add, call, defineFunction, div, ge, le, lt, mul, neg, pmin, select, sqrt, sub, and, type Expr, type ScalarFunction } from '../expression.ts';
import { scaledErfc } from './erf.ts';
import { exp } from './exp.ts';
import { log1pmx } from './log1pmx.ts';
import { stirlingCorrection, stirlingCorrectionSlope } from './stirling.ts';

/** From this a on, and for |η| ≤ 1, the expansion is exact to double precision. */
const UNIFORM_FROM = 20;
/** Beyond this the scaled complement is not needed: what it is multiplied by has gone to 0. */
const LARGEST = 27.5;

/**
 * η / (λ − 1) in powers of η, where ½ η² = λ − 1 − log λ: Temme's λ(η), whose series converges for |η| < 2√π. Exact rationals to begin
 * with (1, −1/3, 1/12, −2/135, …); computed with 60 digits from (λ − 1) λ′ = η λ.
 */
const ETA_OVER_MU: readonly number[] = [
  1, -0.33333333333333333, 0.083333333333333333, -0.014814814814814815, 0.0011574074074074074, 0.0003527336860670194, -0.00017875514403292181,
  3.9192631785224378e-5, -2.1854485106799922e-6, -1.85406221071516e-6, 8.296711340953086e-7, -1.7665952736826079e-7, 6.7078535434014986e-9,
  1.0261809784240308e-8, -4.3820360184533532e-9, 9.1476995822367902e-10, -2.551419399494625e-11, -5.8307721325504251e-11, 2.4361948020667416e-11,
  -5.0276692801141756e-12, 1.1004392031956135e-13, 3.3717632624009854e-13, -1.3923887224181621e-13, 2.8534893807047443e-14, -5.1391118342425726e-16,
  -1.9752288294349443e-15, 8.0995211567045613e-16, -1.6522531216398162e-16, 2.5305430097478884e-18, 1.1686939738559577e-17, -4.7700370498204848e-18,
  9.6991260590562371e-19,
];

/** −½ η² = log λ − (λ − 1) for λ = x / a. */
export const minusHalfSquareOfEta = (a: Expr, x: Expr): Expr => call(log1pmx, div(sub(x, a), a));

/** Whether the expansion serves at a, where −½ η² is given. */
export const isUniform = (a: Expr, minusHalf: Expr): Expr => and(ge(a, UNIFORM_FROM), le(neg(minusHalf), 0.5));

const etaOf = (a: Expr, x: Expr, minusHalf: Expr): Expr => {
  const size = sqrt(mul(minusHalf, -2));
  return select(lt(x, a), neg(size), size);
};

interface Sums {
  /** S(η). */
  readonly sum: Expr;
  /** ∂S/∂a. */
  readonly slope: Expr;
}

/** S solves S′/a − η S = 1 − (η / μ) / Γ*(a), which makes the coefficients of its power series in η a backward recurrence. */
const sumsOf = (a: Expr, eta: Expr, inverseStar: Expr, inverseStarSlope: Expr): Sums => {
  const inverse = div(1, a);
  const [values, slopes] = [new Array<Expr>(), new Array<Expr>()];
  for (let n = ETA_OVER_MU.length - 1; n >= 1; n--) {
    const f = ETA_OVER_MU[n]!;
    const carried = values.length < 2 ? undefined : mul(mul(values.at(-2)!, n + 1), inverse);
    const carriedSlope = carried === undefined ? undefined : mul(sub(mul(slopes.at(-2)!, n + 1), carried), inverse);
    values.push(carried === undefined ? mul(inverseStar, f) : add(mul(inverseStar, f), carried));
    slopes.push(carriedSlope === undefined ? mul(inverseStarSlope, f) : add(mul(inverseStarSlope, f), carriedSlope));
  }
  const at = (coefficients: readonly Expr[]): Expr => coefficients.reduce((total, c) => add(mul(total, eta), c));
  return { sum: at(values), slope: at(slopes) };
};

/**
 * Of P and Q the one that is not above ½ at a ≥ 20, |η| ≤ 1, from a, x and −½ η²: e^(−½aη²) (½ erfcx(|η| √(a/2)) ± S / √(2πa)).
 *
 * @see N. M. Temme: The asymptotic expansion of the incomplete gamma functions, SIAM J. Math. Anal. 10 (1979)
 * @see NIST Digital Library of Mathematical Functions, 8.12.4
 */
export const uniformGammaTail: ScalarFunction = defineFunction('uniformGammaTail', 3, (a, x, minusHalf) => {
  const eta = etaOf(a, x, minusHalf);
  const { sum } = sumsOf(a, eta, call(exp, neg(call(stirlingCorrection, a))), a);
  const scaled = scaledErfc(pmin(mul(abs(eta), sqrt(mul(a, 0.5))), LARGEST));
  const signed = select(lt(x, a), neg(sum), sum);
  return mul(call(exp, mul(a, minusHalf)), add(mul(scaled, 0.5), div(signed, sqrt(mul(a, 2 * Math.PI)))));
});

/**
 * −(∂P/∂a) / (x^a e^−x / Γ(a + 1)) on the same domain: the expansion differentiated termwise, where the exponentials cancel.
 *
 * @see A. Gil, J. Segura, N. M. Temme: Efficient and accurate algorithms for the computation and inversion of the incomplete gamma function
 * ratios, SIAM J. Sci. Comput. 34 (2012)
 */
export const uniformGammaSlope: ScalarFunction = defineFunction('uniformGammaSlope', 3, (a, x, minusHalf) => {
  const eta = etaOf(a, x, minusHalf);
  const star = call(exp, call(stirlingCorrection, a));
  const inverseStar = div(1, star);
  const { sum, slope } = sumsOf(a, eta, inverseStar, mul(neg(call(stirlingCorrectionSlope, a)), inverseStar));
  const correction = mul(sub(div(0.5, a), minusHalf), sum);
  return add(mul(star, sub(sub(slope, mul(eta, 0.5)), correction)), 1);
});
