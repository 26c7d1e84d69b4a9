/** Optional packages: loaded when first needed, with an error that says what to install. */
import { kindlingError } from '../../core/errors.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && ('code' in error ? error.code === 'ERR_MODULE_NOT_FOUND' : /resolve|module specifier|import/i.test(error.message));

/**
 * Loads an optional package.
 *
 * @param spec - what to give to `npm install`
 * @param load - a thunk around `import('…')`, its argument written out so that bundlers see it
 * @throws Unsupported where the package is not installed; any other failure as it came
 */
export const loadPeer = async <A>(spec: string, load: () => Promise<A>): Promise<A> => {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw kindlingError('Unsupported', { message: `pictures need the optional package ${spec}`, remedy: `Run: npm install ${spec}`, cause: error });
  }
};
