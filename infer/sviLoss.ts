/** The loss of a step and its gradient as a compiled function: for an optimizer that can't be compiled with them. */
import type { NDArray } from '../core/ndarray.ts';
import { keyWords, tracedKey, type Key } from '../core/random/key.ts';
import { flatten, unflatten } from '../core/tree.ts';
import { toNDArray, type Precision, type Value } from '../core/value.ts';
import { arraysOf, compileFunction, refill } from './compiledFunction.ts';
import type { Objective } from './objectives/objective.ts';
import { lossAndGrads, type ProblemAt } from './sviRecorded.ts';
import type { SVIState } from './sviState.ts';

type Params = SVIState['params'];

/** The loss and its gradient at the key of a step, parameters and arguments. */
export type CompiledLoss = (key: Key, params: Params, args: readonly unknown[]) => readonly [loss: number, grads: Params];

const inputsOf = (key: Key, params: Params, args: readonly unknown[]): readonly NDArray[] => [toNDArray(keyWords(key)), ...arraysOf([params, ...args])];

/** Compiles the loss and its gradient for parameters and arguments like these, where that can be done. */
export const compileLoss = (
  objective: Objective,
  problemAt: ProblemAt,
  { key, params }: SVIState,
  args: readonly unknown[],
  precision: Precision,
): CompiledLoss | undefined => {
  const [leaves, def] = flatten(params);
  const run = compileFunction(
    ([words, ...others]) => {
      const own = unflatten(def, others.slice(0, leaves.length)) as Readonly<Record<string, Value>>;
      const given = refill(args, others.slice(leaves.length));
      return lossAndGrads(objective, tracedKey(words!), own, (at) => problemAt(at, given));
    },
    inputsOf(key, params, args),
    precision,
  );
  if (run === undefined) return undefined;
  return (at, values, data) => {
    const [loss, ...grads] = run(inputsOf(at, values, data));
    return [loss!.item(), unflatten(def, grads) as Params];
  };
};
