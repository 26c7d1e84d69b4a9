/** A bijector: a smooth one-to-one map with the logarithm of the volume it adds, and what all of them share. */
import { independent, real, type Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { showShape, type Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input } from '../value.ts';
import { image } from './codomain.ts';

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
  readonly forwardShape: (shape: Shape) => Shape;
  readonly inverseShape: (shape: Shape) => Shape;
  /** The set of values for arguments in `domain`. */
  readonly codomain: (domain: Constraint) => Constraint;
  /** 1 for an increasing scalar map, −1 for a decreasing one; quantiles swap ends where it is −1. */
  readonly sign: 1 | -1;
}

interface Parts {
  readonly params?: Bijector['params'];
  readonly domainDim?: number;
  readonly codomainDim?: number;
  readonly forward: (x: AnyArray) => AnyArray;
  readonly inverse: (y: AnyArray) => AnyArray;
  readonly logDet: (x: AnyArray, y: AnyArray) => AnyArray;
  readonly forwardShape?: (shape: Shape) => Shape;
  readonly inverseShape?: (shape: Shape) => Shape;
  /** By default the image of an interval, for a map of numbers, and any vector or matrix for others. */
  readonly codomain?: (domain: Constraint) => Constraint;
  readonly sign?: 1 | -1;
}

const same = (shape: Shape): Shape => shape;

/**
 * Makes a bijector of its three functions.
 *
 * @example
 * const double = makeBijector('double', { forward: (x) => ops.mul(x, 2), inverse: (y) => ops.div(y, 2), logDet: (x) => ops.fill(x.shape, Math.LN2) });
 * double.inverse(6); // 3
 */
export const makeBijector = (name: string, parts: Parts): Bijector => {
  const { params = {}, domainDim = 0, codomainDim = domainDim, forward, inverse, logDet, forwardShape = same, inverseShape = same, sign = 1 } = parts;
  const guarded = (value: Input, dim: number): AnyArray => {
    const array = asArray(value);
    if (array.shape.length < dim) {
      throw kindlingError('InvalidShape', { message: `${name} maps arrays of at least ${dim} axes`, given: `shape ${showShape(array.shape)}` });
    }
    return array;
  };
  return Object.freeze({
    name,
    params,
    domainDim,
    codomainDim,
    forward: (x: Input) => forward(guarded(x, domainDim)),
    inverse: (y: Input) => inverse(guarded(y, codomainDim)),
    logAbsDetJacobian: (x: Input, y?: Input) => {
      const from = guarded(x, domainDim);
      return logDet(from, y === undefined ? forward(from) : asArray(y));
    },
    forwardAndLogDet: (x: Input) => {
      const from = guarded(x, domainDim);
      const to = forward(from);
      return [to, logDet(from, to)] as const;
    },
    forwardShape,
    inverseShape,
    codomain: parts.codomain ?? ((domain: Constraint) => (codomainDim === 0 ? image(domain, sign, forward) : independent(real, codomainDim))),
    sign,
  });
};

/** Sums a log-determinant over its last `n` axes. */
export const sumRightmost = (x: AnyArray, n: number): AnyArray =>
  n === 0
    ? x
    : ops.sum(
        x,
        Array.from({ length: n }, (_, i) => -1 - i),
      );

/** `base` on each member of arrays with `reinterpreted` more axes. */
export const independentBijector = (base: Bijector, reinterpreted: number): Bijector =>
  reinterpreted === 0
    ? base
    : makeBijector(`independent(${base.name}, ${reinterpreted})`, {
        ...base,
        domainDim: base.domainDim + reinterpreted,
        codomainDim: base.codomainDim + reinterpreted,
        logDet: (x, y) => sumRightmost(base.logAbsDetJacobian(x, y), reinterpreted),
        codomain: (domain) => independent(base.codomain(domain.base ?? domain), reinterpreted),
      });

/** The map the other way. */
export const inverseOf = (base: Bijector): Bijector =>
  makeBijector(`inverse(${base.name})`, {
    params: { base },
    domainDim: base.codomainDim,
    codomainDim: base.domainDim,
    forward: base.inverse,
    inverse: base.forward,
    logDet: (x, y) => ops.neg(base.logAbsDetJacobian(y, x)),
    forwardShape: base.inverseShape,
    inverseShape: base.forwardShape,
    sign: base.sign,
  });

/** First the first of `parts`, then the next, to the last. */
export const compose = (...parts: readonly Bijector[]): Bijector => {
  const domainDim = parts.reduceRight((dim, part) => Math.max(part.domainDim, dim + part.domainDim - part.codomainDim), 0);
  const codomainDim = parts.reduce((dim, part) => Math.max(part.codomainDim, dim + part.codomainDim - part.domainDim), 0);
  return makeBijector(`compose(${parts.map((part) => part.name).join(', ')})`, {
    params: { parts },
    domainDim,
    codomainDim,
    forward: (x) => parts.reduce<AnyArray>((at, part) => part.forward(at), x),
    inverse: (y) => parts.reduceRight<AnyArray>((at, part) => part.inverse(at), y),
    logDet: (x) => {
      let at: AnyArray = x;
      let dim = domainDim;
      let total: AnyArray = ops.zeros(x.shape.slice(0, x.shape.length - domainDim));
      for (const part of parts) {
        const [next, logDet] = part.forwardAndLogDet(at);
        total = ops.add(total, sumRightmost(logDet, dim - part.domainDim));
        dim += part.codomainDim - part.domainDim;
        at = next;
      }
      return total;
    },
    forwardShape: (shape) => parts.reduce((at, part) => part.forwardShape(at), shape),
    inverseShape: (shape) => parts.reduceRight((at, part) => part.inverseShape(at), shape),
    codomain: (domain) => parts.reduce((at, part) => part.codomain(at), domain),
    sign: parts.reduce<1 | -1>((sign, part) => (sign === part.sign ? 1 : -1), 1),
  });
};
