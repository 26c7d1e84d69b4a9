/** Where the numbers of a leapfrog step, and those of a tree of such steps, are in their module: known to what compiles it and to what runs it. */
import type { Memory } from '../../core/loop/expression.ts';

/** By position: what goes into a step. The first four are carried from step to step; the blocks of a dense metric follow. */
export const IN = { q: 0, p: 1, gradient: 2, momentumSum: 3, stepSize: 4, reference: 5, limit: 6, variance: 7, blocks: 8 } as const;

/** By position: what comes out. The first four go back in. */
export const OUT = { q: 0, p: 1, gradient: 2, momentumSum: 3, energy: 4, isGood: 5, potential: 6, weight: 7, velocity: 8 } as const;

/** Steps in one call: the module writes down the energy of each, and more are several calls. */
export const STEPS_IN_CALL = 1024;

/**
 * By position among the memories that a chain has in the module: where it is, with potential and energy; a momentum that is drawn, and its
 * velocity; a uniform number; the state of the random numbers, and what it comes from; the tables of the ziggurat; 1 / √variance; and Welford's
 * sums, with a vector that adding to them needs.
 */
export const OWN = {
  q: 0,
  gradient: 1,
  energies: 2,
  momentum: 3,
  velocity: 4,
  uniform: 5,
  state: 6,
  origin: 7,
  layers: 8,
  roots: 9,
  count: 10,
  mean: 11,
  m2: 12,
  before: 13,
} as const;

/** Those of a tree come after them: the step size and the largest depth, and what it tells of itself. */
export const TREE = { stepSize: 14, maxDepth: 15, info: 16 } as const;

/** By position: what a tree tells. */
export const TREE_INFO = { acceptProb: 0, numSteps: 1, treeDepth: 2, isDiverging: 3 } as const;

/** The memories of a step that a tree touches. */
export type StepMemories = Readonly<Record<Exclude<keyof typeof IN | keyof typeof OUT, 'variance' | 'blocks' | 'isGood'>, Memory>>;
