/** The latent sites of a model as MCMC sees them: their places in one unconstrained vector, in the order of the model. */
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { sumRightmost } from '../../core/bijectors/bijector.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { constraintFromJSON, constraintToJSON } from '../../core/constraints/json.ts';
import { kindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import { PRNGKey, type Key } from '../../core/random/key.ts';
import { handle, type Model } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { isLatent, type SampleSite, type Site } from '../../core/site.ts';
import { asArray, toTensor, type AnyArray } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { InitMessenger, type InitFn } from '../../transforms/handlers/init.ts';
import { seed, type ModelTransform } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { sumOfAll, traceLogDensity } from '../../transforms/logDensity.ts';

/** A latent site. */
export interface LatentSlot {
  readonly name: string;
  /** Of its value, and of the unconstrained one. */
  readonly shape: Shape;
  readonly unconstrainedShape: Shape;
  /** Where its numbers begin in the vector, and how many there are. */
  readonly offset: number;
  readonly size: number;
  /** As it was in the run that found the site: it may depend on what other sites draw. */
  readonly support: Constraint;
}

/** All of them, and the length of the vector. */
export interface Latents {
  readonly dim: number;
  readonly slots: readonly LatentSlot[];
}

const refuse = (site: Site): void => {
  if (site.type === 'plate' && site.subsampleSize < site.size) {
    throw kindlingError('Unsupported', {
      site: site.name,
      message: 'MCMC sees all of the data at each step: a subsampled plate would change the posterior from draw to draw',
      given: `subsampleSize ${site.subsampleSize} of ${site.size}`,
      remedy: 'Drop subsampleSize, or fit the model by SVI',
    });
  }
  if (isLatent(site) && site.fn.isDiscrete) {
    throw kindlingError('Unsupported', {
      site: site.name,
      message: `HMC and NUTS follow a gradient, which the discrete ${site.fn.name} has not`,
      remedy: 'Sum the site out of the model (ops.logSumExp over its values in a factor, or a mixture distribution), or pass obs',
    });
  }
};

/** Refuses a value on the unconstrained scale that would broadcast, or not fit. */
const checkUnconstrained = ({ name, fn, sampleShape }: Pick<SampleSite, 'name' | 'fn' | 'sampleShape'>, x: AnyArray): void => {
  const expected = bijectTo(fn.support).inverseShape([...sampleShape, ...fn.batchShape, ...fn.eventShape]);
  if (sameShape(x.shape, expected)) return;
  throw kindlingError('InvalidShape', {
    site: name,
    message: 'the unconstrained value has another shape than its site',
    given: showShape(x.shape),
    expected: showShape(expected),
  });
};

/** The key of draws that a model makes by itself, with prngKey: the same at every point, so that the density is a function. */
const OWN_KEY: Key = PRNGKey(0);

/** Runs a model hidden from the handlers around, with the draws that it makes by itself fixed. */
export const traceAlone = <A extends readonly unknown[]>(model: Model<A>, args: A, transform: ModelTransform, key: Key = OWN_KEY): Trace =>
  block()(() => trace(transform(seed(key)(model)))(...args))();

/** A constraint without tensors, which will not be there after the run. */
const exactly = (support: Constraint): Constraint => constraintFromJSON(constraintToJSON(support));

/** Finds the latent sites by one run, started by a strategy. */
export const findLatents = <A extends readonly unknown[]>(model: Model<A>, args: A, initFn: InitFn, key: Key): Latents => {
  const run = traceAlone(model, args, InitMessenger(initFn), key);
  for (const site of run.sites.values()) refuse(site);
  let dim = 0;
  const slots = [...run.sites.values()].filter(isLatent).map((site): LatentSlot => {
    const { fn, sampleShape, name } = site;
    const shape = [...sampleShape, ...fn.batchShape, ...fn.eventShape];
    const unconstrainedShape = bijectTo(fn.support).inverseShape(shape);
    const slot = { name, shape, unconstrainedShape, offset: dim, size: sizeOf(unconstrainedShape), support: exactly(fn.support) };
    dim += slot.size;
    return slot;
  });
  if (dim === 0) {
    throw kindlingError('Unsupported', {
      message: 'the model has no latent sites to sample',
      remedy: 'A sample statement without obs is latent; Predictive draws from a model that has none',
    });
  }
  return { dim, slots };
};

/** The part of a vector that belongs to a site, in its unconstrained shape. */
export const partOf = (vector: AnyArray, { offset, size, unconstrainedShape }: LatentSlot): AnyArray =>
  ops.reshape(ops.slice(vector, [offset], [size]), unconstrainedShape);

/** A run of a model at a point of unconstrained space. */
export interface UnconstrainedRun {
  readonly trace: Trace;
  /** log |det ∂constrained/∂unconstrained|, a scalar. */
  readonly logDet: AnyArray;
}

/** Elements of `obsMask` that are there have no say in the model: a proper density in their place keeps the sampler from wandering off along them. */
const withImputed = (site: Pick<SampleSite, 'infer' | 'mask' | 'fn'>, x: AnyArray, logDet: AnyArray): AnyArray => {
  if (site.infer['isImputed'] !== true || site.mask === undefined) return logDet;
  const standard = sumRightmost(ops.mul(-0.5, ops.mul(x, x)), x.shape.length - logDet.shape.length);
  return ops.where(site.mask, logDet, standard);
};

/**
 * Runs a model whose latent sites take their values from unconstrained ones, each through the bijection onto its support, which may depend on
 * sites before it.
 */
export const runUnconstrained = <A extends readonly unknown[]>(
  model: Model<A>,
  args: A,
  unconstrained: (name: string) => AnyArray | undefined,
  supports: ReadonlyMap<string, Constraint> = new Map(),
): UnconstrainedRun => {
  const logDets: AnyArray[] = [];
  const transform = handle(() => ({
    process: (site) => {
      if (site.type !== 'sample' || site.isObserved || site.value !== undefined) return site;
      const x = unconstrained(site.name);
      if (x === undefined) {
        throw kindlingError('MissingSite', { site: site.name, message: 'there is no unconstrained value for this latent site', remedy: 'Pass one for each' });
      }
      // Of a site that stands for all times of a scan, the distribution is not whole yet.
      const support = site.isStack === true ? (supports.get(site.name) ?? site.fn.support) : site.fn.support;
      if (site.isStack !== true) checkUnconstrained(site, x);
      const [value, logDet] = bijectTo(support).forwardAndLogDet(x);
      logDets.push(sumOfAll(withImputed(site, x, logDet)));
      return { ...site, value: toTensor(value) };
    },
  }));
  const run = traceAlone(model, args, transform);
  return { trace: run, logDet: logDets.reduce((total, own) => ops.add(total, own), asArray(0)) };
};

/** −log of the joint density on the unconstrained scale, the Jacobian's determinant included. */
export const potentialOf = ({ trace: run, logDet }: UnconstrainedRun): AnyArray => ops.neg(ops.add(traceLogDensity(run), logDet));

export const inScope = <T>(f: () => T): T => scoped(f, () => []);
