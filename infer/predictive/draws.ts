/** Draws of a posterior as a model takes them: the sites that it has, and the axes that count draws. */
import { kindlingError } from '../../core/errors.ts';
import { nearestName, unknownSite } from '../../core/nearest.ts';
import { requireRecord } from '../../core/options.ts';
import { showShape, sameShape, sizeOf, type Shape } from '../../core/shape.ts';
import { isLatent, type Site } from '../../core/site.ts';
import type { Trace } from '../../transforms/handlers/trace.ts';
import { siteArrays, type DrawsBySite } from '../diagnostics/draws.ts';
import type { Batch } from './perDraw.ts';

/** Whether draws give the site its value: it is latent, or a parameter. */
const takesDraws = (site: Site | undefined): boolean => site?.type === 'param' || isLatent(site);

/**
 * Refuses a name that is misspelt: the site that was meant would be drawn from its prior. Other names that the model lacks do no harm: a model
 * may state a site only beside its observations, and a smaller one be given all that a larger one drew.
 */
const checkNames = (given: readonly string[], { sites }: Trace): void => {
  const lacking = [...sites.values()].flatMap((site) => (takesDraws(site) && !given.includes(site.name) ? [site.name] : []));
  const unknown = given.find((name) => !sites.has(name) && nearestName(name, lacking) !== undefined);
  if (unknown !== undefined) throw unknownSite(unknown, 'there are draws of a site that the model lacks, and none of one with a similar name', lacking);
};

/**
 * The draws of those sites of a model that it does not compute: its latent sites and parameters. The axes before those of the site
 * are the batch, `[chains, draws]` or `[draws]`.
 *
 * @throws InvalidShape where a site has no axis of draws, or sites have different ones; MissingSite for a misspelt name;
 * InvalidArgument for what is no record
 */
export const batchOf = (given: DrawsBySite, run: Trace): Batch => {
  const { sites } = run;
  requireRecord(
    'the draws of a posterior',
    given,
    'what a run of MCMC gave, or arrays [draws, …] by site',
    given instanceof Promise ? 'Write await before the run' : 'Name the site: { x: draws }',
  );
  const all = siteArrays(given);
  checkNames(Object.keys(all), run);
  const arrays = Object.fromEntries(Object.entries(all).filter(([name]) => takesDraws(sites.get(name))));
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
      expected: [...sites.values()].flatMap((site) => (isLatent(site) ? [site.name] : [])).join(', ') || 'no site',
    });
  }
  if (sizeOf(batch) === 0) {
    throw kindlingError('InvalidShape', { message: 'there are no draws', given: `draws of shape ${showShape(batch)}`, remedy: 'Raise numSamples' });
  }
  return { shape: batch, arrays };
};
