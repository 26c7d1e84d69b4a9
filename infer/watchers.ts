/** Who watches a run: what is told of its progress, and what may end it. */
import { kindlingError } from '../core/errors.ts';
import { describe } from '../core/options.ts';

interface Watchers {
  readonly progress?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const isSignal = (signal: AbortSignal | null): boolean => typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function';

/** @throws InvalidArgument for a progress or a signal that is none */
export const checkWatchers = ({ progress, signal }: Watchers): void => {
  if (!['undefined', 'boolean', 'function'].includes(typeof progress)) {
    throw kindlingError('InvalidArgument', {
      message: 'progress says how to tell of the run',
      given: describe(progress),
      expected: 'true, false or a function',
    });
  }
  if (signal !== undefined && !isSignal(signal)) {
    throw kindlingError('InvalidArgument', {
      message: 'signal is an AbortSignal',
      given: Object.prototype.toString.call(signal),
      expected: 'the signal of an AbortController, controller.signal, or AbortSignal.timeout(ms)',
    });
  }
};
