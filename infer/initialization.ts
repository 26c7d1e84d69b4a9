/** Initialisation strategies: where the latent sites of a model start. Each is a function from a site to a value in its support. */
import { bijectTo } from '../core/bijectors/bijectTo.ts';
import { kindlingError } from '../core/errors.ts';
import { makeNDArray, type NDArray } from '../core/ndarray.ts';
import { checkOptions, requireFunction, requireRecord } from '../core/options.ts';
import * as ops from '../core/ops/index.ts';
import { keyOf } from '../core/primitives.ts';
import { uniform } from '../core/random/draws.ts';
import { sizeOf } from '../core/shape.ts';
import { toNDArray, type AnyArray, type Input } from '../core/value.ts';
import type { InitFn } from '../transforms/handlers/init.ts';
import type { LatentSite } from '../transforms/handlers/reparam.ts';
import type { Values } from '../transforms/handlers/values.ts';

export interface UniformInit {
  /** Half the width of the interval in unconstrained space; 2. */
  readonly radius?: number | undefined;
}

export interface FallbackInit {
  /** The strategy for a site that this one can't start. */
  readonly fallback?: InitFn | undefined;
}

export interface MedianInit extends FallbackInit {
  /** How many draws from the prior; 15. */
  readonly numSamples?: number | undefined;
}

/** Strategies are made by a call: one that was not called is given a site in the place of its options. */
const checkStrategy = (strategy: string, options: object, names: readonly string[]): void => {
  if (typeof options === 'object' && options !== null && 'fn' in options) {
    throw kindlingError('InvalidArgument', { message: `${strategy} was given a site in the place of its options`, remedy: `Call it: ${strategy}()` });
  }
  checkOptions(strategy, options, names);
};

const fallbackOf = <Options extends FallbackInit>(strategy: string, options: Options, ...more: readonly string[]): Options => {
  checkStrategy(strategy, options, [...more, 'fallback']);
  if (options.fallback !== undefined) {
    requireFunction(`the fallback of ${strategy} is a strategy`, options.fallback, 'Pass one such as initToUniform(), or a function of a site');
  }
  return options;
};

const shapeOfSite = ({ sampleShape, fn }: LatentSite): readonly number[] => [...sampleShape, ...fn.batchShape, ...fn.eventShape];

const isContinuous = ({ fn }: LatentSite): boolean => !fn.isDiscrete;

/** Uniform in (−radius, radius) on the unconstrained scale. A discrete site is left to be drawn. `radius` tells those who work on that scale. */
export const initToUniform = (options: UniformInit = {}): InitFn & { readonly radius: number } => {
  checkStrategy('initToUniform', options, ['radius']);
  const { radius = 2 } = options;
  if (!(radius >= 0 && radius < Infinity)) {
    throw kindlingError('InvalidArgument', { message: 'the radius of initToUniform is a distance', given: String(radius), expected: 'a number from 0' });
  }
  const start: InitFn = (site) => {
    if (!isContinuous(site)) return undefined;
    const bijector = bijectTo(site.fn.support);
    const shape = bijector.inverseShape(shapeOfSite(site));
    return bijector.forward(radius === 0 ? ops.zeros(shape) : uniform(keyOf(site), shape, { minval: -radius, maxval: radius }));
  };
  return Object.assign(start, { radius });
};

/** The image of 0 on the unconstrained scale: a point well inside the support. */
export const initToFeasible = (): InitFn => initToUniform({ radius: 0 });

const isFiniteArray = (x: NDArray): boolean => x.data.every(Number.isFinite);

/** `value` where all of it lies strictly inside the support, so that it is finite on the unconstrained scale too, else what the fallback gives. */
const orElse = (site: LatentSite, value: () => AnyArray, fallback: InitFn): Input | undefined => {
  const { support } = site.fn;
  const start = toNDArray(value());
  const isInside = (): boolean => toNDArray(support.check(start)).data.every((ok) => ok !== 0) && isFiniteArray(toNDArray(bijectTo(support).inverse(start)));
  return isFiniteArray(start) && isInside() ? start : fallback(site);
};

const medianAlongFirst = (x: NDArray): NDArray => {
  const [count, ...rest] = x.shape as [number, ...number[]];
  const size = sizeOf(rest);
  const middle = (count - 1) / 2;
  const data = Float64Array.from({ length: size }, (_, i) => {
    const column = Float64Array.from({ length: count }, (__, k) => x.data[k * size + i]!).sort();
    return (column[Math.floor(middle)]! + column[Math.ceil(middle)]!) / 2;
  });
  return makeNDArray(data, rest);
};

/** The median of prior draws, taken on the unconstrained scale, so that it lies in any support. */
export const initToMedian = (options: MedianInit = {}): InitFn => {
  const { numSamples = 15, fallback = initToFeasible() } = fallbackOf('initToMedian', options, 'numSamples');
  if (!Number.isInteger(numSamples) || numSamples < 1) {
    throw kindlingError('InvalidArgument', { message: 'initToMedian needs a whole number of draws', given: String(numSamples) });
  }
  return (site) => {
    if (!isContinuous(site)) return undefined;
    const bijector = bijectTo(site.fn.support);
    const median = (): AnyArray =>
      bijector.forward(medianAlongFirst(toNDArray(bijector.inverse(toNDArray(site.fn.sample(keyOf(site), [numSamples, ...site.sampleShape]))))));
    return orElse(site, median, fallback);
  };
};

/** The mean of the prior where it is finite. */
export const initToMean = (options: FallbackInit = {}): InitFn => {
  const { fallback = initToMedian() } = fallbackOf('initToMean', options);
  return (site) => (isContinuous(site) ? orElse(site, () => ops.broadcastTo(site.fn.mean, shapeOfSite(site)), fallback) : undefined);
};

/** A draw from the prior. */
export const initToSample = (options: FallbackInit = {}): InitFn => initToMedian({ ...fallbackOf('initToSample', options), numSamples: 1 });

/**
 * Values by site name; other sites start by the fallback, uniformly. A name that the model lacks is an error where a run or a guide starts.
 *
 * @throws InvalidArgument for what is no record
 */
export const initToValue = (values: Values, options: FallbackInit = {}): InitFn & { readonly names: readonly string[] } => {
  requireRecord('what initToValue takes', values, 'values by site, as in initToValue({ x: 1 })');
  const { fallback = initToUniform() } = fallbackOf('initToValue', options);
  const start: InitFn = (site) => (Object.hasOwn(values, site.name) ? values[site.name] : fallback(site));
  return Object.assign(start, { names: Object.keys(values) });
};
