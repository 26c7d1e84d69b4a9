/** The derivatives of the incomplete gamma and beta functions in x: the densities of the gamma and beta distributions. */
import { betaScale } from './betainc.ts';
import { lbeta, lgamma1p } from './gamma.ts';
import { gammaScale } from './gammainc.ts';
import { lgammaDifference, STIRLING_FROM } from './stirling.ts';

/** What x^(a−1) is at 0, times a factor where a is 1. */
const atZero = (a: number, factor: number): number => (a < 1 ? Infinity : a === 1 ? factor : 0);

/**
 * x^(a−1) e^−x / Γ(a) for a ≥ 0 and x ≥ 0; NaN outside. For large a by the deviance from the maximum, so that nothing cancels.
 *
 * Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export const gammaincDx = (a: number, x: number): number => {
  if (!(a >= 0 && x >= 0)) return NaN;
  if (x === 0) return atZero(a, 1);
  if (a === 0 || a === Infinity || x === Infinity) return 0;
  if (a >= STIRLING_FROM) return (gammaScale(a, x) * a) / x;
  if (x > 2000) return 0;
  const half = Math.exp(-0.5 * x);
  return (Math.pow(x, a - 1) * half * half * a) / Math.exp(lgamma1p(a));
};

/** x^(a−1) (1−x)^(b−1) / B(a, b) for a, b ≥ 0 and 0 ≤ x ≤ 1; NaN outside. Likewise. */
export const betaincDx = (a: number, b: number, x: number): number => {
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1)) return NaN;
  if (x === 0) return atZero(a, b);
  if (x === 1) return atZero(b, a);
  if (a === 0 || b === 0 || a === Infinity || b === Infinity) return 0;
  const y = 1 - x;
  if (a >= STIRLING_FROM && b >= STIRLING_FROM) return (betaScale(a, b, x, y) * a) / (x * y);
  const logConstant = a <= b ? lgammaDifference(b, a) - lgamma1p(a) + Math.log(a) : -lbeta(a, b);
  return Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) + logConstant);
};
