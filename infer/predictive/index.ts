/** What a fitted model says of data. */
export { logLikelihood } from './logLikelihood.ts';
export { Predictive, type PredictiveOptions } from './predictive.ts';
