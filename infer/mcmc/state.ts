/** The state of a chain between transitions: plain data that survives `structuredClone` and JSON, and all that the next one needs. */
import { kindlingError } from '../../core/errors.ts';
import { array, isNDArray, isNDArrayJSON, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { showShape } from '../../core/shape.ts';
import type { Precision } from '../../core/value.ts';
import type { DualAveraging } from './dualAveraging.ts';
import { metricSize, type MetricShape } from './metric.ts';

/** Two words of a key, as plain numbers. */
export type KeyWords = readonly [number, number];

/** What warmup adapts, and what it adapts it by. */
export interface AdaptState {
  readonly stepSize: number;
  /** `[dim]`, or `[dim, dim]` where a block is dense. */
  readonly inverseMassMatrix: NDArray;
  readonly dualAveraging: DualAveraging;
  /** Of the positions of the window that is open: count, mean and sums of products of deviations. */
  readonly welford: { readonly count: number; readonly mean: NDArray; readonly m2: NDArray };
  readonly window: number;
}

/** A state of HMC or NUTS. Immutable. */
export interface HMCState {
  /** Transitions done. */
  readonly i: number;
  /** How many of the first transitions adapt. */
  readonly numWarmup: number;
  /** The chain's key: transition i draws from a stream that is a function of it and of i. */
  readonly key: KeyWords;
  /** The position on the unconstrained scale, `[dim]`, and the gradient of the potential there. */
  readonly z: NDArray;
  readonly zGrad: NDArray;
  readonly potentialEnergy: number;
  /** U + K of the point that was chosen. */
  readonly energy: number;
  /** Of the last transition. */
  readonly acceptProb: number;
  readonly numSteps: number;
  readonly treeDepth: number;
  readonly diverging: boolean;
  /** Of the potential and its gradient. A kernel of the other precision computes them anew. */
  readonly precision: Precision;
  /** The average of `acceptProb`, which begins anew after the warmup. */
  readonly meanAcceptProb: number;
  /** Leapfrog steps of the warmup so far. */
  readonly numStepsWarmup: number;
  readonly adaptState: AdaptState;
}

const isNumbers = (x: unknown): boolean =>
  (isNDArray(x) || isNDArrayJSON(x)) && Array.prototype.every.call((x as NDArray).data, (value: unknown) => Number.isFinite(value));

const isCount = (x: unknown): boolean => Number.isInteger(x) && Number(x) >= 0;

const areFinite = (record: object, names: readonly string[]): boolean => names.every((name) => Number.isFinite((record as Record<string, unknown>)[name]));

/** What is missing in a state, or is no number, as JSON leaves NaN. */
const faultOf = (given: Partial<HMCState> | null | undefined): string | undefined => {
  if (typeof given !== 'object' || given === null || given.adaptState === undefined) return 'state';
  const { key, i, numWarmup, z, zGrad, adaptState } = given;
  if (!Array.isArray(key) || key.length !== 2 || !key.every(isCount)) return 'key';
  if (!isCount(i) || !isCount(numWarmup)) return 'count of transitions';
  if (!isNumbers(z) || !isNumbers(zGrad)) return 'position or gradient';
  const { inverseMassMatrix, welford, dualAveraging, stepSize, window } = adaptState as Partial<AdaptState>;
  const isAdapted =
    Number.isFinite(stepSize) &&
    isCount(window) &&
    isNumbers(inverseMassMatrix) &&
    isNumbers(welford?.mean) &&
    isNumbers(welford?.m2) &&
    isCount(welford?.count);
  if (!isAdapted || dualAveraging === undefined) return 'adaptation';
  return areFinite(given, ['potentialEnergy', 'energy', 'acceptProb', 'numSteps', 'meanAcceptProb', 'numStepsWarmup']) ? undefined : 'energy or statistic';
};

/** An array with its methods, which a clone has lost. */
const whole = (given: NDArray): NDArray => (isNDArray(given) ? makeNDArray(given.data, given.shape, given.dtype) : array(given));

/**
 * A state from a state, a clone of it or its JSON.
 *
 * @throws InvalidArgument for what is no state, or not whole; InvalidShape for one of other coordinates or another form of metric
 */
export const asState = (given: HMCState, metric: MetricShape): HMCState => {
  const fault = faultOf(given);
  if (fault !== undefined) {
    throw kindlingError('InvalidArgument', {
      message: fault === 'state' ? 'this is no state of HMC or NUTS' : `this state of HMC or NUTS is not whole: its ${fault} is missing or not finite`,
      remedy: 'Pass what kernel.init, kernel.sample or a posterior’s state gave, or its JSON parsed',
    });
  }
  const { adaptState: adapt } = given;
  const { welford } = adapt;
  const state: HMCState = {
    ...given,
    precision: (given as Partial<HMCState>).precision ?? 'float64',
    z: whole(given.z),
    zGrad: whole(given.zGrad),
    adaptState: {
      ...adapt,
      inverseMassMatrix: whole(adapt.inverseMassMatrix),
      welford: { count: welford.count, mean: whole(welford.mean), m2: whole(welford.m2) },
    },
  };
  const { z, zGrad, adaptState } = state;
  if (z.data.length !== metric.dim || zGrad.data.length !== metric.dim) {
    throw kindlingError('InvalidShape', {
      message: 'the state belongs to another model or other arguments',
      given: `${z.data.length} unconstrained coordinates`,
      expected: String(metric.dim),
    });
  }
  const size = metricSize(metric);
  if (adaptState.inverseMassMatrix.data.length !== size || adaptState.welford.m2.data.length !== size) {
    throw kindlingError('InvalidShape', {
      message: 'the state belongs to a kernel with another form of mass matrix',
      given: `inverseMassMatrix of shape ${showShape(adaptState.inverseMassMatrix.shape)}`,
      expected: showShape(metric.blocks.length === 0 ? [metric.dim] : [metric.dim, metric.dim]),
      remedy: 'Keep denseMass as it was, or start anew with inverseMassMatrix',
    });
  }
  return state;
};
