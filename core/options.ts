/** Options of functions, and functions among their arguments: a misspelled name would silently do nothing, a missing function fail far away. */
import { kindlingError } from './errors.ts';
import { isNDArray, isTypedArray } from './ndarray.ts';
import { didYouMean } from './nearest.ts';
import { showShape, type Shape } from './shape.ts';

/** A short phrase for whatever was given. */
export const describe = (given: unknown): string => {
  if (given === undefined) return 'nothing';
  if (typeof given === 'function') return given.name === '' ? 'a function' : `the function ${given.name}`;
  if (Array.isArray(given)) return `a list of ${given.length}`;
  if (typeof given !== 'object' || given === null) return typeof given === 'string' ? JSON.stringify(given) : String(given);
  if (given instanceof Promise) return 'a promise';
  if (given instanceof Map || given instanceof Set) return `a ${given instanceof Map ? 'Map' : 'Set'} of ${given.size}`;
  if (isTypedArray(given))
    return `${given instanceof Int8Array || given instanceof Int16Array || given instanceof Int32Array ? 'an' : 'a'} ${given.constructor.name} of ${given.length}`;
  if ('shape' in given && Array.isArray(given.shape)) return `an array of shape ${showShape(given.shape as Shape)}`;
  const names = Object.keys(given);
  return names.length === 0 ? 'an empty record' : `a record of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
};

const listed = (names: readonly string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' or $1');

/** Anything that holds values in another way than by name: an array of whatever kind, a map, a set, or what is not there yet. */
const isOtherwise = (value: object): boolean =>
  Symbol.iterator in value || ArrayBuffer.isView(value) || isNDArray(value) || ('dataId' in value && 'shape' in value) || value instanceof Promise;

/** Whether a value is a record: things by name. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !isOtherwise(value);

/**
 * Refuses anything but a record with names among these, or nothing.
 *
 * @throws InvalidArgument naming the option
 */
export const checkOptions = (what: string, options: unknown, names: readonly string[]): void => {
  if (!isRecord(options)) {
    throw kindlingError('InvalidArgument', {
      message: `the options of ${what} are a record`,
      given: describe(options),
      expected: `a record with ${listed(names)}`,
    });
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw kindlingError('InvalidArgument', { message: `${what} has no option ${unknown}`, expected: listed(names), remedy: didYouMean(unknown, names) });
  }
};

/**
 * Refuses anything but a record.
 *
 * @throws InvalidArgument
 */
export const requireRecord = (what: string, given: unknown, expected: string, remedy?: string): void => {
  if (!isRecord(given)) throw kindlingError('InvalidArgument', { message: `${what} must be a record`, given: describe(given), expected, remedy });
};

/**
 * Refuses anything but a function.
 *
 * @param what - who takes it and what it is, as in `grad takes a function`
 * @throws InvalidArgument
 */
export const requireFunction = (what: string, given: unknown, remedy?: string): void => {
  if (typeof given !== 'function') throw kindlingError('InvalidArgument', { message: what, given: describe(given), expected: 'a function', remedy });
};

/**
 * Refuses anything but a list, as which models' arguments are passed.
 *
 * @throws InvalidArgument
 */
export const requireArgs = (what: string, args: unknown): void => {
  if (Array.isArray(args)) return;
  throw kindlingError('InvalidArgument', {
    message: `${what} takes the arguments of the model as a list`,
    given: args === undefined ? 'nothing' : 'one value',
    remedy: 'Write [x, y], or [] for a model without arguments',
  });
};
