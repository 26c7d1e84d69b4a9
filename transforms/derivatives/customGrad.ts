/** customGrad: a function with a pullback of its own. */
import { CustomGradient, type Pull } from '../../core/kernels/customGradient.ts';
import { kindlingError } from '../../core/errors.ts';
import { requireFunction, requireRecord } from '../../core/options.ts';
import { apply } from '../../core/ops/apply.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf } from '../../core/shape.ts';
import { flatten, unflatten, type TreeDef } from '../../core/tree.ts';
import { dtypeOf, isArray, isTensor, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import type { JitArg } from '../jit/types.ts';
import { isTraced } from '../traced.ts';
import { ownGradient } from './ownGradient.ts';
import { alongsideSome } from './variables.ts';

/** A pullback, and what it is given. */
export interface CustomGradRule<Args extends readonly unknown[], R, S> {
  /** The result and what `backward` needs. Without it, that is the list of the arguments. */
  readonly forward?: ((...args: Args) => readonly [out: R, residuals: S]) | undefined;
  /** From a tree like the result to the gradients, for each argument a tree like it; `undefined` in the place of one that is zero. */
  readonly backward: (residuals: S, cotangent: R) => { readonly [K in keyof Args]: JitArg<Args[K]> | undefined };
}

/** Arrays as one vector, and back; one array stays what it is. */
const joined = (arrays: readonly AnyArray[]): AnyArray => (arrays.length === 1 ? arrays[0]! : ops.concat(arrays.map((x) => ops.reshape(x, [-1]))));

const parted = (whole: AnyArray, like: readonly AnyArray[]): readonly AnyArray[] => {
  if (like.length === 1) return [whole];
  let at = 0;
  return like.map(({ shape }) => {
    const size = sizeOf(shape);
    const part = ops.reshape(ops.slice(whole, [at], [size]), shape);
    at += size;
    return part;
  });
};

/** The gradient by each leaf of the arguments; `undefined` is zero. */
const gradientLeaves = (
  gradients: readonly unknown[],
  args: readonly (readonly [leaves: readonly unknown[], def: TreeDef])[],
): readonly (AnyArray | undefined)[] => {
  if (!Array.isArray(gradients) || gradients.length !== args.length) {
    throw kindlingError('InvalidArgument', {
      message: 'the backward function of customGrad gives a list of gradients, one for each argument',
      given: Array.isArray(gradients) ? `a list of ${gradients.length}` : typeof gradients,
      expected: `a list of ${args.length}, with undefined for an argument without a gradient`,
    });
  }
  return args.flatMap(([leaves, def], i) => {
    const own = gradients[i] as unknown;
    const variables = leaves.map((leaf) => (isTensor(leaf) ? leaf : undefined));
    return own === undefined ? leaves.map(() => undefined) : alongsideSome('gradient', own, def, variables, `argument ${i}`);
  });
};

const called = <Args extends readonly unknown[], R, S>(f: (...args: Args) => R, { forward, backward }: CustomGradRule<Args, R, S>, args: Args): R => {
  const parts = args.map(flatten);
  const leaves = parts.flatMap(([own]) => own);
  const tensors = leaves.flatMap((leaf, i) => (isTensor(leaf) ? [i] : []));
  const out = f(...args);
  const [outLeaves, outDef] = flatten(out);
  const isOpen = (leaf: unknown): leaf is AnyArray => isArray(leaf) && dtypeOf(leaf) === 'float';
  const values = outLeaves.filter(isOpen);
  if (tensors.length === 0 || values.length === 0) return out;

  const refill = (inputs: readonly AnyArray[]): Args => {
    const full = [...leaves];
    tensors.forEach((at, k) => (full[at] = inputs[k]));
    let from = 0;
    return parts.map(([own, def]) => unflatten(def, full.slice(from, (from += own.length)))) as unknown as Args;
  };
  /** The result with other arrays in the place of those that vary; zeros for others, which have no derivatives. */
  const rebuilt = (arrays: readonly AnyArray[], rest: (leaf: unknown) => unknown): R => {
    let next = 0;
    return unflatten(
      outDef,
      outLeaves.map((leaf) => (isOpen(leaf) ? arrays[next++] : rest(leaf))),
    ) as R;
  };
  const pull: Pull = (dy, inputs) => {
    const own = refill(inputs);
    // Made anew, so that a derivative of this gradient sees what the residuals come from.
    const residuals = forward === undefined ? (own as unknown as S) : forward(...own)[1];
    const cotangent = rebuilt(parted(dy, values), (leaf) => (isArray(leaf) ? ops.zeros(leaf.shape) : leaf));
    const gradients = gradientLeaves(backward(residuals, cotangent), parts);
    return tensors.map((at) => gradients[at]);
  };
  const inputs = tensors.map((at) => leaves[at] as Value);
  const whole = apply(CustomGradient, [toTensor(joined(values.map((x) => ops.stopGradient(x)))), ...inputs], ownGradient(pull));
  return rebuilt(parted(whole, values), (leaf) => leaf);
};

/**
 * A function with a gradient of its own, where the one that would be taken is wrong, unstable or dear: JAX's `custom_vjp`. Every reverse
 * derivative takes it, compiled, batched and in loops too; second derivatives are those of `backward`, and of the residuals that `forward`
 * gives. All that it is to be differentiated by comes by its arguments.
 *
 * @param rule - `backward(residuals, cotangent)` gives a list of gradients, one for each argument; `forward`, if there is one, gives
 *   `[out, residuals]` and runs once more for each gradient
 * @example
 * const clipped = customGrad((x) => x, { backward: (_, dy) => [ops.clipByValue(dy, -1, 1)] });
 * grad((x) => ops.mul(100, clipped(x)))(2).item(); // 1
 */
export const customGrad = <Args extends readonly unknown[], R, S = Args>(f: (...args: Args) => R, rule: CustomGradRule<Args, R, S>): ((...args: Args) => R) => {
  requireFunction('customGrad takes a function', f);
  requireRecord('the rule of customGrad', rule, '{ backward }, or { forward, backward }');
  requireFunction('the rule of customGrad needs backward', rule.backward, 'backward(residuals, cotangent) gives a list of gradients');
  if (rule.forward !== undefined) requireFunction('forward in the rule of customGrad is a function', rule.forward);
  return (...args) => (isTraced() ? called(f, rule, args) : f(...args));
};
