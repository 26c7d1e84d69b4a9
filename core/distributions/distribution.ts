/** A distribution: an immutable record of functions over batches of parameters, and what every one of them shares. */
import * as tf from '@tensorflow/tfjs-core';
import { sumRightmost } from '../bijectors/bijector.ts';
import { independent, type Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { asKey, type Key } from '../random/key.ts';
import { scoped } from '../scope.ts';
import { broadcastShapes, broadcastsTo, checkShape, sameShape, showShape, tryBroadcast, type Shape } from '../shape.ts';
import { tensorsIn } from '../tree.ts';
import { asArray, isTensor, type AnyArray, type Input } from '../value.ts';

/** A batch of distributions, as NumPyro counts shapes: `batchShape` of them, each of values of shape `eventShape`. */
export interface Distribution {
  readonly name: string;
  /** The parameters by NumPyro's names, before broadcasting; of a combinator, its parts. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  readonly support: Constraint;
  readonly isDiscrete: boolean;
  /** Whether draws are differentiable functions of the parameters. */
  readonly isReparameterized: boolean;
  readonly mean: AnyArray;
  readonly variance: AnyArray;
  /** Makes another of the same family from parameters by name, where the distribution comes of a family. */
  readonly family?: ((params: Readonly<Record<string, AnyArray>>) => Distribution) | undefined;
  /** Takes the distribution apart into arrays, from which, or from others like them, it can be made again. */
  readonly apart?: (() => Apart) | undefined;
  /** Draws of shape `shape ++ batchShape ++ eventShape`. */
  readonly sample: (key: Key, shape?: Shape) => AnyArray;
  /** The log-density, of the batch shape broadcast with the value's; −∞ outside the support. */
  readonly logProb: (value: Input) => AnyArray;
  readonly cdf: (value: Input) => AnyArray;
  readonly icdf: (q: Input) => AnyArray;
  readonly entropy: () => AnyArray;
  /** The same distributions repeated to a larger batch shape; draws are independent. */
  readonly expand: (shape: Shape) => Distribution;
  /** The last `n` batch axes (all, without `n`) taken as part of one event. */
  readonly toEvent: (n?: number) => Distribution;
  /** The log-probability counted as 0 where `mask` is false. */
  readonly mask: (mask: Input) => Distribution;
}

/** A distribution as arrays. */
export interface Apart {
  /** Each with as many batch axes as the distribution has, so that further leading axes of them all are leading batch axes. */
  readonly arrays: readonly AnyArray[];
  /** The distribution of other arrays in their place, where some may have `lead` as further leading axes: they are batch axes then. */
  readonly rebuild: (arrays: readonly AnyArray[], lead: Shape) => Distribution;
}

/** What a family says of itself; `makeDistribution` adds the rest. */
export interface DistributionParts {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  readonly support: Constraint;
  readonly isReparameterized: boolean;
  readonly family?: ((params: Readonly<Record<string, AnyArray>>) => Distribution) | undefined;
  readonly apart?: (() => Apart) | undefined;
  /** Draws of shape `shape ++ eventShape`, where `shape` ends with the batch shape. */
  readonly draw: (key: Key, shape: Shape) => AnyArray;
  /** The log-density of values inside the support. */
  readonly logProb: (value: AnyArray) => AnyArray;
  readonly mean: () => AnyArray;
  readonly variance: () => AnyArray;
  readonly cdf?: ((value: AnyArray) => AnyArray) | undefined;
  readonly icdf?: ((q: AnyArray) => AnyArray) | undefined;
  readonly entropy?: (() => AnyArray) | undefined;
}

/** Runs a method; its result is the caller's, to dispose of too, so that it is never the very tensor of a parameter. */
const runMethod = (params: DistributionParts['params'], f: () => AnyArray): AnyArray =>
  scoped(
    () => {
      const result = f();
      return isTensor(result) && Object.values(params).includes(result) ? tf.clone(result) : result;
    },
    (result) => tensorsIn(result),
  );

const isEverything = ({ kind, base }: Constraint): boolean => kind === 'real' || (base !== undefined && isEverything(base));

const addAxes = (x: AnyArray, n: number): AnyArray => (n === 0 ? x : ops.reshape(x, [...x.shape, ...new Array<number>(n).fill(1)]));

/**
 * Evaluates a log-density where the value is in the support, and gives −∞ elsewhere. There the density is asked at a point inside
 * instead, so that neither its value nor its gradient can be NaN.
 */
const guarded = (support: Constraint, logProb: (value: AnyArray) => AnyArray, value: AnyArray): AnyArray => {
  if (isEverything(support)) return logProb(value);
  const inside = support.check(value);
  if (!isTensor(inside) && inside.data.every((ok) => ok !== 0)) return logProb(value);
  // Bounds that are a batch widen the value.
  const full = [...inside.shape, ...value.shape.slice(value.shape.length - support.eventDim)];
  const safe = ops.where(addAxes(inside, support.eventDim), value, support.feasible(full));
  // NaN is in no support, yet must not turn into a number.
  return ops.where(inside, logProb(safe), ops.where(ops.isNaN(sumRightmost(value, support.eventDim)), NaN, -Infinity));
};

const unsupported = (name: string, what: string): never => {
  throw kindlingError('Unsupported', { message: `${name} has no ${what} in closed form`, remedy: 'Estimate it from draws' });
};

const checkEvent = (parts: DistributionParts, value: AnyArray): void => {
  const rank = parts.eventShape.length;
  const event = value.shape.slice(value.shape.length - rank);
  if (
    value.shape.length < rank ||
    !broadcastsTo(event, parts.eventShape) ||
    tryBroadcast(value.shape.slice(0, value.shape.length - rank), parts.batchShape) === undefined
  ) {
    throw kindlingError('InvalidShape', {
      message: `a value does not fit ${parts.name}`,
      given: `shape ${showShape(value.shape)}`,
      expected: `batch shape ${showShape(parts.batchShape)} (broadcast), event shape ${showShape(parts.eventShape)}`,
    });
  }
};

/** A distribution from the parts that differ between families. */
export const makeDistribution = (parts: DistributionParts): Distribution => {
  const { name, params, batchShape, eventShape, support, isReparameterized } = parts;
  const inScope = (f: () => AnyArray): AnyArray => runMethod(params, f);
  const toBatch = (x: AnyArray): AnyArray => {
    const shape = tryBroadcast(x.shape, batchShape)!;
    return sameShape(shape, x.shape) ? x : ops.broadcastTo(x, shape);
  };
  const full = [...batchShape, ...eventShape];
  const moment = (f: () => AnyArray): AnyArray => inScope(() => ops.broadcastTo(f(), full));
  const logProb = (value: Input): AnyArray =>
    inScope(() => {
      const array = asArray(value);
      checkEvent(parts, array);
      const fullEvent = [...array.shape.slice(0, array.shape.length - eventShape.length), ...eventShape];
      return toBatch(guarded(support, parts.logProb, ops.broadcastTo(array, fullEvent)));
    });
  return Object.freeze({
    name,
    params,
    batchShape,
    eventShape,
    support,
    isDiscrete: support.isDiscrete,
    isReparameterized,
    family: parts.family,
    apart: parts.apart,
    get mean(): AnyArray {
      return moment(parts.mean);
    },
    get variance(): AnyArray {
      return moment(parts.variance);
    },
    sample: (key: Key, shape: Shape = []) => {
      checkShape(`the draws of ${name}`, shape);
      return inScope(() => parts.draw(asKey(key), [...shape, ...batchShape]));
    },
    logProb,
    cdf: (value: Input) => (parts.cdf === undefined ? unsupported(name, 'cdf') : inScope(() => toBatch(parts.cdf!(asArray(value))))),
    icdf: (q: Input) => (parts.icdf === undefined ? unsupported(name, 'inverse cdf') : inScope(() => toBatch(parts.icdf!(asArray(q))))),
    entropy: () => (parts.entropy === undefined ? unsupported(name, 'entropy') : inScope(() => ops.broadcastTo(parts.entropy!(), batchShape))),
    expand: (shape: Shape) => expand(parts, shape),
    toEvent: (n: number = batchShape.length) => toEvent(parts, n),
    mask: (mask: Input) => masked(parts, asArray(mask)),
  });
};

const ones = (count: number): readonly number[] => new Array<number>(count).fill(1);

/** An array with axes of extent 1 before all others, as far as they are needed for `rank` axes. */
export const withRank = (x: AnyArray, rank: number): AnyArray => (x.shape.length === rank ? x : ops.reshape(x, [...ones(rank - x.shape.length), ...x.shape]));

/** A distribution in at least this batch shape. */
export const widened = (fn: Distribution, shape: Shape): Distribution => fn.expand(broadcastShapes(fn.batchShape, shape));

/** A distribution taken apart whose batch shape has become one of `extra` more axes, and what is made of it then. */
const apartBy = (parts: DistributionParts, extra: number, remake: (base: Distribution, lead: Shape) => Distribution): DistributionParts['apart'] =>
  parts.apart === undefined
    ? undefined
    : () => {
        const { arrays, rebuild } = parts.apart!();
        return {
          arrays: arrays.map((x) => withRank(x, x.shape.length + extra)),
          rebuild: (given, lead) => remake(rebuild(given, [...lead, ...ones(extra)]), lead),
        };
      };

const expand = (parts: DistributionParts, shape: Shape): Distribution => {
  checkShape(`the expanded ${parts.name}`, shape);
  if (sameShape(shape, parts.batchShape)) return makeDistribution(parts);
  if (!broadcastsTo(parts.batchShape, shape)) {
    throw kindlingError('InvalidShape', {
      message: `${parts.name} can't be expanded`,
      given: `batch shape ${showShape(parts.batchShape)} to ${showShape(shape)}`,
      expected: 'a shape to which the batch shape broadcasts',
    });
  }
  const apart = apartBy(parts, shape.length - parts.batchShape.length, (base, lead) => base.expand([...lead, ...shape]));
  return makeDistribution({ ...parts, batchShape: shape, apart });
};

const toEvent = (parts: DistributionParts, n: number): Distribution => {
  if (n === 0) return makeDistribution(parts);
  if (!Number.isInteger(n) || n < 0 || n > parts.batchShape.length) {
    throw kindlingError('InvalidShape', {
      message: `toEvent(${n}) needs as many batch axes`,
      given: `${parts.name} of batch shape ${showShape(parts.batchShape)}`,
      remedy: 'Expand the distribution first: expand(shape).toEvent(n)',
    });
  }
  const base = makeDistribution(parts);
  const batchShape = parts.batchShape.slice(0, -n);
  const moved = parts.batchShape.slice(-n);
  return makeDistribution({
    ...parts,
    batchShape,
    eventShape: [...moved, ...parts.eventShape],
    support: independent(parts.support, n),
    apart: apartBy(parts, 0, (made) => made.toEvent(n)),
    // An expanded batch no longer ends with the base's own axes: they follow as part of the event.
    draw: (key, shape) => parts.draw(key, [...shape, ...moved]),
    logProb: (value) => sumRightmost(spreadOver(base.logProb(value), moved), n),
    mean: () => base.mean,
    variance: () => base.variance,
    cdf: undefined,
    icdf: undefined,
    entropy: parts.entropy === undefined ? undefined : () => sumRightmost(base.entropy(), n),
  });
};

/** A log-density widened to the trailing axes over which it will be summed. */
const spreadOver = (x: AnyArray, trailing: Shape): AnyArray => {
  const shape = tryBroadcast(x.shape, trailing);
  return shape === undefined || sameShape(shape, x.shape) ? x : ops.broadcastTo(x, shape);
};

const masked = (parts: DistributionParts, mask: AnyArray): Distribution => {
  const batchShape = tryBroadcast(mask.shape, parts.batchShape);
  if (batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      message: `a mask does not fit ${parts.name}`,
      given: `${showShape(mask.shape)} for batch shape ${showShape(parts.batchShape)}`,
    });
  }
  const base = makeDistribution(parts);
  // What the mask hides may lie outside the support or be NaN: it counts 0 all the same, and the base sees a point of the support instead.
  const { support, eventShape } = parts;
  return makeDistribution({
    ...parts,
    batchShape,
    support: { ...support, params: { ...support.params, mask }, check: (value) => ops.logicalOr(ops.logicalNot(mask), support.check(value)) },
    logProb: (value) => {
      const shown = addAxes(mask, eventShape.length);
      return ops.where(mask, base.logProb(ops.where(shown, value, support.feasible(broadcastShapes(shown.shape, value.shape)))), 0);
    },
    // At other parameters the mask would be forgotten.
    family: undefined,
    apart: maskedApart(parts, mask, batchShape.length),
  });
};

const maskedApart = (parts: DistributionParts, mask: AnyArray, rank: number): DistributionParts['apart'] => {
  const base = apartBy(parts, rank - parts.batchShape.length, (made) => made);
  if (base === undefined) return undefined;
  return () => {
    const { arrays, rebuild } = base();
    return { arrays: [...arrays, withRank(mask, rank)], rebuild: (given, lead) => rebuild(given.slice(0, -1), lead).mask(given.at(-1)!) };
  };
};
