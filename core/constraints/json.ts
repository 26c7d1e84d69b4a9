/** Constraints as plain data, for states and guides that are saved. */
import { kindlingError } from '../errors.ts';
import type { NDArrayJSON } from '../ndarray.ts';
import { asArray, toNDArray, type Input } from '../value.ts';
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

const bounded: Readonly<Record<string, (low: Input, high: Input) => Constraint>> = {
  interval: all.interval,
  openInterval: all.openInterval,
  integerInterval: all.integerInterval,
  greaterThan: (low) => all.greaterThan(low),
  greaterThanEq: (low) => all.greaterThanEq(low),
  lessThan: (_, high) => all.lessThan(high),
  lessThanEq: (_, high) => all.lessThanEq(high),
};

const plain: Readonly<Record<string, Constraint>> = Object.fromEntries(
  Object.values(all).flatMap((value) => (typeof value === 'object' && value.base === undefined ? [[value.kind, value]] : [])),
);

/** The constraint that `constraintToJSON` wrote. */
export const constraintFromJSON = (json: ConstraintJSON): Constraint => {
  if (json.base !== undefined) return all.independent(constraintFromJSON(json.base), json.reinterpreted ?? 0);
  const bound = (name: string): Input => {
    const value = json.params?.[name];
    return value === undefined ? 0 : asArray(value as unknown as Input);
  };
  const make = bounded[json.kind];
  const constraint = make === undefined ? plain[json.kind] : make(bound('low'), bound('high'));
  if (constraint === undefined) throw kindlingError('InvalidArgument', { message: `a saved constraint is of unknown kind "${json.kind}"` });
  return constraint;
};
