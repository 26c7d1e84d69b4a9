/** AutoContinuous: guides with one distribution over the vector of all latents on the unconstrained scale. */
import { real, type Constraint } from '../../core/constraints/index.ts';
import { Delta } from '../../core/distributions/combinators/delta.ts';
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { unknownSite } from '../../core/nearest.ts';
import { checkOptions, requireFunction, requireRecord } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { param, sample } from '../../core/primitives.ts';
import type { Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { asArray, toNDArray, type AnyArray, type Input } from '../../core/value.ts';
import type { InitFn } from '../../transforms/handlers/init.ts';
import { initToMedian } from '../initialization.ts';
import { AutoGuide, type Guide, type GuideParams, type SiteArrays } from './autoGuide.ts';
import { packingOf, partOf, startVector, unpack, type Latent, type Packing } from './latents.ts';

/** The standard deviation of the start, on the unconstrained scale: one for all, by site, or a function of the site. */
export type InitScale = number | Readonly<Record<string, number>> | ((site: Latent) => number);

export interface AutoContinuousOptions {
  /** Stands before the names of the guide's parameters; `auto`. */
  readonly prefix?: string | undefined;
  /** Where the latents start; the median of 15 prior draws. */
  readonly initLocFn?: InitFn | undefined;
  /** 0.1. */
  readonly initScale?: InitScale | undefined;
}

/** What a posterior is stated with. */
export interface PosteriorContext {
  /** The length of the vector. */
  readonly dim: number;
  /** States a parameter under the guide's prefix; gives its value. */
  readonly param: (name: string, init: Input | ((key: Key) => Input), constraint?: Constraint) => AnyArray;
  /** The start of the vector. */
  readonly initLoc: (key: Key) => Input;
  /** The standard deviation of the start, `[dim]`. */
  readonly initScale: () => Input;
}

/** A family of posteriors over a vector. */
export interface PosteriorFamily {
  /** What messages call it; `AutoContinuous`. */
  readonly name?: string | undefined;
  /** States its parameters, and gives a distribution with event shape `[dim]`. */
  readonly getPosterior: (context: PosteriorContext) => Distribution;
  /** Whether each coordinate is normal with the posterior's mean and variance: then median and quantiles are known. */
  readonly hasNormalMarginals?: boolean | undefined;
}

const checkScale = (scale: number, site?: string): void => {
  if (!(scale > 0 && scale < Infinity)) throw kindlingError('InvalidArgument', { site, message: 'initScale must be positive', given: String(scale) });
};

const scaleVector = ({ dim, slots }: Packing, initScale: InitScale): Input => {
  const data = new Float64Array(dim);
  for (const { latent, offset, size } of slots) {
    const scale =
      typeof initScale === 'number'
        ? initScale
        : typeof initScale === 'function'
          ? initScale(latent)
          : Object.hasOwn(initScale, latent.name)
            ? initScale[latent.name]!
            : 0.1;
    checkScale(scale, latent.name);
    data.fill(scale, offset, offset + size);
  }
  return makeNDArray(data, [dim]);
};

const checkScaleNames = (initScale: InitScale, latents: readonly Latent[]): void => {
  if (typeof initScale !== 'object') return;
  const unknown = Object.keys(initScale).find((name) => latents.every((latent) => latent.name !== name));
  if (unknown !== undefined) {
    throw unknownSite(
      unknown,
      'initScale names a site that the model lacks',
      latents.map(({ name }) => name),
    );
  }
};

/**
 * A guide whose posterior over all latents, on the unconstrained scale, is a distribution of vectors.
 *
 * It samples the vector as the auxiliary site `_${prefix}_latent` and states each latent as a Delta, whose log-density is minus the
 * logarithm of the Jacobian's determinant: Kucukelbir et al., "Automatic differentiation variational inference" (2017), eq. 6.
 */
export const AutoContinuous = <Args extends readonly unknown[]>(
  model: Model<Args>,
  family: PosteriorFamily,
  options: AutoContinuousOptions = {},
): Guide<Args> => {
  requireRecord('a family of posteriors', family, '{ getPosterior }, after the model');
  checkOptions(family.name ?? 'AutoContinuous', options, ['prefix', 'initLocFn', 'initScale']);
  const { prefix = 'auto', initLocFn = initToMedian(), initScale = 0.1 } = options;
  requireFunction('initLocFn says where a site starts', initLocFn, 'Pass a strategy such as initToMedian(), or a function of a site');
  if (typeof initScale === 'number') checkScale(initScale);

  const stated = (latents: readonly Latent[], args: Args): readonly [Packing, Distribution] => {
    checkScaleNames(initScale, latents);
    const packing = packingOf(latents);
    const posterior = family.getPosterior({
      dim: packing.dim,
      param: (name, init, constraint = real) => param(`${prefix}_${name}`, init, { constraint }),
      initLoc: (key) => startVector(model, args, packing, initLocFn, key),
      initScale: () => scaleVector(packing, initScale),
    });
    return [packing, posterior];
  };

  const known = (latents: readonly Latent[], params: GuideParams): Distribution => {
    const packing = packingOf(latents);
    return family.getPosterior({
      dim: packing.dim,
      // Parameters that are known are used as they are, without a detour through tensors.
      param: (name) => {
        const value = params[`${prefix}_${name}`];
        if (value === undefined) {
          throw kindlingError('MissingSite', {
            site: `${prefix}_${name}`,
            message: 'the parameters lack one of the guide',
            expected: 'the params of svi.run or svi.getParams',
          });
        }
        return asArray(value);
      },
      // Asked for only on the way to starts that are not used, but of the right shape.
      initLoc: () => ops.zeros([packing.dim]),
      initScale: () => scaleVector(packing, initScale),
    });
  };

  const exact = (values: Readonly<Record<string, AnyArray>>): SiteArrays =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toNDArray(value)]));
  const answer = (f: () => Readonly<Record<string, AnyArray>>): SiteArrays =>
    scoped(
      () => exact(f()),
      () => [],
    );

  const run = (latents: readonly Latent[], args: Args): unknown => {
    const [packing, posterior] = stated(latents, args);
    const flat = sample(`_${prefix}_latent`, posterior, { infer: { isAuxiliary: true } });
    return Object.fromEntries(
      packing.slots.map((slot) => {
        const { latent, bijector } = slot;
        const [value, logDet] = bijector.forwardAndLogDet(partOf(flat, slot));
        const site = Delta({ v: value, logDensity: ops.neg(logDet), eventDim: latent.eventShape.length });
        return [latent.name, sample(latent.name, site)];
      }),
    );
  };

  const quantilesOf = (latents: readonly Latent[], params: GuideParams, qs: readonly number[]): SiteArrays =>
    answer(() => {
      const packing = packingOf(latents);
      const posterior = known(latents, params);
      const [mean, sd] = [posterior.mean, ops.sqrt(posterior.variance)];
      const at = (probabilities: readonly number[]): AnyArray => ops.add(mean, ops.mul(sd, ops.expandDims(ops.ndtri(probabilities), -1)));
      // A decreasing map turns the order of quantiles round.
      const [rising, falling] = [at(qs), at(qs.map((q) => 1 - q))];
      return Object.fromEntries(
        packing.slots.map((slot) => [slot.latent.name, slot.bijector.forward(partOf(slot.bijector.sign === 1 ? rising : falling, slot))]),
      );
    });

  const hasMarginals = family.hasNormalMarginals === true;
  return AutoGuide(model, {
    name: family.name ?? 'AutoContinuous',
    run,
    getPosterior: known,
    samplePosterior: (latents, key, params, sampleShape) => answer(() => unpack(known(latents, params).sample(key, sampleShape), packingOf(latents))),
    ...(hasMarginals
      ? {
          median: (latents: readonly Latent[], params: GuideParams) => answer(() => unpack(known(latents, params).mean, packingOf(latents))),
          quantiles: quantilesOf,
        }
      : {}),
  });
};
