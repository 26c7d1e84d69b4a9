/** What is checked of the options of runs, so that a slip is an error before the first transition. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { checkWatchers } from '../watchers.ts';
import type { MCMCOptions, MCMCRunOptions } from './mcmc.ts';

const OPTIONS: readonly (keyof MCMCOptions)[] = ['numWarmup', 'numSamples', 'numChains', 'thinning', 'chainMethod', 'numWorkers', 'workers'];
const WARMUP_OPTIONS: readonly (keyof MCMCRunOptions)[] = ['progress', 'signal', 'initState'];
const RUN_OPTIONS: readonly (keyof MCMCRunOptions)[] = [...WARMUP_OPTIONS, 'onDraw', 'extraFields'];

const describe = (x: unknown): string => (Array.isArray(x) ? JSON.stringify(x) : typeof x === 'object' ? Object.prototype.toString.call(x) : String(x));

const must = (isRight: boolean, message: string, given: unknown, expected: string): void => {
  if (!isRight) throw kindlingError('InvalidArgument', { message, given: describe(given), expected });
};

const checkCount = (name: string, count: number, least: number): void =>
  must(Number.isInteger(count) && count >= least, `${name} must be a whole number`, count, `${least} or more`);

/** @throws InvalidArgument for an option of `MCMC` that is unknown or makes no sense */
export const checkMCMCOptions = (options: MCMCOptions): void => {
  checkOptions('MCMC', options, OPTIONS);
  const { numWarmup, numSamples, numChains = 1, thinning = 1, chainMethod = 'sequential', numWorkers = 1, workers } = options;
  checkCount('numWarmup', numWarmup, 0);
  checkCount('numSamples', numSamples, 0);
  checkCount('numChains', numChains, 1);
  checkCount('thinning', thinning, 1);
  checkCount('numWorkers', numWorkers, 1);
  must(['sequential', 'parallel'].includes(chainMethod), 'chainMethod is one of two', chainMethod, "'sequential' or 'parallel'");
  must(workers === undefined || typeof workers?.submit === 'function', 'workers is a pool of workers', workers, 'what `await workerPool({ size })` gives');
};

/** @throws InvalidArgument for an option of `run` or `warmup` that is unknown or makes no sense */
export const checkRunOptions = (what: 'run' | 'warmup', options: MCMCRunOptions): void => {
  checkOptions(what, options, what === 'run' ? RUN_OPTIONS : WARMUP_OPTIONS);
  const { onDraw, extraFields } = options;
  checkWatchers(options);
  must(onDraw === undefined || typeof onDraw === 'function', 'onDraw is told of each draw', onDraw, 'a function');
  must(
    extraFields === undefined || (Array.isArray(extraFields) && extraFields.every((name) => typeof name === 'string')),
    'extraFields is a list of names',
    extraFields,
    "for example ['z', '~site']",
  );
};
