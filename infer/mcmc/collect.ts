/** The arrays of a posterior while they fill: batches of draws come in, chain by chain, in any order. */
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import type { Shape } from '../../core/shape.ts';
import { STAT_NAMES, type SampleStats } from './posterior.ts';
import type { DrawSite } from './problem.ts';
import { columnsIn, DRAW_STATS } from './task.ts';

/** A field of a draw. */
interface Column {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: NDArray['dtype'];
  readonly size: number;
}

/** Columns of a run, in order: sites, statistics, extra fields. */
export interface Columns {
  readonly sites: readonly DrawSite[];
  readonly extras: readonly Column[];
}

/** Arrays by name. */
type Arrays = Readonly<Record<string, NDArray>>;

export interface Collected {
  readonly samples: Arrays;
  readonly stats: SampleStats;
  readonly extraFields: Arrays;
}

/** One draw, as `onDraw` sees it. */
export interface DrawInfo {
  readonly chain: number;
  /** From 0, among the draws that are kept. */
  readonly draw: number;
  readonly values: Arrays;
  readonly diverging: boolean;
  readonly numSteps: number;
  readonly acceptProb: number;
  readonly potentialEnergy: number;
}

const statColumn = (name: keyof SampleStats): Column => ({
  name,
  shape: [],
  dtype: name === 'diverging' ? 'bool' : name === 'numSteps' || name === 'treeDepth' ? 'int32' : 'float64',
  size: 1,
});

export interface Collector {
  /** Takes the first `count` draws of a batch as the next of a chain. */
  readonly add: (chain: number, batch: Float64Array<ArrayBuffer>, count: number) => void;
  readonly drawAt: (chain: number, draw: number) => DrawInfo;
  /** What is there of some chains: the draws that all of them have. */
  readonly collected: (chains: readonly number[]) => Collected;
  readonly counts: readonly number[];
}

/** Makes room for `draws` draws of each chain. */
export const makeCollector = ({ sites, extras }: Columns, chains: number, draws: number): Collector => {
  const stats = STAT_NAMES.map(statColumn);
  const columns: readonly Column[] = [...sites, ...stats, ...extras];
  const buffers = columns.map(({ size }) => new Float64Array(chains * draws * size));
  const sizes = columns.map(({ size }) => size);
  const counts = Array.from({ length: chains }, () => 0);

  const add: Collector['add'] = (chain, batch, count) => {
    columnsIn(batch, sizes).forEach((column, k) => {
      const size = sizes[k]!;
      buffers[k]!.set(column.subarray(0, count * size), (chain * draws + counts[chain]!) * size);
    });
    counts[chain]! += count;
  };

  const one = ({ shape, dtype, size }: Column, k: number, at: number): NDArray => makeNDArray(buffers[k]!.slice(at * size, (at + 1) * size), shape, dtype);

  return {
    add,
    counts,
    drawAt: (chain, draw) => {
      const at = chain * draws + draw;
      const stat = (name: keyof SampleStats): number => buffers[sites.length + STAT_NAMES.indexOf(name)]![at]!;
      return {
        chain,
        draw,
        values: Object.fromEntries(sites.map((site, k) => [site.name, one(site, k, at)])),
        diverging: stat('diverging') !== 0,
        numSteps: stat('numSteps'),
        acceptProb: stat('acceptProb'),
        potentialEnergy: stat('potentialEnergy'),
      };
    },
    collected: (kept) => {
      const least = kept.reduce((min, chain) => Math.min(min, counts[chain]!), draws);
      const isWhole = least === draws && kept.length === chains;
      const whole = (columnsOf: readonly Column[], first: number): Arrays =>
        Object.fromEntries(
          columnsOf.map(({ name, shape, dtype, size }, k) => {
            const all = buffers[first + k]!;
            const data = isWhole ? all : new Float64Array(kept.length * least * size);
            if (!isWhole) kept.forEach((chain, i) => data.set(all.subarray(chain * draws * size, (chain * draws + least) * size), i * least * size));
            return [name, makeNDArray(data, [kept.length, least, ...shape], dtype)];
          }),
        );
      return {
        samples: whole(sites, 0),
        stats: whole(stats, sites.length) as unknown as SampleStats,
        extraFields: whole(extras, sites.length + DRAW_STATS),
      };
    },
  };
};
