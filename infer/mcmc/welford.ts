/** The covariance of the positions of a window, gathered one by one, and the inverse mass matrix that is made of it. */
import { looseCoordinates, metricSize, type MetricShape } from './metric.ts';

/** Sums in place. */
export interface Welford {
  readonly mean: Float64Array;
  /** Sums of products of deviations: in the layout of the metric. */
  readonly m2: Float64Array;
  readonly count: () => number;
  readonly restore: (count: number, mean: ArrayLike<number>, m2: ArrayLike<number>) => void;
  readonly add: (z: Float64Array) => void;
  /**
   * The covariance, n − 1 in its denominator; `isRegularized`, drawn towards 10⁻³: n/(n + 5) cov + 10⁻³ · 5/(n + 5) I, as Stan.
   * The sums begin anew. `undefined` for fewer than two positions, which have no covariance.
   */
  readonly finish: (isRegularized: boolean) => Float64Array | undefined;
}

/** @see B. P. Welford, "Note on a method for calculating corrected sums of squares and products" (1962) */
export const makeWelford = (shape: MetricShape): Welford => {
  const { dim, blocks } = shape;
  const isDiagonal = blocks.length === 0;
  const loose = looseCoordinates(shape);
  const mean = new Float64Array(dim);
  const m2 = new Float64Array(metricSize(shape));
  const before = new Float64Array(dim);
  let count = 0;
  const restart = (): void => {
    count = 0;
    mean.fill(0);
    m2.fill(0);
  };
  return {
    mean,
    m2,
    count: () => count,
    restore: (n, ownMean, ownM2) => {
      count = n;
      mean.set(ownMean);
      m2.set(ownM2);
    },
    add: (z) => {
      count++;
      for (let i = 0; i < dim; i++) {
        before[i] = z[i]! - mean[i]!;
        mean[i] = mean[i]! + before[i]! / count;
      }
      for (const i of loose) m2[isDiagonal ? i : i * dim + i]! += before[i]! * (z[i]! - mean[i]!);
      for (const block of blocks) for (const i of block) for (const j of block) m2[i * dim + j]! += before[j]! * (z[i]! - mean[i]!);
    },
    finish: (isRegularized) => {
      if (count < 2) return undefined;
      const n = count;
      const out = m2.map((x) => x / (n - 1));
      // The two triangles were rounded each in its own way.
      for (const block of blocks) for (const i of block) for (const j of block) if (j < i) out[j * dim + i] = out[i * dim + j]!;
      if (isRegularized) {
        const step = isDiagonal ? 1 : dim + 1;
        for (let k = 0; k < out.length; k++) out[k]! *= n / (n + 5);
        for (let k = 0; k < out.length; k += step) out[k]! += 1e-3 * (5 / (n + 5));
      }
      restart();
      return out;
    },
  };
};
