/** The statements of a model: sample, param, deterministic, factor, subsample and prngKey. */
import { real, type Constraint } from './constraints/index.ts';
import { isDistribution, type Distribution } from './distributions/distribution.ts';
import { atSite, kindlingError, type KindlingError } from './errors.ts';
import { checkOptions, describe } from './options.ts';
import * as ops from './ops/index.ts';
import { asKey, type Key } from './random/key.ts';
import { activePlates, send, type ActivePlate } from './runtime.ts';
import { broadcastsTo, sameShape, showShape, tryBroadcast, type Shape } from './shape.ts';
import type { DeterministicSite, FactorSite, Infer, KeyRequest, ParamSite, SampleSite } from './site.ts';
import { asArray, isConcrete, shapeOf, toNDArray, toTensor, type AnyArray, type DType, type Input, type Value } from './value.ts';

export interface SampleOptions {
  /** The observed value; `undefined` leaves the site latent. */
  readonly obs?: Input | undefined;
  /** Where it is false, the observation is missing and a latent `${name}_unobserved` stands in for it. */
  readonly obsMask?: Input | undefined;
  readonly infer?: Infer | undefined;
  /** A key of its own, in place of one from `seed`. */
  readonly key?: Key | undefined;
  /** Draws this many, along leading axes. */
  readonly sampleShape?: Shape | undefined;
}

const SAMPLE_OPTIONS: readonly (keyof SampleOptions)[] = ['obs', 'obsMask', 'infer', 'key', 'sampleShape'];

/** The key of a site that no handler gave one: asked of the handlers beyond the one that hid it. */
export const requestKey = (name: string): Key | undefined => send<KeyRequest>({ type: 'prngKey', name, value: undefined }, (request) => request).value;

/** The error of a site that draws where nothing gives it a key. */
export const missingKey = (site: string): KindlingError =>
  kindlingError('MissingKey', { site, message: 'there is no key to draw with', remedy: 'Wrap the model in seed(key), or pass { key }' });

/** The key of a site on its way through the handlers, for one of them that draws. */
export const keyOf = (site: { readonly name: string; readonly key?: Key | undefined }): Key => {
  const key = site.key ?? requestKey(site.name);
  if (key === undefined) throw missingKey(site.name);
  return key;
};

/**
 * Refuses a value that meets its distribution only by both being stretched, or that leaves an axis of a plate to be filled by repetition:
 * then every element would be counted against every other.
 */
const checkValueShape = (site: SampleSite<Value | undefined>, value: Value): void => {
  const { fn, name, plates, ownBatchShape, sampleShape } = site;
  const expected = [...sampleShape, ...fn.batchShape, ...fn.eventShape];
  const rank = fn.eventShape.length;
  const batch = value.shape.slice(0, value.shape.length - rank);
  const fail = (message: string): never => {
    throw kindlingError('InvalidShape', {
      site: name,
      message,
      given: `a value of shape ${showShape(value.shape)} for ${fn.name} with batch shape ${showShape(ownBatchShape)} and event shape ${showShape(fn.eventShape)}${plates.map((p) => `, in plate "${p.name}" of size ${p.subsampleSize} at dim ${p.dim}`).join('')}`,
      expected: `shape ${showShape(expected)}`,
      remedy: 'Reshape the value or the parameters to agree; where the last axis is part of one observation, call toEvent(1) on the distribution',
    });
  };
  const isEvent = value.shape.length >= rank && sameShape(value.shape.slice(value.shape.length - rank), fn.eventShape);
  if (!isEvent || tryBroadcast(value.shape, expected) === undefined) fail('the value does not fit its distribution');
  const fits = broadcastsTo(expected, value.shape) || broadcastsTo(value.shape, expected);
  if (!fits) fail('the value and its distribution fit only if both are repeated');
  if (plates.length === 0 || batch.length === 0) return;
  if (!broadcastsTo(value.shape, expected)) fail('the value has more elements than its plates');
  const axisOf = (dim: number): number | undefined => batch.at(dim);
  const repeated = plates.find(({ dim, subsampleSize }) => batch.length >= -dim && axisOf(dim) !== subsampleSize);
  if (repeated !== undefined) fail(`the value has extent ${axisOf(repeated.dim)} along plate "${repeated.name}"`);
  const lost = ownBatchShape.findIndex((extent, i) => extent !== 1 && (axisOf(i - ownBatchShape.length) ?? 1) !== extent);
  if (lost >= 0) fail(`the distribution varies along batch axis ${lost - ownBatchShape.length}, along which the value is repeated`);
};

/** Sends a sample site as it is, with what plates and handlers have put on it so far, to the handlers further out. */
export const sendSample = (site: SampleSite<Value | undefined>): SampleSite => send(site, drawSample) as SampleSite;

const drawSample = (site: SampleSite<Value | undefined>): SampleSite<Value | undefined> => {
  if (site.value !== undefined) {
    checkValueShape(site, site.value);
    return site;
  }
  const key = keyOf(site);
  return { ...site, value: atSite(site.name, () => toTensor(site.fn.sample(key, site.sampleShape))) };
};

const arrayAt = (name: string, input: Input): AnyArray => atSite(name, () => asArray(input));

/** An input that was given for a site, as a tensor. */
export const valueAt = (name: string, input: Input, dtype?: DType): Value => atSite(name, () => toTensor(input, dtype));

/** Refuses what is no name of a statement. */
export const requireName = (what: string, name: string): void => {
  if (typeof name !== 'string' || name === '') {
    throw kindlingError('InvalidArgument', { message: `${what} needs a name as its first argument`, given: String(name) });
  }
};

/** A sample site at the start of its way through the handlers. */
export const sampleSite = (name: string, fn: Distribution, options: SampleOptions, mask?: Input): SampleSite<Value | undefined> => ({
  type: 'sample',
  name,
  fn,
  value: options.obs === undefined ? undefined : valueAt(name, options.obs),
  isObserved: options.obs !== undefined,
  scale: 1,
  mask,
  plates: [],
  infer: options.infer ?? {},
  key: options.key === undefined ? undefined : asKey(options.key),
  sampleShape: options.sampleShape ?? [],
  ownBatchShape: fn.batchShape,
});

/**
 * Draws from a distribution, or observes a value of it.
 *
 * @param name - unique in the model
 * @param fn - its batch shape is widened by the plates around
 * @returns a tensor of shape sampleShape ++ batchShape ++ eventShape; the observation where there is one
 * @throws MissingKey without a key; InvalidShape for an observation that fits only by repetition
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * seed(random.PRNGKey(0))(model)().shape; // []
 */
export const sample = (name: string, fn: Distribution, options: SampleOptions = {}): Value => {
  requireName('sample', name);
  if (!isDistribution(fn)) {
    throw kindlingError('InvalidArgument', {
      site: name,
      message: 'the second argument of sample must be a distribution',
      given: typeof fn,
      remedy: 'For example dist.Normal(0, 1)',
    });
  }
  checkOptions('sample', options, SAMPLE_OPTIONS);
  if (options.obsMask !== undefined) return observePartly(name, fn, options, options.obsMask);
  return sendSample(sampleSite(name, fn, options)).value;
};

/** The observed elements of a site, and latents in place of the missing ones. */
const observePartly = (name: string, fn: Distribution, options: SampleOptions, obsMask: Input): Value => {
  if (options.obs === undefined) {
    throw kindlingError('InvalidArgument', {
      site: name,
      message: 'obsMask says which observations are there, but obs is missing',
      remedy: 'Pass obs, with any number in the places where the mask is false',
    });
  }
  const { obs: _, ...latent } = options;
  const each = oneForEach(name, fn, options, shapeOf(obsMask));
  const observed = sendSample(sampleSite(`${name}_observed`, each, options, obsMask)).value;
  const unobserved = sendSample(
    sampleSite(`${name}_unobserved`, each, { ...latent, infer: { ...latent.infer, isImputed: true } }, ops.logicalNot(obsMask)),
  ).value;
  const here = ops.reshape(obsMask, [...shapeOf(obsMask), ...fn.eventShape.map(() => 1)]);
  return deterministic(name, ops.where(here, observed, unobserved));
};

/** Every missing element has a latent of its own, even where the distribution says the same of all. */
const oneForEach = (name: string, fn: Distribution, { sampleShape = [] }: SampleOptions, maskShape: Shape): Distribution => {
  const batchShape = tryBroadcast(maskShape, [...sampleShape, ...fn.batchShape]);
  if (batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      site: name,
      message: 'obsMask does not fit the distribution',
      given: `a mask of shape ${showShape(maskShape)} for ${fn.name} of batch shape ${showShape(fn.batchShape)}`,
      expected: 'a mask with one boolean for each observation',
    });
  }
  return fn.expand(batchShape.slice(sampleShape.length));
};

export interface ParamOptions {
  readonly constraint?: Constraint | undefined;
  /** How many trailing axes are one parameter: the axes before are sliced by subsampled plates around. */
  readonly eventDim?: number | undefined;
  readonly infer?: Infer | undefined;
}

const PARAM_OPTIONS: readonly (keyof ParamOptions)[] = ['constraint', 'eventDim', 'infer'];

const noConstraint = (site: string, given: unknown): KindlingError =>
  kindlingError('InvalidArgument', {
    site,
    message: 'the option constraint is a constraint',
    given: describe(given),
    expected: 'one of constraints, such as constraints.positive or constraints.interval(0, 1)',
  });

/** The axis of `dim` in an array whose last `eventDim` axes are one event, if it has that axis. */
const axisOfPlate = (shape: Shape, plate: ActivePlate, eventDim: number): number | undefined => {
  const axis = shape.length - eventDim + plate.dim;
  return axis >= 0 ? axis : undefined;
};

const sliceByPlates = (data: Value, eventDim: number, site?: string): Value => {
  if (!Number.isInteger(eventDim) || eventDim < 0 || eventDim > data.shape.length) {
    throw kindlingError('InvalidArgument', {
      site,
      message: 'eventDim counts trailing axes of the data',
      given: `eventDim ${eventDim} for shape ${showShape(data.shape)}`,
      expected: `a whole number from 0 to ${data.shape.length}`,
    });
  }
  return activePlates().reduce((at, plate) => {
    const axis = axisOfPlate(at.shape, plate, eventDim);
    if (axis === undefined || at.shape[axis] === 1) return at;
    if (at.shape[axis] !== plate.size) {
      throw kindlingError('PlateMismatch', {
        site,
        message: `the data do not fit plate "${plate.name}"`,
        given: `shape ${showShape(at.shape)} with eventDim ${eventDim}`,
        expected: `extent ${plate.size} (or 1) along axis ${axis}, where the plate has its dim ${plate.dim}`,
        remedy: 'Pass the data of the whole plate, and as eventDim the number of trailing axes that are one observation',
      });
    }
    return plate.subsampleSize === plate.size ? at : ops.gather(at, plate.indices, axis);
  }, data);
};

/**
 * A learnable value, given by a handler such as `substitute`, or else its start.
 *
 * @param init - the start in the constrained space, or a function of a key that makes it
 * @throws MissingKey where `init` is a function and there is no key; InvalidParameter for a start outside the constraint
 * @example
 * seed(random.PRNGKey(0))(() => param('scale', 2, { constraint: constraints.positive }))().dataSync()[0]; // 2
 */
export const param = (name: string, init?: Input | ((key: Key) => Input), options: ParamOptions = {}): Value => {
  requireName('param', name);
  checkOptions('param', options, PARAM_OPTIONS);
  const { constraint = real, eventDim, infer = {} } = options;
  if (typeof constraint?.check !== 'function') throw noConstraint(name, constraint);
  const site = send<ParamSite<Value | undefined>>({ type: 'param', name, init, constraint, eventDim, infer, value: undefined }, startParam);
  return eventDim === undefined ? site.value! : sliceByPlates(site.value!, eventDim, name);
};

const startParam = (site: ParamSite<Value | undefined>): ParamSite<Value | undefined> => {
  if (site.value !== undefined) return site;
  if (site.init === undefined) {
    throw kindlingError('MissingSite', {
      site: site.name,
      message: 'the parameter has neither a value nor a start',
      remedy: 'Pass a start as the second argument of param',
    });
  }
  const { name, init, constraint } = site;
  const start = typeof init === 'function' ? arrayAt(name, init(keyOf(site))) : arrayAt(name, init);
  checkStart(name, start, constraint);
  return { ...site, start, value: toTensor(start) };
};

const checkStart = (name: string, start: AnyArray, constraint: Constraint): void => {
  if (!isConcrete(start) || atSite(name, () => toNDArray(constraint.check(toNDArray(start)))).data.every((inside) => inside !== 0)) return;
  throw kindlingError('InvalidParameter', {
    site: name,
    message: 'the start of the parameter lies outside its constraint',
    given: toNDArray(start).toString(),
    expected: constraint.name,
  });
};

/**
 * Records a value under a name; it adds nothing to the density.
 *
 * @example
 * trace(() => deterministic('twice', 4))().sites.get('twice').value.dataSync()[0]; // 4
 */
export const deterministic = (name: string, value: Input): Value => {
  requireName('deterministic', name);
  return send<DeterministicSite<Value | undefined>>({ type: 'deterministic', name, value: valueAt(name, value) }, (site) => site).value!;
};

/**
 * Adds a term to the log-density.
 *
 * @example
 * const { logDensity: total } = logDensity(() => factor('penalty', -2.5), [], {});
 * total.dataSync()[0]; // -2.5
 */
export const factor = (name: string, logFactor: Input): Value => {
  requireName('factor', name);
  const message: FactorSite<Value | undefined> = { type: 'factor', name, value: valueAt(name, logFactor), scale: 1, mask: undefined, plates: [] };
  return send(message, (site) => site).value!;
};

/** The rows of `data` that the subsampled plates around have picked; the last `eventDim` axes belong to one row. */
export const subsample = (data: Input, eventDim: number = 0): Value => sliceByPlates(toTensor(data), eventDim);

/**
 * A key from the handlers around, a new one at each call.
 *
 * @throws MissingKey outside `seed`
 */
export const prngKey = (): Key => {
  const key = requestKey('');
  if (key === undefined) throw kindlingError('MissingKey', { message: 'prngKey() has no key to give', remedy: 'Wrap the model in seed(key)' });
  return key;
};
