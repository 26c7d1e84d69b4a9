/** The leapfrog step of a model as one compiled module, whose state stays in its memory from step to step. */
import type { Memory } from '../../core/loop/expression.ts';
import * as ops from '../../core/ops/index.ts';
import { toTensor, type AnyArray, type Aval, type Precision, type Value } from '../../core/value.ts';
import { valueAndGrad } from '../../transforms/grad.ts';
import { compileGraph, type Repetition } from '../../transforms/jit/compile.ts';
import type { Graph } from '../../transforms/jit/graph.ts';
import { record } from '../../transforms/jit/record.ts';
import type { ModuleImage } from './image.ts';
import { makeBlockMemories } from './metricCode.ts';
import { drawSteps, seedSteps } from './momenta.ts';
import { makeOwnMemories, type OwnMemories } from './ownMemories.ts';
import type { MetricShape } from './metric.ts';
import { IN, OUT, OWN, STEPS_IN_CALL, type StepMemories } from './stepPorts.ts';
import { toImage } from './toImage.ts';
import { makeTree, type TreeOptions } from './tree.ts';
import { gatherSteps } from './welfordCode.ts';

const repetition: Repetition = {
  carry: [IN.q, IN.p, IN.gradient, IN.momentumSum].map((i) => ({ output: i, input: i })),
  collected: OUT.energy,
  isGood: OUT.isGood,
  capacity: STEPS_IN_CALL,
};

/** A run of coordinates in order: loose, or one after another in a block. */
interface Run {
  readonly start: number;
  readonly length: number;
  readonly block: number;
  /** The place of the first in its block. */
  readonly place: number;
}

const runsOf = ({ dim, blocks }: MetricShape): readonly Run[] => {
  const placeOf = new Map(blocks.flatMap((block, b) => block.map((i, place) => [i, { block: b, place }] as const)));
  const runs: { start: number; length: number; block: number; place: number }[] = [];
  for (let i = 0; i < dim; i++) {
    const { block, place } = placeOf.get(i) ?? { block: -1, place: 0 };
    const last = runs.at(-1);
    if (last !== undefined && last.block === block && (block < 0 || place === last.place + last.length)) last.length++;
    else runs.push({ start: i, length: 1, block, place });
  }
  return runs;
};

const joined = (parts: readonly AnyArray[]): AnyArray => (parts.length === 1 ? parts[0]! : ops.concat(parts));

/** M⁻¹ p. */
const velocityOf = (shape: MetricShape, p: AnyArray, variance: AnyArray, matrices: readonly AnyArray[]): AnyArray => {
  const { dim, blocks } = shape;
  if (blocks.length === 0) return ops.mul(variance, p);
  const runs = runsOf(shape);
  const sliceOf = (x: AnyArray, start: number, length: number): AnyArray => (length === x.shape[0] ? x : ops.slice(x, [start], [length]));
  const products = blocks.map((_, b) => {
    const own = runs.filter(({ block }) => block === b).sort((x, y) => x.place - y.place);
    return ops.dot(matrices[b]!, joined(own.map(({ start, length }) => sliceOf(p, start, length))));
  });
  const loose = runs.some(({ block }) => block < 0) ? ops.mul(variance, p) : p;
  const parts = runs.map(({ start, length, block, place }) => (block < 0 ? sliceOf(loose, start, length) : sliceOf(products[block]!, place, length)));
  return ops.reshape(joined(parts), [dim]);
};

const vectorOf = (dim: number): Aval => ({ shape: [dim], dtype: 'float' });
const scalarAval: Aval = { shape: [], dtype: 'float' };

/**
 * Records one step of the leapfrog: p ← p − ε/2 ∇U(q), q ← q + ε M⁻¹ p, p ← p − ε/2 ∇U(q); with it come the energy
 * H = U(q) + ½ pᵀ M⁻¹ p, the weight exp(reference − H) of the new point, its velocity M⁻¹ p, the sum of the momenta so far, and whether H
 * stays below a limit.
 *
 * @param potential - U, from a vector `[dim]` to a scalar
 * @see Neal, "MCMC using Hamiltonian dynamics" (2011), section 2.3
 */
export const recordStep = (potential: (q: Value) => AnyArray, shape: MetricShape): Graph => {
  const { dim, blocks } = shape;
  const square = (block: readonly number[]): Aval => ({ shape: [block.length, block.length], dtype: 'float' });
  return record(
    (inputs) => {
      const at = (name: keyof typeof IN): Value => inputs[IN[name]]!;
      const matrices = inputs.slice(IN.blocks);
      const half = ops.mul(0.5, at('stepSize'));
      const middle = ops.sub(at('p'), ops.mul(half, at('gradient')));
      const q = ops.add(at('q'), ops.mul(at('stepSize'), velocityOf(shape, middle, at('variance'), matrices)));
      const [value, gradient] = valueAndGrad((x: Value) => potential(x))(toTensor(q));
      const p = ops.sub(middle, ops.mul(half, gradient));
      const velocity = velocityOf(shape, p, at('variance'), matrices);
      const energy = ops.add(value, ops.mul(0.5, ops.sum(ops.mul(p, velocity))));
      const isGood = ops.lessEqual(energy, at('limit'));
      const weight = ops.exp(ops.sub(at('reference'), energy));
      return [q, p, gradient, ops.add(at('momentumSum'), p), energy, isGood, value, weight, velocity];
    },
    [vectorOf(dim), vectorOf(dim), vectorOf(dim), vectorOf(dim), scalarAval, scalarAval, scalarAval, vectorOf(dim), ...blocks.map(square)],
  );
};

/** Where a step has its numbers. */
const memoriesOf = (inputs: readonly Memory[], outputs: readonly Memory[]): StepMemories => ({
  q: inputs[IN.q]!,
  p: inputs[IN.p]!,
  gradient: inputs[IN.gradient]!,
  momentumSum: inputs[IN.momentumSum]!,
  stepSize: inputs[IN.stepSize]!,
  reference: inputs[IN.reference]!,
  limit: inputs[IN.limit]!,
  energy: outputs[OUT.energy]!,
  potential: outputs[OUT.potential]!,
  weight: outputs[OUT.weight]!,
  velocity: outputs[OUT.velocity]!,
});

/** The memories of a chain by their positions. */
const inOrder = (own: OwnMemories): readonly Memory[] => {
  const names = Object.keys(OWN) as (keyof typeof OWN)[];
  return names.sort((a, b) => OWN[a] - OWN[b]).map((name) => own[name]);
};

/** What is around a step: what draws a momentum, what gathers positions, and a tree where its options are given. */
const aroundStep =
  (shape: MetricShape, options: TreeOptions | undefined): Repetition['around'] =>
  (inputs, outputs) => {
    const { dim, blocks } = shape;
    const own = makeOwnMemories(shape);
    const { factors, coordinates } = makeBlockMemories(shape);
    const metric = { variance: inputs[IN.variance]!, blocks: blocks.map((_, b) => inputs[IN.blocks + b]!), roots: own.roots, factors, coordinates };
    const tree = options && makeTree(memoriesOf(inputs, outputs), own, dim, options);
    return {
      // The tree's are in the order of TREE; what blocks need comes last.
      memories: [...inOrder(own), ...(tree?.memories ?? []), ...factors, ...coordinates],
      procedures: {
        seed: seedSteps(own),
        draw: drawSteps(own, metric),
        gather: gatherSteps(own, shape, coordinates),
        ...(tree === undefined ? {} : { tree: tree.steps }),
      },
    };
  };

/** Compiles a recorded step, with what is around it: a tree of such steps where its options are given. */
export const compileStep = (graph: Graph, shape: MetricShape, precision: Precision, tree?: TreeOptions): ModuleImage =>
  toImage(compileGraph(graph, { ...repetition, around: aroundStep(shape, tree) }, precision));
