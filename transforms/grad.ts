/** grad and valueAndGrad: reverse-mode derivatives of functions of trees, by tfjs's tape and our table of gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { ensureGradients } from '../core/backend.ts';
import { kindlingError } from '../core/errors.ts';
import { sizeOf, showShape } from '../core/shape.ts';
import { scoped } from '../core/scope.ts';
import { flatten, tensorsIn, unflatten } from '../core/tree.ts';
import { asArray, dtypeOf, isTensor, toNDArray, toTensor, type Input, type Out, type Value } from '../core/value.ts';

/** Which argument, or arguments, to differentiate by. */
export type Argnums = number | readonly number[];

/** Arrays in the place of every leaf. */
export type Gradient<T> = T extends Input ? Out<T> : { readonly [K in keyof T]: Gradient<T[K]> };

/** The gradient by one argument, or a list of them for a list of arguments. */
export type Gradients<Args extends readonly unknown[], N extends Argnums> = N extends number
  ? Gradient<Args[N]>
  : { readonly [K in keyof N]: N[K] extends number ? Gradient<Args[N[K]]> : never };

const leafTensor = (leaf: unknown): Value => {
  const array = asArray(leaf as Input);
  if (dtypeOf(array) === 'bool') {
    throw kindlingError('InvalidArgument', { message: 'a boolean can’t be differentiated by', remedy: 'Leave it out of argnums' });
  }
  const tensor = toTensor(array, 'float');
  return dtypeOf(tensor) === 'float' ? tensor : tf.cast(tensor, 'float32');
};

const scalarResult = (result: unknown): Value => {
  const value = toTensor(result as Input);
  if (sizeOf(value.shape) !== 1) {
    throw kindlingError('InvalidShape', {
      message: 'grad needs a function with a scalar result',
      given: `shape ${showShape(value.shape)}`,
      remedy: 'Sum it with ops.sum',
    });
  }
  return value;
};

/**
 * From a function with a scalar result to one that gives its value and its gradient, a tree like the argument's.
 * An argument that is not used has gradient 0.
 *
 * @param argnums - the argument to differentiate by, or a list of them, which gives a list of gradients
 * @returns tensors where a tensor is among the arguments, else NDArrays
 * @throws InvalidShape for a result that is not a scalar
 * @example
 * const [value, gradient] = valueAndGrad((x) => ops.mul(x, x))(3);
 * [value.item(), gradient.item()]; // [9, 6]
 */
export const valueAndGrad =
  <Args extends readonly unknown[], N extends Argnums = 0>(
    f: (...args: Args) => Input,
    argnums?: N,
  ): ((...args: Args) => readonly [Out<Args[number]>, Gradients<Args, N>]) =>
  (...args) => {
    const numbers: readonly number[] = argnums === undefined ? [0] : typeof argnums === 'number' ? [argnums] : argnums;
    const absent = numbers.find((i) => !Number.isInteger(i) || i < 0 || i >= args.length);
    if (absent !== undefined) {
      throw kindlingError('InvalidArgument', { message: `there is no argument ${absent} to differentiate by`, given: `${args.length} arguments` });
    }
    const inTensors = flatten([...args])[0].some(isTensor);
    const finish = (x: Value): unknown => (inTensors ? x : toNDArray(x));
    return scoped(
      () => {
        ensureGradients();
        const trees = numbers.map((i) => flatten(args[i]));
        const leaves = trees.map(([tree]) => tree.map(leafTensor));
        const full = [...args] as unknown[];
        numbers.forEach((i, k) => (full[i] = unflatten(trees[k]![1], leaves[k]!)));
        const flat = leaves.flat();
        const { value, grads } = tf.engine().gradients(() => scalarResult(f(...(full as unknown as Args))), flat, undefined, true);
        let at = 0;
        const results = trees.map(([tree, def]) => {
          const own = tree.map(() => {
            const k = at++;
            return finish((grads[k] as Value | undefined) ?? tf.zeros([...flat[k]!.shape]));
          });
          return unflatten(def, own);
        });
        return [finish(value), typeof argnums === 'object' ? results : results[0]] as unknown as readonly [Out<Args[number]>, Gradients<Args, N>];
      },
      (result) => tensorsIn([...result]),
    );
  };

/**
 * The gradient of a function with a scalar result: `valueAndGrad` without the value.
 *
 * @example
 * grad((x) => ops.exp(x))(0).item(); // 1
 */
export const grad = <Args extends readonly unknown[], N extends Argnums = 0>(
  f: (...args: Args) => Input,
  argnums?: N,
): ((...args: Args) => Gradients<Args, N>) => {
  const both = valueAndGrad(f, argnums);
  return (...args) => both(...args)[1];
};
