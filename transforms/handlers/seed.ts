/** seed: gives every draw of a model a key of its own, made of one key and the site's name. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import { foldIn, oneKey, PRNGKey, siteKey, type Key } from '../../core/random/key.ts';
import { handle, type Model } from '../../core/runtime.ts';

/** From a model to a model of the same arguments and result. */
export type ModelTransform = <Args extends readonly unknown[], A>(model: Model<Args, A>) => Model<Args, A>;

/** The name under which keys asked for by `prngKey()` are counted: no site can have it, as site names are not empty. */
const UNNAMED = '';

/** Two sites of one name would draw the same numbers, where nobody traces and sees it. */
const twice = (site: string): KindlingError =>
  kindlingError('DuplicateSite', {
    site,
    message: 'this name has drawn before, and would draw the same again',
    remedy: 'Names must be unique in a model: in a loop, add the index (`w_${i}`), or wrap each part in scope(prefix)',
  });

/**
 * Gives each site the key threefry(key, FNV-1a of its name), unless it has one: so of two `seed`s the inner one decides, and adding,
 * hiding or replacing one site moves no other draw. Two runs draw the same.
 *
 * @param key - a key, or an integer seed
 * @throws DuplicateSite where a second site of one name draws
 * @example
 * seed(random.PRNGKey(1))(() => sample('x', dist.Normal(0, 1)))().shape; // []
 */
export const seed = (key: Key | number): ModelTransform => {
  if (typeof key === 'function') {
    throw kindlingError('InvalidArgument', { message: 'seed takes a key, not a model', remedy: 'Write seed(key)(model), or pipe(model, seed(key))' });
  }
  // A batch of keys is refused here, not at the first draw.
  const root = typeof key === 'number' ? PRNGKey(key) : oneKey(key);
  return handle(() => {
    let asked = 0;
    const drawn = new Set<string>();
    return {
      process: (site) => {
        if (site.type === 'prngKey') {
          if (site.value !== undefined) return site;
          return { ...site, value: site.name === UNNAMED ? foldIn(siteKey(root, UNNAMED), asked++) : siteKey(root, site.name) };
        }
        const draws = site.type === 'sample' || site.type === 'param' || site.type === 'plate';
        if (!draws || site.key !== undefined) return site;
        if (site.type === 'sample' && site.value === undefined) {
          if (drawn.has(site.name)) throw twice(site.name);
          drawn.add(site.name);
        }
        return { ...site, key: siteKey(root, site.name) };
      },
    };
  });
};
