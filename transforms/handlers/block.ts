/** block: hides sites from the handlers further out. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { handle } from '../../core/runtime.ts';
import type { Message } from '../../core/site.ts';
import type { ModelTransform } from './seed.ts';

export interface BlockOptions {
  /** Whether to hide a site; it decides over the two lists. */
  readonly hideFn?: ((site: Message) => boolean) | undefined;
  /** The names to hide. */
  readonly hide?: readonly string[] | undefined;
  /** The names to let through: everything else is hidden, observed sites too. */
  readonly expose?: readonly string[] | undefined;
}

const hides = ({ hideFn, hide, expose }: BlockOptions): ((site: Message) => boolean) => {
  if (hideFn !== undefined) return hideFn;
  if (hide !== undefined) return ({ name }) => hide.includes(name);
  if (expose !== undefined) return ({ name }) => !expose.includes(name);
  return () => true;
};

const checkBlock = (options: BlockOptions): void => {
  checkOptions('block', options, ['hideFn', 'hide', 'expose']);
  const { hideFn, hide, expose } = options;
  const isList = (names: unknown): boolean => names === undefined || (Array.isArray(names) && names.every((name) => typeof name === 'string'));
  if (isList(hide) && isList(expose) && (hideFn === undefined || typeof hideFn === 'function')) return;
  throw kindlingError('InvalidArgument', { message: 'block takes { hide, expose, hideFn }', expected: 'lists of names, or hideFn, a function of the site' });
};

/**
 * Hides sites from the handlers further out; without options, all of them. A hidden site still gets its key from a `seed` outside.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * trace(seed(random.PRNGKey(0))(block()(model)))().sites.size; // 0
 */
export const block = (options: BlockOptions = {}): ModelTransform => {
  checkBlock(options);
  const hidden = hides(options);
  // Requests for keys always pass: hiding a site must not change what it draws.
  return handle(() => ({ process: (site) => (site.type !== 'prngKey' && hidden(site) ? { ...site, isHidden: true } : site) }));
};
