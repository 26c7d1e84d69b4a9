/** Predictive: what a model says of data not seen yet, from its prior, from draws of the posterior, or from a guide. */
import { isKindlingError, kindlingError, type KindlingError } from '../../core/errors.ts';
import { nearestName, unknownSite } from '../../core/nearest.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { checkOptions, requireFunction, requireRecord } from '../../core/options.ts';
import { asKey, PRNGKey, split, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { isLatent } from '../../core/site.ts';
import type { AnyArray, Input } from '../../core/value.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import type { Args } from '../arguments.ts';
import { isAutoGuide } from '../autoguides/autoGuide.ts';
import type { DrawsBySite } from '../diagnostics/draws.ts';
import { batchOf } from './draws.ts';
import { perDraw, withArrays, type Batch, type ByName } from './perDraw.ts';

export interface PredictiveOptions<A extends readonly unknown[]> {
  /** Draws of the latent sites: what MCMC gives, its `samples`, or `[draws, …]` by site. Deterministic sites among them are computed anew. */
  readonly posteriorSamples?: DrawsBySite | undefined;
  /** A guide to draw the latent sites from, with its parameters. */
  readonly guide?: Model<A> | undefined;
  /** Parameters of the guide and of the model, by name. */
  readonly params?: ByName<Input> | undefined;
  /** How many draws, where no posterior says so. */
  readonly numSamples?: number | undefined;
  /** The sites to return; by default the sample sites that had no draws given, and the deterministic ones. */
  readonly returnSites?: readonly string[] | undefined;
}

const OWN_KEY = PRNGKey(0);

const run = (model: Model, key: Key, given: ByName<Input>, args: readonly unknown[]): Trace => trace(seed(key)(substitute(given)(model)))(...args);

/** The values of sites that a trace may be asked for. */
const valuesIn = ({ sites }: Trace, keep: (name: string) => boolean): ByName<AnyArray> =>
  Object.fromEntries(
    [...sites.values()].flatMap((site) =>
      site.type !== 'plate' && site.type !== 'factor' && keep(site.name) ? [[site.name, site.value as AnyArray] as const] : [],
    ),
  );

const latentIn = ({ sites }: Trace): ReadonlySet<string> =>
  new Set([...sites.values()].flatMap((site) => (isLatent(site) && site.infer['isAuxiliary'] !== true ? [site.name] : [])));

const checkGiven = <A extends readonly unknown[]>({ posteriorSamples, guide, params, numSamples, returnSites }: PredictiveOptions<A>): void => {
  const problem =
    posteriorSamples !== undefined && guide !== undefined
      ? 'takes either posteriorSamples or a guide'
      : guide !== undefined && params === undefined
        ? 'needs the params of its guide'
        : posteriorSamples === undefined && numSamples === undefined
          ? 'needs numSamples where no posteriorSamples are given'
          : undefined;
  if (guide !== undefined) requireFunction('the guide of Predictive is a function', guide, 'Pass what SVI was given, or the guide that svi.run returns');
  if (params !== undefined) requireRecord('what Predictive takes as params', params, 'values of parameters by name, as svi.run gives them');
  if (problem !== undefined) throw kindlingError('InvalidArgument', { message: `Predictive ${problem}` });
  if (returnSites !== undefined && !(Array.isArray(returnSites) && returnSites.every((name) => typeof name === 'string'))) {
    throw kindlingError('InvalidArgument', { message: 'returnSites is a list of names', given: String(returnSites), expected: "for example ['y']" });
  }
  if (numSamples !== undefined && !(Number.isInteger(numSamples) && numSamples > 0)) {
    throw kindlingError('InvalidArgument', { message: 'numSamples is a whole number above 0', given: String(numSamples) });
  }
};

/** Refuses parameters that lack one of the guide: in its place the guide would take its start, as if it had not been fitted. */
const checkGuide = (guide: Model, params: ByName<Input>, args: readonly unknown[]): void => {
  const names = Object.keys(params);
  let lacked: string | undefined;
  try {
    lacked = [...run(guide, OWN_KEY, params, args).sites.values()].find((site) => site.type === 'param' && !names.includes(site.name))?.name;
  } catch (cause) {
    if (!isAutoGuide(guide) || guide.isBound || !isKindlingError(cause)) throw cause;
    throw kindlingError('Unbound', {
      message: `${guide.guideName} does not know its model's latent sites, and finds others at these arguments than it was fitted with`,
      remedy: 'Pass the guide that svi.run returns, or guide.bind(...args) of the arguments of the fit',
      cause,
    });
  }
  if (lacked === undefined) return;
  const near = nearestName(lacked, names);
  throw kindlingError('MissingSite', {
    site: lacked,
    message: 'params lack this parameter of the guide',
    given: names.join(', ') || 'none',
    remedy: near === undefined ? 'Pass the params of svi.run or svi.getParams' : `Name it ${lacked}, not ${near}`,
  });
};

/** One draw of the observations belongs to each draw of the posterior. */
const otherCount = (numSamples: number, batch: Shape): KindlingError =>
  kindlingError('InvalidArgument', {
    message: 'numSamples is not the number of draws in posteriorSamples',
    given: `${numSamples} for draws of shape ${showShape(batch)}`,
    remedy: 'Leave numSamples out: each draw of the posterior gives one of the predictive',
  });

const checkReturned = (returnSites: readonly string[] | undefined, { sites }: Trace): void => {
  const unknown = returnSites?.find((name) => !sites.has(name));
  if (unknown !== undefined) {
    throw unknownSite(unknown, 'the model has no site of this name to return', [...sites.keys()]);
  }
};

/**
 * Makes a function that draws from the predictive distribution of a model: call it with the arguments for which to predict, leaving the
 * observations out. Without posterior draws or a guide that is the prior predictive.
 *
 * Draw i is the run of the model with the i-th draw substituted and key `split(key, n)[i]`, to the bits of that run compiled; with a guide,
 * the key is split first, and the second half is the guide's.
 *
 * @returns by site, NDArrays with the axes of the draws first: `[chains, draws, …]` or `[draws, …]`
 * @throws InvalidArgument for options that do not go together; InvalidShape for draws that do not fit the model's sites; MissingSite for a
 * site to return that the model does not have, for draws under a misspelt name, and for a parameter of the guide that params lack; Unbound for a guide that
 * was fitted at other arguments and does not know them
 * @see Gelman et al. (2013), Bayesian Data Analysis, sec. 6.3
 * @example
 * const coin = (y) => sample('y', dist.Bernoulli(sample('p', dist.Beta(1, 1))), { obs: y });
 * Predictive(coin, { posteriorSamples: { p: array([0, 1, 1]) } })(random.PRNGKey(0)).y; // [0, 1, 1]
 */
export const Predictive = <A extends readonly unknown[]>(
  model: Model<A>,
  options: PredictiveOptions<A>,
): ((key: Key, ...args: Partial<Args<A>>) => ByName<NDArray>) => {
  requireFunction('Predictive takes a model', model, 'Write Predictive(model, { posteriorSamples })');
  checkOptions('Predictive', options, ['posteriorSamples', 'guide', 'params', 'numSamples', 'returnSites']);
  checkGiven(options);
  const { posteriorSamples, guide, params = {}, numSamples, returnSites } = options;
  const plain = model as unknown as Model;
  const plainGuide = guide as unknown as Model | undefined;
  const everyDraw = perDraw(([key, guideKey], draw, args) => {
    const guided = plainGuide === undefined ? undefined : run(plainGuide, guideKey!, params, args);
    const given: ByName<Input> = { ...params, ...(guided === undefined ? draw : valuesIn(guided, (name) => latentIn(guided).has(name))) };
    const own = run(plain, key!, given, args);
    if (returnSites !== undefined) return valuesIn(own, (name) => returnSites.includes(name));
    const isNew = (name: string): boolean => {
      const site = own.sites.get(name)!;
      return site.type === 'deterministic' || (site.type === 'sample' && given[name] === undefined);
    };
    return valuesIn(own, isNew);
  });
  return (given, ...args) => {
    const key = asKey(given);
    const batch = scoped(
      (): Batch => {
        const prototype = run(plain, OWN_KEY, params, withArrays(args));
        checkReturned(returnSites, prototype);
        if (plainGuide !== undefined) checkGuide(plainGuide, params, withArrays(args));
        if (posteriorSamples === undefined) return { shape: [numSamples!], arrays: {} };
        const given = batchOf(posteriorSamples, prototype);
        if (numSamples !== undefined && numSamples !== sizeOf(given.shape)) throw otherCount(numSamples, given.shape);
        return given;
      },
      () => [],
    );
    const count = batch.shape.reduce((size, extent) => size * extent, 1);
    const [modelKey, guideKey] = plainGuide === undefined ? [key, undefined] : split(key);
    const [keys, guideKeys] = [split(modelKey, count), guideKey === undefined ? undefined : split(guideKey, count)];
    return everyDraw(batch, (i) => (guideKeys === undefined ? [keys[i]!] : [keys[i]!, guideKeys[i]!]), args);
  };
};
