/** An optimiser: Optax's pair of pure functions on trees of parameters, and their composition. */
import * as ops from '../../core/ops/index.ts';
import { kindlingError } from '../../core/errors.ts';
import { mapTree, zipTree } from '../../core/tree.ts';
import { asArray, type AnyArray, type Input } from '../../core/value.ts';

/** A tree of arrays: parameters, gradients, or what is added to parameters. */
export type ParamTree = unknown;

/** `update` turns gradients into what is to be added to the parameters, and the state into the next one. State is a tree of arrays. */
export interface Optimizer {
  readonly init: (params: ParamTree) => unknown;
  readonly update: (grads: ParamTree, state: unknown, params: ParamTree) => readonly [updates: ParamTree, state: unknown];
}

/** A rate that stays, or one that depends on the number of steps done. */
export type Schedule = number | ((step: AnyArray) => Input);

/** Refuses a rate that is no positive number; schedules are the caller's. */
export const checkRate = (optimizer: string, rate: Schedule): void => {
  if (typeof rate !== 'function' && !(typeof rate === 'number' && rate > 0 && rate < Infinity)) {
    throw kindlingError('InvalidArgument', {
      message: `the learning rate of ${optimizer} must be a positive number, or a function of the step`,
      given: String(rate),
    });
  }
};

/** Refuses a share of the past that would never fade. */
export const checkShare = (name: string, share: number | undefined): void => {
  if (share !== undefined && !(share >= 0 && share < 1)) {
    throw kindlingError('InvalidArgument', { message: `${name} must be a number from 0 up to, not including, 1`, given: String(share) });
  }
};

/** The tree with every array replaced. */
export const mapArrays = (f: (x: AnyArray) => AnyArray, tree: ParamTree): ParamTree => mapTree((leaf) => f(asArray(leaf as Input)), tree);

/** Two trees of one structure joined array by array. */
export const zipArrays = (f: (a: AnyArray, b: AnyArray) => AnyArray, a: ParamTree, b: ParamTree): ParamTree =>
  zipTree((x, y) => f(asArray(x as Input), asArray(y as Input)), a, b);

/** params + updates. */
export const applyUpdates = (params: ParamTree, updates: ParamTree): ParamTree => zipArrays((p, u) => ops.add(p, u), params, updates);

/**
 * Applies optimisers one after another, each to what the last has made of the gradients: Optax's `chain`.
 * `chain()` passes gradients on as they are.
 *
 * @example
 * const twice = chain(sgd(0.5), sgd(2));
 * const [updates] = twice.update({ w: 1 }, twice.init({ w: 0 }), { w: 0 });
 * updates.w.item(); // 1
 */
export const chain = (...parts: readonly Optimizer[]): Optimizer => ({
  init: (params) => parts.map((part) => part.init(params)),
  update: (grads, state, params) => {
    const before = state as readonly unknown[];
    const after: unknown[] = [];
    const updates = parts.reduce<ParamTree>((at, part, i) => {
      const [next, own] = part.update(at, before[i], params);
      after.push(own);
      return next;
    }, grads);
    return [updates, after];
  },
});

/** Multiplies by −rate, so that adding the result goes downhill: the last part of every optimiser. */
export const scaleByLearningRate = (rate: Schedule): Optimizer => ({
  init: () => (typeof rate === 'function' ? { step: asArray(0) } : {}),
  update: (grads, state) => {
    if (typeof rate === 'number') return [mapArrays((g) => ops.mul(g, -rate), grads), state];
    const { step } = state as { readonly step: AnyArray };
    const now = ops.neg(rate(step));
    return [mapArrays((g) => ops.mul(g, now), grads), { step: ops.add(step, 1) }];
  },
});
