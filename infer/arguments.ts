/** The arguments of a model as inference takes them: any form of array outside, tensors inside. */
import { flatten, mapTree } from '../core/tree.ts';
import { isArray, isTensor, toTensor, type Input, type Value } from '../core/value.ts';

/** What may be passed for an argument of a model: arrays in any form where the model sees tensors. */
export type Arg<T> = T extends Value ? Input : T extends Input ? T : T extends (...args: never) => unknown ? T : { readonly [K in keyof T]: Arg<T[K]> };
export type Args<A extends readonly unknown[]> = { readonly [K in keyof A]: Arg<A[K]> };

/** Arguments with every number, array and typed array as a tensor: a model meets the same forms whatever the caller has. */
export const tensorArgs = (args: readonly unknown[]): readonly unknown[] =>
  mapTree(
    (leaf) =>
      typeof leaf === 'number' || (typeof leaf === 'object' && leaf !== null && (isArray(leaf) || ArrayBuffer.isView(leaf) || Array.isArray(leaf)))
        ? toTensor(leaf as Input)
        : leaf,
    [...args],
  ) as readonly unknown[];

/** What of the arguments decides how a model runs: their structure, shapes, and the values that are no arrays. */
export const signatureOf = (args: readonly unknown[]): string => {
  const [leaves, def] = flatten([...args]);
  return JSON.stringify([def, leaves.map((leaf) => (isTensor(leaf) ? [leaf.dtype, ...leaf.shape] : typeof leaf === 'function' ? 'function' : leaf))]);
};
