/** logLikelihood: the log-density of each observation at each draw of a posterior, what LOO and WAIC are computed from. */
import { kindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { requireFunction } from '../../core/options.ts';
import { PRNGKey } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import type { SampleSite } from '../../core/site.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import type { Args } from '../arguments.ts';
import type { DrawsBySite } from '../diagnostics/draws.ts';
import { batchOf } from './draws.ts';
import { perDraw, withArrays, type Batch, type ByName } from './perDraw.ts';
import type { AnyArray } from '../../core/value.ts';

const OWN_KEY = PRNGKey(0);

const run = (model: Model, given: ByName<AnyArray>, args: readonly unknown[]): Trace => trace(seed(OWN_KEY)(substitute(given)(model)))(...args);

const observed = ({ sites }: Trace): readonly SampleSite[] =>
  [...sites.values()].filter((site): site is SampleSite => site.type === 'sample' && site.isObserved);

/** Latent sites without draws would be drawn from the prior, and the log-likelihood would not be that of the posterior. */
const checkSites = ({ sites }: Trace, { arrays }: Batch): void => {
  const all = [...sites.values()].filter((site): site is SampleSite => site.type === 'sample');
  const missing = all.find(({ name, isObserved }) => !isObserved && arrays[name] === undefined);
  if (missing !== undefined) {
    throw kindlingError('MissingSite', {
      site: missing.name,
      message: 'there are no draws of this latent site',
      given: `draws of ${Object.keys(arrays).join(', ')}`,
      remedy: 'Pass all that the posterior gave; if the site is meant to be observed, pass its observations among the arguments',
    });
  }
  if (!all.some(({ isObserved }) => isObserved)) {
    throw kindlingError('MissingSite', {
      message: 'the model has no observed site',
      remedy: 'Pass the observations among the arguments, one by one, as in a run',
    });
  }
};

/**
 * The log-density of the observed sites at each draw, not summed over their batch, without scale or mask.
 *
 * @param posterior - what MCMC gives, its `samples`, or `[draws, …]` by site
 * @param args - the model's arguments, with the observations
 * @returns by site, `[chains, draws, …batch]` or `[draws, …batch]`
 * @throws InvalidShape for draws that do not fit the model's sites; MissingSite for a latent site without draws, or a model without observations
 * @example
 * const model = (y) => sample('y', dist.Normal(sample('mu', dist.Normal(0, 1)), 1), { obs: y });
 * logLikelihood(model, { mu: array([0, 1]) }, 0).y; // [-0.9189385332046728, -1.4189385332046727]
 */
export const logLikelihood = <A extends readonly unknown[]>(model: Model<A>, posterior: DrawsBySite, ...args: Args<A>): ByName<NDArray> => {
  requireFunction('logLikelihood takes a model', model, 'Write logLikelihood(model, posterior, x, y)');
  const plain = model as unknown as Model;
  const everyDraw = perDraw((_, draw, own) => Object.fromEntries(observed(run(plain, draw, own)).map(({ name, fn, value }) => [name, fn.logProb(value)])));
  const batch = scoped(
    () => {
      const prototype = run(plain, {}, withArrays(args));
      const own = batchOf(posterior, prototype);
      checkSites(prototype, own);
      return own;
    },
    () => [],
  );
  return everyDraw(batch, () => [], args);
};
