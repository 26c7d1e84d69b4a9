/** The bijectors that move elements without changing them: permute, reshape; and how the others move theirs. */
import { independent, real, realVector, type Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { checkShape, sameShape, showShape, sizeOf, type Shape } from '../shape.ts';
import { asArray, shapeOf, toNDArray, type AnyArray, type Input } from '../value.ts';
import { makeBijector, noVolume, type Bijector } from './bijector.ts';

/** A shape with its last extent changed. */
export const lastAxis = (shape: Shape, by: number): Shape => [...shape.slice(0, -1), shape.at(-1)! + by];

/** The last axis with `before` and `after` more places, which hold `value`. */
export const padLast = (x: AnyArray, before: number, after: number, value: number = 0): AnyArray =>
  ops.pad(
    x,
    x.shape.map((_, i) => (i === x.shape.length - 1 ? ([before, after] as const) : ([0, 0] as const))),
    value,
  );

/** The first `count` places of the last axis, and the rest. */
export const cutLast = (x: AnyArray, count: number): readonly [AnyArray, AnyArray] => {
  const [head, tail] = ops.split(x, [count, x.shape.at(-1)! - count], -1);
  return [head!, tail!];
};

/** All places of the last axis but the last one. */
export const dropLast = (x: AnyArray): AnyArray => cutLast(x, x.shape.at(-1)! - 1)[0];
/** All places of the last axis but the first one. */
export const dropFirst = (x: AnyArray): AnyArray => cutLast(x, 1)[1];

/** An array with leading axes of extent 1, as far as they are needed for `rank` axes. */
export const atRank = (x: Input, rank: number): AnyArray => {
  const array = asArray(x);
  return ops.reshape(array, [...new Array<number>(rank - array.shape.length).fill(1), ...array.shape]);
};

/** A constant vector. */
export const vectorOf = (length: number, f: (i: number) => number): NDArray =>
  makeNDArray(
    Float64Array.from({ length }, (_, i) => f(i)),
    [length],
  );
/** A constant vector of positions. */
export const positionsOf = (positions: readonly number[]): NDArray => makeNDArray(Float64Array.from(positions), [positions.length], 'int32');

/** Sets of vectors that hold every rearrangement of their members. */
const symmetric: ReadonlySet<string> = new Set(['simplex', 'sphere', 'l1Ball', 'zeroSum']);

/** Whether a set is of arrays whose elements all lie in one set of numbers. */
const isUniform = ({ base }: Constraint): boolean =>
  base !== undefined && base.eventDim === 0 && Object.values(base.params).every((bound) => sizeOf(shapeOf(bound)) === 1);

/**
 * y_i = x_{permutation i} along the last axis.
 *
 * @param permutation - each of the integers 0 … n − 1 once
 * @throws InvalidArgument for a list that is no permutation; InvalidShape for vectors of another length
 * @example
 * bijectors.permute([2, 0, 1]).forward([10, 20, 30]); // [30, 10, 20]
 */
export const permute = (permutation: Input): Bijector => {
  const order = [...toNDArray(permutation).data];
  const n = order.length;
  if (new Set(order).size !== n || !order.every((i) => Number.isInteger(i) && i >= 0 && i < n)) {
    throw kindlingError('InvalidArgument', { message: 'not a permutation', given: order.join(', '), expected: `each of 0 … ${n - 1} once` });
  }
  const there = positionsOf(order);
  const back = positionsOf(Array.from({ length: n }, (_, i) => order.indexOf(i)));
  const moved = (x: AnyArray, positions: NDArray): AnyArray => {
    if (x.shape.at(-1) !== n) {
      throw kindlingError('InvalidShape', { message: `a permutation of ${n} elements needs vectors of that length`, given: `shape ${showShape(x.shape)}` });
    }
    return ops.gather(x, positions, -1);
  };
  return makeBijector('permute', {
    params: { permutation: there },
    domainDim: 1,
    forward: (x) => moved(x, there),
    inverse: (y) => moved(y, back),
    logDet: (x) => noVolume(x, 1),
    apart: () => ({ form: `permute(${order.join(', ')})`, arrays: [], rebuild: () => permute(permutation) }),
    codomain: (domain) => ((domain.eventDim === 1 && symmetric.has(domain.kind)) || isUniform(domain) ? domain : realVector),
  });
};

const reshapeLast = (x: AnyArray, from: Shape, to: Shape): AnyArray => ops.reshape(x, reshapedLast(x.shape, from, to));

const reshapedLast = (shape: Shape, from: Shape, to: Shape): Shape => {
  const batch = shape.slice(0, shape.length - from.length);
  if (shape.length < from.length || !sameShape(shape.slice(batch.length), from)) {
    throw kindlingError('InvalidShape', { message: `reshape maps arrays that end in ${showShape(from)}`, given: `shape ${showShape(shape)}` });
  }
  return [...batch, ...to];
};

/**
 * Arrays that end in `inverseShape` as arrays that end in `forwardShape`, in row-major order.
 *
 * @throws InvalidShape where the two shapes are not of one size
 * @example
 * bijectors.reshape([4], [2, 2]).forward([[1, 2], [3, 4]]); // [1, 2, 3, 4]
 */
export const reshape = (forwardShape: Shape, inverseShape: Shape): Bijector => {
  checkShape('what reshape leads to', forwardShape);
  checkShape('what reshape leads from', inverseShape);
  if (sizeOf(forwardShape) !== sizeOf(inverseShape)) {
    throw kindlingError('InvalidShape', { message: 'reshape needs two shapes of one size', given: `${showShape(inverseShape)} to ${showShape(forwardShape)}` });
  }
  return makeBijector('reshape', {
    params: { forwardShape, inverseShape },
    domainDim: inverseShape.length,
    codomainDim: forwardShape.length,
    forward: (x) => reshapeLast(x, inverseShape, forwardShape),
    inverse: (y) => reshapeLast(y, forwardShape, inverseShape),
    logDet: (x) => noVolume(x, inverseShape.length),
    forwardShape: (shape) => reshapedLast(shape, inverseShape, forwardShape),
    inverseShape: (shape) => reshapedLast(shape, forwardShape, inverseShape),
    apart: () => ({
      form: `reshape(${showShape(forwardShape)}, ${showShape(inverseShape)})`,
      arrays: [],
      rebuild: () => reshape(forwardShape, inverseShape),
    }),
    codomain: (domain) => independent(isUniform(domain) ? domain.base! : real, forwardShape.length),
  });
};
