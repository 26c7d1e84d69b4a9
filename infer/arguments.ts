/** The arguments of a model as inference takes them: any form of array outside, tensors inside. */
import { isNDArrayJSON } from '../core/ndarray.ts';
import { sameShape } from '../core/shape.ts';
import { flatten, mapTree } from '../core/tree.ts';
import { asArray, dtypeOf, isArray, toTensor, type Input, type Value } from '../core/value.ts';

/** What may be passed for an argument of a model: arrays in any form where the model sees tensors. */
export type Arg<T> = unknown extends T
  ? unknown
  : T extends Value
    ? Input
    : T extends Input
      ? T
      : T extends (...args: never) => unknown
        ? T
        : { readonly [K in keyof T]: Arg<T[K]> };
export type Args<A extends readonly unknown[]> = { readonly [K in keyof A]: Arg<A[K]> };

const isInput = (leaf: unknown): leaf is Input =>
  typeof leaf === 'number' || isArray(leaf) || isNDArrayJSON(leaf) || ArrayBuffer.isView(leaf) || Array.isArray(leaf);

const mapInputs = (f: (input: Input) => unknown, args: readonly unknown[]): readonly unknown[] =>
  // One by one: a list of numbers would itself be one array.
  args.map((arg) => (isArray(arg) ? f(arg) : mapTree((leaf) => (isInput(leaf) ? f(leaf) : leaf), arg)));

/** Arguments with every number, array and typed array as an array of ours, exactly; tensors stay. */
export const exactArgs = (args: readonly unknown[]): readonly unknown[] => mapInputs(asArray, args);

/** Arguments with every number, array and typed array as a tensor: a model meets the same forms whatever the caller has. */
export const tensorArgs = (args: readonly unknown[]): readonly unknown[] => mapInputs(toTensor, args);

/** What of the arguments decides how a model runs: their structure, the shapes of arrays, and the values that are no arrays. */
export interface Signature {
  readonly arrays: string;
  readonly statics: readonly unknown[];
}

/** The signature of arguments in the form of `exactArgs`. */
export const signatureOf = (args: readonly unknown[]): Signature => {
  const trees = args.map(flatten);
  const leaves = trees.flatMap(([own]) => own);
  const arrays = leaves.map((leaf) => (isArray(leaf) ? [dtypeOf(leaf), ...leaf.shape] : undefined));
  return { arrays: JSON.stringify([trees.map(([, def]) => def), arrays]), statics: leaves.filter((leaf) => !isArray(leaf)) };
};

/** Things made for arguments of one signature each. */
export interface ShapeCache<A> {
  readonly get: (signature: Signature, make: () => A) => A;
  readonly forget: (signature: Signature) => void;
}

/** Minibatches come in a few sizes; whoever has more of them would only fill the memory. */
const KEPT = 8;

/** A cache of what was made for the last few signatures. It lives as long as the function that closes over it. */
export const makeShapeCache = <A>(): ShapeCache<A> => {
  let entries: readonly (readonly [Signature, A])[] = [];
  return {
    get: (signature, make) => {
      const found = entries.find(([own]) => sameSignature(own, signature));
      if (found !== undefined) {
        entries = [found, ...entries.filter((entry) => entry !== found)];
        return found[1];
      }
      const made = make();
      entries = [[signature, made] as const, ...entries].slice(0, KEPT);
      return made;
    },
    forget: (signature) => {
      entries = entries.filter(([own]) => !sameSignature(own, signature));
    },
  };
};

/** Whether arguments in the form of `exactArgs` surely have one signature: they are the same, or arrays of one form. */
export const sameArgs = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => {
    const y = b[i];
    return Object.is(x, y) || (isArray(x) && isArray(y) && sameShape(x.shape, y.shape) && dtypeOf(x) === dtypeOf(y));
  });

/** Static values count as the same only where they are: two functions may do different things. */
export const sameSignature = (a: Signature, b: Signature): boolean => a.arrays === b.arrays && a.statics.every((value, i) => Object.is(value, b.statics[i]));
