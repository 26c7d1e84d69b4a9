/** The names in a strategy of starts, held against the model that starts. */
import { kindlingError, type KindlingError } from '../core/errors.ts';
import { unknownSite } from '../core/nearest.ts';
import { isLatent } from '../core/site.ts';
import type { InitFn } from '../transforms/handlers/init.ts';
import type { Trace } from '../transforms/handlers/trace.ts';

/** What `reparam` calls the latent sites that it makes. */
const AUXILIARY = ['decentered', 'base'] as const;

const isRestated = (site: string, restated: string): KindlingError =>
  kindlingError('MissingSite', {
    site,
    message: `initToValue has a value for a site that reparam computes from "${restated}", and none for that one`,
    remedy: `Give a value to ${restated}, which is the latent site`,
  });

/**
 * Refuses values of `initToValue` that would do nothing: for sites that a model lacks, and for those that `reparam` has restated, unless the
 * site in their place has a value too, as in a draw of a posterior.
 *
 * @throws MissingSite with the nearest name, or that of the site to give a value
 */
export const checkInitNames = (initFn: InitFn, { sites }: Trace): void => {
  const { names } = initFn as { readonly names?: readonly string[] };
  if (names === undefined) return;
  const unknown = names.find((name) => !sites.has(name));
  if (unknown !== undefined) throw unknownSite(unknown, 'initToValue has a value for a site that the model lacks', [...sites.keys()]);
  for (const name of names) {
    if (sites.get(name)?.type !== 'deterministic') continue;
    const restated = AUXILIARY.map((suffix) => `${name}_${suffix}`).find((other) => isLatent(sites.get(other)));
    if (restated !== undefined && !names.includes(restated)) throw isRestated(name, restated);
  }
};
