/** The one error type that users meet: what is wrong, where, with which shapes, and how to mend it. */

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
  readonly cause?: unknown;
}

/** An `Error` with a tag and its parts as fields, so that a page can show them in its own way. */
export interface KindlingError extends Error, Omit<ErrorDetails, 'message' | 'cause'> {
  readonly _tag: ErrorTag;
}

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
  const error = cause === undefined ? new Error(text.join(' ')) : new Error(text.join(' '), { cause });
  error.name = tag === 'Aborted' ? 'AbortError' : 'KindlingError';
  return Object.assign(error, { _tag: tag, ...parts });
};

/** Runs `f`; where it throws an error of ours that does not say at which site, the error is told with the site's name. */
export const atSite = <A>(site: string, f: () => A): A => {
  try {
    return f();
  } catch (error) {
    if (site === '' || !isKindlingError(error) || error.site !== undefined) throw error;
    const { _tag, name, given, expected, remedy } = error;
    throw Object.assign(new Error(`site "${site}": ${error.message}`, { cause: error }), { _tag, name, site, given, expected, remedy });
  }
};

/** Whether a caught value is one of ours. */
export const isKindlingError = (error: unknown): error is KindlingError =>
  error instanceof Error && '_tag' in error && (error.name === 'KindlingError' || error.name === 'AbortError');
