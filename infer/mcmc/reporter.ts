/** Telling how far a run is, a few times a second. */
import type { ChainReport, MCMCProgress } from './progress.ts';
import type { ChainProgress } from './task.ts';

/** Told of the chains as they go on. */
export interface ChainReporter {
  readonly note: (chain: number, progress: ChainProgress, isDone: boolean) => void;
}

/** Telling more often than this would only cost time. */
const LEAST_MS = 40;

type Report = (info: MCMCProgress) => void;

const reportOf = async (progress: boolean | Report | undefined): Promise<Report | undefined> => {
  if (typeof progress === 'function') return progress;
  if (progress !== true || typeof process === 'undefined') return undefined;
  const { terminalChains } = await import('./progress.node.ts');
  return terminalChains();
};

/** @param totals - the transitions of each chain */
export const makeReporter = async (progress: boolean | Report | undefined, totals: readonly number[]): Promise<ChainReporter> => {
  const report = await reportOf(progress);
  if (report === undefined) return { note: () => undefined };
  const numSteps = totals.reduce((sum, total) => sum + total, 0);
  const latest = new Map<number, ChainReport>();
  const begun = performance.now();
  let told = -Infinity;
  return {
    note: (chain, own, isDone) => {
      latest.set(chain, { ...own, chain });
      const now = performance.now();
      const step = [...latest.values()].reduce((sum, one) => sum + one.step, 0);
      if (now - told < LEAST_MS && !isDone) return;
      told = now;
      const chains = [...latest.values()].sort((a, b) => a.chain - b.chain);
      report({ chains, numChains: totals.length, step, numSteps, drawsPerSecond: step / (Math.max(1e-3, now - begun) / 1000) });
    },
  };
};
