/** log(1 + u) − u and the deviance built on it, without the cancellation near u = 0. */

/**
 * log(1 + u) − u for u > −1, within 5e-16 relative.
 *
 * With r = u / (2 + u), log(1 + u) = 2 (r + r³/3 + r⁵/5 + …) (DLMF 4.6.4), hence log(1 + u) − u = r (2 r² (1/3 + r²/5 + …) − u),
 * the form of DiDonato and Morris, "Computation of the incomplete gamma function ratios and their inverse", ACM TOMS 12 (1986).
 */
export const log1pmx = (u: number): number => {
  if (!(Math.abs(u) < 0.6)) return Math.log1p(u) - u;
  const r = u / (2 + u);
  const s = r * r;
  let sum = 0;
  let power = 1;
  for (let k = 3; k < 60; k += 2) {
    const term = power / k;
    sum += term;
    if (term < 1e-17) break;
    power *= s;
  }
  return r * (2 * s * sum - u);
};

/**
 * a log(x / a) + a − x ≤ 0 for positive a and x: the exponent of x^a e^−x against its maximum at x = a.
 *
 * Loader, "Fast and accurate computation of binomial probabilities" (2000), calls its negative bd0.
 */
export const poissonExponent = (a: number, x: number): number => (x > 0.4 * a && x < 1.6 * a ? a * log1pmx((x - a) / a) : a * Math.log(x / a) + (a - x));
