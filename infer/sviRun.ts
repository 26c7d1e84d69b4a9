/** Running many steps of SVI without blocking the page: progress, abort, and freeing what the run converted. */
import { kindlingError } from '../core/errors.ts';
import type { Key } from '../core/random/key.ts';
import type { Values } from '../transforms/handlers/values.ts';
import { exactArgs } from './arguments.ts';
import type { ProgressInfo } from './progress.ts';
import type { SVIState } from './sviState.ts';

export interface RunOptions {
  /** A function told how far the run is, `true` for a bar on the terminal (plain lines where it is none); `false` by default. */
  readonly progress?: boolean | ((info: ProgressInfo) => void) | undefined;
  /** Ends the run with an AbortError that carries the `state` and the `losses` so far. */
  readonly signal?: AbortSignal | undefined;
  /** Passes over steps whose loss or gradient is not finite, instead of throwing. */
  readonly stableUpdate?: boolean | undefined;
  /** Goes on from here, to the same bits as one longer run; the key is then not used. */
  readonly initState?: SVIState | undefined;
  /** Starts of parameters by name, in their constraints; the others start as their statements say. */
  readonly initParams?: Values | undefined;
}

export interface RunSteps {
  readonly start: (key: Key, args: readonly unknown[], options: RunOptions) => SVIState;
  readonly step: (state: SVIState, args: readonly unknown[], isStable: boolean) => readonly [SVIState, number];
}

/** How long steps may keep the event loop waiting, in milliseconds. */
const SLICE_MS = 40;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

type Report = (info: ProgressInfo) => void;

const reporter = async (progress: RunOptions['progress']): Promise<Report | undefined> => {
  if (typeof progress === 'function') return progress;
  if (progress !== true || typeof process === 'undefined') return undefined;
  const { terminalProgress } = await import('./progress.node.ts');
  return terminalProgress();
};

const checkCount = (numSteps: number): void => {
  if (!Number.isInteger(numSteps) || numSteps < 1) {
    throw kindlingError('InvalidArgument', { message: 'the number of steps must be a whole number from 1', given: String(numSteps) });
  }
};

const abort = (signal: AbortSignal, state: SVIState, losses: Float64Array): never => {
  const error = kindlingError('Aborted', {
    message: `the run was aborted after ${losses.length} steps`,
    cause: signal.reason,
    remedy: 'Its state is in error.state: pass that as initState to go on',
  });
  throw Object.assign(error, { state, losses });
};

/** Takes `numSteps` steps; gives the last state and the losses. */
export const runSteps = async (
  steps: RunSteps,
  key: Key,
  numSteps: number,
  args: readonly unknown[],
  options: RunOptions,
): Promise<{ readonly state: SVIState; readonly losses: Float64Array }> => {
  checkCount(numSteps);
  const { signal, stableUpdate = false } = options;
  const report = await reporter(options.progress);
  // Converted once for the whole run: data that stay the same array are written to a compiled step only once.
  const exact = exactArgs(args);
  let state = steps.start(key, exact, options);
  const losses = new Float64Array(numSteps);
  const begun = performance.now();
  let sliceBegun = begun;
  let reported = 0;
  const tell = (done: number): void => {
    const recent = losses.subarray(reported, done);
    const loss = recent.reduce((sum, x) => sum + x, 0) / recent.length;
    report?.({ step: done, numSteps, loss, stepsPerSecond: done / ((performance.now() - begun) / 1000) });
    reported = done;
  };
  for (let i = 0; i < numSteps; i++) {
    if (signal?.aborted === true) abort(signal, state, losses.slice(0, i));
    [state, losses[i]] = steps.step(state, exact, stableUpdate);
    if (performance.now() - sliceBegun < SLICE_MS && i < numSteps - 1) continue;
    tell(i + 1);
    await turn();
    sliceBegun = performance.now();
  }
  return { state, losses };
};
