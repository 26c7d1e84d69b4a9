/** Stirling's series for log Γ and ψ, and the differences f(b + a) − f(b) that keep full precision where a is small beside b. */
import { horner } from './polynomial.ts';

/** From here on Stirling's series below are exact to double precision. */
export const STIRLING_FROM = 10;

/** B₂ₖ / (2k (2k − 1)), DLMF 5.11.1. */
const LOG_GAMMA_SERIES: readonly number[] = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400, 43867 / 244188];

/** B₂ₖ / (2k), DLMF 5.11.2. */
const DIGAMMA_SERIES: readonly number[] = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160, 43867 / 14364];

/**
 * log Γ(x) − ((x − ½) log x − x + ½ log 2π) for x ≥ 10, within 4e-16 relative (DLMF 5.11.1).
 *
 * Its exponential is the scaled gamma function Γ* of Temme.
 */
export const stirlingCorrection = (x: number): number => horner(LOG_GAMMA_SERIES, 1 / x / x) / x;

/** log x − ψ(x) for x ≥ 10, within 4e-16 relative (DLMF 5.11.2). */
export const logMinusDigamma = (x: number): number => {
  const s = 1 / x / x;
  return 0.5 / x + s * horner(DIGAMMA_SERIES, s);
};

/** The derivative of `stirlingCorrection`, ψ(x) − log x + 1 / (2x), for x ≥ 10. */
export const stirlingCorrectionSlope = (x: number): number => {
  const s = 1 / x / x;
  return -s * horner(DIGAMMA_SERIES, s);
};

/** Σ c[k] (uᵏ⁺¹ − vᵏ⁺¹) with u − v given, so that nothing cancels where u and v are close. */
const seriesDifference = (c: readonly number[], u: number, v: number, uMinusV: number): number => {
  let sum = 0;
  let difference = uMinusV;
  let power = v;
  for (let k = 0; k < c.length; k++) {
    sum += c[k]! * difference;
    difference = u * difference + uMinusV * power;
    power *= v;
  }
  return sum;
};

/** log b − ψ(b) − (log(b + a) − ψ(b + a)) for b ≥ 10, a ≥ 0, however small a is. */
export const logMinusDigammaDrop = (b: number, a: number): number => {
  const high = b + a;
  const u = 1 / b / b;
  const v = 1 / high / high;
  const uMinusV = (a / b / high) * (1 / b + 1 / high);
  return (0.5 * a) / b / high + seriesDifference(DIGAMMA_SERIES, u, v, uMinusV);
};

/** The number of unit steps that bring b to where Stirling's series holds. */
const stepsUp = (b: number): number => (b < STIRLING_FROM ? Math.ceil(STIRLING_FROM - b) : 0);

/**
 * ψ(b + a) − ψ(b) for b > 0, a ≥ 0, within 1e-15 relative, however small a is.
 *
 * ψ(b + 1) = ψ(b) + 1/b (DLMF 5.5.2) up to b ≥ 10, then the termwise difference of DLMF 5.11.2.
 */
export const digammaDifference = (b: number, a: number): number => {
  const steps = stepsUp(b);
  let sum = 0;
  for (let j = 0; j < steps; j++) sum += a / (b + j) / (a + b + j);
  const low = b + steps;
  return sum + Math.log1p(a / low) + logMinusDigammaDrop(low, a);
};

/** stirlingCorrection(b) − stirlingCorrection(b + a) for b ≥ 10, a ≥ 0. */
export const stirlingCorrectionDrop = (b: number, a: number): number => {
  const high = b + a;
  const u = 1 / b;
  const v = 1 / high;
  // The series has odd powers only: u · u²ᵏ − v · v²ᵏ = (u − v) u²ᵏ + v (u²ᵏ − v²ᵏ).
  const uMinusV = a / b / high;
  const squares = uMinusV * (u + v);
  return uMinusV * horner(LOG_GAMMA_SERIES, u * u) + v * seriesDifference(LOG_GAMMA_SERIES.slice(1), u * u, v * v, squares);
};

/**
 * log Γ(b + a) − log Γ(b) for b > 0, a ≥ 0, with an absolute error of a few units in the last place of its largest term, which is
 * proportional to a where a is small.
 *
 * DiDonato and Morris, "Algorithm 708", ACM TOMS 18 (1992), ALGDIV; below b = 10 by Γ(b + 1) = b Γ(b).
 */
export const lgammaDifference = (b: number, a: number): number => {
  const steps = stepsUp(b);
  let down = 0;
  for (let j = 0; j < steps; j++) down += Math.log1p(a / (b + j));
  const low = b + steps;
  return (low + a - 0.5) * Math.log1p(a / low) + a * (Math.log(low) - 1) - stirlingCorrectionDrop(low, a) - down;
};
