/** One transition of a Markov chain in place: what NUTS and HMC have in common. */

/** An energy this far above the start is a divergence: Stan's figure, and NumPyro's. */
export const MAX_DELTA_ENERGY = 1000;

/** A point that may be the next state. In place. */
export interface Proposal {
  readonly q: Float64Array;
  readonly gradient: Float64Array;
  /** Potential and energy. */
  readonly energies: Float64Array;
}

/** What a transition tells of itself. */
export interface TransitionInfo {
  acceptProb: number;
  numSteps: number;
  treeDepth: number;
  isDiverging: boolean;
}

/** A Markov kernel on arrays of its own. */
export interface Transition {
  /** The state. */
  readonly current: Proposal;
  /** From the state, with the momentum and the random numbers of the dynamics, to the next. The depth is that of a tree. */
  readonly run: (stepSize: number, maxDepth: number) => TransitionInfo;
}
