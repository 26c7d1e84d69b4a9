/** Options of functions: a misspelled name would silently do nothing. */
import { kindlingError } from './errors.ts';

/**
 * Refuses anything but a record with names among these, or nothing.
 *
 * @throws InvalidArgument naming the option
 */
export const checkOptions = (what: string, options: unknown, names: readonly string[]): void => {
  const expected = names.join(', ').replace(/, ([^,]*)$/, ' or $1');
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw kindlingError('InvalidArgument', { message: `the options of ${what} are a record`, given: String(options), expected: `a record with ${expected}` });
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw kindlingError('InvalidArgument', { message: `${what} has no option ${unknown}`, expected });
};
