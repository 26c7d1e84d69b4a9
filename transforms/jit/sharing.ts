/** A graph without what no output needs, and with equal values as one: what is left for the compiler to do. */
import { neededBy, type Graph, type GraphNode } from './graph.ts';

/** A value that equals another one if both have this key. */
const keyOf = (node: GraphNode, idOf: (object: object) => number): string => {
  /** A setting that is a function is equal to itself alone; numbers that JSON has no text for keep apart. */
  const settingKey = (_: string, value: unknown): unknown => {
    if (typeof value === 'function') return idOf(value);
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `#${Object.is(value, -0) ? '-0' : value}` : value;
  };
  switch (node.kind) {
    case 'input':
      return `input ${node.index}`;
    case 'constant': {
      const { data, shape, dtype } = node.value;
      return data.length === 1 ? `${dtype} [${shape.join()}] ${Object.is(data[0], -0) ? '-0' : data[0]}` : `constant ${idOf(data)}`;
    }
    case 'part':
      return `part ${node.index} of ${node.loop}`;
    case 'loop':
      // Two loops are hardly ever the same.
      return `loop ${idOf(node)}`;
    case 'apply': {
      const attrs = JSON.stringify(node.attrs, settingKey);
      return `${node.kernel.name} ${attrs} (${node.operands.join()})`;
    }
  }
};

const renumbered = (node: GraphNode, at: (id: number) => number): GraphNode => {
  if (node.kind === 'part') return { ...node, loop: at(node.loop) };
  if (node.kind === 'loop') return { ...node, body: shareValues(node.body), operands: node.operands.map(at) };
  return node.kind === 'apply' ? { ...node, operands: node.operands.map(at) } : node;
};

/** The same function in as few values as can be seen without arithmetic. */
export const shareValues = (graph: Graph): Graph => {
  const needed = neededBy(graph);
  const nodes: GraphNode[] = [];
  const known = new Map<string, number>();
  const places: number[] = [];
  const ids = new Map<object, number>();
  const idOf = (object: object): number => {
    const id = ids.get(object) ?? ids.size;
    ids.set(object, id);
    return id;
  };
  graph.nodes.forEach((given, id) => {
    if (!needed.has(id)) return;
    const node = renumbered(given, (operand) => places[operand]!);
    const key = keyOf(node, idOf);
    const place = known.get(key) ?? nodes.push(node) - 1;
    known.set(key, place);
    places[id] = place;
  });
  return { ...graph, nodes, outputs: graph.outputs.map((id) => places[id]!) };
};
