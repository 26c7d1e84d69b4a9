/** trace: runs a model and records every site that reaches the handler. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import { outermost, withHandler, type Model } from '../../core/runtime.ts';
import type { Message, Site } from '../../core/site.ts';
import { tensorsIn } from '../../core/tree.ts';
import { isTensor } from '../../core/value.ts';

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

const isDistribution = (value: unknown): value is Distribution => typeof value === 'object' && value !== null && 'params' in value && 'logProb' in value;

/** The tensors that a distribution was made of: without them its density can't be asked again. */
const tensorsOfDistribution = (fn: Distribution): readonly tf.Tensor[] =>
  Object.values(fn.params).flatMap((param) => (isDistribution(param) ? tensorsOfDistribution(param) : tensorsIn(param)));

/** All tensors that a trace holds. */
export const tensorsOfTrace = ({ value, sites }: Trace): readonly tf.Tensor[] => [
  ...tensorsIn(value),
  ...[...sites.values()].flatMap((site) => [
    site.value,
    ...(site.type === 'sample' || site.type === 'factor' ? [site.scale, site.mask].filter(isTensor) : []),
    ...(site.type === 'sample' ? [...tensorsOfDistribution(site.fn), ...tensorsOfMask(site.fn)] : []),
  ]),
];

const tensorsOfMask = (fn: Distribution): readonly tf.Tensor[] => tensorsIn(fn.support.params);

/**
 * Runs a model and records its sites.
 *
 * @returns a function of the model's arguments; the tensors in the trace are the caller's to dispose
 * @throws DuplicateSite where two sites have one name
 * @example
 * const { sites } = trace(seed(random.PRNGKey(0))(() => sample('x', dist.Normal(0, 1))))();
 * [...sites.keys()]; // ['x']
 */
export const trace =
  <Args extends readonly unknown[], A>(model: Model<Args, A>): ((...args: Args) => Trace<A>) =>
  (...args) =>
    outermost(() => {
      const sites = new Map<string, Site>();
      const postprocess = (site: Message): Message => {
        record(sites, site);
        return site;
      };
      const value = withHandler({ postprocess }, () => model(...args));
      return { value, sites };
    }, tensorsOfTrace);
