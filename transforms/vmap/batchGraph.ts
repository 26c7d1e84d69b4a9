/** Interpreting a recorded graph for all lanes at once, each kernel by its batching rule. */
import { kindlingError } from '../../core/errors.ts';
import { neededBy, operandsOfNode, type Graph, type GraphNode, type LoopNode } from '../jit/graph.ts';
import { applyRecorded } from '../replayWith.ts';
import { batchRules } from './batchRules.ts';
import { laneAval, type Operand } from './lanes.ts';

type Apply = GraphNode & { readonly kind: 'apply' };

/** All parts of a loop in all lanes. */
export type BatchLoop = (node: LoopNode, operands: readonly Operand[], size: number) => readonly Operand[];

const batchApply = ({ kernel, attrs }: Apply, operands: readonly Operand[], size: number): Operand => {
  const arrays = operands.map(({ x }) => x);
  if (!operands.some(({ isBatched }) => isBatched)) return { x: applyRecorded(kernel, arrays, attrs), isBatched: false };
  const rule = batchRules[kernel.name];
  if (rule === undefined) {
    throw kindlingError('Unsupported', {
      message: `kernel ${kernel.name} has no batching rule`,
      remedy: 'Compute this part outside of the function under vmap, or lane by lane',
    });
  }
  return { x: rule({ kernel, attrs, operands, size, lane: kernel.shape(operands.map(laneAval), attrs) }), isBatched: true };
};

const noLoops: BatchLoop = () => {
  throw kindlingError('Unsupported', { message: 'a loop was met where only kernels are batched' });
};

/**
 * The outputs of a graph in all lanes. What does not depend on a batched input is computed once.
 *
 * @param batchLoop - needed for a graph with loops
 */
export const batchGraph = (graph: Graph, inputs: readonly Operand[], size: number, batchLoop: BatchLoop = noLoops): readonly Operand[] => {
  const needed = neededBy(graph);
  const values = new Map<number, Operand>();
  const loops = new Map<number, readonly Operand[]>();
  graph.nodes.forEach((node, id) => {
    if (!needed.has(id)) return;
    const operands = (): readonly Operand[] => operandsOfNode(node).map((operand) => values.get(operand)!);
    if (node.kind === 'input') values.set(id, inputs[node.index]!);
    else if (node.kind === 'constant') values.set(id, { x: node.value, isBatched: false });
    else if (node.kind === 'part') values.set(id, loops.get(node.loop)![node.index]!);
    else if (node.kind === 'loop') loops.set(id, batchLoop(node, operands(), size));
    else values.set(id, batchApply(node, operands(), size));
  });
  return graph.outputs.map((id) => values.get(id)!);
};
