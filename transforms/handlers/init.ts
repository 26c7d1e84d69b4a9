/** InitMessenger: gives latent sites the values of an initialisation strategy. */
import { requireFunction } from '../../core/options.ts';
import { valueAt } from '../../core/primitives.ts';
import { handle } from '../../core/runtime.ts';
import type { Input } from '../../core/value.ts';
import type { LatentSite } from './reparam.ts';
import type { ModelTransform } from './seed.ts';

/** From a latent site to a start in its support, or `undefined` to leave the site to be drawn. `keyOf(site)` has a key for it. */
export type InitFn = (site: LatentSite) => Input | undefined;

/**
 * Gives each latent site without a value the one that `initFn` makes.
 *
 * @example
 * const model = () => sample('x', dist.Normal(3, 1));
 * seed(random.PRNGKey(0))(InitMessenger((site) => site.fn.mean)(model))().dataSync()[0]; // 3
 */
export const InitMessenger = (initFn: InitFn): ModelTransform => {
  requireFunction('InitMessenger takes a strategy', initFn, 'For example InitMessenger(initToMedian())');
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'sample' || site.value !== undefined || site.isObserved) return site;
      const value = initFn(site);
      return value === undefined ? site : { ...site, value: valueAt(site.name, value) };
    },
  }));
};
