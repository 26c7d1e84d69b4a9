/** A chain in place: transitions and adaptation on typed arrays, between a state that is loaded and one that is saved. */
import { makeNDArray } from '../../core/ndarray.ts';
import { updateDualAveraging, startDualAveraging, stepSizeOf, type DualAveraging } from './dualAveraging.ts';
import { makeDynamics, type Dynamics } from './dynamics.ts';
import type { ModuleImage } from './image.ts';
import { identityMetric } from './metric.ts';
import { adaptationSchedule, type Window } from './schedule.ts';
import type { ChainSettings } from './settings.ts';
import type { HMCState, KeyWords } from './state.ts';
import { reasonableStepSize } from './stepSize.ts';
import { makeNUTS } from './nuts.ts';
import { makeTrajectory } from './trajectory.ts';
import type { Proposal, TransitionInfo } from './transition.ts';

/** What changes from transition to transition, besides the arrays. */
interface Progress {
  i: number;
  numWarmup: number;
  stepSize: number;
  dualAveraging: DualAveraging;
  window: number;
  meanAcceptProb: number;
  numStepsWarmup: number;
  info: TransitionInfo;
}

/** A chain that runs in this thread. */
export interface Chain {
  readonly dynamics: Dynamics;
  /** A state at a point, before any transition. The potential and its gradient must be finite there. */
  readonly start: (key: KeyWords, numWarmup: number, z: ArrayLike<number>, inverseMass?: Float64Array) => void;
  readonly load: (state: HMCState) => void;
  readonly save: () => HMCState;
  /** One transition. */
  readonly step: () => void;
  /** The position, potential and energy now. */
  readonly current: Proposal;
  /** The rest of what a draw tells; it changes in place. */
  readonly progress: Readonly<Omit<Progress, 'info'>> & { readonly info: Readonly<TransitionInfo> };
}

const TARGET_OF_GUESS = 0.8;

/** Makes a chain of the module of a leapfrog step. */
export const makeChain = (module: ModuleImage, settings: ChainSettings): Chain => {
  const { metric: shape, algorithm, targetAcceptProb, adaptStepSize, adaptMassMatrix, maxTreeDepth } = settings;
  const dynamics = makeDynamics(module, shape);
  const { dim, metric, welford } = dynamics;
  const key = new Uint32Array(2);
  let windows: readonly Window[] = [];
  const { current, run } = algorithm === 'NUTS' ? makeNUTS(dynamics) : makeTrajectory(dynamics, settings);
  const progress: Progress = {
    i: 0,
    numWarmup: 0,
    stepSize: settings.stepSize,
    dualAveraging: startDualAveraging(settings.stepSize),
    window: 0,
    meanAcceptProb: 0,
    numStepsWarmup: 0,
    info: { acceptProb: 0, numSteps: 0, treeDepth: 0, isDiverging: false },
  };

  /** Guesses a step size anew for what has changed around it. */
  const guess = (): void => {
    if (!settings.findHeuristicStepSize || !adaptStepSize) return;
    dynamics.seed(key, 'stepSize', progress.i);
    progress.stepSize = reasonableStepSize(dynamics, current, progress.stepSize, TARGET_OF_GUESS);
  };

  const finishWindow = (): void => {
    const inverseMass = adaptMassMatrix ? welford.finish(settings.regularizeMassMatrix) : undefined;
    if (inverseMass !== undefined) dynamics.setMetric(inverseMass);
    if (!adaptStepSize) return;
    guess();
    progress.dualAveraging = startDualAveraging(progress.stepSize);
  };

  const adapt = (): void => {
    const { i, numWarmup, info } = progress;
    const isLast = i === numWarmup - 1;
    if (adaptStepSize) {
      progress.dualAveraging = updateDualAveraging(progress.dualAveraging, info.acceptProb, targetAcceptProb);
      progress.stepSize = stepSizeOf(isLast ? progress.dualAveraging.logAverage : progress.dualAveraging.logStepSize);
    }
    const isSlow = progress.window > 0 && progress.window < windows.length - 1;
    if (isSlow && adaptMassMatrix) welford.add();
    if (i !== windows[progress.window]!.end) return;
    progress.window++;
    if (isSlow) finishWindow();
  };

  return {
    dynamics,
    current,
    progress,
    start: (words, numWarmup, z, inverseMass = identityMetric(shape)) => {
      key.set(words);
      windows = adaptationSchedule(numWarmup);
      dynamics.setMetric(inverseMass);
      dynamics.evaluate(z);
      current.q.set(z);
      current.gradient.set(dynamics.gradient);
      current.energies.fill(dynamics.potential[0]!);
      welford.restart();
      Object.assign(progress, { i: 0, numWarmup, stepSize: settings.stepSize, window: 0, meanAcceptProb: 0, numStepsWarmup: 0 });
      progress.info = { acceptProb: 0, numSteps: 0, treeDepth: 0, isDiverging: false };
      if (numWarmup > 0) guess();
      progress.dualAveraging = startDualAveraging(progress.stepSize);
    },
    load: (state) => {
      const { adaptState, z, zGrad, potentialEnergy, energy, i, numWarmup, meanAcceptProb, numStepsWarmup } = state;
      key.set(state.key);
      if (numWarmup !== progress.numWarmup || windows.length === 0) windows = adaptationSchedule(numWarmup);
      dynamics.setMetric(adaptState.inverseMassMatrix.data);
      current.q.set(z.data);
      current.gradient.set(zGrad.data);
      current.energies[0] = potentialEnergy;
      current.energies[1] = energy;
      if (state.precision !== settings.precision && dynamics.evaluate(z.data)) {
        current.gradient.set(dynamics.gradient);
        current.energies[0] = dynamics.potential[0]!;
      }
      const { count, mean, m2 } = adaptState.welford;
      welford.restore({ count, mean: mean.data, m2: m2.data });
      const { stepSize, dualAveraging, window } = adaptState;
      Object.assign(progress, { i, numWarmup, stepSize, dualAveraging, window, meanAcceptProb, numStepsWarmup });
      progress.info = { acceptProb: state.acceptProb, numSteps: state.numSteps, treeDepth: state.treeDepth, isDiverging: state.diverging };
    },
    save: () => {
      const { info, i, numWarmup, meanAcceptProb, numStepsWarmup, stepSize, dualAveraging, window } = progress;
      const { count, mean, m2 } = welford.sums();
      const matrixShape = shape.blocks.length === 0 ? [dim] : [dim, dim];
      return {
        i,
        numWarmup,
        key: [key[0]!, key[1]!],
        z: makeNDArray(current.q.slice(), [dim]),
        zGrad: makeNDArray(current.gradient.slice(), [dim]),
        potentialEnergy: current.energies[0]!,
        energy: current.energies[1]!,
        acceptProb: info.acceptProb,
        numSteps: info.numSteps,
        treeDepth: info.treeDepth,
        diverging: info.isDiverging,
        precision: settings.precision,
        meanAcceptProb,
        numStepsWarmup,
        adaptState: {
          stepSize,
          inverseMassMatrix: makeNDArray(metric.inverseMass.slice(), matrixShape),
          dualAveraging,
          welford: { count, mean: makeNDArray(mean.slice(), [dim]), m2: makeNDArray(m2.slice(), matrixShape) },
          window,
        },
      };
    },
    step: () => {
      dynamics.seed(key, 'transition', progress.i);
      dynamics.draw();
      const isWarmup = progress.i < progress.numWarmup;
      const info = run(progress.stepSize, maxTreeDepth[isWarmup ? 0 : 1]);
      progress.info = info;
      if (isWarmup) {
        progress.numStepsWarmup += info.numSteps;
        adapt();
      }
      const since = progress.i - (isWarmup ? 0 : progress.numWarmup);
      progress.meanAcceptProb += (info.acceptProb - progress.meanAcceptProb) / (since + 1);
      progress.i++;
    },
  };
};
