/** Diagnostics: whether chains have converged, how much their draws tell, how well a model predicts. */
export { autocorrelation, autocovariance } from './autocovariance.ts';
export { bfmi } from './bfmi.ts';
export type { Draws } from './chains.ts';
export { effectiveSampleSize, ess, essMean, essQuantile, essSd, essTail } from './ess.ts';
export { hpdi } from './hpdi.ts';
export { loo, waic, type Loo, type PointwiseLogLikelihood, type Waic } from './loo.ts';
export { mcse, mcseMedian, mcseQuantile, mcseSd } from './mcse.ts';
export { fitPareto, paretoSmoothed, type ParetoFit, type Smoothed } from './psis.ts';
export { gelmanRubin, rhat, splitRhat } from './rhat.ts';
export { printSummary, type PrintOptions } from './printSummary.ts';
export { summary, type SummaryOptions, type SummaryRow } from './summary.ts';
export type { DrawsBySite } from './draws.ts';
export { toArviz, type ArvizOptions } from './toArviz.ts';
