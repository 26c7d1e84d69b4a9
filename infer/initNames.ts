/** The names in a strategy of starts, held against the model that starts. */
import { unknownSite } from '../core/nearest.ts';
import type { InitFn } from '../transforms/handlers/init.ts';
import type { Trace } from '../transforms/handlers/trace.ts';

/**
 * Refuses values of `initToValue` for sites that a model lacks: they would do nothing.
 *
 * @throws MissingSite with the nearest name
 */
export const checkInitNames = (initFn: InitFn, { sites }: Trace): void => {
  const { names } = initFn as { readonly names?: readonly string[] };
  const unknown = names?.find((name) => !sites.has(name));
  if (unknown !== undefined) throw unknownSite(unknown, 'initToValue has a value for a site that the model lacks', [...sites.keys()]);
};
