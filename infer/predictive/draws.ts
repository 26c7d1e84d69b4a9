/** Draws of a posterior as a model takes them: the sites that it has, and the axes that count draws. */
import { kindlingError } from '../../core/errors.ts';
import { unknownSite } from '../../core/nearest.ts';
import { showShape, sameShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Trace } from '../../transforms/handlers/trace.ts';
import { siteArrays, type DrawsBySite } from '../diagnostics/draws.ts';
import type { Batch } from './perDraw.ts';

/**
 * Refuses draws of a site that the model lacks: under a name that is misspelt, the site itself would be drawn from its prior. Sites that
 * others are made of (`x_base`, `x_decentered`, `y_unobserved`) may be missing, as they are where the model is called in another way.
 */
const checkNames = (given: readonly string[], known: readonly string[]): void => {
  const unknown = given.find((name) => !known.some((site) => name === site || name.startsWith(`${site}_`)));
  if (unknown === undefined) return;
  throw unknownSite(unknown, 'there are draws of a site that the model lacks', known, 'Leave these draws out, or name the site in the model as it was');
};

/**
 * The draws of those sites of a model that it does not compute: its latent sites and parameters. The axes before those of the site
 * are the batch, `[chains, draws]` or `[draws]`.
 *
 * @throws InvalidShape where a site has no axis of draws, or sites have different ones; MissingSite for draws of a site that the model lacks
 */
export const batchOf = (given: DrawsBySite, { sites }: Trace): Batch => {
  const all = siteArrays(given);
  checkNames(Object.keys(all), [...sites.keys()]);
  const arrays = Object.fromEntries(
    Object.entries(all).filter(([name]) => {
      const site = sites.get(name);
      return site?.type === 'param' || (site?.type === 'sample' && !site.isObserved);
    }),
  );
  let batch: Shape | undefined;
  for (const [name, { shape }] of Object.entries(arrays)) {
    const site = sites.get(name) as { readonly value: { readonly shape: Shape } };
    const rank = shape.length - site.value.shape.length;
    const own = shape.slice(0, Math.max(rank, 0));
    if (rank < 1 || !sameShape(shape.slice(rank), site.value.shape) || (batch !== undefined && !sameShape(own, batch))) {
      throw kindlingError('InvalidShape', {
        site: name,
        message: 'draws do not fit the site',
        given: showShape(shape),
        expected: `${batch === undefined ? '[draws, …]' : showShape(batch)} before the shape ${showShape(site.value.shape)} of the site`,
      });
    }
    batch = own;
  }
  if (batch === undefined) {
    throw kindlingError('MissingSite', {
      message: 'none of the draws is of a site of the model',
      given: Object.keys(all).join(', ') || 'nothing',
      expected: [...sites.values()].flatMap((site) => (site.type === 'sample' && !site.isObserved ? [site.name] : [])).join(', ') || 'no site',
    });
  }
  if (sizeOf(batch) === 0) {
    throw kindlingError('InvalidShape', { message: 'there are no draws', given: `draws of shape ${showShape(batch)}`, remedy: 'Raise numSamples' });
  }
  return { shape: batch, arrays };
};
