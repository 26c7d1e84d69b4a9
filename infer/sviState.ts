/** The state of SVI: plain arrays, all that the next step needs, and how it goes to JSON and back. */
import { bijectTo } from '../core/bijectors/bijectTo.ts';
import { constraintFromJSON, constraintToJSON, type ConstraintJSON } from '../core/constraints/json.ts';
import type { Constraint } from '../core/constraints/index.ts';
import { kindlingError } from '../core/errors.ts';
import { unknownSite } from '../core/nearest.ts';
import type { NDArray } from '../core/ndarray.ts';
import { asKey, isKey, type Key } from '../core/random/key.ts';
import { sameShape, showShape } from '../core/shape.ts';
import type { ParamSite, Site } from '../core/site.ts';
import { mapTree } from '../core/tree.ts';
import { asArray, toNDArray, type AnyArray, type Input } from '../core/value.ts';
import type { Values } from '../transforms/handlers/values.ts';

/** Immutable; `JSON.stringify` keeps every bit of it, and what `JSON.parse` gives back is taken for a state. */
export interface SVIState {
  /** Updates done. */
  readonly step: number;
  /** The key of the steps to come. */
  readonly key: Key;
  /** The parameters on their unconstrained scales, by name. */
  readonly params: Readonly<Record<string, NDArray>>;
  /** The constraint of each parameter. */
  readonly constraints: Readonly<Record<string, ConstraintJSON>>;
  readonly optState: unknown;
}

/** Every leaf of a tree as an exact array. */
export const exactTree = (tree: unknown): unknown => mapTree((leaf) => toNDArray(leaf as Input), tree);

/** A state from a state or from its JSON. */
export const asState = (state: SVIState): SVIState => {
  if (typeof state !== 'object' || state === null || !('params' in state) || !('optState' in state) || !('key' in state)) {
    throw kindlingError('InvalidArgument', {
      message: 'this is no state of SVI',
      remedy: 'Pass what svi.init, svi.update or svi.run gave, or its JSON parsed',
    });
  }
  if (isKey(state.key)) return state;
  return {
    ...state,
    key: asKey(state.key),
    params: exactTree(state.params) as SVIState['params'],
    optState: exactTree(state.optState),
  };
};

/** Parameters in their constraints, from those on the unconstrained scale. */
export const constrainParams = (params: Readonly<Record<string, AnyArray>>, constraints: SVIState['constraints']): Readonly<Record<string, AnyArray>> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, bijectTo(constraintFromJSON(constraints[name]!)).forward(value)]));

const isParam = (site: Site): site is ParamSite => site.type === 'param';

/** The parameters of several traces by name; the first trace that has one decides. */
export const paramSites = (...traces: readonly ReadonlyMap<string, Site>[]): ReadonlyMap<string, ParamSite> => {
  const found = new Map<string, ParamSite>();
  for (const sites of traces) for (const site of sites.values()) if (isParam(site) && !found.has(site.name)) found.set(site.name, site);
  return found;
};

/** The unconstrained image of a start, which has one only strictly inside the constraint. */
const unconstrained = (name: string, value: NDArray, constraint: Constraint): NDArray => {
  const refuse = (where: string): never => {
    throw kindlingError('InvalidParameter', {
      site: name,
      message: `the start of the parameter lies ${where} its constraint`,
      given: value.toString(),
      expected: constraint.name,
    });
  };
  if (toNDArray(constraint.check(value)).data.some((ok) => ok === 0)) refuse('outside');
  const x = toNDArray(bijectTo(constraint).inverse(value));
  return x.data.every(Number.isFinite) ? x : refuse('on the edge of');
};

/** The start of each parameter on its unconstrained scale: what the caller gives, else what its statement says. */
export const startParams = (sites: ReadonlyMap<string, ParamSite>, given: Values): Pick<SVIState, 'params' | 'constraints'> => {
  const unknown = Object.keys(given).find((name) => !sites.has(name));
  if (unknown !== undefined) {
    throw unknownSite(unknown, 'initParams names a parameter that model and guide lack', [...sites.keys()]);
  }
  const entries = [...sites.values()].map(({ name, value, start, constraint }) => {
    const own = toNDArray(start ?? value);
    const wanted = given[name];
    const chosen = wanted === undefined ? own : toNDArray(asArray(wanted));
    if (!sameShape(chosen.shape, own.shape)) {
      throw kindlingError('InvalidShape', {
        site: name,
        message: 'initParams has a start of the wrong shape',
        given: showShape(chosen.shape),
        expected: showShape(own.shape),
      });
    }
    return [name, unconstrained(name, chosen, constraint), constraintToJSON(constraint)] as const;
  });
  return {
    params: Object.fromEntries(entries.map(([name, value]) => [name, value])),
    constraints: Object.fromEntries(entries.map(([name, , constraint]) => [name, constraint])),
  };
};
