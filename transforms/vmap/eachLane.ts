/** Compiling vmap as a loop over the lanes, where what one lane does fuses into fewer passes than what all do together. */
import * as tf from '#tfjs';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toTensor, type AnyArray } from '../../core/value.ts';
import { neededBy, operandsOfNode, type Graph, type GraphNode } from '../jit/graph.ts';
import { isLayout } from '../jit/indexMaps.ts';
import { isRecording } from '../jit/record.ts';
import { appendLoop } from '../jit/recordLoop.ts';
import { batchGraph } from './batchGraph.ts';
import { batchLoop, lanesWithin } from './batchLoop.ts';
import type { Operand } from './lanes.ts';

/** Numbers of a matrix from which on a product with it is worth a pass over it for each lane; and up to which it stays in a cache meanwhile. */
const [LEAST_SHARED, MOST_SHARED] = [2 ** 10, 2 ** 20];

const isVector = (shape: Shape): boolean => shape.filter((extent) => extent > 1).length <= 1;

/**
 * Whether a graph multiplies a matrix that the lanes share with a vector of each. In one lane that fuses with what the product is used for,
 * and is never stored; for all lanes it is a product of matrices, stored, and passed over again.
 */
const hasSharedProducts = (graph: Graph, depends: readonly boolean[]): boolean => {
  const { nodes } = graph;
  return [...neededBy(graph)].some((id) => {
    const node = nodes[id]!;
    if (node.kind !== 'apply' || !depends[id] || !(node.kernel.name === 'BatchMatMul' || node.kernel.name === 'Einsum')) return false;
    const shared = Math.max(0, ...node.operands.filter((operand) => !depends[operand]).map((operand) => sizeOf(nodes[operand]!.aval.shape)));
    return isVector(node.aval.shape) && shared >= LEAST_SHARED && shared <= MOST_SHARED;
  });
};

/** A graph of what differs between lanes. Its first inputs are those that are the same in all, then what was taken from around it. */
interface Lane {
  readonly graph: Graph;
  readonly taken: readonly number[];
}

/** What differs between lanes, apart from what does not; layouts and constants cost nothing where they are read. */
const laneOf = ({ nodes, inputCount }: Graph, depends: readonly boolean[], outputs: readonly number[], fixedCount: number): Lane => {
  const stays = (id: number): boolean => {
    const node = nodes[id]!;
    return depends[id]! || node.kind === 'input' || node.kind === 'constant' || (node.kind === 'apply' && isLayout(node.kernel.name));
  };
  const within = new Set<number>();
  const taken = new Set<number>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const id = stack.pop()!;
    if (within.has(id) || taken.has(id)) continue;
    if (stays(id)) {
      within.add(id);
      stack.push(...operandsOfNode(nodes[id]!));
    } else taken.add(id);
  }
  const own: GraphNode[] = [];
  const places = new Map<number, number>();
  [...taken].forEach((id, i) => places.set(id, own.push({ kind: 'input', aval: nodes[id]!.aval, index: fixedCount + i }) - 1));
  const place = (id: number): number => places.get(id)!;
  nodes.forEach((node, id) => {
    if (!within.has(id)) return;
    const moved = (): GraphNode => {
      if (node.kind === 'input') return node.index < fixedCount ? node : { ...node, index: node.index + taken.size };
      if (node.kind === 'part') return { ...node, loop: place(node.loop) };
      return 'operands' in node ? { ...node, operands: node.operands.map(place) } : node;
    };
    places.set(id, own.push(moved()) - 1);
  });
  return { graph: { nodes: own, inputCount: inputCount + taken.size, outputs: outputs.map(place) }, taken: [...taken] };
};

/**
 * The outputs of a graph as a loop over its lanes; `undefined` where they are to be computed together.
 *
 * @param inputs - those that are the same in all lanes come first
 */
export const loopOverLanes = (graph: Graph, inputs: readonly Operand[], size: number): readonly Operand[] | undefined => {
  // A gradient under way would have to see the loop.
  if (!isRecording() || tf.engine().state.gradientDepth > 0) return undefined;
  const depends = lanesWithin(
    graph,
    inputs.map(({ isBatched }) => isBatched),
  );
  if (!hasSharedProducts(graph, depends)) return undefined;
  const fixed = inputs.filter(({ isBatched }) => !isBatched);
  const different = graph.outputs.filter((id) => depends[id]!);
  const same = graph.outputs.filter((id) => !depends[id]!);
  const lane = laneOf(graph, depends, different, fixed.length);
  const once = batchGraph({ ...graph, outputs: [...lane.taken, ...same] }, inputs, size, batchLoop).map(({ x }) => x);
  const { stacked } = appendLoop(
    { body: lane.graph, length: size },
    {
      fixed: [...fixed.map(({ x }) => x), ...once.slice(0, lane.taken.length)].map((x) => toTensor(x)),
      init: [],
      xs: inputs.filter(({ isBatched }) => isBatched).map(({ x }) => toTensor(x)),
    },
  );
  const found = new Map<number, AnyArray>([
    ...different.map((id, i) => [id, stacked[i]!] as const),
    ...same.map((id, i) => [id, once[lane.taken.length + i]!] as const),
  ]);
  return graph.outputs.map((id) => ({ x: found.get(id)!, isBatched: depends[id]! }));
};
