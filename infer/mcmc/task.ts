/** A chain's work as batches of rows: what runs in this thread and in a worker alike, from plain data. */
import type { Chain } from './chain.ts';
import { placeImage, type ModuleImage } from './image.ts';
import type { HMCState } from './state.ts';

/** Numbers of the sampler in a row, after those of the sites. */
export const ROW_STATS = 7;

/** What a row holds besides. */
export type ExtraField = 'z' | 'zGrad' | 'meanAcceptProb' | 'i' | 'adaptState.inverseMassMatrix';

/** How draws become rows. Plain data. */
export interface RowLayout {
  readonly draw: ModuleImage;
  /** By site: its number among the outputs of the module, and how many doubles it has. */
  readonly sites: readonly { readonly output: number; readonly size: number }[];
  readonly extras: readonly { readonly field: ExtraField; readonly from: number; readonly size: number }[];
}

export const rowWidth = ({ sites, extras }: RowLayout): number => [...sites, ...extras].reduce((sum, { size }) => sum + size, ROW_STATS);

/** Fills rows from where a chain is. */
export type RowWriter = (row: Float64Array, at: number) => void;

/** Makes the writer of rows for a chain. */
export const makeRowWriter = ({ draw, sites, extras }: RowLayout, chain: Chain): RowWriter => {
  const { current, progress, dynamics } = chain;
  const module = placeImage(draw, current.q.length);
  const [position] = module.inputs;
  const numbers: Readonly<Record<ExtraField, () => ArrayLike<number>>> = {
    z: () => current.q,
    zGrad: () => current.gradient,
    meanAcceptProb: () => [progress.meanAcceptProb],
    i: () => [progress.i],
    'adaptState.inverseMassMatrix': () => dynamics.metric.inverseMass,
  };
  return (row, begin) => {
    const { info } = progress;
    position!.set(current.q);
    module.run();
    let at = begin;
    for (const { output, size } of sites) {
      const values = module.outputs[output]!;
      for (let i = 0; i < size; i++) row[at + i] = values[i]!;
      at += size;
    }
    row[at++] = info.isDiverging ? 1 : 0;
    row[at++] = info.numSteps;
    row[at++] = info.acceptProb;
    row[at++] = progress.stepSize;
    row[at++] = current.energies[0]!;
    row[at++] = current.energies[1]!;
    row[at++] = info.treeDepth;
    for (const { field, from, size } of extras) {
      const values = numbers[field]();
      for (let i = 0; i < size; i++) row[at + i] = values[from + i]!;
      at += size;
    }
  };
};

/** What one chain is to do. Plain data. */
export interface Task {
  readonly state: HMCState;
  /** Transitions after the warmup, and after how many of them a draw is kept. */
  readonly numSamples: number;
  readonly thinning: number;
}

/** Transitions of a task: what is left of the warmup, and the samples. */
export const transitionsOf = ({ state: { i, numWarmup }, numSamples }: Task): number => Math.max(0, numWarmup - i) + numSamples;

/** How many draws a task keeps. They are counted from the end of the warmup, so that two runs keep what one longer run would. */
export const draws = ({ state: { i, numWarmup }, numSamples, thinning }: Task): number => {
  const before = Math.max(0, i - numWarmup);
  return Math.floor((before + numSamples) / thinning) - Math.floor(before / thinning);
};

/** How far a chain is. */
export interface ChainProgress {
  readonly stage: 'warmup' | 'sample';
  /** Transitions done, of how many. */
  readonly step: number;
  readonly total: number;
  readonly stepSize: number;
  /** Divergences after the warmup. */
  readonly divergences: number;
  readonly acceptProb: number;
  /** Of the last transition. */
  readonly numSteps: number;
}

/** Rows that a slice of work has filled. The next slice fills them anew. */
export interface Batch {
  readonly rows: Float64Array<ArrayBuffer>;
  readonly count: number;
  readonly isDone: boolean;
  readonly progress: ChainProgress;
}

/** Doubles in the rows of one batch, at most about so many. */
const BATCH_DOUBLES = 1 << 16;

/** A task that goes on slice by slice. */
export interface Work {
  /** Works for about so many milliseconds. */
  readonly advance: (milliseconds: number) => Batch;
  readonly save: () => HMCState;
}

/** Begins a task on a chain that nobody else uses until it is done. */
export const beginWork = (chain: Chain, layout: RowLayout, task: Task): Work => {
  const write = makeRowWriter(layout, chain);
  const { progress } = chain;
  chain.load(task.state);
  const total = transitionsOf(task);
  const width = rowWidth(layout);
  const capacity = Math.max(1, Math.min(draws(task), Math.floor(BATCH_DOUBLES / width)));
  let [step, divergences] = [0, 0];
  let rows = new Float64Array(capacity * width);
  return {
    advance: (milliseconds) => {
      // Rows that were sent to another thread are not here any more.
      if (rows.length === 0) rows = new Float64Array(capacity * width);
      const end = performance.now() + milliseconds;
      let count = 0;
      while (step < total && count < capacity) {
        chain.step();
        step++;
        const since = progress.i - progress.numWarmup;
        if (since > 0) {
          if (progress.info.isDiverging) divergences++;
          if (since % task.thinning === 0) write(rows, width * count++);
        }
        if (performance.now() >= end) break;
      }
      const { info, stepSize, i, numWarmup, meanAcceptProb } = progress;
      return {
        rows,
        count,
        isDone: step >= total,
        progress: { stage: i < numWarmup ? 'warmup' : 'sample', step, total, stepSize, divergences, acceptProb: meanAcceptProb, numSteps: info.numSteps },
      };
    },
    save: chain.save,
  };
};
