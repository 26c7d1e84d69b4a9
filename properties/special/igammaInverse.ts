/** The quantiles of the gamma and beta distributions: the inverses in x of the regularised incomplete functions. */
import { betaRatios, betaScale } from './betainc.ts';
import { ndtri } from './erf.ts';
import { lbeta, lgamma1p } from './gamma.ts';
import { gammaRatios } from './gammainc.ts';

const MAX_STEPS = 200;

/** Halley's step cubes the error: from a tail this near to its target, in logarithms, one more step is the last. */
const LAST_STEP = 1e-6;

/** Where two bounds on the root are no further apart than this, relative, there is nothing between them. */
const RESOLUTION = 4e-16;

/** log(target / value), exact where they are close. */
const logRatio = (target: number, value: number): number => {
  const ratio = target / value;
  return ratio > 0.5 && ratio < 2 ? -Math.log1p((value - target) / target) : Math.log(target) - Math.log(value);
};

/**
 * Halley's step for a gap in log(tail), in a variable where the density is log-concave. Then both tails are, so that after at most one
 * overshoot Newton's steps go towards the root from one side. `slope` is that of log(tail), `densitySlope` that of log(density).
 */
const halleyStep = (gap: number, slope: number, densitySlope: number): number => {
  const newton = gap / slope;
  const shrink = 1 + 0.5 * newton * (densitySlope - slope);
  return shrink > 0.5 && shrink < 2 ? newton / shrink : newton;
};

/**
 * x with P(a, x) = p, for a ≥ 0 and 0 ≤ p ≤ 1: the quantile of Gamma(a, 1). 0 at p = 0 (and for a = 0, and where the root underflows),
 * +Infinity at p = 1; NaN outside the domain.
 *
 * Relative error below 1e-14 times max(1, 1 / a) (the condition of the problem); P(a, x) then meets p within that of `gammainc`. Halley's
 * method on log P or log Q in the variable log x, from Wilson and Hilferty's cube (1931) or the leading power of P, kept between bounds.
 */
export const gammaincInv = (a: number, p: number): number => {
  if (!(a >= 0 && p >= 0 && p <= 1)) return NaN;
  if (a === Infinity) return p === 0 ? 0 : Infinity;
  if (p === 0 || a === 0) return 0;
  if (p === 1) return Infinity;
  const isLower = p <= 0.5;
  const up = isLower ? 1 : -1;
  const target = isLower ? p : 1 - p;
  // P(a, x) ≤ x^a / Γ(a + 1), so this is below the root; it is close where the root is far below a.
  const floor = (Math.log(p) + lgamma1p(a)) / a;
  if (floor < -746 && a < 1) return 0;
  const cube = 1 + ndtri(p) / (3 * Math.sqrt(a)) - 1 / (9 * a);
  let x = cube > 0.3 ? Math.max(a * cube * cube * cube, Math.exp(floor)) : Math.exp(floor);
  let low = 0;
  let high = Infinity;
  for (let i = 0; i < MAX_STEPS && x > 0; i++) {
    const { lower, upper, scale } = gammaRatios(a, x);
    const value = isLower ? lower : upper;
    const gap = logRatio(target, value);
    if (gap * up > 0) low = x;
    else high = x;
    const step = halleyStep(gap, (up * a * scale) / value, a - x);
    let next = x + x * Math.expm1(step);
    if (Math.abs(gap) < LAST_STEP) return next;
    if (!(next > low && next < high)) {
      if (high - low <= RESOLUTION * x) return x;
      next = high === Infinity ? 2 * x : low === 0 ? 0.5 * x : 0.5 * (low + high);
    }
    x = next;
  }
  return x;
};

/**
 * x with I_x(a, b) = p, for a, b ≥ 0 and 0 ≤ p ≤ 1: the quantile of Beta(a, b). 0 at p = 0, 1 at p = 1; NaN outside the domain and where
 * a and b are both 0 or both infinite.
 *
 * Relative error in x below 2e-14 times max(1, 1 / a) for p > 1e-12, and 5e-13 times that down to 1e-290. Halley's method on log I or
 * log(1 − I) in the variable log(x / (1 − x)), from a normal or a power-law start, kept between bounds.
 */
export const betaincInv = (a: number, b: number, p: number): number => {
  if (!(a >= 0 && b >= 0 && p >= 0 && p <= 1) || (a === 0 && b === 0) || (a === Infinity && b === Infinity)) return NaN;
  if (p === 0 || a === 0 || b === Infinity) return p === 1 ? 1 : 0;
  if (p === 1 || b === 0 || a === Infinity) return 1;
  const isLower = p <= 0.5;
  const up = isLower ? 1 : -1;
  const target = isLower ? p : 1 - p;
  const logBeta = lbeta(a, b);
  // The logit of x by the power law of either end, or by the normal limit.
  const fromZero = (Math.log(p) + Math.log(a) + logBeta) / a;
  const fromOne = -(Math.log1p(-p) + Math.log(b) + logBeta) / b;
  const mean = Math.log(a / b);
  const start = a > 1 && b > 1 ? mean + ndtri(p) * Math.sqrt(1 / a + 1 / b) : isLower ? Math.min(fromZero, mean) : Math.max(fromOne, mean);
  let logit = start;
  let x = 1 / (1 + Math.exp(-start));
  let y = 1 / (1 + Math.exp(start));
  let low = -Infinity;
  let high = Infinity;
  for (let i = 0; i < MAX_STEPS; i++) {
    if (x === 0 || y === 0) return x;
    const { lower, upper } = betaRatios(a, b, x, y);
    const value = isLower ? lower : upper;
    const gap = logRatio(target, value);
    if (gap * up > 0) low = logit;
    else high = logit;
    const step = halleyStep(gap, (up * a * betaScale(a, b, x, y)) / value, a * y - b * x);
    const isLast = Math.abs(gap) < LAST_STEP;
    if (isLast || (logit + step > low && logit + step < high)) {
      // logit(x) + step, within the pair (x, y) so that the smaller of them keeps its last bits.
      const odds = Math.exp(step);
      const total = y + x * odds;
      logit += step;
      x = odds === Infinity ? 1 : (x * odds) / total;
      y = odds === Infinity ? 0 : y / total;
      if (isLast) return x;
    } else {
      if (high - low <= RESOLUTION * Math.abs(logit)) return x;
      logit = high === Infinity ? low + 2 : low === -Infinity ? high - 2 : 0.5 * (low + high);
      x = 1 / (1 + Math.exp(-logit));
      y = 1 / (1 + Math.exp(logit));
    }
  }
  return x;
};
