/** seed: gives every draw of a model a key of its own, made of one key and the site's name. */
import { kindlingError } from '../../core/errors.ts';
import { asKey, foldIn, PRNGKey, siteKey, type Key } from '../../core/random/key.ts';
import { handle, type Model } from '../../core/runtime.ts';

/** From a model to a model of the same arguments and result. */
export type ModelTransform = <Args extends readonly unknown[], A>(model: Model<Args, A>) => Model<Args, A>;

/** The name under which keys asked for by `prngKey()` are counted: no site can have it, as site names are not empty. */
const UNNAMED = '';

/**
 * Gives each site the key threefry(key, FNV-1a of its name), unless it has one: so of two `seed`s the inner one decides, and adding,
 * hiding or replacing one site moves no other draw. Two runs draw the same.
 *
 * @param key - a key, or an integer seed
 * @example
 * seed(random.PRNGKey(1))(() => sample('x', dist.Normal(0, 1)))().shape; // []
 */
export const seed = (key: Key | number): ModelTransform => {
  if (typeof key === 'function') {
    throw kindlingError('InvalidArgument', { message: 'seed takes a key, not a model', remedy: 'Write seed(key)(model), or pipe(model, seed(key))' });
  }
  const root = typeof key === 'number' ? PRNGKey(key) : asKey(key);
  return handle(() => {
    let asked = 0;
    return {
      process: (site) => {
        if (site.type === 'prngKey') {
          if (site.value !== undefined) return site;
          return { ...site, value: site.name === UNNAMED ? foldIn(siteKey(root, UNNAMED), asked++) : siteKey(root, site.name) };
        }
        const draws = site.type === 'sample' || site.type === 'param' || site.type === 'plate';
        return draws && site.key === undefined ? { ...site, key: siteKey(root, site.name) } : site;
      },
    };
  });
};
