/** What the probabilities of counts are made of, so that no digits are lost at large counts: peaks, and the fall from them. */
import { digamma, lgamma, lgamma1p } from './gamma.ts';
import { poissonExponent as exponentOfPositive } from './log1pmx.ts';
import { logMinusDigamma, logMinusDigammaDrop as dropOfSeries, stirlingCorrection, stirlingCorrectionDrop, STIRLING_FROM } from './stirling.ts';

const LOG_TWO_PI = 1.8378770664093453;

/**
 * log(xˣ e⁻ˣ / Γ(x + 1)), the log-probability that a Poisson variate of mean x is x, for x ≥ 0; NaN below.
 *
 * Its negative is the Stirling error of Loader, "Fast and accurate computation of binomial probabilities" (2000), and ½ log 2πx.
 */
export const logPoissonPeak = (x: number): number => {
  if (!(x >= 0)) return NaN;
  if (x >= STIRLING_FROM) return -0.5 * (LOG_TWO_PI + Math.log(x)) - stirlingCorrection(x);
  return x === 0 ? 0 : x * (Math.log(x) - 1) - lgamma1p(x);
};

/** a log(x / a) + a − x ≤ 0 for a, x ≥ 0, also at 0: the exponent of xᵃ e⁻ˣ against its maximum at x = a. NaN for negative arguments. */
export const poissonExponent = (a: number, x: number): number => (!(a >= 0 && x >= 0) ? NaN : a === 0 ? -x : x === 0 ? -Infinity : exponentOfPositive(a, x));

/** log(xˣ e⁻ˣ / Γ(x)) for x > 0. */
const logGammaPeak = (x: number): number => (x >= STIRLING_FROM ? 0.5 * (Math.log(x) - LOG_TWO_PI) - stirlingCorrection(x) : x * (Math.log(x) - 1) - lgamma(x));

/**
 * g(b) − g(b + a), g(x) = log(xˣ e⁻ˣ / Γ(x)), for b > 0 and a ≥ 0: what log Γ(b + a) − log Γ(b) has beyond (b + a) log(b + a) − b log b − a.
 * It is 0 at a = 0 and tends to 0 for large b.
 */
export const logGammaPeakDrop = (b: number, a: number): number => {
  if (!(b >= 0 && a >= 0)) return NaN;
  if (a === 0) return 0;
  if (b >= STIRLING_FROM) return -0.5 * Math.log1p(a / b) - stirlingCorrectionDrop(b, a);
  return b === 0 ? -Infinity : logGammaPeak(b) - logGammaPeak(b + a);
};

/** log x − ψ(x) for x > 0. */
const logMinusPsi = (x: number): number => (x >= STIRLING_FROM ? logMinusDigamma(x) : Math.log(x) - digamma(x));

/** h(b) − h(b + a), h(x) = log x − ψ(x), for b > 0 and a ≥ 0: the derivative of `logGammaPeakDrop` in b, ψ(b + a) − ψ(b) − log(1 + a/b). */
export const logMinusDigammaDrop = (b: number, a: number): number => {
  if (!(b >= 0 && a >= 0)) return NaN;
  if (a === 0) return 0;
  if (b >= STIRLING_FROM) return dropOfSeries(b, a);
  return b === 0 ? Infinity : logMinusPsi(b) - logMinusPsi(b + a);
};
