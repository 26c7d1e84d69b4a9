/** What a chain is told: the algorithm and its adaptation, as plain data. */
import type { Precision } from '../../core/value.ts';
import type { MetricShape } from './metric.ts';

export interface ChainSettings {
  readonly algorithm: 'NUTS' | 'HMC';
  readonly metric: MetricShape;
  /** In which the module of a step keeps the data. */
  readonly precision: Precision;
  /** Of the first transition. */
  readonly stepSize: number;
  readonly targetAcceptProb: number;
  readonly adaptStepSize: boolean;
  readonly adaptMassMatrix: boolean;
  readonly findHeuristicStepSize: boolean;
  readonly regularizeMassMatrix: boolean;
  /** NUTS: the most doublings, while warming up and after it; and whether halves of trees are checked too. */
  readonly maxTreeDepth: readonly [warmup: number, sampling: number];
  readonly extraTurningChecks: boolean;
  /** HMC. */
  readonly trajectoryLength: number;
  readonly numSteps: number | undefined;
}
