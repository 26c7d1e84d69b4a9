/** jvp: the value of a function of trees, and how it changes along a tangent. */
import * as tf from '#tfjs';
import { describe, requireFunction } from '../../core/options.ts';
import { kindlingError } from '../../core/errors.ts';
import { unflatten, type TreeDef } from '../../core/tree.ts';
import { toTensor, type Value } from '../../core/value.ts';
import { liftJit } from '../jit/jitted.ts';
import type { JitArgs, JitResult } from '../jit/types.ts';
import { evaluator } from './evaluate.ts';
import { dotAll, gradientsOf, withTape } from './tape.ts';
import { resultOf, variablesOf } from './variables.ts';

/**
 * How some taped outputs change along tangents of the tensors they came from. The pullback u ↦ uᵀJ is linear, and its own pullback is
 * v ↦ Jv: J. Townsend, "A new trick for calculating Jacobian vector products" (2017). What computes uᵀJ itself leads to no result, so that
 * a compiled or recorded function does only what a forward derivative would.
 */
export const pushForward = (outputs: readonly Value[], xs: readonly Value[]): ((tangents: readonly Value[]) => readonly Value[]) => {
  const us = outputs.map(({ shape }) => tf.zeros([...shape]));
  const { grads } = gradientsOf(() => dotAll(outputs, us), xs);
  return (tangents) => gradientsOf(() => dotAll(grads, tangents), us).grads;
};

/**
 * The value of a function of trees and its derivative along a tangent: JAX's `jvp`. By reverse derivatives twice, which costs what a
 * forward derivative does where the function is compiled or its arguments are NDArrays.
 *
 * @param primals - the arguments, as a list
 * @param tangents - for each argument a tree like it, with the directions of its arrays
 * @returns `[out, tangent]`; of a compiled function, compiled
 * @throws InvalidShape for a tangent of another shape than its primal
 * @example
 * jvp((x) => ops.square(x), [3], [1]); // [9, 6]
 */
export const jvp = <Args extends readonly unknown[], R>(
  f: (...args: Args) => R,
  primals: Args,
  tangents: JitArgs<Args>,
): readonly [out: JitResult<R, Args>, tangent: JitResult<R, Args>] => {
  requireFunction('jvp takes a function', f);
  for (const [name, list] of Object.entries({ primals, tangents })) {
    if (Array.isArray(list)) continue;
    throw kindlingError('InvalidArgument', {
      message: `the ${name} of jvp are a list, with one for each argument`,
      given: describe(list),
      remedy: 'Write jvp(f, [x], [dx])',
    });
  }
  const both = liftJit(f, 'jvp', (plain) => (at: readonly unknown[], along: readonly unknown[]) => {
    const variables = variablesOf('jvp', at);
    const { leaves, refill, inTensors } = variables;
    const directions = variables.alongside('tangent', along);
    let def: TreeDef = '*';
    const results = evaluator(
      (all) =>
        withTape(() => {
          const xs = all.slice(0, leaves.length);
          const [arrays, around] = resultOf('jvp', plain(...(refill(xs) as unknown as Args)));
          const outputs = arrays.map((x) => toTensor(x));
          def = around;
          return [...outputs, ...pushForward(outputs, xs)(all.slice(leaves.length))];
        }),
      inTensors,
    )([...leaves, ...directions]);
    const count = results.length / 2;
    return [unflatten(def, results.slice(0, count)), unflatten(def, results.slice(count))];
  });
  return (both as (at: readonly unknown[], along: readonly unknown[]) => unknown)(primals, tangents) as readonly [JitResult<R, Args>, JitResult<R, Args>];
};
