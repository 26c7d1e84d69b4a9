/** Hamiltonian Monte Carlo: kernels, the runner of chains, and models on their unconstrained scale. */
export { HMC, NUTS, type HMCOptions, type KernelOptions, type MCMCKernel, type NUTSOptions } from './kernel.ts';
export { MCMC, type MCMCOptions, type MCMCRunOptions } from './mcmc.ts';
export { constrain, potentialEnergy, unconstrain, type ConstrainOptions } from './potential.ts';
export type { ChainAdaptation, ChainFailure, Posterior, SampleStats } from './posterior.ts';
export type { DrawInfo } from './collect.ts';
export type { MCMCProgress } from './progress.ts';
export type { HMCState } from './state.ts';
export { workerPool, type WorkerPool, type WorkerPoolOptions } from './workers/pool.ts';
