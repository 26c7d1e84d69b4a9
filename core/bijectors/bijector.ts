/** A bijector: a smooth one-to-one map with the logarithm of the volume it adds, made of its functions. */
import { independent, real, type Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import { describe, requireRecord } from '../options.ts';
import * as ops from '../ops/index.ts';
import { showShape, type Shape } from '../shape.ts';
import { tensorsWithin } from '../tree.ts';
import { asArray, type AnyArray, type Input } from '../value.ts';
import { image, onMembers } from './codomain.ts';

/** A one-to-one map between arrays; the last `domainDim` axes of an input are one argument, the last `codomainDim` of an output one value. */
export interface Bijector {
  readonly name: string;
  /** What the map is made of: arrays, other bijectors. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly domainDim: number;
  readonly codomainDim: number;
  readonly forward: (x: Input) => AnyArray;
  readonly inverse: (y: Input) => AnyArray;
  /** log |det ∂y/∂x|, of the batch shape; `y` is `forward(x)` where it is at hand. */
  readonly logAbsDetJacobian: (x: Input, y?: Input) => AnyArray;
  /** Both in one pass. */
  readonly forwardAndLogDet: (x: Input) => readonly [y: AnyArray, logDet: AnyArray];
  /** The argument of a value, and `logAbsDetJacobian` there, in one pass. */
  readonly inverseAndLogDet: (y: Input) => readonly [x: AnyArray, logDet: AnyArray];
  readonly forwardShape: (shape: Shape) => Shape;
  readonly inverseShape: (shape: Shape) => Shape;
  /** The set of values for arguments in `domain`. */
  readonly codomain: (domain: Constraint) => Constraint;
  /**
   * Takes the map apart into arrays, from which, or from others like them, it can be made again, for arguments of `rank` axes in all.
   * `undefined` for one that keeps arrays to itself.
   */
  readonly apart: (rank: number) => BijectorApart | undefined;
  /** 1 for an increasing scalar map, −1 for a decreasing one; quantiles swap ends where it is −1. */
  readonly sign: 1 | -1;
}

/** A bijector as arrays. */
export interface BijectorApart {
  /** What is not in the arrays: those of two bijectors of one form may stand for each other. */
  readonly form: string;
  /** Each with as many batch axes as the arguments have, so that further leading axes of them all are leading batch axes. */
  readonly arrays: readonly AnyArray[];
  readonly rebuild: (arrays: readonly AnyArray[]) => Bijector;
}

type Pass = (x: AnyArray) => readonly [AnyArray, AnyArray];

interface Parts {
  readonly params?: Bijector['params'];
  readonly domainDim?: number;
  readonly codomainDim?: number;
  readonly forward: (x: AnyArray) => AnyArray;
  readonly inverse: (y: AnyArray) => AnyArray;
  readonly logDet: (x: AnyArray, y: AnyArray) => AnyArray;
  /** `[y, logDet]` of x, where the two share work. */
  readonly forwardAndLogDet?: Pass;
  /** `[x, logDet]` of y, where the two share work. */
  readonly inverseAndLogDet?: Pass;
  readonly forwardShape?: (shape: Shape) => Shape;
  readonly inverseShape?: (shape: Shape) => Shape;
  /** By default the image of an interval, for a map of numbers, and any vector or matrix for others. */
  readonly codomain?: (domain: Constraint) => Constraint;
  /** By default a map whose `params` hold no tensor is the same whatever the arrays of others are. */
  readonly apart?: Bijector['apart'];
  readonly sign?: 1 | -1;
}

const isBijector = (value: unknown): value is Bijector =>
  typeof value === 'object' && value !== null && 'forwardAndLogDet' in value && 'inverse' in value && 'domainDim' in value;

/**
 * Refuses anything but bijectors.
 *
 * @throws InvalidArgument
 */
export const requireBijectors = (what: string, values: readonly unknown[]): void => {
  if (values.every(isBijector)) return;
  throw kindlingError('InvalidArgument', {
    message: `${what} takes bijectors`,
    given: describe(values.length === 1 ? values[0] : values),
    expected: 'for example bijectors.exp, or bijectors.affine(0, 2)',
  });
};

const same = (shape: Shape): Shape => shape;

/**
 * Makes a bijector of its three functions.
 *
 * @example
 * const double = makeBijector('double', { forward: (x) => ops.mul(x, 2), inverse: (y) => ops.div(y, 2), logDet: (x) => ops.fill(x.shape, Math.LN2) });
 * double.inverse(6); // 3
 */
export const makeBijector = (name: string, parts: Parts): Bijector => {
  requireRecord('what makeBijector is made of', parts, '{ forward, inverse, logDet }, after the name');
  const { params = {}, domainDim = 0, codomainDim = domainDim, forward, inverse, logDet, forwardShape = same, inverseShape = same, sign = 1 } = parts;
  const guarded = (value: Input, dim: number): AnyArray => {
    const array = asArray(value);
    if (array.shape.length < dim) {
      throw kindlingError('InvalidShape', { message: `${name} maps arrays of at least ${dim} axes`, given: `shape ${showShape(array.shape)}` });
    }
    return array;
  };
  const forwardBoth: Pass =
    parts.forwardAndLogDet ??
    ((x) => {
      const y = forward(x);
      return [y, logDet(x, y)];
    });
  const inverseBoth: Pass =
    parts.inverseAndLogDet ??
    ((y) => {
      const x = inverse(y);
      return [x, logDet(x, y)];
    });
  const ofNumbers = onMembers((domain) => image(domain, sign, forward), sign === 1 && Object.keys(params).length === 0);
  const apart: Bijector['apart'] = parts.apart ?? (() => (tensorsWithin(params).length > 0 ? undefined : { form: name, arrays: [], rebuild: () => bijector }));
  const bijector: Bijector = Object.freeze({
    name,
    params,
    domainDim,
    codomainDim,
    forward: (x: Input) => forward(guarded(x, domainDim)),
    inverse: (y: Input) => inverse(guarded(y, codomainDim)),
    logAbsDetJacobian: (x: Input, y?: Input) => {
      const from = guarded(x, domainDim);
      return y === undefined ? forwardBoth(from)[1] : logDet(from, guarded(y, codomainDim));
    },
    forwardAndLogDet: (x: Input) => forwardBoth(guarded(x, domainDim)),
    inverseAndLogDet: (y: Input) => inverseBoth(guarded(y, codomainDim)),
    forwardShape,
    inverseShape,
    codomain: parts.codomain ?? (codomainDim === 0 ? ofNumbers : () => independent(real, codomainDim)),
    apart,
    sign,
  });
  return bijector;
};

/** Sums a log-determinant over its last `n` axes. */
export const sumRightmost = (x: AnyArray, n: number): AnyArray =>
  n === 0
    ? x
    : ops.sum(
        x,
        Array.from({ length: n }, (_, i) => -1 - i),
      );

/** The log-determinant of a map that keeps volumes, for an argument of `dim` axes. */
export const noVolume = (x: AnyArray, dim: number): AnyArray => ops.zeros(x.shape.slice(0, x.shape.length - dim));
