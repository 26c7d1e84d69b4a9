/** Pruning a graph: what no output needs goes, within the bodies of loops too: parts that nobody reads, and what was carried for them. */
import { operandsOfNode, type Graph, type GraphNode, type LoopNode } from './graph.ts';

/** A loop of which only some parts are left. */
interface Pruned {
  readonly node: LoopNode;
  /** The new index of each part that is left. */
  readonly parts: ReadonlyMap<number, number>;
}

/** The inputs that lead to some outputs of a body. */
const inputsFor = (body: Graph, outputs: readonly number[]): ReadonlySet<number> =>
  new Set(prune({ ...body, outputs }).nodes.flatMap((node) => (node.kind === 'input' ? [node.index] : [])));

const pruneLoop = (node: LoopNode, wanted: ReadonlySet<number>): Pruned => {
  const { body, fixedCount, carryCount, condition } = node;
  const kept = new Set([...wanted, ...(condition === undefined ? [] : [condition])]);
  let inputs: ReadonlySet<number>;
  // What is carried is needed where anything that is kept reads it.
  for (;;) {
    inputs = inputsFor(
      body,
      [...kept].map((part) => body.outputs[part]!),
    );
    const more = [...inputs].map((input) => input - fixedCount).filter((k) => k >= 0 && k < carryCount && !kept.has(k));
    if (more.length === 0) break;
    for (const k of more) kept.add(k);
  }
  const isCarried = (input: number): boolean => input >= fixedCount && input < fixedCount + carryCount;
  const left = Array.from({ length: body.inputCount }, (_, i) => i).filter((i) => (isCarried(i) ? kept.has(i - fixedCount) : inputs.has(i)));
  const places = new Map(left.map((input, i) => [input, i]));
  const parts = [...kept].sort((x, y) => x - y);
  const inner = prune({ ...body, outputs: parts.map((part) => body.outputs[part]!) });
  const nodes = inner.nodes.map((own) => (own.kind === 'input' ? { ...own, index: places.get(own.index)! } : own));
  return {
    node: {
      ...node,
      body: { nodes, inputCount: left.length, outputs: inner.outputs },
      operands: left.map((i) => node.operands[i]!),
      fixedCount: left.filter((i) => i < fixedCount).length,
      carryCount: left.filter(isCarried).length,
      condition: condition === undefined ? undefined : parts.indexOf(condition),
    },
    parts: new Map(parts.map((part, i) => [part, i])),
  };
};

/** The graph with nothing in it that its outputs do not need. Its inputs keep their numbers. */
export const prune = (graph: Graph): Graph => {
  const needed = new Set(graph.outputs);
  const wanted = new Map<number, Set<number>>();
  const loops = new Map<number, Pruned>();
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id]!;
    if (!needed.has(id)) continue;
    if (node.kind === 'part') {
      const parts = wanted.get(node.loop) ?? new Set<number>();
      wanted.set(node.loop, parts.add(node.index));
    }
    if (node.kind === 'loop') loops.set(id, pruneLoop(node, wanted.get(id) ?? new Set()));
    for (const operand of operandsOfNode(loops.get(id)?.node ?? node)) needed.add(operand);
  }
  const places = new Map<number, number>();
  const nodes: GraphNode[] = [];
  const place = (id: number): number => places.get(id)!;
  graph.nodes.forEach((node, id) => {
    if (!needed.has(id)) return;
    const own = loops.get(id)?.node ?? node;
    places.set(id, nodes.length);
    if (own.kind === 'part') nodes.push({ ...own, loop: place(own.loop), index: loops.get(own.loop)!.parts.get(own.index)! });
    else nodes.push('operands' in own ? { ...own, operands: own.operands.map(place) } : own);
  });
  return { nodes, inputCount: graph.inputCount, outputs: graph.outputs.map(place) };
};
