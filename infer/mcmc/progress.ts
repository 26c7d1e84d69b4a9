/** How far the chains of a run are, as lines of text: pure formatting, with no clock and no terminal. */
import { grouped } from '../grouped.ts';
import type { ChainProgress } from './task.ts';

/** One chain of a run. */
export interface ChainReport extends ChainProgress {
  readonly chain: number;
}

/** What a run of MCMC tells about itself while it goes on. */
export interface MCMCProgress {
  /** Chains that have begun, in order. */
  readonly chains: readonly ChainReport[];
  readonly numChains: number;
  /** Transitions of all chains. */
  readonly step: number;
  readonly numSteps: number;
  readonly drawsPerSecond: number;
}

const showSize = (x: number): string => (x >= 0.001 && x < 1000 ? x.toPrecision(3) : x.toExponential(1));

/**
 * A line on one chain.
 *
 * @example
 * const info = { chain: 0, stage: 'sample', step: 1500, total: 2000, stepSize: 0.41, divergences: 2, acceptProb: 0.81, numSteps: 7 };
 * formatChain(info);
 * // 'chain 1  75 %  sample  1,500/2,000  7 steps of size 0.410  acceptance 0.81  2 divergences'
 */
export const formatChain = ({ chain, stage, step, total, stepSize, divergences, acceptProb, numSteps }: ChainReport): string =>
  [
    `chain ${chain + 1}`,
    `${String(Math.floor((100 * step) / Math.max(1, total))).padStart(2)} %`,
    stage.padEnd(6),
    `${grouped(step)}/${grouped(total)}`,
    `${numSteps} steps of size ${showSize(stepSize)}`,
    `acceptance ${acceptProb.toFixed(2)}`,
    divergences === 0 ? '' : `${grouped(divergences)} divergence${divergences === 1 ? '' : 's'}`,
  ]
    .filter((part) => part !== '')
    .join('  ');

/** One line on all chains. */
export const formatRun = ({ chains, numChains, step, numSteps, drawsPerSecond }: MCMCProgress, label: string = ''): string => {
  const divergences = chains.reduce((sum, chain) => sum + chain.divergences, 0);
  const warming = chains.filter(({ stage }) => stage === 'warmup').length;
  const sizes = chains.map(({ stepSize }) => stepSize);
  return [
    label,
    `${String(Math.floor((100 * step) / Math.max(1, numSteps))).padStart(3)} %`,
    `${grouped(step)}/${grouped(numSteps)} transitions of ${numChains} chain${numChains === 1 ? '' : 's'}`,
    warming > 0 ? `${warming} warming up` : 'sampling',
    sizes.length === 0 ? '' : `step size ${showSize(Math.min(...sizes))}${sizes.length > 1 ? ` to ${showSize(Math.max(...sizes))}` : ''}`,
    `${grouped(divergences)} divergence${divergences === 1 ? '' : 's'}`,
    `${grouped(drawsPerSecond)} draws/s`,
  ]
    .filter((part) => part !== '')
    .join('  ');
};
