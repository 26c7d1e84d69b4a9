/** Pareto-smoothed importance sampling: the largest weights replaced by the quantiles of a generalised Pareto distribution fitted to them. */
import { kindlingError } from '../../core/errors.ts';
import { describe } from '../../core/options.ts';
import { mean } from './chains.ts';

/** The shape and scale of a generalised Pareto distribution. */
export interface ParetoFit {
  readonly k: number;
  readonly sigma: number;
}

/** log Σ eˣ. */
export const logSumExp = (x: Float64Array): number => {
  let largest = -Infinity;
  for (const value of x) if (value > largest) largest = value;
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (const value of x) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
};

const requireVector = (what: string, given: unknown): void => {
  if (given instanceof Float64Array || (Array.isArray(given) && given.every((x) => typeof x === 'number'))) return;
  throw kindlingError('InvalidArgument', { message: `${what} takes a list of numbers`, given: describe(given), expected: 'a Float64Array' });
};

/** The weight of a prior that draws k to ½, in observations: Vehtari, Simpson, Gelman, Yao, Gabry (2024), app. G. */
const PRIOR_WEIGHT = 10;

/**
 * Fits a generalised Pareto distribution to excesses in ascending order, by Zhang and Stephens' empirical Bayes estimate.
 *
 * @see Zhang, Stephens (2009), A new and efficient estimation method for the generalized Pareto distribution, sec. 2
 */
export const fitPareto = (sorted: Float64Array): ParetoFit => {
  requireVector('fitPareto', sorted);
  const n = sorted.length;
  const count = 30 + Math.floor(Math.sqrt(n));
  const quartile = sorted[Math.floor(n / 4 + 0.5) - 1]!;
  const grid = Float64Array.from({ length: count }, (_, i) => 1 / sorted[n - 1]! + (1 - Math.sqrt(count / (i + 0.5))) / (3 * quartile));
  const shapeAt = (b: number): number => mean(sorted.map((x) => Math.log1p(-b * x)));
  const profile = grid.map((b) => {
    const k = shapeAt(b);
    return n * (Math.log(-b / k) - k - 1);
  });
  const total = logSumExp(profile);
  const weights = profile.map((value) => Math.exp(value - total)).map((w) => (w >= 10 * Number.EPSILON ? w : 0));
  const kept = weights.reduce((sum, w) => sum + w, 0);
  const b = grid.reduce((sum, value, i) => sum + (weights[i]! === 0 ? 0 : (value * weights[i]!) / kept), 0);
  const k = shapeAt(b);
  return { k: (n * k + PRIOR_WEIGHT / 2) / (n + PRIOR_WEIGHT), sigma: -k / b };
};

const paretoQuantile = ({ k, sigma }: ParetoFit, p: number): number =>
  sigma * (Math.abs(k) < Number.EPSILON ? -Math.log1p(-p) : Math.expm1(-k * Math.log1p(-p)) / k);

export interface Smoothed {
  /** Normalised: their exponentials sum to 1. */
  readonly logWeights: Float64Array;
  /** The shape k̂ of the fit: above 0.7 the estimate is not to be trusted. Infinity where fewer than five weights are in the tail. */
  readonly khat: number;
}

/**
 * Smooths log importance ratios.
 *
 * @param logRatios - one for each draw
 * @param reff - the relative efficiency of the draws, ESS over their number; 1 by default
 * @see Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed importance sampling, sec. 2.3
 */
export const paretoSmoothed = (logRatios: Float64Array, reff: number = 1): Smoothed => {
  requireVector('paretoSmoothed', logRatios);
  if (!(reff > 0)) throw kindlingError('InvalidArgument', { message: 'the relative efficiency reff is above 0', given: String(reff) });
  const n = logRatios.length;
  if (n < 5) throw kindlingError('InvalidArgument', { message: 'smoothing takes five draws or more', given: String(n) });
  const largest = logRatios.reduce((a, b) => Math.max(a, b), -Infinity);
  const x = logRatios.map((value) => value - largest);
  const sorted = Float64Array.from(x).sort();
  const inTail = Math.ceil(Math.min(0.2 * n, 3 * Math.sqrt(n / reff)));
  // Weights that underflow have no excess over one another.
  const cutoff = Math.max(sorted[n - inTail - 1]!, Math.log(2 ** -1022));
  const tail = Uint32Array.from(x, (_, i) => i)
    .filter((i) => x[i]! > cutoff)
    .sort((i, j) => x[i]! - x[j]!);
  let khat = Infinity;
  if (tail.length > 4) {
    const floor = Math.exp(cutoff);
    const fit = fitPareto(Float64Array.from(tail, (i) => Math.exp(x[i]!) - floor));
    khat = fit.k;
    if (Number.isFinite(khat)) {
      tail.forEach((i, rank) => {
        // No smoothed weight exceeds the largest raw one.
        x[i] = Math.min(0, Math.log(paretoQuantile(fit, (rank + 0.5) / tail.length) + floor));
      });
    }
  }
  const total = logSumExp(x);
  return { logWeights: x.map((value) => value - total), khat };
};
