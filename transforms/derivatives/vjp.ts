/** vjp: the value of a function of trees, and its pullback, which carries a change of the result back to the arguments. */
import { requireFunction } from '../../core/options.ts';
import { unflatten, type TreeDef } from '../../core/tree.ts';
import { toTensor, type AnyArray } from '../../core/value.ts';
import type { Gradient } from '../grad.ts';
import { liftJit } from '../jit/jitted.ts';
import type { JitArg, JitResult } from '../jit/types.ts';
import { evaluator } from './evaluate.ts';
import { dotAll, gradientsOf } from './tape.ts';
import { alongside, resultOf, variablesOf } from './variables.ts';

/** Gradients by every argument. */
export type EveryGradient<Args extends readonly unknown[]> = { readonly [K in keyof Args]: Gradient<Args[K]> };

/** From a cotangent, a tree like the result, to gradients, a tree for each argument. */
export type Pullback<Args extends readonly unknown[], R> = (cotangent: JitArg<R>) => EveryGradient<Args>;

type Plain = (...args: readonly unknown[]) => unknown;

/** The result with the arrays in it, floating or not, and the structure around them. */
interface Output {
  readonly arrays: readonly AnyArray[];
  readonly def: TreeDef;
}

const outputOf = (f: Plain, primals: readonly unknown[]): Output => {
  const { leaves, refill, inTensors } = variablesOf('vjp', primals);
  let def: TreeDef = '*';
  const arrays = evaluator((xs) => {
    const [own, around] = resultOf('vjp', f(...refill(xs)));
    def = around;
    return own.map((x) => toTensor(x));
  }, inTensors)(leaves);
  return { arrays, def };
};

/** The gradients of Σ result · cotangent. Called again with the same primals, it need not record the function again. */
const pullerOf = (f: Plain): ((primals: readonly unknown[], cotangents: readonly AnyArray[]) => readonly unknown[]) => {
  const prepare = (primals: readonly unknown[]): ((cotangents: readonly AnyArray[]) => readonly unknown[]) => {
    const { leaves, refill, trees, inTensors } = variablesOf('vjp', primals);
    const run = evaluator((all) => {
      const xs = all.slice(0, leaves.length);
      const scalar = (): ReturnType<typeof dotAll> =>
        dotAll(
          resultOf('vjp', f(...refill(xs)))[0].map((x) => toTensor(x)),
          all.slice(leaves.length),
        );
      return gradientsOf(scalar, xs).grads;
    }, inTensors);
    return (cotangents) => trees(run([...leaves, ...cotangents]));
  };
  let last: { readonly primals: readonly unknown[]; readonly pull: (cotangents: readonly AnyArray[]) => readonly unknown[] } | undefined;
  return (primals, cotangents) => {
    if (last?.primals !== primals) last = { primals, pull: prepare(primals) };
    return last.pull(cotangents);
  };
};

/**
 * The value of a function of trees at some arguments, and the function that pulls cotangents back to gradients: JAX's `vjp`. A result of
 * integers or booleans takes part with whatever is given for it. The function runs again, once, for what the pullback is made of.
 *
 * @returns `[out, pullback]`; of a compiled function, both compiled
 * @throws InvalidShape for a cotangent of another shape than the result's
 * @example
 * const [out, pullback] = vjp((x, y) => ops.mul(x, y), [1, 2], [3, 4]);
 * out; // [3, 8]
 * pullback([1, 10]); // [[3, 40], [1, 20]]
 */
export const vjp = <Args extends readonly unknown[], R>(
  f: (...args: Args) => R,
  ...primals: Args
): readonly [out: JitResult<R, Args>, pullback: Pullback<Args, R>] => {
  requireFunction('vjp takes a function', f, 'Write vjp(f, x)');
  const output = liftJit(f, 'vjp', (plain) => {
    const own = plain as unknown as Plain;
    return (...args: readonly unknown[]) => {
      const { arrays, def } = outputOf(own, args);
      return unflatten(def, arrays);
    };
  });
  const out = output(...primals);
  const [arrays, def] = resultOf('vjp', out);
  const pull = liftJit(f, 'pullback', (plain) => pullerOf(plain as unknown as Plain));
  const pullback = (cotangent: unknown): unknown => pull(primals, alongside('cotangent', cotangent, def, arrays, 'the result'));
  return [out, pullback] as unknown as readonly [JitResult<R, Args>, Pullback<Args, R>];
};
