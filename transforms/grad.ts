/** grad and valueAndGrad: reverse-mode derivatives of functions of trees, by tfjs's tape and our table of gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { ensureGradients } from '../core/backend.ts';
import { isKindlingError, kindlingError } from '../core/errors.ts';
import { showShape } from '../core/shape.ts';
import { scoped } from '../core/scope.ts';
import { flatten, tensorsIn, unflatten } from '../core/tree.ts';
import { liftJit } from './jit/jitted.ts';
import { asArray, dtypeOf, isConcrete, isTensor, toNDArray, toTensor, type AnyArray, type Input, type Out, type Value } from '../core/value.ts';

/** Which argument, or arguments, to differentiate by. */
export type Argnums = number | readonly number[];

/** Arrays in the place of every leaf. */
export type Gradient<T> = T extends Input ? Out<T> : { readonly [K in keyof T]: Gradient<T[K]> };

/** The gradient by one argument, or a list of them for a list of arguments. */
export type Gradients<Args extends readonly unknown[], N extends Argnums> = N extends number
  ? Gradient<Args[N]>
  : { readonly [K in keyof N]: N[K] extends number ? Gradient<Args[N[K]]> : never };

/** Without `argnums`, the first argument is the one. */
export interface ValueAndGrad {
  <Args extends readonly unknown[]>(f: (...args: Args) => Input): (...args: Args) => readonly [Out<Args[number]>, Gradient<Args[0]>];
  <Args extends readonly unknown[], N extends Argnums>(
    f: (...args: Args) => Input,
    argnums: N,
  ): (...args: Args) => readonly [Out<Args[number]>, Gradients<Args, N>];
}

/** As `ValueAndGrad`, of the gradient alone. */
export interface Grad {
  <Args extends readonly unknown[]>(f: (...args: Args) => Input): (...args: Args) => Gradient<Args[0]>;
  <Args extends readonly unknown[], N extends Argnums>(f: (...args: Args) => Input, argnums: N): (...args: Args) => Gradients<Args, N>;
}

/** What is given as an array, or an error that says why one is needed. */
const arrayFor = (what: string, remedy: string, given: unknown): AnyArray => {
  try {
    return asArray(given as Input);
  } catch (cause) {
    if (!isKindlingError(cause)) throw cause;
    throw kindlingError(cause._tag, { message: what, given: cause.given, remedy, cause });
  }
};

const leafTensor = (leaf: unknown): Value => {
  const array = arrayFor('grad differentiates by numbers and arrays', 'Leave out of argnums what is something else', leaf);
  if (dtypeOf(array) === 'bool') {
    throw kindlingError('InvalidArgument', { message: 'a boolean can’t be differentiated by', remedy: 'Leave it out of argnums' });
  }
  // A copy of a tensor: else what else reaches the result through the same tensor would be counted to this argument.
  const tensor = isTensor(array) ? tf.clone(array) : toTensor(array, 'float');
  return dtypeOf(tensor) === 'float' ? tensor : tf.cast(tensor, 'float32');
};

/** tfjs frees what a tape has saved only where the function returns: after a throw, we do. */
const taped = <A>(f: () => A): A => {
  try {
    return f();
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) saved?.forEach((tensor) => tensor.dispose());
      state.activeTape = [];
    }
    throw error;
  }
};

const scalarResult = (result: unknown): Value => {
  const value = toTensor(arrayFor('grad needs a function with a scalar result', 'Return a number or a tensor', result));
  if (value.shape.length > 0) {
    throw kindlingError('InvalidShape', {
      message: 'grad needs a function with a scalar result',
      given: `shape ${showShape(value.shape)}`,
      expected: 'shape []',
      remedy: 'Sum it with ops.sum',
    });
  }
  return value;
};

/**
 * From a function with a scalar result to one that gives its value and its gradient, a tree like the argument's.
 * An argument that is not used has gradient 0. Of a compiled function, the result is compiled.
 *
 * @param argnums - the argument to differentiate by, or a list of them, which gives a list of gradients
 * @returns tensors where a tensor is among the arguments, else NDArrays
 * @throws InvalidShape for a result that is not a scalar
 * @example
 * const [value, gradient] = valueAndGrad((x) => ops.mul(x, x))(3);
 * [value.item(), gradient.item()]; // [9, 6]
 */
export const valueAndGrad: ValueAndGrad = <Args extends readonly unknown[], N extends Argnums = 0>(given: (...args: Args) => Input, argnums?: N) =>
  liftJit(given, `valueAndGrad ${JSON.stringify(argnums)}`, (f) => (...args: Args): readonly [Out<Args[number]>, Gradients<Args, N>] => {
    const numbers: readonly number[] = argnums === undefined ? [0] : typeof argnums === 'number' ? [argnums] : argnums;
    const absent = numbers.find((i) => !Number.isInteger(i) || i < 0 || i >= args.length);
    if (absent !== undefined) {
      throw kindlingError('InvalidArgument', { message: `there is no argument ${absent} to differentiate by`, given: `${args.length} arguments` });
    }
    const inTensors = args.some((arg) => tensorsIn(arg).length > 0);
    // While an outer gradient or recording is under way, numbers read back would be lost to it.
    const finish = (x: Value): unknown => (inTensors || !isConcrete(x) ? x : toNDArray(x));
    return scoped(
      () => {
        ensureGradients();
        const trees = numbers.map((i) => flatten(args[i]));
        const leaves = trees.map(([tree]) => tree.map(leafTensor));
        const full = [...args] as unknown[];
        numbers.forEach((i, k) => (full[i] = unflatten(trees[k]![1], leaves[k]!)));
        const flat = leaves.flat();
        const result = (): Value => scalarResult(f(...(full as unknown as Args)));
        const { value, grads } = flat.length === 0 ? { value: result(), grads: [] } : taped(() => tf.engine().gradients(result, flat, undefined, true));
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
  });

/**
 * The gradient of a function with a scalar result: `valueAndGrad` without the value.
 *
 * @example
 * grad((x) => ops.exp(x))(0).item(); // 1
 */
export const grad: Grad = <Args extends readonly unknown[], N extends Argnums>(given: (...args: Args) => Input, argnums?: N) =>
  liftJit(given, `grad ${JSON.stringify(argnums)}`, (f) => {
    const both = valueAndGrad(f, argnums ?? (0 as N));
    return (...args: Args): Gradients<Args, N> => both(...args)[1];
  });
