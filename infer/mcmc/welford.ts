/** The covariance of the positions of a window, gathered one by one, and the inverse mass matrix that is made of it. */
import type { MetricShape } from './metric.ts';

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
  /** Adds the position of the chain. */
  readonly add: () => void;
  /**
   * The covariance, n − 1 in its denominator; `isRegularized`, drawn towards 10⁻³: n/(n + 5) cov + 10⁻³ · 5/(n + 5) I, as Stan. `undefined` for
   * fewer than two positions, which have no covariance; else the sums begin anew.
   */
  readonly finish: (isRegularized: boolean) => Float64Array | undefined;
}

/** The sums in a module, with its procedure that adds a position. */
export const makeWelford = (
  { dim, blocks }: MetricShape,
  { count, mean, m2 }: Readonly<Record<'count' | 'mean' | 'm2', Float64Array>>,
  add: () => void,
): Welford => {
  const restart = (): void => {
    for (const sums of [count, mean, m2]) sums.fill(0);
  };
  return {
    sums: () => ({ count: count[0]!, mean, m2 }),
    restore: (sums) => {
      count[0] = sums.count;
      mean.set(sums.mean);
      m2.set(sums.m2);
    },
    restart,
    add,
    finish: (isRegularized) => {
      const n = count[0]!;
      if (n < 2) return undefined;
      const out = m2.map((x) => x / (n - 1));
      // The two triangles were rounded each in its own way.
      for (const block of blocks) for (const i of block) for (const j of block) if (j < i) out[j * dim + i] = out[i * dim + j]!;
      if (isRegularized) {
        const step = blocks.length === 0 ? 1 : dim + 1;
        for (let k = 0; k < out.length; k++) out[k]! *= n / (n + 5);
        for (let k = 0; k < out.length; k += step) out[k]! += 1e-3 * (5 / (n + 5));
      }
      restart();
      return out;
    },
  };
};
