/** Constraints as plain data, for states and guides that are saved. */
import { kindlingError } from '../errors.ts';
import type { NDArrayJSON } from '../ndarray.ts';
import { asArray, toNDArray, toNumber, type Input } from '../value.ts';
import * as all from './index.ts';
import type { Constraint } from './index.ts';

/** A constraint's kind and bounds. */
export interface ConstraintJSON {
  readonly kind: string;
  readonly params?: Readonly<Record<string, NDArrayJSON>>;
  readonly base?: ConstraintJSON;
  readonly reinterpreted?: number;
}

/** The kind and bounds of a constraint. */
export const constraintToJSON = (constraint: Constraint): ConstraintJSON => {
  const { kind, params, base, eventDim } = constraint;
  if (base !== undefined) return { kind, base: constraintToJSON(base), reinterpreted: eventDim - base.eventDim };
  const bounds = Object.entries(params).map(([name, value]) => [name, toNDArray(value).toJSON()] as const);
  return bounds.length === 0 ? { kind } : { kind, params: Object.fromEntries(bounds) };
};

type Bound = (name: string) => Input;

const bounded: Readonly<Record<string, (bound: Bound) => Constraint>> = {
  interval: (bound) => all.interval(bound('low'), bound('high')),
  openInterval: (bound) => all.openInterval(bound('low'), bound('high')),
  greaterThan: (bound) => all.greaterThan(bound('low')),
  greaterThanEq: (bound) => all.greaterThanEq(bound('low')),
  lessThan: (bound) => all.lessThan(bound('high')),
  lessThanEq: (bound) => all.lessThanEq(bound('high')),
  integerInterval: (bound) => all.integerInterval(bound('low'), bound('high')),
  integerGreaterThan: (bound) => all.integerGreaterThan(bound('low')),
  multinomial: (bound) => all.multinomial(bound('upperBound')),
  zeroSum: (bound) => all.zeroSum(toNumber(bound('eventDim'))),
};

const plain: Readonly<Record<string, Constraint>> = Object.fromEntries(
  Object.values(all).flatMap((value) => (typeof value === 'object' && value.base === undefined ? [[value.kind, value]] : [])),
);

/**
 * The constraint that `constraintToJSON` wrote.
 *
 * @throws InvalidArgument for a kind that is not known, and for one without its bounds
 */
export const constraintFromJSON = (json: ConstraintJSON): Constraint => {
  const { kind, params, base, reinterpreted = 0 } = json;
  if (base !== undefined) return all.independent(constraintFromJSON(base), reinterpreted);
  const bound: Bound = (name) => {
    const value = params?.[name];
    if (value === undefined) throw kindlingError('InvalidArgument', { message: `a saved constraint of kind "${kind}" lacks its "${name}"` });
    return asArray(value as unknown as Input);
  };
  const constraint = Object.hasOwn(bounded, kind) ? bounded[kind]!(bound) : Object.hasOwn(plain, kind) ? plain[kind] : undefined;
  if (constraint === undefined) throw kindlingError('InvalidArgument', { message: `a saved constraint is of unknown kind "${kind}"` });
  return constraint;
};
