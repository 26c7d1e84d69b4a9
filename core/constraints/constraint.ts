/** A constraint: a set of arrays with a test and a point inside, and the sets made of others. */
import { kindlingError } from '../errors.ts';
import { describe } from '../options.ts';
import * as ops from '../ops/index.ts';
import type { Shape } from '../shape.ts';
import { asArray, isArray, type AnyArray, type Input } from '../value.ts';

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

/** Makes a constraint of its test and its point. */
export const constraint = (kind: string, { eventDim = 0, isDiscrete = false, params = {}, name = kind, check, feasible }: Parts): Constraint =>
  Object.freeze({ kind, name, eventDim, isDiscrete, params, check: (value: Input) => check(asArray(value)), feasible });

/** The bounds of a constraint, each an array: one left out would let nothing in, or everything. */
export const bounds = <B extends Readonly<Record<string, Input>>>(kind: string, given: B): B => {
  for (const [name, bound] of Object.entries(given) as (readonly [string, unknown])[]) {
    if (typeof bound === 'number' || isArray(bound) || Array.isArray(bound) || ArrayBuffer.isView(bound)) continue;
    throw kindlingError('InvalidArgument', {
      message: `the constraint ${kind} needs ${name}`,
      given: describe(bound),
      expected: `numbers or arrays: ${kind}(${Object.keys(given).join(', ')})`,
    });
  }
  return given;
};

/** A bound as messages show it. */
export const show = (x: Input): string => (typeof x === 'number' ? String(x) : '…');

/** How far a member of a set that rounding leaves (a sum of 1, a row of length 1) may be from it: float32 tensors round by this much. */
export const TOLERANCE = 1e-5;

/** A set of arrays whose members' last axes are members of `base` each. */
export const independent = (base: Constraint, reinterpreted: number): Constraint => {
  if (typeof (base as Constraint | undefined)?.check !== 'function') {
    throw kindlingError('InvalidArgument', {
      message: 'independent takes a constraint',
      given: describe(base),
      expected: 'for example independent(positive, 1)',
    });
  }
  return reinterpreted === 0
    ? base
    : Object.freeze({
        ...base,
        kind: 'independent',
        name: `independent(${base.name}, ${reinterpreted})`,
        eventDim: base.eventDim + reinterpreted,
        base,
        check: (value: Input) =>
          ops.all(
            base.check(value),
            Array.from({ length: reinterpreted }, (_, i) => -1 - i),
          ),
      });
};

const unknown = (): never => {
  throw kindlingError('Unsupported', {
    message: 'whether a value lies in constraints.dependent depends on other values, which are not known here',
    remedy: 'Use the support of the distribution itself, or a constraint with its bounds.',
  });
};

/** The place of a constraint that depends on other values: a distribution's support before its parameters are known. */
export const dependent: Constraint = constraint('dependent', { check: unknown, feasible: unknown });
