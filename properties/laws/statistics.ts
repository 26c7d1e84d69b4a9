/** Tests of draws, with bounds that follow from the Monte-Carlo error: 4.5 standard errors, or the same chance of a false alarm. */
import assert from 'node:assert/strict';

/** Standard errors that an estimate may be off: 7 in a million. */
export const Z = 4.5;

/** √n times the Kolmogorov–Smirnov distance that is exceeded as seldom. */
const KOLMOGOROV = 2.51;

export const mean = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
};

export const variance = (x: ArrayLike<number>): number => {
  const centre = mean(x);
  return mean(Float64Array.from(x, (value) => (value - centre) ** 2));
};

export const standardError = (x: ArrayLike<number>): number => Math.sqrt(variance(x) / x.length);

/** The mean of independent draws is `expected`. Where `sd` is not known it is that of the draws. */
export const assertMean = (draws: ArrayLike<number>, expected: number, label: string, sd?: number): void => {
  const error = sd === undefined ? standardError(draws) : sd / Math.sqrt(draws.length);
  const off = Math.abs(mean(draws) - expected);
  assert.ok(
    off <= Z * error + 1e-12 * Math.abs(expected),
    `${label}: mean ${mean(draws)}, expected ${expected}, ${(off / error).toFixed(1)} standard errors off`,
  );
};

/** The variance of independent draws is `expected`, to the error that their fourth moment gives. */
export const assertVariance = (draws: ArrayLike<number>, expected: number, label: string): void => {
  const centre = mean(draws);
  assertMean(
    Float64Array.from(draws, (x) => (x - centre) ** 2),
    expected,
    `${label}, squared deviations`,
  );
};

/** Draws have a continuous distribution function: the largest gap to the empirical one is as small as chance makes it. */
export const assertDistribution = (draws: ArrayLike<number>, cdf: (x: Float64Array) => ArrayLike<number>, label: string): void => {
  const sorted = Float64Array.from(draws).sort();
  const below = cdf(sorted);
  const n = sorted.length;
  let gap = 0;
  for (let i = 0; i < n; i++) gap = Math.max(gap, below[i]! - i / n, (i + 1) / n - below[i]!);
  assert.ok(gap <= KOLMOGOROV / Math.sqrt(n), `${label}: Kolmogorov–Smirnov distance ${gap}, bound ${KOLMOGOROV / Math.sqrt(n)}`);
};

/** Two sets of independent draws have one mean. */
export const assertSameMean = (a: ArrayLike<number>, b: ArrayLike<number>, label: string): void => {
  const error = Math.hypot(standardError(a), standardError(b));
  const off = Math.abs(mean(a) - mean(b));
  assert.ok(off <= Z * error + 1e-12, `${label}: means ${mean(a)} and ${mean(b)}, ${(off / error).toFixed(1)} standard errors apart`);
};

/** The value that a χ² variate of `df` degrees of freedom exceeds as seldom, by Wilson and Hilferty's cube (Johnson, Kotz, Balakrishnan 1, eq. 18.24). */
const chiSquareBound = (df: number): number => df * (1 - 2 / (9 * df) + Z * Math.sqrt(2 / (9 * df))) ** 3;

/** Draws of whole numbers come as often as their probabilities say: Pearson's χ² over cells of at least 10 expected draws. */
export const assertCounts = (draws: ArrayLike<number>, probability: (values: readonly number[]) => ArrayLike<number>, label: string): void => {
  const counts = new Map<number, number>();
  for (let i = 0; i < draws.length; i++) counts.set(draws[i]!, (counts.get(draws[i]!) ?? 0) + 1);
  const values = [...counts.keys()].sort((a, b) => a - b);
  const p = probability(values);
  const cells: (readonly [observed: number, expected: number])[] = [];
  let [observed, expected] = [0, 0];
  values.forEach((value, i) => {
    observed += counts.get(value)!;
    expected += p[i]! * draws.length;
    if (expected < 10) return;
    cells.push([observed, expected]);
    [observed, expected] = [0, 0];
  });
  // What was never drawn, and what did not fill a cell.
  const rest = draws.length - cells.reduce((sum, [, e]) => sum + e, 0);
  if (rest > 10) cells.push([observed, rest]);
  else assert.ok(observed <= rest + Z * Math.sqrt(Math.max(rest, 0) + 10), `${label}: ${observed} draws of values expected ${rest} times`);
  if (cells.length < 2) return;
  const statistic = cells.reduce((sum, [o, e]) => sum + (o - e) ** 2 / e, 0);
  assert.ok(statistic <= chiSquareBound(cells.length - 1), `${label}: χ² ${statistic} over ${cells.length} cells, bound ${chiSquareBound(cells.length - 1)}`);
};
