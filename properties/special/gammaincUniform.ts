/** Temme's uniform expansion of the incomplete gamma functions for large a, and its derivative with respect to a. */
import { erfcx } from './erf.ts';
import { log1pmx } from './log1pmx.ts';
import { horner } from './polynomial.ts';
import { stirlingCorrection, stirlingCorrectionSlope } from './stirling.ts';

const TWO_PI = 2 * Math.PI;

/** From this a on, and for |η| ≤ 1, the expansion is exact to double precision. */
export const UNIFORM_FROM = 20;

/**
 * η / (λ − 1) in powers of η, where ½ η² = λ − 1 − log λ: Temme's λ(η), whose series converges for |η| < 2√π. Exact rationals to begin
 * with (1, −1/3, 1/12, −2/135, …); computed with 60 digits from (λ − 1) λ' = η λ.
 */
const ETA_OVER_MU: readonly number[] = [
  1, -0.33333333333333333, 0.083333333333333333, -0.014814814814814815, 0.0011574074074074074, 0.0003527336860670194, -0.00017875514403292181,
  3.9192631785224378e-5, -2.1854485106799922e-6, -1.85406221071516e-6, 8.296711340953086e-7, -1.7665952736826079e-7, 6.7078535434014986e-9,
  1.0261809784240308e-8, -4.3820360184533532e-9, 9.1476995822367902e-10, -2.551419399494625e-11, -5.8307721325504251e-11, 2.4361948020667416e-11,
  -5.0276692801141756e-12, 1.1004392031956135e-13, 3.3717632624009854e-13, -1.3923887224181621e-13, 2.8534893807047443e-14, -5.1391118342425726e-16,
  -1.9752288294349443e-15, 8.0995211567045613e-16, -1.6522531216398162e-16, 2.5305430097478884e-18, 1.1686939738559577e-17, -4.7700370498204848e-18,
  9.6991260590562371e-19,
];

/** What the regularised incomplete gamma functions are made of at one point. */
export interface GammaRatios {
  /** P(a, x). */
  readonly lower: number;
  /** Q(a, x) = 1 − P(a, x), not by subtraction where it is the small one. */
  readonly upper: number;
  /** x^a e^−x / Γ(a + 1). */
  readonly scale: number;
  /** −(∂P/∂a) / scale. */
  readonly slope: number;
}

/** η of Temme, with the sign of x − a: ½ η² = λ − 1 − log λ for λ = x / a. */
export const temmeEta = (a: number, x: number): number => {
  const mu = (x - a) / a;
  const half = mu > -0.6 ? -log1pmx(mu) : mu - Math.log(x / a);
  return Math.sign(mu) * Math.sqrt(2 * half);
};

/**
 * P, Q and ∂P/∂a for a ≥ 20 and |η| ≤ 1, by Temme's uniform expansion: Q = ½ erfc(η √(a/2)) + exp(−½ a η²) S / √(2πa) (DLMF 8.12.4).
 *
 * S(η) solves S'/a − η S = 1 − (η / μ) / Γ*(a), which makes the coefficients of its power series in η a backward recurrence: Temme,
 * "The asymptotic expansion of the incomplete gamma functions", SIAM J. Math. Anal. 10 (1979), and Gil, Segura and Temme, "Efficient and
 * accurate algorithms for the computation and inversion of the incomplete gamma function ratios", SIAM J. Sci. Comput. 34 (2012).
 * The derivative follows termwise; in its ratio to the density the exponentials cancel, so it neither over- nor underflows.
 */
export const uniformGammaRatios = (a: number, eta: number): GammaRatios => {
  const gammaStar = Math.exp(stirlingCorrection(a));
  const inverse = 1 / gammaStar;
  const inverseSlope = -stirlingCorrectionSlope(a) * inverse;
  const s = new Array<number>(ETA_OVER_MU.length + 1).fill(0);
  const sSlope = new Array<number>(ETA_OVER_MU.length + 1).fill(0);
  for (let n = ETA_OVER_MU.length - 1; n >= 1; n--) {
    const f = ETA_OVER_MU[n]!;
    const carried = ((n + 1) * s[n + 1]!) / a;
    s[n - 1] = f * inverse + carried;
    sSlope[n - 1] = f * inverseSlope + ((n + 1) * sSlope[n + 1]! - carried) / a;
  }
  const sum = horner(s, eta);
  const exponent = 0.5 * eta * eta;
  const peak = Math.exp(-a * exponent);
  const root = Math.sqrt(TWO_PI * a);
  const sign = eta < 0 ? -1 : 1;
  const tail = peak * (0.5 * erfcx(Math.abs(eta) * Math.sqrt(0.5 * a)) + (sign * sum) / root);
  return {
    lower: sign < 0 ? tail : 1 - tail,
    upper: sign < 0 ? 1 - tail : tail,
    scale: (peak * inverse) / root,
    slope: 1 + gammaStar * (horner(sSlope, eta) - 0.5 * eta - (exponent + 0.5 / a) * sum),
  };
};
