/** What MCMC gives: draws, what was adapted, what the sampler tells of each draw, and the state from which it goes on. */
import type { KindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import type { HMCState } from './state.ts';

/** By chain: what the warmup has set. */
export interface ChainAdaptation {
  readonly stepSize: number;
  /** `[dim]`, or `[dim, dim]` where a block is dense; coordinates are unconstrained, in the order of the model. */
  readonly inverseMassMatrix: NDArray;
  /** Leapfrog steps of the warmup. */
  readonly numSteps: number;
}

/** Of each draw: arrays `[chains, draws]`. */
export interface SampleStats {
  readonly diverging: NDArray;
  readonly numSteps: NDArray;
  readonly acceptProb: NDArray;
  readonly stepSize: NDArray;
  readonly potentialEnergy: NDArray;
  readonly energy: NDArray;
  /** Doublings of the tree; 0 for HMC. */
  readonly treeDepth: NDArray;
}

export const STAT_NAMES: readonly (keyof SampleStats)[] = ['diverging', 'numSteps', 'acceptProb', 'stepSize', 'potentialEnergy', 'energy', 'treeDepth'];

/** A chain that came to no end, and why. */
export interface ChainFailure {
  readonly chain: number;
  readonly error: KindlingError;
}

/** The result of a run. Chains that failed are left out of all its arrays. */
export interface Posterior {
  /** By site, `[chains, draws, …shape of the site]`, in the support; deterministic sites too, in the order of the model. */
  readonly samples: Readonly<Record<string, NDArray>>;
  /** The sites among the samples that are deterministic. */
  readonly deterministicSites: readonly string[];
  readonly adaptation: readonly ChainAdaptation[];
  readonly stats: SampleStats;
  /** What `extraFields` asked for, `[chains, draws, …]`. */
  readonly extraFields: Readonly<Record<string, NDArray>>;
  /** By chain. Pass it as `initState` to go on, to the bits of one longer run. */
  readonly state: readonly HMCState[];
  readonly failures: readonly ChainFailure[];
  /** The most doublings of a tree after the warmup; 0 for HMC. */
  readonly maxTreeDepth: number;
}
