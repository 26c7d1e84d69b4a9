/** Running many steps of SVI without blocking the page: progress, abort, and freeing what the run converted. */
import { kindlingError } from '../core/errors.ts';
import { checkOptions, requireRecord } from '../core/options.ts';
import type { Key } from '../core/random/key.ts';
import type { Values } from '../transforms/handlers/values.ts';
import { exactArgs } from './arguments.ts';
import { checkWatchers } from './watchers.ts';
import type { ProgressInfo } from './progress.ts';
import type { SVIState } from './sviState.ts';
import type { Steps } from './sviSteps.ts';

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
  readonly advance: Steps['advance'];
}

/** How long steps may keep the event loop waiting, in milliseconds. */
const SLICE_MS = 40;

/** Lets the event loop go round once. Where there is `setImmediate`, it does not wait for a clock as `setTimeout` does. */
const turn = (): Promise<void> => new Promise((resolve) => (typeof setImmediate === 'function' ? void setImmediate(resolve) : void setTimeout(resolve, 0)));

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

const OPTIONS: readonly (keyof RunOptions)[] = ['progress', 'signal', 'stableUpdate', 'initState', 'initParams'];

const checkRun = (numSteps: number, options: RunOptions): void => {
  checkCount(numSteps);
  checkOptions('svi.run', options, OPTIONS);
  checkWatchers(options);
  if (options.initParams !== undefined) requireRecord('initParams', options.initParams, 'starts by the names of parameters, as in { auto_loc: [0, 1] }');
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
  checkRun(numSteps, options);
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
  let done = 0;
  // Calls grow from one step on: V8 runs a new module by quick, slow code, and within a call goes on with what it began with.
  let count = 1;
  while (done < numSteps) {
    if (signal?.aborted === true) abort(signal, state, losses.slice(0, done));
    const called = performance.now();
    const [next, own] = steps.advance(state, exact, Math.min(count, numSteps - done), stableUpdate);
    losses.set(own, done);
    done += own.length;
    state = next;
    const now = performance.now();
    const isOver = now - sliceBegun >= SLICE_MS;
    // As many steps as the rest of the slice has room for, to go by the last ones.
    const room = ((isOver ? SLICE_MS : sliceBegun + SLICE_MS - now) * own.length) / (now - called);
    count = Math.max(1, Math.min(2 * count, Math.floor(room)));
    if (!isOver && done < numSteps) continue;
    tell(done);
    await turn();
    sliceBegun = performance.now();
  }
  return { state, losses };
};
