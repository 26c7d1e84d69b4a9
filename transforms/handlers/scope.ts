/** scope: puts a prefix before the names of sites. */
import { requireName } from '../../core/primitives.ts';
import { handle } from '../../core/runtime.ts';
import type { ModelTransform } from './seed.ts';

/**
 * Renames every site and plate to `prefix/name`, so that one sub-model can be used twice.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * [...trace(seed(random.PRNGKey(0))(scope('a')(model)))().sites.keys()]; // ['a/x']
 */
export const scope = (prefix: string, { divider = '/' }: { readonly divider?: string | undefined } = {}): ModelTransform => {
  requireName('scope', prefix);
  return handle(() => ({
    process: (site) => (site.name === '' ? site : { ...site, name: `${prefix}${divider}${site.name}` }),
  }));
};
