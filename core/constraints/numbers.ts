/** Constraints on single numbers: half-lines and intervals. */
import * as ops from '../ops/index.ts';
import type { Shape } from '../shape.ts';
import type { AnyArray, Input } from '../value.ts';
import { bounds, constraint, show, type Constraint } from './constraint.ts';

const { logicalAnd: and, greater, greaterEqual, less, lessEqual } = ops;

/** Any number but NaN. */
export const real: Constraint = constraint('real', { check: (x) => ops.equal(x, x), feasible: ops.zeros });
export const positive: Constraint = constraint('positive', { check: (x) => greater(x, 0), feasible: ops.ones });
/** As `positive`, for parameters that optimise better through softplus than through exp. */
export const softplusPositive: Constraint = constraint('softplusPositive', { check: (x) => greater(x, 0), feasible: ops.ones });
export const nonnegative: Constraint = constraint('nonnegative', { check: (x) => greaterEqual(x, 0), feasible: ops.ones });
export const unitInterval: Constraint = constraint('unitInterval', {
  check: (x) => and(greaterEqual(x, 0), lessEqual(x, 1)),
  feasible: (shape) => ops.fill(shape, 0.5),
});
/** Angles from −π to π, both ends included: they are one point of the circle. */
export const circular: Constraint = constraint('circular', {
  params: { low: -Math.PI, high: Math.PI },
  check: (x) => and(greaterEqual(x, -Math.PI), lessEqual(x, Math.PI)),
  feasible: ops.zeros,
});

const middle =
  (low: Input, high: Input) =>
  (shape: Shape): AnyArray =>
    ops.broadcastTo(ops.add(low, ops.div(ops.sub(high, low), 2)), shape);

/** From `low` to `high`, both included. */
export const interval = (low: Input, high: Input): Constraint =>
  constraint('interval', {
    name: `interval(${show(low)}, ${show(high)})`,
    params: bounds('interval', { low, high }),
    check: (x) => and(greaterEqual(x, low), lessEqual(x, high)),
    feasible: middle(low, high),
  });
/** From `low` to `high`, both left out. */
export const openInterval = (low: Input, high: Input): Constraint =>
  constraint('openInterval', {
    name: `openInterval(${show(low)}, ${show(high)})`,
    params: bounds('openInterval', { low, high }),
    check: (x) => and(greater(x, low), less(x, high)),
    feasible: middle(low, high),
  });
export const greaterThan = (low: Input): Constraint =>
  constraint('greaterThan', {
    name: `greaterThan(${show(low)})`,
    params: bounds('greaterThan', { low }),
    check: (x) => greater(x, low),
    feasible: (shape) => ops.broadcastTo(ops.add(low, 1), shape),
  });
export const greaterThanEq = (low: Input): Constraint =>
  constraint('greaterThanEq', {
    name: `greaterThanEq(${show(low)})`,
    params: bounds('greaterThanEq', { low }),
    check: (x) => greaterEqual(x, low),
    feasible: (shape) => ops.broadcastTo(ops.add(low, 1), shape),
  });
export const lessThan = (high: Input): Constraint =>
  constraint('lessThan', {
    name: `lessThan(${show(high)})`,
    params: bounds('lessThan', { high }),
    check: (x) => less(x, high),
    feasible: (shape) => ops.broadcastTo(ops.sub(high, 1), shape),
  });
export const lessThanEq = (high: Input): Constraint =>
  constraint('lessThanEq', {
    name: `lessThanEq(${show(high)})`,
    params: bounds('lessThanEq', { high }),
    check: (x) => lessEqual(x, high),
    feasible: (shape) => ops.broadcastTo(ops.sub(high, 1), shape),
  });
