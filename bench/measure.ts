/** Times a function: the median and quartiles, over samples, of the time of one call. */
import type { Row } from './bench.ts';

export interface MeasureOptions {
  /** How many times are taken. */
  readonly samples?: number | undefined;
  /** Calls in each sample: enough that a sample lasts some milliseconds. */
  readonly calls?: number | undefined;
  /** Samples that are thrown away first, while the engine compiles. */
  readonly warmup?: number | undefined;
  readonly note?: string | undefined;
}

const units: readonly (readonly [string, number])[] = [
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
];

const quantile = (sorted: Float64Array, q: number): number => {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
};

/** The time of one call of `f`, in the unit that suits it. A promise that `f` returns is awaited. */
export const measure = async (name: string, f: () => unknown, options: MeasureOptions = {}): Promise<Row> => {
  const { samples = 21, calls = 1, warmup = 3, note } = options;
  const seconds = new Float64Array(samples);
  for (let i = -warmup; i < samples; i++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      const result = f();
      if (result instanceof Promise) await result;
    }
    if (i >= 0) seconds[i] = (performance.now() - start) / 1000 / calls;
  }
  seconds.sort();
  const median = quantile(seconds, 0.5);
  const [unit, size] = units.find(([, least]) => median >= least) ?? ['ns', 1e-9];
  return { name, value: median / size, unit, low: quantile(seconds, 0.25) / size, high: quantile(seconds, 0.75) / size, note };
};

/** Calls a function so many times, in a function of its own, as a user's loop is, so that the engine optimises it by itself. */
export const repeat = (f: () => void, calls: number): void => {
  for (let i = 0; i < calls; i++) f();
};
