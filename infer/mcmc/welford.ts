/** The covariance of the positions of a window, gathered one by one, and the inverse mass matrix that is made of it. */
import { looseCoordinates, metricSize, type MetricShape } from './metric.ts';

/** What has been gathered: how many positions, their mean, and the sums of products of deviations in the layout of the metric. */
export interface WelfordSums {
  readonly count: number;
  readonly mean: ArrayLike<number>;
  readonly m2: ArrayLike<number>;
}

/** Sums in place. */
export interface Welford {
  /** The sums, in arrays that go on changing. */
  readonly sums: () => { readonly count: number; readonly mean: Float64Array; readonly m2: Float64Array };
  readonly restore: (sums: WelfordSums) => void;
  /** Begins anew. */
  readonly restart: () => void;
  readonly add: (z: Float64Array) => void;
  /**
   * The covariance, n − 1 in its denominator; `isRegularized`, drawn towards 10⁻³: n/(n + 5) cov + 10⁻³ · 5/(n + 5) I, as Stan.
   * The sums begin anew then. `undefined` for fewer than two positions, which have no covariance.
   */
  readonly finish: (isRegularized: boolean) => Float64Array | undefined;
}

/** Positions that are kept until they are added together, in doubles at most. */
const KEPT_DOUBLES = 1 << 12;

/**
 * Positions are added in runs: one loop over many is soon fast, where a call for each would be slow for as long as the engine has not optimised
 * what calls it.
 *
 * @see B. P. Welford, "Note on a method for calculating corrected sums of squares and products" (1962)
 */
export const makeWelford = (shape: MetricShape): Welford => {
  const { dim, blocks } = shape;
  const isDiagonal = blocks.length === 0;
  const loose = Int32Array.from(looseCoordinates(shape));
  const mean = new Float64Array(dim);
  const m2 = new Float64Array(metricSize(shape));
  const before = new Float64Array(dim);
  const kept = new Float64Array(dim * Math.max(1, Math.floor(KEPT_DOUBLES / dim)));
  let [keptSize, count] = [0, 0];

  const addKept = (): void => {
    const stride = isDiagonal ? 1 : dim + 1;
    for (let at = 0; at < keptSize; at += dim) {
      count++;
      for (let i = 0; i < dim; i++) {
        before[i] = kept[at + i]! - mean[i]!;
        mean[i] = mean[i]! + before[i]! / count;
      }
      for (let k = 0; k < loose.length; k++) {
        const i = loose[k]!;
        m2[i * stride]! += before[i]! * (kept[at + i]! - mean[i]!);
      }
      for (const block of blocks) for (const i of block) for (const j of block) m2[i * dim + j]! += before[j]! * (kept[at + i]! - mean[i]!);
    }
    keptSize = 0;
  };

  const restart = (): void => {
    count = 0;
    mean.fill(0);
    m2.fill(0);
  };

  return {
    sums: () => {
      addKept();
      return { count, mean, m2 };
    },
    restore: (sums) => {
      [keptSize, count] = [0, sums.count];
      mean.set(sums.mean);
      m2.set(sums.m2);
    },
    add: (z) => {
      kept.set(z, keptSize);
      keptSize += dim;
      if (keptSize === kept.length) addKept();
    },
    restart: () => {
      keptSize = 0;
      restart();
    },
    finish: (isRegularized) => {
      addKept();
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
