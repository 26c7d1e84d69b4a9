/** Optimisers. */
export { adam, scaleByAdam, type AdamOptions } from './adam.ts';
export { applyUpdates, chain, scaleByLearningRate, type Optimizer, type Schedule } from './optimizer.ts';
export { sgd, type SgdOptions } from './sgd.ts';
