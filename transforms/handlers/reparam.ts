/** reparam: restates latent sites in other coordinates, in which inference is easier. */
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import { deterministic, param, sendSample } from '../../core/primitives.ts';
import * as ops from '../../core/ops/index.ts';
import { unitInterval } from '../../core/constraints/index.ts';
import { handle } from '../../core/runtime.ts';
import type { Bijector } from '../../core/bijectors/bijector.ts';
import type { SampleSite } from '../../core/site.ts';
import type { AnyArray, Input, Value } from '../../core/value.ts';
import type { ModelTransform } from './seed.ts';

/** A latent site on its way through the handlers. */
export type LatentSite = SampleSite<Value | undefined>;

/** How to restate a site: states auxiliary sites with `auxiliary`, and returns the site's value as a function of theirs. */
export type Reparam = (site: LatentSite) => AnyArray;

/** States a site `${name}_${suffix}` in the plates, scale and mask of another. */
export const auxiliary = (site: LatentSite, suffix: string, fn: Distribution): Value =>
  sendSample({ ...site, name: `${site.name}_${suffix}`, fn, ownBatchShape: fn.batchShape, key: undefined }).value;

/**
 * Restates sites. Each becomes a deterministic site whose value is computed from its auxiliary ones.
 *
 * @param config - a `Reparam` for each site by name, or a function that gives one or `undefined`
 * @throws Unsupported for an observed site
 * @example
 * const model = () => sample('x', dist.Normal(5, 2));
 * const run = trace(seed(random.PRNGKey(0))(reparam({ x: LocScaleReparam({ centered: 0 }) })(model)))();
 * [...run.sites.keys()]; // ['x_decentered', 'x']
 */
export const reparam = (config: Readonly<Record<string, Reparam>> | ((site: LatentSite) => Reparam | undefined)): ModelTransform => {
  const choose = typeof config === 'function' ? config : (site: LatentSite) => (Object.hasOwn(config, site.name) ? config[site.name] : undefined);
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'sample') return site;
      const restate = choose(site);
      if (restate === undefined) return site;
      if (site.isObserved) {
        throw kindlingError('Unsupported', {
          site: site.name,
          message: 'an observed site can’t be reparameterised',
          remedy: 'Reparameterise the latent sites it depends on',
        });
      }
      return { ...site, value: deterministic(site.name, restate(site)), isHidden: true };
    },
  }));
};

export interface LocScaleOptions {
  /** 1 keeps the site as it is, 0 makes it standard; `undefined` learns a parameter `${name}_centered` for each element, from 0.5. */
  readonly centered?: Input | undefined;
}

/**
 * For a distribution with `loc` and `scale`: x = loc + scale^(1−c) (z − c·loc), z ~ the family at (c·loc, scale^c).
 * Gorinova, Moore, Hoffman, "Automatic reparameterisation of probabilistic programs" (2019), eq. 3.
 */
export const LocScaleReparam =
  ({ centered }: LocScaleOptions = {}): Reparam =>
  (site) => {
    const { fn, name } = site;
    const { loc, scale } = fn.params as { readonly loc?: AnyArray; readonly scale?: AnyArray };
    if (loc === undefined || scale === undefined || (fn.support.kind !== 'real' && fn.support.base?.kind !== 'real')) {
      throw kindlingError('Unsupported', {
        site: name,
        message: `LocScaleReparam needs a distribution of any real numbers with loc and scale`,
        given: fn.name,
      });
    }
    const c = centered ?? param(`${name}_centered`, ops.fill([...fn.batchShape, ...fn.eventShape], 0.5), { constraint: unitInterval });
    const make = remake(fn);
    const z = auxiliary(site, 'decentered', make({ loc: ops.mul(c, loc), scale: ops.pow(scale, c) }));
    return ops.add(loc, ops.mul(ops.pow(scale, ops.sub(1, c) as Input), ops.sub(z, ops.mul(c, loc))));
  };

/** The same family at other parameters, of the same batch and event shape. */
const remake = (fn: Distribution): ((params: Readonly<Record<string, AnyArray>>) => Distribution) => {
  const family = fn.family;
  if (family === undefined) throw kindlingError('Unsupported', { message: `${fn.name} can't be restated at other parameters` });
  return (params) => {
    const made = family({ ...(fn.params as Readonly<Record<string, AnyArray>>), ...params });
    const shape = [...fn.batchShape, ...fn.eventShape.slice(0, fn.eventShape.length - made.eventShape.length)];
    return made.expand(shape).toEvent(fn.eventShape.length - made.eventShape.length);
  };
};

/** For a TransformedDistribution: draws from its base as `${name}_base` and applies the transforms. */
export const TransformReparam = (): Reparam => (site) => {
  const { base, transform } = site.fn.params as { readonly base?: Distribution; readonly transform?: Bijector };
  if (base === undefined || transform === undefined) {
    throw kindlingError('Unsupported', { site: site.name, message: 'TransformReparam needs a TransformedDistribution', given: site.fn.name });
  }
  const batch = baseBatchShape(site.fn, base, transform);
  return transform.forward(auxiliary(site, 'base', base.expand(batch)));
};

/** The batch shape of the base that goes with a widened batch of its transform. */
const baseBatchShape = (fn: Distribution, base: Distribution, transform: Bijector): readonly number[] => {
  const full = transform.inverseShape([...fn.batchShape, ...fn.eventShape]);
  return full.slice(0, full.length - base.eventShape.length);
};
