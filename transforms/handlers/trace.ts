/** trace: runs a model and records every site that reaches the handler. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import { requireFunction } from '../../core/options.ts';
import { outermost, withHandlerOfRun, type Model } from '../../core/runtime.ts';
import type { Message, Site } from '../../core/site.ts';
import { tensorsWithin } from '../../core/tree.ts';

/** What a run of a model gave: its result, and its sites in the order in which they ran. */
export interface Trace<A = unknown> {
  readonly value: A;
  readonly sites: ReadonlyMap<string, Site>;
}

const record = (sites: Map<string, Site>, site: Message): void => {
  // A plate entered again is the same plate.
  if (site.type === 'prngKey' || (site.type === 'plate' && sites.get(site.name)?.type === 'plate')) return;
  if (sites.has(site.name)) {
    throw kindlingError('DuplicateSite', {
      site: site.name,
      message: `a ${sites.get(site.name)!.type} site has this name already`,
      remedy: 'Names must be unique in a model: in a loop, add the index (`w_${i}`), or wrap each part in scope(prefix)',
    });
  }
  sites.set(site.name, site as Site);
};

/** What a model states after an await, nobody sees. */
const lateSites = (value: Promise<unknown>): KindlingError => {
  // It may fail later, when nobody listens any more.
  value.catch(() => undefined);
  return kindlingError('Unsupported', {
    message: 'the model gave a promise: sites after an await would be lost',
    remedy:
      'Drop async from the model; load what it needs first, and pass it as an argument. Where it ends with data() or array(), return the array, and read it afterwards',
  });
};

/**
 * Runs a model and records its sites.
 *
 * @returns a function of the model's arguments; the tensors in the trace are the caller's to dispose
 * @throws DuplicateSite where two sites have one name
 * @example
 * const { sites } = trace(seed(random.PRNGKey(0))(() => sample('x', dist.Normal(0, 1))))();
 * [...sites.keys()]; // ['x']
 */
export const trace = <Args extends readonly unknown[], A>(model: Model<Args, A>): ((...args: Args) => Trace<A>) => {
  requireFunction('trace takes a model', model, 'Write trace(model)(…args)');
  return (...args) =>
    outermost(() => {
      const sites = new Map<string, Site>();
      const postprocess = (site: Message): Message => {
        record(sites, site);
        return site;
      };
      const value = withHandlerOfRun({ postprocess }, () => model(...args));
      if (value instanceof Promise) throw lateSites(value);
      return { value, sites };
    }, tensorsWithin);
};
