/** A chain's work as batches of draws: what runs in this thread and in a worker alike, from plain data. */
import type { Chain } from './chain.ts';
import { placeImage, type ModuleImage } from './image.ts';
import { STAT_NAMES } from './posterior.ts';
import type { HMCState } from './state.ts';

/** How many numbers of the sampler a draw has besides those of its sites. */
export const DRAW_STATS: number = STAT_NAMES.length;

/** What a draw holds besides. */
export type ExtraField = 'z' | 'zGrad' | 'meanAcceptProb' | 'i' | 'adaptState.inverseMassMatrix';

/** Which numbers a draw has: columns for its sites, for the sampler's numbers, for the extra fields. Plain data. */
export interface DrawLayout {
  readonly draw: ModuleImage;
  /** By site: its number among the outputs of the module, and how many doubles it has. */
  readonly sites: readonly { readonly output: number; readonly size: number }[];
  readonly extras: readonly { readonly field: ExtraField; readonly from: number; readonly size: number }[];
}

/** The doubles that each column has for one draw. */
const sizesOf = ({ sites, extras }: DrawLayout): readonly number[] => [
  ...sites.map(({ size }) => size),
  ...new Array<number>(DRAW_STATS).fill(1),
  ...extras.map(({ size }) => size),
];

/** Parts an array that holds some columns one after another, each with room for as many draws. */
export const columnsIn = (numbers: Float64Array<ArrayBuffer>, sizes: readonly number[]): readonly Float64Array<ArrayBuffer>[] => {
  const capacity = numbers.length / sizes.reduce((sum, size) => sum + size, 0);
  let end = 0;
  return sizes.map((size) => numbers.subarray(end, (end += capacity * size)));
};

/** Writes where a chain is into columns, as their n-th draw. */
export type DrawWriter = (columns: readonly Float64Array[], n: number) => void;

/** Makes the writer of draws for a chain. Loops are plain: at the start of a program they run before the engine has optimised anything. */
export const makeDrawWriter = ({ draw, sites, extras }: DrawLayout, chain: Chain): DrawWriter => {
  const { current, progress, dynamics } = chain;
  const module = placeImage(draw, current.q.length);
  const [position] = module.inputs;
  const outputs = sites.map(({ output }) => module.outputs[output]!);
  const numbers: Readonly<Record<ExtraField, () => ArrayLike<number>>> = {
    z: () => current.q,
    zGrad: () => current.gradient,
    meanAcceptProb: () => [progress.meanAcceptProb],
    i: () => [progress.i],
    'adaptState.inverseMassMatrix': () => dynamics.metric.inverseMass,
  };
  return (columns, n) => {
    const { info } = progress;
    position!.set(current.q);
    module.run();
    for (let k = 0; k < outputs.length; k++) {
      const values = outputs[k]!;
      if (values.length === 1) columns[k]![n] = values[0]!;
      else columns[k]!.set(values, n * values.length);
    }
    let k = outputs.length;
    columns[k++]![n] = info.isDiverging ? 1 : 0;
    columns[k++]![n] = info.numSteps;
    columns[k++]![n] = info.acceptProb;
    columns[k++]![n] = progress.stepSize;
    columns[k++]![n] = current.energies[0]!;
    columns[k++]![n] = current.energies[1]!;
    columns[k++]![n] = info.treeDepth;
    for (const { field, from, size } of extras) {
      const [values, column] = [numbers[field](), columns[k++]!];
      for (let i = 0; i < size; i++) column[n * size + i] = values[from + i]!;
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

/** Draws that a slice of work has made, in columns one after another. The next slice fills them anew. */
export interface Batch {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly count: number;
  readonly isDone: boolean;
  readonly progress: ChainProgress;
}

/** Doubles in one batch, at most about so many. */
const BATCH_DOUBLES = 1 << 16;

/** The clock is read after about so many milliseconds, at the latest after so many transitions. */
const UNTIMED_MS = 1;
const MOST_UNTIMED = 64;

/** A task that goes on slice by slice. */
export interface Work {
  /** Works for about so many milliseconds. */
  readonly advance: (milliseconds: number) => Batch;
  readonly save: () => HMCState;
}

/** Begins a task on a chain that nobody else uses until it is done; `write` is the chain's writer for the layout. */
export const beginWork = (chain: Chain, layout: DrawLayout, write: DrawWriter, task: Task): Work => {
  const { progress } = chain;
  chain.load(task.state);
  const total = transitionsOf(task);
  const sizes = sizesOf(layout);
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const capacity = Math.max(1, Math.min(draws(task), Math.floor(BATCH_DOUBLES / width)));
  let [step, divergences] = [0, 0];
  let numbers = new Float64Array(capacity * width);
  let columns = columnsIn(numbers, sizes);
  return {
    advance: (milliseconds) => {
      if (numbers.length === 0) {
        // They were sent to another thread.
        numbers = new Float64Array(capacity * width);
        columns = columnsIn(numbers, sizes);
      }
      let now = performance.now();
      const end = now + milliseconds;
      let count = 0;
      // Where transitions are short, reading the clock after each would be felt.
      let [run, left] = [1, 1];
      while (step < total && count < capacity) {
        chain.step();
        step++;
        const since = progress.i - progress.numWarmup;
        if (since > 0) {
          if (progress.info.isDiverging) divergences++;
          if (since % task.thinning === 0) write(columns, count++);
        }
        if (--left > 0) continue;
        const before = now;
        now = performance.now();
        if (now >= end) break;
        run = Math.max(1, Math.min(2 * run, MOST_UNTIMED, Math.floor((run * UNTIMED_MS) / (now - before))));
        left = run;
      }
      const { info, stepSize, i, numWarmup, meanAcceptProb } = progress;
      return {
        numbers,
        count,
        isDone: step >= total,
        progress: { stage: i < numWarmup ? 'warmup' : 'sample', step, total, stepSize, divergences, acceptProb: meanAcceptProb, numSteps: info.numSteps },
      };
    },
    save: chain.save,
  };
};
