/** Dual averaging: the step size that brings the average acceptance probability to its target. */
import { exp, log } from './elementary.ts';

/** Plain data. */
export interface DualAveraging {
  /** Updates since the start. */
  readonly t: number;
  /** log ε of the next transition. */
  readonly logStepSize: number;
  /** The average of log ε, weighted towards late ones. */
  readonly logAverage: number;
  /** The average of target − acceptance. */
  readonly gradientAverage: number;
  /** Where log ε is drawn to: log(10 ε₀). */
  readonly center: number;
}

const T0 = 10;
const GAMMA = 0.05;

export const startDualAveraging = (stepSize: number): DualAveraging => {
  const logStepSize = log(stepSize);
  return { t: 0, logStepSize, logAverage: 0, gradientAverage: 0, center: Math.LN10 + logStepSize };
};

/**
 * One update, t₀ = 10, γ = 0.05, κ = 0.75.
 *
 * @see Hoffman, Gelman, "The No-U-Turn sampler" (2014), section 3.2, eq. 6; Nesterov (2009)
 */
export const updateDualAveraging = (state: DualAveraging, acceptProb: number, target: number): DualAveraging => {
  const t = state.t + 1;
  const gradientAverage = (1 - 1 / (t + T0)) * state.gradientAverage + (target - acceptProb) / (t + T0);
  const root = Math.sqrt(t);
  const logStepSize = state.center - (root / GAMMA) * gradientAverage;
  // t^−0.75 by square roots, which are rounded alike everywhere.
  const weight = 1 / (root * Math.sqrt(root));
  return { t, logStepSize, logAverage: (1 - weight) * state.logAverage + weight * logStepSize, gradientAverage, center: state.center };
};

/** No step is smaller: energies differ by rounding alone then. */
const LEAST = 2 ** -1022;
const MOST = 2 ** 1000;

/** e to a logarithm of a step size, a positive number whatever that is. */
export const stepSizeOf = (logStepSize: number): number => Math.min(MOST, Math.max(LEAST, exp(logStepSize)));
