/** Optimisers. */
export { adagrad, type AdagradOptions } from './adagrad.ts';
export { adam, scaleByAdam, type AdamOptions } from './adam.ts';
export { clip, clippedAdam, type ClippedAdamOptions } from './clippedAdam.ts';
export { momentum } from './momentum.ts';
export { applyUpdates, chain, scaleByLearningRate, type Optimizer, type Schedule } from './optimizer.ts';
export { rmsprop, type RmspropOptions } from './rmsprop.ts';
export { sgd, type SgdOptions } from './sgd.ts';
