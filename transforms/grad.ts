/** grad and valueAndGrad: reverse-mode derivatives of functions of trees, by tfjs's tape and our table of gradients. */
import { kindlingError } from '../core/errors.ts';
import { describe, requireFunction } from '../core/options.ts';
import { scoped } from '../core/scope.ts';
import { tensorsIn } from '../core/tree.ts';
import { toTensor, type Input, type Out, type Value } from '../core/value.ts';
import { evaluator } from './derivatives/evaluate.ts';
import { gradientsOf } from './derivatives/tape.ts';
import { scalarOf, variablesOf } from './derivatives/variables.ts';
import { liftJit } from './jit/jitted.ts';

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

/** @internal Refuses what is no function, and positions of arguments that are none. */
export const checkArgnums = (who: string, f: unknown, argnums: unknown): void => {
  requireFunction(`${who} takes a function`, f);
  const numbers: readonly unknown[] = argnums === undefined ? [] : Array.isArray(argnums) ? argnums : [argnums];
  if (numbers.every((n) => Number.isInteger(n) && (n as number) >= 0) && new Set(numbers).size === numbers.length) return;
  throw kindlingError('InvalidArgument', {
    message: `argnums says by which arguments ${who} differentiates`,
    given: Array.isArray(argnums) ? `[${argnums.map(describe).join(', ')}]` : describe(argnums),
    expected: `a whole number from 0, or a list of different ones: ${who}(f, 1) or ${who}(f, [0, 2])`,
  });
};

/**
 * From a function with a scalar result to one that gives its value and its gradient, a tree like the argument's.
 * An argument that is not used has gradient 0. Of a compiled function, the result is compiled. Numbers and NDArrays are computed in
 * float64, unless the function reads numbers on its way; tensors as tfjs computes them, in float32.
 *
 * @param argnums - the argument to differentiate by, or a list of them, which gives a list of gradients
 * @returns tensors where a tensor is among the arguments, else NDArrays
 * @throws InvalidShape for a result that is not a scalar; InvalidArgument for an argument that is not there
 * @example
 * const [value, gradient] = valueAndGrad((x) => ops.mul(x, x))(3);
 * [value.item(), gradient.item()]; // [9, 6]
 */
export const valueAndGrad: ValueAndGrad = <Args extends readonly unknown[], N extends Argnums = 0>(given: (...args: Args) => Input, argnums?: N) => {
  checkArgnums('valueAndGrad', given, argnums);
  return liftJit(given, `valueAndGrad ${JSON.stringify(argnums)}`, (f) => (...args: Args): readonly [Out<Args[number]>, Gradients<Args, N>] => {
    const { leaves, refill, trees, inTensors } = variablesOf('grad', args, argnums === undefined ? [0] : typeof argnums === 'number' ? [argnums] : argnums);
    const both = evaluator((xs) => {
      const result = (): Value => toTensor(scalarOf('grad', f(...(refill(xs) as unknown as Args))));
      const { value, grads } = gradientsOf(result, xs);
      return [value, ...grads];
    }, inTensors);
    const [value, ...grads] = both(leaves);
    const results = trees(grads);
    return [value, typeof argnums === 'object' ? results : results[0]] as unknown as readonly [Out<Args[number]>, Gradients<Args, N>];
  });
};

/**
 * The gradient of a function with a scalar result: `valueAndGrad` without the value.
 *
 * @example
 * grad((x) => ops.exp(x))(0).item(); // 1
 */
export const grad: Grad = <Args extends readonly unknown[], N extends Argnums>(given: (...args: Args) => Input, argnums?: N) => {
  checkArgnums('grad', given, argnums);
  return liftJit(given, `grad ${JSON.stringify(argnums)}`, (f) => {
    const both = valueAndGrad(f, argnums ?? (0 as N));
    // A value that is a tensor is freed.
    return (...args: Args): Gradients<Args, N> => scoped(() => both(...args)[1], tensorsIn);
  });
};
