/** Where the numbers of a leapfrog step are among the inputs and outputs of its module: known to what compiles it and to what runs it. */

/** By position: what goes in. The first four are carried from step to step; the blocks of a dense metric follow. */
export const IN = { q: 0, p: 1, gradient: 2, momentumSum: 3, stepSize: 4, reference: 5, limit: 6, variance: 7, blocks: 8 } as const;

/** By position: what comes out. The first four go back in. */
export const OUT = { q: 0, p: 1, gradient: 2, momentumSum: 3, energy: 4, isGood: 5, potential: 6, weight: 7, velocity: 8 } as const;

/** Steps in one call: the module writes down the energy of each, and more are several calls. */
export const STEPS_IN_CALL = 1024;
