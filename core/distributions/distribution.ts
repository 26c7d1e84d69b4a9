/** A distribution: an immutable record of functions over batches of parameters, and what every one of them shares. */
import * as tf from '#tfjs';
import { sumRightmost } from '../bijectors/bijector.ts';
import type { Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { asKey, type Key } from '../random/key.ts';
import { scoped } from '../scope.ts';
import { broadcastsTo, checkShape, sameShape, showShape, tryBroadcast, type Shape } from '../shape.ts';
import { tensorsIn } from '../tree.ts';
import { asArray, isTensor, type AnyArray, type Input } from '../value.ts';
import { addAxes } from './axes.ts';
import { expand, masked, toEvent } from './wrappers.ts';

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
  /** What `expand`, `toEvent` or `mask` has made this one of. */
  readonly wraps?: Wrapping | undefined;
  /** Draws of shape `shape ++ batchShape ++ eventShape`. */
  readonly sample: (key: Key, shape?: Shape) => AnyArray;
  /** The log-density, of the batch shape broadcast with the value's; −∞ outside the support. */
  readonly logProb: (value: Input) => AnyArray;
  readonly cdf: (value: Input) => AnyArray;
  readonly icdf: (q: Input) => AnyArray;
  readonly entropy: () => AnyArray;
  /** The same distributions repeated to a larger batch shape; draws are independent. */
  readonly expand: (shape: Shape) => Distribution;
  /** Whether `enumerateSupport` lists the support: it is finite, of one size for the whole batch. */
  readonly hasEnumerateSupport: boolean;
  /** Each member of a finite support along a new first axis, repeated to the batch shape, or with `expand` false of extent 1 along it. */
  readonly enumerateSupport: (expand?: boolean) => AnyArray;
  /** The last `n` batch axes (all, without `n`) taken as part of one event. */
  readonly toEvent: (n?: number) => Distribution;
  /** The log-probability counted as 0 where `mask` is false. */
  readonly mask: (mask: Input) => Distribution;
}

/** Whether something is a distribution. */
export const isDistribution = (value: unknown): value is Distribution =>
  typeof value === 'object' && value !== null && 'logProb' in value && 'batchShape' in value;

/** A step by which one distribution is made of another. */
export type Wrapping =
  | { readonly kind: 'expanded'; readonly base: Distribution }
  | { readonly kind: 'event'; readonly base: Distribution; readonly reinterpreted: number }
  | { readonly kind: 'masked'; readonly base: Distribution; readonly mask: AnyArray };

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
  /** The members of a finite support, `[count, ...eventShape]`. */
  readonly enumerate?: (() => AnyArray) | undefined;
  readonly wraps?: Wrapping | undefined;
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
    wraps: parts.wraps,
    hasEnumerateSupport: parts.enumerate !== undefined,
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
    enumerateSupport: (isExpanded = true) => {
      if (parts.enumerate === undefined) throw kindlingError('Unsupported', { message: `the support of ${name} can't be enumerated` });
      return inScope(() => {
        const members = parts.enumerate!();
        const count = members.shape[0];
        const apart = ops.reshape(members, [count, ...batchShape.map(() => 1), ...eventShape]);
        return isExpanded ? ops.broadcastTo(apart, [count, ...full]) : apart;
      });
    },
    expand: (shape: Shape) => expand(parts, shape, makeDistribution),
    toEvent: (n: number = batchShape.length) => toEvent(parts, n, makeDistribution),
    mask: (mask: Input) => masked(parts, asArray(mask), makeDistribution),
  });
};
