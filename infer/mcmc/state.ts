/** The state of a chain between transitions: plain data that survives `structuredClone` and JSON, and all that the next one needs. */
import { kindlingError } from '../../core/errors.ts';
import { array, isNDArray, isNDArrayJSON, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import type { DualAveraging } from './dualAveraging.ts';

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
  /** The average of `acceptProb`, which begins anew after the warmup. */
  readonly meanAcceptProb: number;
  /** Leapfrog steps of the warmup so far. */
  readonly numStepsWarmup: number;
  readonly adaptState: AdaptState;
}

const isPlainArray = (value: unknown): boolean => isNDArray(value) || isNDArrayJSON(value);

/** An array with its methods, which a clone has lost. */
const whole = (given: NDArray): NDArray => (isNDArray(given) ? makeNDArray(given.data, given.shape, given.dtype) : array(given));

/** A state from a state, a clone of it or its JSON. */
export const asState = (given: HMCState, dim: number): HMCState => {
  const adapt = (given as Partial<HMCState> | null | undefined)?.adaptState;
  if (adapt === undefined || !isPlainArray(given.z) || !isPlainArray(given.zGrad) || !isPlainArray(adapt.inverseMassMatrix)) {
    throw kindlingError('InvalidArgument', {
      message: 'this is no state of HMC or NUTS',
      remedy: 'Pass what kernel.init, kernel.sample or a posterior’s state gave, or its JSON parsed',
    });
  }
  const { welford } = adapt;
  const state: HMCState = {
    ...given,
    z: whole(given.z),
    zGrad: whole(given.zGrad),
    adaptState: {
      ...adapt,
      inverseMassMatrix: whole(adapt.inverseMassMatrix),
      welford: { count: welford.count, mean: whole(welford.mean), m2: whole(welford.m2) },
    },
  };
  if (state.z.data.length !== dim) {
    throw kindlingError('InvalidShape', {
      message: 'the state belongs to another model or other arguments',
      given: `${state.z.data.length} unconstrained coordinates`,
      expected: String(dim),
    });
  }
  return state;
};
