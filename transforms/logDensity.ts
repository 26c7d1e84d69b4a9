/** logDensity: the log of the joint density of a model at given values. */
import { atSite, kindlingError } from '../core/errors.ts';
import { requireArgs } from '../core/options.ts';
import * as ops from '../core/ops/index.ts';
import { outermost, type Model } from '../core/runtime.ts';
import { broadcastShapes, showShape, tryBroadcast } from '../core/shape.ts';
import type { FactorSite, SampleSite, Site } from '../core/site.ts';
import { tensorsWithin } from '../core/tree.ts';
import { asArray, toTensor, type AnyArray, type Input, type Value } from '../core/value.ts';
import { trace as record, type Trace } from './handlers/trace.ts';
import { substitute, type Values } from './handlers/values.ts';

/** The log-probability of a site, element by element, with its scale and mask. */
export const siteLogProb = (site: SampleSite | FactorSite): AnyArray => {
  const { scale, mask } = site;
  const plain = site.type === 'factor' ? site.value : atSite(site.name, () => site.fn.logProb(mask === undefined ? site.value : safeValue(site, mask)));
  if (mask !== undefined && tryBroadcast(asArray(mask).shape, plain.shape) === undefined) {
    throw kindlingError('InvalidShape', {
      site: site.name,
      message: 'the mask does not fit the site',
      given: `shape ${showShape(asArray(mask).shape)} for log-probabilities of shape ${showShape(plain.shape)}`,
      expected: 'a mask that broadcasts against the batch shape',
    });
  }
  const masked = mask === undefined ? plain : ops.where(mask, plain, 0);
  return scale === 1 ? masked : ops.mul(masked, scale);
};

/** What is masked may be anything, NaN too: in its place stands a point of the support, so that gradients stay finite. */
const safeValue = ({ value, fn }: SampleSite, mask: Input): AnyArray => {
  const here = ops.reshape(mask, [...asArray(mask).shape, ...fn.eventShape.map(() => 1)]);
  return ops.where(here, value, fn.support.feasible(broadcastShapes(here.shape, value.shape, [...fn.batchShape, ...fn.eventShape])));
};

const isTerm = (site: Site): site is SampleSite | FactorSite => site.type === 'sample' || site.type === 'factor';

/** Σ of all elements; a scalar is its own sum, and need not be recorded as one. */
export const sumOfAll = (x: AnyArray): AnyArray => (x.shape.length === 0 ? x : ops.sum(x));

/** The sum of the log-probabilities of a trace, a scalar. */
export const traceLogDensity = ({ sites }: Trace): AnyArray =>
  [...sites.values()].filter(isTerm).reduce<AnyArray>((total, site) => ops.add(total, sumOfAll(siteLogProb(site))), asArray(0));

/**
 * The log-density of a model at values of its sites, and the trace of that run.
 *
 * @param args - the model's arguments, as a list
 * @param params - values of latent sites and of parameters by name, in their supports
 * @returns the log-density, a scalar tensor; the tensors are the caller's
 * @throws MissingKey for a latent site without a value, where no `seed` is around the model
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * logDensity(model, [], { x: 0 }).logDensity.dataSync()[0]; // -0.9189385
 */
export const logDensity = <Args extends readonly unknown[], A>(
  model: Model<Args, A>,
  args: Args,
  params: Values,
): { readonly logDensity: Value; readonly trace: Trace<A> } => {
  requireArgs('logDensity', args);
  return outermost(() => {
    const run = record(substitute(params)(model))(...args);
    return { logDensity: toTensor(traceLogDensity(run)), trace: run };
  }, tensorsWithin);
};
