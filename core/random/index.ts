/** random: keys and draws, bit for bit those of `jax.random` with partitionable Threefry and x64 on. */
export { foldIn, keyData, PRNGKey, split, type Key, type KeyBatch } from './key.ts';
export * from './draws.ts';
export * from './counts.ts';
export { beta, chisquare, dirichlet, gamma, logBeta, logDirichlet, logGamma, studentT, vonMises } from './variates.ts';
export type { FloatDType } from './bits.ts';
