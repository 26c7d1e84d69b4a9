/** reparam: restates latent sites in other coordinates, in which inference is easier. */
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import { requireFunction, requireRecord } from '../../core/options.ts';
import { deterministic, param, sendSample } from '../../core/primitives.ts';
import * as ops from '../../core/ops/index.ts';
import { unitInterval, type Constraint } from '../../core/constraints/index.ts';
import { siteKey } from '../../core/random/key.ts';
import { handle } from '../../core/runtime.ts';
import type { Bijector } from '../../core/bijectors/bijector.ts';
import type { Shape } from '../../core/shape.ts';
import type { SampleSite } from '../../core/site.ts';
import type { AnyArray, Input, Value } from '../../core/value.ts';
import type { ModelTransform } from './seed.ts';
import { refusedStack } from './values.ts';

/** A latent site on its way through the handlers. */
export type LatentSite = SampleSite<Value | undefined>;

/**
 * How to restate a site: states auxiliary sites with `auxiliary`, and returns the site's value as a function of theirs,
 * or `undefined` to leave the site as it is.
 */
export type Reparam = (site: LatentSite) => AnyArray | undefined;

/** States a site `${name}_${suffix}` in the plates, scale and mask of another. A key that the other has is split among its auxiliary sites. */
export const auxiliary = (site: LatentSite, suffix: string, fn: Distribution): Value =>
  sendSample({
    ...site,
    name: `${site.name}_${suffix}`,
    fn,
    ownBatchShape: fn.batchShape,
    key: site.key === undefined ? undefined : siteKey(site.key, suffix),
  }).value;

/**
 * Restates sites. Each becomes a deterministic site whose value is computed from its auxiliary ones.
 *
 * @param config - a `Reparam` for each site by name, or a function that gives one or `undefined`
 * @throws Unsupported for a site that is observed, or that a handler further in has given a value
 * @example
 * const model = () => sample('x', dist.Normal(5, 2));
 * const run = trace(seed(random.PRNGKey(0))(reparam({ x: LocScaleReparam({ centered: 0 }) })(model)))();
 * [...run.sites.keys()]; // ['x_decentered', 'x']
 */
export const reparam = (config: Readonly<Record<string, Reparam>> | ((site: LatentSite) => Reparam | undefined)): ModelTransform => {
  if (typeof config !== 'function') {
    requireRecord(
      'what reparam is told',
      config,
      'a reparameterisation for each site by name, or a function of the site',
      'For example reparam({ x: LocScaleReparam() })',
    );
    for (const [name, restate] of Object.entries(config))
      requireFunction(`reparam takes a reparameterisation of "${name}"`, restate, 'For example LocScaleReparam()');
  }
  const choose = typeof config === 'function' ? config : (site: LatentSite) => (Object.hasOwn(config, site.name) ? config[site.name] : undefined);
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'sample') return site;
      const restate = choose(site);
      if (restate === undefined) return site;
      if (site.isStack === true) throw refusedStack('reparam', site.name);
      if (site.isObserved) {
        throw kindlingError('Unsupported', {
          site: site.name,
          message: 'an observed site can’t be reparameterised',
          remedy: 'Reparameterise the latent sites it depends on',
        });
      }
      if (site.value !== undefined) {
        throw kindlingError('Unsupported', {
          site: site.name,
          message: 'a site that has a value can’t be reparameterised',
          remedy: 'Put substitute or replay outside reparam, and give values to the auxiliary sites',
        });
      }
      const value = restate(site);
      return value === undefined ? site : { ...site, value: deterministic(site.name, value), isHidden: true };
    },
  }));
};

export interface LocScaleOptions {
  /**
   * 1 keeps the site as it is, 0 makes it standard; `undefined` learns a parameter `${name}_centered`, from 0.5: one number for each
   * element, but one for all along a subsampled plate, whose elements change.
   */
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
    if (loc === undefined || scale === undefined || fn.family === undefined || !isReal(fn.support)) {
      throw kindlingError('Unsupported', {
        site: name,
        message: 'LocScaleReparam needs a distribution of any real numbers with loc and scale',
        given: fn.name,
      });
    }
    if (centered === 1) return undefined;
    const c = centered ?? param(`${name}_centered`, ops.fill(shapeOfCentering(site), 0.5), { constraint: unitInterval });
    const z = auxiliary(site, 'decentered', remade(fn, fn.family, { loc: ops.mul(c, loc), scale: ops.pow(scale, c) }));
    return ops.add(loc, ops.mul(ops.pow(scale, ops.sub(1, c) as Input), ops.sub(z, ops.mul(c, loc))));
  };

const isReal = ({ kind, base }: Constraint): boolean => (base === undefined ? kind === 'real' : isReal(base));

const shapeOfCentering = ({ fn, plates }: LatentSite): Shape => {
  const batch = [...fn.batchShape];
  for (const { dim, size, subsampleSize } of plates) if (subsampleSize < size) batch[batch.length + dim] = 1;
  return [...batch, ...fn.eventShape];
};

/** The same family at other parameters, of the same batch and event shape. */
const remade = (fn: Distribution, family: NonNullable<Distribution['family']>, params: Readonly<Record<string, AnyArray>>): Distribution => {
  const made = family({ ...(fn.params as Readonly<Record<string, AnyArray>>), ...params });
  const inEvent = fn.eventShape.length - made.eventShape.length;
  return made.expand([...fn.batchShape, ...fn.eventShape.slice(0, inEvent)]).toEvent(inEvent);
};

/** For a TransformedDistribution: draws from its base as `${name}_base` and applies the transforms. */
export const TransformReparam = (): Reparam => (site) => {
  const { base, transform } = site.fn.params as { readonly base?: Distribution; readonly transform?: Bijector };
  if (base === undefined || transform === undefined) {
    throw kindlingError('Unsupported', { site: site.name, message: 'TransformReparam needs a TransformedDistribution', given: site.fn.name });
  }
  return transform.forward(auxiliary(site, 'base', widenedBase(site.fn, base, transform)));
};

/** The base in the batch shape of its transform, which plates may have widened; all other axes are its event. */
const widenedBase = (fn: Distribution, base: Distribution, transform: Bijector): Distribution => {
  const full = transform.inverseShape([...fn.batchShape, ...fn.eventShape]);
  const batch = full.slice(0, full.length - base.eventShape.length);
  return base.expand(batch).toEvent(batch.length - fn.batchShape.length);
};
