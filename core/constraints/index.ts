/** Constraints: the sets in which parameters and values lie, each with a test and a point inside. */
import * as ops from '../ops/index.ts';
import { makeNDArray } from '../ndarray.ts';
import { sizeOf, type Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input } from '../value.ts';

/** A set of arrays whose last `eventDim` axes are one member. */
export interface Constraint {
  /** The key by which `bijectTo` finds a bijection. */
  readonly kind: string;
  /** How messages name it. */
  readonly name: string;
  readonly eventDim: number;
  readonly isDiscrete: boolean;
  /** The bounds or parts of a constraint that has some. */
  readonly params: Readonly<Record<string, Input>>;
  readonly base?: Constraint;
  /** For each member, whether it lies in the set: booleans of the shape without the last `eventDim` axes. NaN does not. */
  readonly check: (value: Input) => AnyArray;
  /** A member for each place of an array of this shape, where functions on the set are well behaved. */
  readonly feasible: (shape: Shape) => AnyArray;
}

interface Parts {
  readonly eventDim?: number;
  readonly isDiscrete?: boolean;
  readonly params?: Readonly<Record<string, Input>>;
  readonly name?: string;
  readonly check: (x: AnyArray) => AnyArray;
  readonly feasible: (shape: Shape) => AnyArray;
}

const constraint = (kind: string, { eventDim = 0, isDiscrete = false, params = {}, name = kind, check, feasible }: Parts): Constraint =>
  Object.freeze({ kind, name, eventDim, isDiscrete, params, check: (value: Input) => check(asArray(value)), feasible });

const { logicalAnd: and, greater, greaterEqual, less, lessEqual, equal, all } = ops;

const isInteger = (x: AnyArray): AnyArray => equal(ops.floor(x), x);
const show = (x: Input): string => (typeof x === 'number' ? String(x) : '…');

/** Any number but NaN. */
export const real: Constraint = constraint('real', { check: (x) => equal(x, x), feasible: ops.zeros });
export const positive: Constraint = constraint('positive', { check: (x) => greater(x, 0), feasible: ops.ones });
/** As `positive`, for parameters that optimise better through softplus than through exp. */
export const softplusPositive: Constraint = constraint('softplusPositive', { check: (x) => greater(x, 0), feasible: ops.ones });
export const nonnegative: Constraint = constraint('nonnegative', { check: (x) => greaterEqual(x, 0), feasible: ops.ones });
export const unitInterval: Constraint = constraint('unitInterval', {
  check: (x) => and(greaterEqual(x, 0), lessEqual(x, 1)),
  feasible: (shape) => ops.fill(shape, 0.5),
});
/** 0 or 1. */
export const boolean: Constraint = constraint('boolean', {
  isDiscrete: true,
  check: (x) => ops.logicalOr(equal(x, 0), equal(x, 1)),
  feasible: ops.zeros,
});
export const nonnegativeInteger: Constraint = constraint('nonnegativeInteger', {
  isDiscrete: true,
  check: (x) => and(greaterEqual(x, 0), isInteger(x)),
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
    params: { low, high },
    check: (x) => and(greaterEqual(x, low), lessEqual(x, high)),
    feasible: middle(low, high),
  });
/** From `low` to `high`, both left out. */
export const openInterval = (low: Input, high: Input): Constraint =>
  constraint('openInterval', {
    name: `openInterval(${show(low)}, ${show(high)})`,
    params: { low, high },
    check: (x) => and(greater(x, low), less(x, high)),
    feasible: middle(low, high),
  });
export const greaterThan = (low: Input): Constraint =>
  constraint('greaterThan', {
    name: `greaterThan(${show(low)})`,
    params: { low },
    check: (x) => greater(x, low),
    feasible: (shape) => ops.broadcastTo(ops.add(low, 1), shape),
  });
export const greaterThanEq = (low: Input): Constraint =>
  constraint('greaterThanEq', {
    name: `greaterThanEq(${show(low)})`,
    params: { low },
    check: (x) => greaterEqual(x, low),
    feasible: (shape) => ops.broadcastTo(ops.add(low, 1), shape),
  });
export const lessThan = (high: Input): Constraint =>
  constraint('lessThan', {
    name: `lessThan(${show(high)})`,
    params: { high },
    check: (x) => less(x, high),
    feasible: (shape) => ops.broadcastTo(ops.sub(high, 1), shape),
  });
export const lessThanEq = (high: Input): Constraint =>
  constraint('lessThanEq', {
    name: `lessThanEq(${show(high)})`,
    params: { high },
    check: (x) => lessEqual(x, high),
    feasible: (shape) => ops.broadcastTo(ops.sub(high, 1), shape),
  });
/** The integers from `low` to `high`, both included. */
export const integerInterval = (low: Input, high: Input): Constraint =>
  constraint('integerInterval', {
    name: `integerInterval(${show(low)}, ${show(high)})`,
    isDiscrete: true,
    params: { low, high },
    check: (x) => and(isInteger(x), and(greaterEqual(x, low), lessEqual(x, high))),
    feasible: (shape) => ops.broadcastTo(low, shape),
  });

/** How far a sum of probabilities may be from 1: float32 tensors of many classes round by this much. */
const SIMPLEX_TOLERANCE = 1e-5;

/** Nonnegative vectors that sum to 1. */
export const simplex: Constraint = constraint('simplex', {
  eventDim: 1,
  check: (x) => and(all(greaterEqual(x, 0), -1), less(ops.abs(ops.sub(ops.sum(x, -1), 1)), SIMPLEX_TOLERANCE)),
  feasible: (shape) => ops.fill(shape, 1 / shape.at(-1)!),
});

const identity = (shape: Shape): AnyArray => {
  const n = shape.at(-1)!;
  return makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Number((i % (n * n)) % (n + 1) === 0)),
    shape,
  );
};

const matrixAll = (x: AnyArray): AnyArray => all(x, [-2, -1]);

/** Lower triangular matrices with a positive diagonal. */
export const lowerCholesky: Constraint = constraint('lowerCholesky', {
  eventDim: 2,
  check: (x) => and(matrixAll(equal(ops.tril(x), x)), all(greater(ops.diagPart(x), 0), -1)),
  feasible: identity,
});

/** How far entries mirrored in the diagonal may differ, relative to the largest. */
const SYMMETRY_TOLERANCE = 1e-5;

/** Symmetric matrices with positive eigenvalues: those that have a Cholesky factor. */
export const positiveDefinite: Constraint = constraint('positiveDefinite', {
  eventDim: 2,
  check: (x) => {
    const gap = ops.abs(ops.sub(x, ops.transposeMatrix(x)));
    const symmetric = lessEqual(ops.max(gap, [-2, -1]), ops.mul(SYMMETRY_TOLERANCE, ops.max(ops.abs(x), [-2, -1])));
    return and(symmetric, all(ops.isFinite(ops.diagPart(ops.cholesky(x))), -1));
  },
  feasible: identity,
});

/** A set of arrays whose members' last axes are members of `base` each. */
export const independent = (base: Constraint, reinterpreted: number): Constraint =>
  reinterpreted === 0
    ? base
    : Object.freeze({
        ...base,
        kind: 'independent',
        name: `independent(${base.name}, ${reinterpreted})`,
        eventDim: base.eventDim + reinterpreted,
        base,
        check: (value: Input) =>
          all(
            base.check(value),
            Array.from({ length: reinterpreted }, (_, i) => -1 - i),
          ),
      });

/** Vectors of any numbers. */
export const realVector: Constraint = Object.freeze({ ...independent(real, 1), name: 'realVector' });
