/** The numerical parts of an SVI step as compiled functions of plain arrays, where the compiler has a rule for all that they use. */
import { isKindlingError } from '../core/errors.ts';
import { makeNDArray, type NDArray } from '../core/ndarray.ts';
import { keyData, split, tracedKey, type Key } from '../core/random/key.ts';
import { flatten, mapTree, unflatten } from '../core/tree.ts';
import { isArray, toNDArray, toTensor, type AnyArray, type Aval, type Value } from '../core/value.ts';
import { valueAndGrad } from '../transforms/grad.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../transforms/jit/graph.ts';
import { record } from '../transforms/jit/record.ts';
import type { Objective, Problem } from './objectives/objective.ts';
import { applyUpdates, type Optimizer } from './optimizers/optimizer.ts';
import { exactTree } from './sviState.ts';

/** Parameters on their unconstrained scales, by name. */
type Params = Readonly<Record<string, NDArray>>;

/** A function of arrays, to arrays. */
export type ArrayFunction = (inputs: readonly NDArray[]) => readonly NDArray[];

/** How far compiled and interpreted results may differ: they add in another order. */
const AGREEMENT = 1e-7;

const agree = (a: readonly NDArray[], b: readonly NDArray[]): boolean =>
  a.every((x, i) => {
    const y = b[i]!;
    const scale = y.data.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
    return x.data.every((v, k) => Object.is(v, y.data[k]) || v === y.data[k] || Math.abs(v - y.data[k]!) <= AGREEMENT * scale);
  });

const avalOf = ({ shape, dtype }: NDArray): Aval => ({ shape, dtype: dtype === 'float64' ? 'float' : dtype });

const compiledFunction = (graph: Graph): ArrayFunction => {
  const instance = instantiate(compileGraph(graph));
  // Data that have not changed since the last call are in place already.
  const last: Float64Array[] = [];
  return (inputs) => {
    instance.inputs.forEach((write, i) => {
      const { data } = inputs[i]!;
      if (write === undefined || last[i] === data) return;
      write(data);
      last[i] = data;
    });
    instance.run();
    return instance.outputs();
  };
};

/**
 * Compiles a function of tensors for arguments like `examples`; `undefined` where that can't be done: the compiler lacks a rule, or the
 * function looks at numbers that are not there while it is recorded. Run by tfjs, it then works, or fails with an error of its own.
 * The first result is held against the interpreter's, so that a fault of the compiler can't pass for a posterior.
 */
export const tryCompile = (f: (inputs: readonly Value[]) => readonly AnyArray[], examples: readonly NDArray[]): ArrayFunction | undefined => {
  try {
    const graph = record((inputs) => f(inputs).map((x) => toTensor(x)), examples.map(avalOf));
    const run = compiledFunction(graph);
    return agree(run(examples), evaluateGraph(graph, examples)) ? run : undefined;
  } catch (error) {
    // No way of running a model mends a draw without a key.
    if (isKindlingError(error) && error._tag === 'MissingKey') throw error;
    return undefined;
  }
};

/** Arrays in one order or another, found among the leaves of some trees and put back in their places. */
const refill = (trees: readonly unknown[], isArrayLeaf: (leaf: unknown) => boolean, values: readonly unknown[]): readonly unknown[] => {
  let at = 0;
  return trees.map((tree) => mapTree((leaf) => (isArrayLeaf(leaf) ? values[at++] : leaf), tree));
};

const arraysOf = (trees: readonly unknown[]): readonly NDArray[] => trees.flatMap((tree) => flatten(tree)[0].filter(isArray).map(toNDArray));

/** The loss and its gradient at a key, parameters and arguments. */
export type CompiledLoss = (key: Key, params: Params, args: readonly unknown[]) => readonly [loss: number, grads: Params];

/** The loss of one particle and its gradient by the unconstrained parameters, compiled; averaged over the objective's particles. */
export const compileLoss = (
  objective: Objective,
  problemAt: (params: Params, args: readonly unknown[]) => Problem,
  key: Key,
  params: Params,
  args: readonly unknown[],
): CompiledLoss | undefined => {
  const { particleLoss, numParticles } = objective;
  if (particleLoss === undefined) return undefined;
  const names = Object.keys(params);
  const run = tryCompile(
    (inputs) => {
      const own = Object.fromEntries(names.map((name, i) => [name, inputs[i + 1]!]));
      const data = refill(args, isArray, inputs.slice(names.length + 1));
      const [value, grads] = valueAndGrad((at: typeof own) => particleLoss(tracedKey(inputs[0]!), problemAt(at as unknown as Params, data)))(own);
      return [value, ...names.map((name) => grads[name]!)];
    },
    [words(split(key, numParticles)[0]!), ...Object.values(params), ...arraysOf(args)],
  );
  if (run === undefined) return undefined;
  return (at, values, data) => {
    const arrays = arraysOf(data);
    const given = names.map((name) => values[name]!);
    const runs = split(at, numParticles).map((particle) => run([words(particle), ...given, ...arrays]));
    const [value, ...grads] =
      runs.length === 1
        ? runs[0]!
        : runs[0]!.map((x, i) =>
            mean(
              x,
              runs.map((one) => one[i]!),
            ),
          );
    return [value!.item(), Object.fromEntries(names.map((name, i) => [name, grads[i]!]))];
  };
};

const words = (key: Key): NDArray => makeNDArray(Float64Array.from(keyData(key)), [2]);

const mean = ({ shape, dtype }: NDArray, all: readonly NDArray[]): NDArray => {
  const total = new Float64Array(all[0]!.data.length);
  for (const { data } of all) for (let i = 0; i < total.length; i++) total[i]! += data[i]!;
  return makeNDArray(
    total.map((x) => x / all.length),
    shape,
    dtype,
  );
};

/** One step of an optimiser: new parameters and a new state. */
export type OptimizerStep = (grads: Params, state: unknown, params: Params) => readonly [params: Params, state: unknown];

/** An optimiser's step, compiled for parameters and a state like these where that can be done. */
export const compileOptimizer = ({ update }: Optimizer, grads: Params, state: unknown, params: Params): OptimizerStep => {
  const plain: OptimizerStep = (g, s, p) => {
    const [updates, next] = update(g, s, p);
    return [exactTree(applyUpdates(p, updates)) as Params, exactTree(next)];
  };
  const examples = arraysOf([grads, state, params]);
  const run = tryCompile((inputs) => {
    const [g, s, p] = refill([grads, state, params], isArray, inputs) as [unknown, unknown, unknown];
    const [updates, next] = update(g, s, p);
    return flatten([applyUpdates(p, updates), next])[0] as readonly AnyArray[];
  }, examples);
  if (run === undefined) return plain;
  const [, def] = flatten([params, state]);
  return (g, s, p) => unflatten(def, run(arraysOf([g, s, p]))) as readonly [Params, unknown];
};
