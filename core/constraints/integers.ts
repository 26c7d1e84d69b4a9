/** Constraints on integers, and on vectors of integers: counts and one-hot vectors. */
import * as ops from '../ops/index.ts';
import type { Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input } from '../value.ts';
import { bounds, constraint, show, type Constraint } from './constraint.ts';

const { logicalAnd: and, greaterEqual, lessEqual, equal, all } = ops;

/** Infinities are none. */
const isInteger = (x: AnyArray): AnyArray => and(equal(ops.floor(x), x), ops.isFinite(x));
const isBoolean = (x: AnyArray): AnyArray => ops.logicalOr(equal(x, 0), equal(x, 1));

/** 0 or 1. */
export const boolean: Constraint = constraint('boolean', { isDiscrete: true, check: isBoolean, feasible: ops.zeros });
/** 0, 1, 2 … */
export const nonnegativeInteger: Constraint = constraint('nonnegativeInteger', {
  isDiscrete: true,
  check: (x) => and(greaterEqual(x, 0), isInteger(x)),
  feasible: ops.zeros,
});
/** 1, 2, 3 … */
export const positiveInteger: Constraint = constraint('positiveInteger', {
  isDiscrete: true,
  check: (x) => and(greaterEqual(x, 1), isInteger(x)),
  feasible: ops.ones,
});
/** The integers from `low` to `high`, both included. */
export const integerInterval = (low: Input, high: Input): Constraint =>
  constraint('integerInterval', {
    name: `integerInterval(${show(low)}, ${show(high)})`,
    isDiscrete: true,
    params: bounds('integerInterval', { low, high }),
    check: (x) => and(isInteger(x), and(greaterEqual(x, low), lessEqual(x, high))),
    feasible: (shape) => ops.broadcastTo(low, shape),
  });
/** The integers from `low` on, `low` included, as in NumPyro. */
export const integerGreaterThan = (low: Input): Constraint =>
  constraint('integerGreaterThan', {
    name: `integerGreaterThan(${show(low)})`,
    isDiscrete: true,
    params: bounds('integerGreaterThan', { low }),
    check: (x) => and(isInteger(x), greaterEqual(x, low)),
    feasible: (shape) => ops.broadcastTo(low, shape),
  });

/** `count` in the first place of the last axis, 0 in the others. */
const inFirstPlace = (count: Input, shape: Shape): AnyArray => {
  const size = shape.at(-1)!;
  const first = ops.oneHot(asArray(0), size);
  return ops.broadcastTo(ops.mul(ops.expandDims(count, -1), first), shape);
};

/** Vectors of nonnegative integers that sum to `upperBound`, which may be a batch. */
export const multinomial = (upperBound: Input): Constraint =>
  constraint('multinomial', {
    name: `multinomial(${show(upperBound)})`,
    eventDim: 1,
    isDiscrete: true,
    params: bounds('multinomial', { upperBound }),
    check: (x) => and(all(and(greaterEqual(x, 0), isInteger(x)), -1), equal(ops.sum(x, -1), upperBound)),
    feasible: (shape) => inFirstPlace(upperBound, shape),
  });
/** Vectors of zeros with a single one. */
export const oneHot: Constraint = constraint('oneHot', {
  eventDim: 1,
  isDiscrete: true,
  check: (x) => and(all(isBoolean(x), -1), equal(ops.sum(x, -1), 1)),
  feasible: (shape) => inFirstPlace(1, shape),
});
