/** A whole step of SVI, from state to state, as one compiled module that can also repeat it. */
import type { NDArray } from '../core/ndarray.ts';
import { keyData, keyWords, makeKey, split, type Key } from '../core/random/key.ts';
import { sizeOf } from '../core/shape.ts';
import { flatten, unflatten } from '../core/tree.ts';
import { toNDArray, type Precision } from '../core/value.ts';
import { compileGraph, instantiate, type Repetition } from '../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../transforms/jit/graph.ts';
import { agree, arraysOf, makeWriter, tryCompile } from './compiledFunction.ts';
import type { Objective } from './objectives/objective.ts';
import { applyUpdates, type Optimizer } from './optimizers/optimizer.ts';
import { layoutOf, recordStep, stepInputs, type Layout, type ProblemAt } from './sviRecorded.ts';
import { exactTree, type SVIState } from './sviState.ts';

/** What one step computes. */
export interface StepResult {
  readonly loss: number;
  /** Whether the loss and its gradient are finite. */
  readonly isGood: boolean;
  /** The parameters by which the gradient is not finite. */
  readonly wrong: readonly string[];
  /** The state after the step; parameters and optimizer's state are as before where the step is not good. */
  readonly state: SVIState;
}

/** The names of arrays that are not finite. */
export const notFinite = (arrays: Readonly<Record<string, NDArray>>): readonly string[] =>
  Object.entries(arrays).flatMap(([name, { data }]) => (data.every(Number.isFinite) ? [] : [name]));

/** Steps at states and arguments of the shapes for which they were compiled. */
export interface CompiledStep {
  readonly run: (state: SVIState, args: readonly unknown[]) => StepResult;
  /** At most `count` steps, up to the first that is not good: the losses of the good ones, and the state after them. */
  readonly iterate: (state: SVIState, args: readonly unknown[], count: number) => { readonly state: SVIState; readonly losses: Float64Array };
}

/** The most steps in one call of a module. */
const MOST_STEPS = 1024;

const repetitionOf = ({ leaves, loss, isGood }: Layout): Repetition => ({
  carry: Array.from({ length: leaves + 1 }, (_, i) => ({ output: i, input: i })),
  collected: loss,
  isGood,
  capacity: MOST_STEPS,
});

/** A module in place, as a function of its inputs. */
interface Module {
  readonly run: (inputs: readonly NDArray[]) => readonly NDArray[];
  readonly iterate: (inputs: readonly NDArray[], count: number) => readonly [losses: Float64Array, outputs: readonly NDArray[]];
}

const makeModule = (graph: Graph, layout: Layout, precision: Precision): Module => {
  const instance = instantiate(compileGraph(graph, repetitionOf(layout), precision));
  const put = makeWriter(instance.inputs, layout.leaves + 1);
  return {
    run: (inputs) => {
      put(inputs);
      instance.run();
      return instance.outputs();
    },
    iterate: (inputs, count) => {
      put(inputs);
      const losses = instance.iterate(count);
      if (losses.length < Math.min(count, MOST_STEPS)) {
        // The outputs are those of the step that was not good. The steps before it, done again, end with their own.
        put(inputs);
        instance.iterate(losses.length);
      }
      return [losses, instance.outputs()];
    },
  };
};

const keyOf = (words: NDArray): Key => makeKey(Uint32Array.from(words.data), []);

const makeStep = (module: Module, { leaves, loss, isGood, grads }: Layout, { params, optState }: SVIState): CompiledStep => {
  const [, def] = flatten([params, optState]);
  const [, paramsDef] = flatten(params);
  // The state that came out last is most often the next to go in: its arrays need not be sought.
  let latest: { readonly state: SVIState; readonly arrays: readonly NDArray[] } | undefined;
  const inputsAt = (state: SVIState, args: readonly unknown[]): readonly NDArray[] =>
    latest?.state.params === state.params && latest.state.optState === state.optState
      ? [toNDArray(keyWords(state.key)), ...latest.arrays, ...arraysOf(args)]
      : stepInputs(state, args);
  const stateAfter = (state: SVIState, outputs: readonly NDArray[], steps: number): SVIState => {
    const arrays = outputs.slice(1, leaves + 1);
    const [nextParams, nextState] = unflatten(def, arrays) as readonly [SVIState['params'], unknown];
    const next = { ...state, step: state.step + steps, key: keyOf(outputs[0]!), params: nextParams, optState: nextState };
    latest = { state: next, arrays };
    return next;
  };
  return {
    run: (state, args) => {
      const outputs = module.run(inputsAt(state, args));
      const value = outputs[loss]!.item();
      if (outputs[isGood]!.item() !== 0) return { loss: value, isGood: true, wrong: [], state: stateAfter(state, outputs, 1) };
      const wrong = notFinite(unflatten(paramsDef, outputs.slice(grads)) as SVIState['params']);
      return { loss: value, isGood: false, wrong, state: { ...state, step: state.step + 1, key: keyOf(outputs[0]!) } };
    },
    iterate: (state, args, count) => {
      const [losses, outputs] = module.iterate(inputsAt(state, args), count);
      return { losses, state: losses.length === 0 ? state : stateAfter(state, outputs, losses.length) };
    },
  };
};

/** Numbers that the interpreter computes in about 20 ms: a check that takes longer would be felt. */
const CHECKED_WORK = 2e6;

/** How many numbers the interpreter computes. */
const workOf = ({ nodes }: Graph): number =>
  nodes.reduce((sum, node) => sum + (node.kind === 'loop' ? node.length * workOf(node.body) : sizeOf(node.aval.shape)), 0);

/**
 * Whether a step is what the interpreter makes of the same graph, so that a fault of the compiler can't pass for a posterior. The optimizer
 * is held against what it does with the compiled gradient: near a gradient of 0, the update of Adam turns on the last bits of it.
 */
const isFaithful = (
  graph: Graph,
  layout: Layout,
  outputs: readonly NDArray[],
  optimizer: Optimizer,
  state: SVIState,
  args: readonly unknown[],
  precision: Precision,
): boolean => {
  const { leaves, loss, grads } = layout;
  const [found, positions] = [outputs, graph.outputs].map((all: readonly unknown[]) => [all[loss], ...all.slice(grads)]) as [NDArray[], number[]];
  if (workOf(graph) <= CHECKED_WORK && !agree(found, evaluateGraph({ ...graph, outputs: positions }, stepInputs(state, args)), precision)) return false;
  const gradient = unflatten(flatten(state.params)[1], outputs.slice(grads));
  const [updates, optState] = optimizer.update(gradient, state.optState, state.params);
  const next = arraysOf([exactTree([applyUpdates(state.params, updates), optState])]);
  const words = keyData(split(state.key)[0]);
  return outputs[0]!.data.every((word, i) => word === words[i]) && agree(outputs.slice(1, leaves + 1), next);
};

/** Compiles a step for a state and arguments like these, where the compiler has a rule for all that it does. */
export const compileStep = (
  objective: Objective,
  optimizer: Optimizer,
  problemAt: ProblemAt,
  state: SVIState,
  args: readonly unknown[],
  precision: Precision,
): CompiledStep | undefined =>
  tryCompile(() => {
    const layout = layoutOf(state);
    const graph = recordStep(objective, optimizer, problemAt, state, args);
    const module = makeModule(graph, layout, precision);
    return isFaithful(graph, layout, module.run(stepInputs(state, args)), optimizer, state, args, precision) ? makeStep(module, layout, state) : undefined;
  });
