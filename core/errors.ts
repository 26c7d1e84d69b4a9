/** The one error type that users meet: what is wrong, where, with which shapes, and how to mend it. */
import { userPlace } from './userPlace.ts';

/** Tags to switch on; a tag names the kind of mistake, not the place where it was noticed. */
export type ErrorTag =
  | 'InvalidArgument'
  | 'InvalidParameter'
  | 'InvalidShape'
  | 'DuplicateSite'
  | 'MissingSite'
  | 'MissingKey'
  | 'PlateMismatch'
  | 'NonFinite'
  | 'NotReady'
  | 'Unbound'
  | 'Unsupported'
  | 'Aborted';

/** What an error says beside its tag. `given` and `expected` are short phrases, `remedy` a sentence. */
export interface ErrorDetails {
  readonly message: string;
  readonly site?: string | undefined;
  readonly given?: string | undefined;
  readonly expected?: string | undefined;
  readonly remedy?: string | undefined;
  /** Of an error within a model that names no site: after which statement, in which plates, and where in the user's code. */
  readonly where?: string | undefined;
  readonly cause?: unknown;
}

/** An `Error` with a tag and its parts as fields, so that a page can show them in its own way. */
export interface KindlingError extends Error, Omit<ErrorDetails, 'message' | 'cause'> {
  readonly _tag: ErrorTag;
}

/** Frames in the stack of an error: the user's line lies below those of tfjs, of which there are more than the ten that are usual. */
const DEPTH = 30;

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * Makes (does not throw) a `KindlingError`.
 *
 * @example
 * const e = kindlingError('MissingKey', { site: 'w', message: 'no key to draw "w" with', remedy: 'Wrap the model in seed(key).' });
 * e.message; // site "w": no key to draw "w" with. Wrap the model in seed(key).
 */
export const kindlingError = (tag: ErrorTag, details: ErrorDetails): KindlingError => {
  const { message, cause, ...parts } = details;
  const text = [
    sentence(parts.site === undefined ? message : `site "${parts.site}": ${message}`),
    parts.given === undefined ? undefined : sentence(`Given: ${parts.given}`),
    parts.expected === undefined ? undefined : sentence(`Expected: ${parts.expected}`),
    parts.remedy === undefined ? undefined : sentence(parts.remedy),
  ].filter((line) => line !== undefined);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Math.max(stackTraceLimit, DEPTH);
  const error = cause === undefined ? new Error(text.join(' ')) : new Error(text.join(' '), { cause });
  Error.stackTraceLimit = stackTraceLimit;
  error.name = tag === 'Aborted' ? 'AbortError' : 'KindlingError';
  return Object.assign(error, { _tag: tag, ...present(parts) });
};

/** Without the details that are absent: whoever prints the error would see each of them as `undefined`. */
const present = (details: Omit<ErrorDetails, 'message' | 'cause'>): Omit<ErrorDetails, 'message' | 'cause'> =>
  Object.fromEntries(Object.entries(details).filter(([, text]) => text !== undefined));

/** The same error with more to say, as an error of its own: where it was thrown stays in its stack. */
export const retold = (error: KindlingError, message: string, more: Partial<Omit<ErrorDetails, 'message' | 'cause'>> = {}): KindlingError => {
  const { _tag, name, site, given, expected, remedy, where, cause, stack = '' } = error;
  const own = cause === undefined ? new Error(message) : new Error(message, { cause });
  own.name = name;
  const told = Object.assign(own, { _tag, ...present({ site, given, expected, remedy, where, ...more }) });
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) told.stack = [`${name}: ${message}`, ...frames].join('\n');
  return told;
};

/** Runs `f`; where it throws an error of ours that does not say at which site, the error is told with the site's name. */
export const atSite = <A>(site: string, f: () => A): A => {
  try {
    return f();
  } catch (error) {
    if (site === '' || !isKindlingError(error) || error.site !== undefined) throw error;
    throw retold(error, `site "${site}": ${error.message}`, { site });
  }
};

/**
 * What is thrown in a model, with where that was, if it is an error of ours that can't know it: one of a distribution's parameter, or of
 * arithmetic between statements.
 *
 * @param whereabouts - what is known of the statements around; asked for only then
 */
export const situated = (error: unknown, whereabouts: () => string): unknown => {
  if (!isKindlingError(error) || error.site !== undefined || error.where !== undefined || error._tag === 'Aborted') return error;
  const place = userPlace(error.stack ?? '');
  const where = `${whereabouts()}${place === undefined ? '' : `, at ${place}`}`;
  return retold(error, `${error.message} This was in a model, ${where}.`, { where });
};

/** Whether a caught value is one of ours. */
export const isKindlingError = (error: unknown): error is KindlingError =>
  error instanceof Error && '_tag' in error && (error.name === 'KindlingError' || error.name === 'AbortError');
