/** A whole step of SVI as a graph: key, parameters, optimizer's state and data in, the next of these and the loss out. */
import { kindlingError, type KindlingError } from '../core/errors.ts';
import { scalar, type NDArray } from '../core/ndarray.ts';
import * as ops from '../core/ops/index.ts';
import { keyWords, split, tracedKey, type Key } from '../core/random/key.ts';
import { sameShape } from '../core/shape.ts';
import { flatten, unflatten } from '../core/tree.ts';
import { avalOf, ndarrayDType, toNDArray, toTensor, type AnyArray, type Value } from '../core/value.ts';
import { valueAndGrad } from '../transforms/grad.ts';
import type { Graph } from '../transforms/jit/graph.ts';
import { record } from '../transforms/jit/record.ts';
import { recordLoop, type LoopResult } from '../transforms/jit/recordLoop.ts';
import { arraysOf, refill } from './compiledFunction.ts';
import type { Objective, Problem } from './objectives/objective.ts';
import { applyUpdates, type Optimizer } from './optimizers/optimizer.ts';
import type { SVIState } from './sviState.ts';

/** Parameters on their unconstrained scales: plain arrays, or tensors while a step is recorded. */
export type Unconstrained = Readonly<Record<string, AnyArray>>;

/** The model, the guide and their arguments at some parameters. */
export type ProblemAt = (params: Unconstrained, args: readonly unknown[]) => Problem;

/** Where the outputs of a step are. The first `leaves + 1` are the next key, parameters and optimizer's state, as the inputs have them; data follow there. */
export interface Layout {
  readonly leaves: number;
  readonly loss: number;
  readonly isGood: number;
  /** Of the gradient by the first parameter; those by the others follow. */
  readonly grads: number;
}

export const layoutOf = ({ params, optState }: SVIState): Layout => {
  const leaves = flatten([params, optState])[0].length;
  return { leaves, loss: leaves + 1, isGood: leaves + 2, grads: leaves + 3 };
};

/** The inputs of a step, in their order. */
export const stepInputs = ({ key, params, optState }: SVIState, args: readonly unknown[]): readonly NDArray[] => [
  toNDArray(keyWords(key)),
  ...arraysOf([params, optState, ...args]),
];

/** Particles recorded one after another; more of them are a loop with one particle as its body. */
const FEW_PARTICLES = 4;

/** The sum of what `body` gives, arrays like `examples`, for each key of `split(key, count)`. */
const sumOverParticles = (count: number, key: Key, body: (particle: Key) => readonly AnyArray[], examples: readonly AnyArray[]): readonly AnyArray[] => {
  const keys = split(key, count);
  const add = (sums: readonly AnyArray[], terms: readonly AnyArray[]): readonly AnyArray[] => sums.map((sum, i) => ops.add(sum, terms[i]!));
  if (count <= FEW_PARTICLES) return keys.map(body).reduce(add);
  const zeros = examples.map((example) => toTensor(ops.zerosLike(example)));
  const once = (sums: readonly Value[], [words]: readonly Value[]): LoopResult => ({
    carry: add(sums, body(tracedKey(words!))) as readonly Value[],
    stacked: [],
  });
  return recordLoop(once, zeros, [keyWords(keys)], count).carry;
};

/** The loss, and its gradient by each parameter in the order of the leaves. */
export const lossAndGrads = (
  objective: Objective,
  key: Key,
  params: Readonly<Record<string, Value>>,
  problemAt: (params: Unconstrained) => Problem,
): readonly AnyArray[] => {
  const { particleLoss, numParticles } = objective;
  const at = (loss: Objective['loss'], own: Key): readonly AnyArray[] => {
    const [value, grads] = valueAndGrad((given: typeof params) => loss(own, problemAt(given)))(params);
    return [value, ...(flatten(grads)[0] as readonly AnyArray[])];
  };
  if (particleLoss === undefined) return at(objective.loss, key);
  const sums = sumOverParticles(numParticles, key, (particle) => at(particleLoss, particle), [scalar(0), ...(flatten(params)[0] as readonly Value[])]);
  return numParticles === 1 ? sums : sums.map((sum) => ops.mul(sum, 1 / numParticles));
};

const isAllFinite = (loss: AnyArray, grads: readonly AnyArray[]): AnyArray => {
  const wrong = grads.map((grad) => ops.sum(ops.cast(ops.logicalNot(ops.isFinite(grad)), 'float32')));
  const count = wrong.reduce<AnyArray>((sum, own) => ops.add(sum, own), scalar(0));
  return ops.logicalAnd(ops.isFinite(loss), ops.equal(count, 0));
};

const unsteady = (): KindlingError => kindlingError('Unsupported', { message: 'the state of this optimizer changes its form from step to step' });

/** Refuses a step whose result would not fit where its state came from. */
const checkSteady = ({ nodes, outputs }: Graph, { leaves }: Layout, inputs: readonly NDArray[]): void => {
  for (let i = 0; i <= leaves; i++) {
    const { shape, dtype } = nodes[outputs[i]!]!.aval;
    if (!sameShape(shape, inputs[i]!.shape) || ndarrayDType(dtype) !== inputs[i]!.dtype) throw unsteady();
  }
};

/** Records a step at a state and arguments like these. Its key is split as an uncompiled step splits it: into the next and its own. */
export const recordStep = (objective: Objective, optimizer: Optimizer, problemAt: ProblemAt, state: SVIState, args: readonly unknown[]): Graph => {
  const layout = layoutOf(state);
  const [, def] = flatten([state.params, state.optState]);
  const [, gradsDef] = flatten(state.params);
  const inputs = stepInputs(state, args);
  const graph = record(([words, ...others]) => {
    const [nextKey, stepKey] = split(tracedKey(words!));
    const [params, optState] = unflatten(def, others.slice(0, layout.leaves)) as readonly [Readonly<Record<string, Value>>, unknown];
    const given = refill(args, others.slice(layout.leaves));
    const [loss, ...grads] = lossAndGrads(objective, stepKey, params, (own) => problemAt(own, given)) as [AnyArray, ...AnyArray[]];
    const [updates, nextState] = optimizer.update(unflatten(gradsDef, grads), optState, params);
    const [next, nextDef] = flatten([applyUpdates(params, updates), nextState]);
    if (JSON.stringify(nextDef) !== JSON.stringify(def)) throw unsteady();
    return [keyWords(nextKey), ...(next as readonly AnyArray[]), loss, isAllFinite(loss, grads), ...grads];
  }, inputs.map(avalOf));
  checkSteady(graph, layout, inputs);
  return graph;
};
