/** A graph: a recorded program as an immutable list of kernel applications, each after those it reads. */
import { kindlingError } from '../../core/errors.ts';
import { evaluate as evaluateKernel, type Attrs, type Kernel } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { ndarrayDType, type Aval } from '../../core/value.ts';

/** A body that runs `length` times. Its inputs are the fixed operands, then what is carried from one time to the next, then slices along the leading axis of the rest. */
export interface LoopNode {
  readonly kind: 'loop';
  /** Of nothing: a loop's results are its parts. */
  readonly aval: Aval;
  readonly length: number;
  /** The last slices come first, and what is stacked stands where they came from. */
  readonly reverse: boolean;
  /** Its outputs are what is carried on, then what is stacked along a new leading axis. */
  readonly body: Graph;
  readonly operands: readonly number[];
  readonly fixedCount: number;
  readonly carryCount: number;
  /** The output, a scalar, that is 0 at a time that ends the loop and does not count; then `length` is the most times, and nothing is stacked. */
  readonly condition?: number | undefined;
}

/** One value. Inputs and constants have no operands; every other is a kernel applied to earlier values, by position in the list. */
export type GraphNode =
  | { readonly kind: 'input'; readonly aval: Aval; readonly index: number }
  | { readonly kind: 'constant'; readonly aval: Aval; readonly value: NDArray }
  | { readonly kind: 'apply'; readonly aval: Aval; readonly kernel: Kernel; readonly operands: readonly number[]; readonly attrs: Attrs }
  | LoopNode
  /** One result of a loop: what is carried at its end, then the stacked ones. */
  | { readonly kind: 'part'; readonly aval: Aval; readonly loop: number; readonly index: number };

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** How many inputs there are; an unused one has no node. */
  readonly inputCount: number;
  readonly outputs: readonly number[];
}

/** The values that a node reads. */
export const operandsOfNode = (node: GraphNode): readonly number[] => (node.kind === 'part' ? [node.loop] : 'operands' in node ? node.operands : []);

/** Slice `i` along the leading axis. */
const sliceOf = ({ shape, data, dtype }: NDArray, i: number): NDArray => {
  const rest = shape.slice(1);
  const size = sizeOf(rest);
  return makeNDArray(data.slice(i * size, (i + 1) * size), rest, dtype);
};

/** All parts of a loop for its operands, in float64. */
export const evaluateLoop = ({ length, reverse, body, fixedCount, carryCount, condition }: LoopNode, operands: readonly NDArray[]): readonly NDArray[] => {
  const fixed = operands.slice(0, fixedCount);
  const xs = operands.slice(fixedCount + carryCount);
  let carry = operands.slice(fixedCount, fixedCount + carryCount);
  const avals = body.outputs.slice(condition === undefined ? carryCount : body.outputs.length).map((id) => body.nodes[id]!.aval);
  const stacked = avals.map(({ shape }) => new Float64Array(length * sizeOf(shape)));
  for (let time = 0; time < length; time++) {
    const i = reverse ? length - 1 - time : time;
    const results = evaluateGraph(body, [...fixed, ...carry, ...xs.map((x) => sliceOf(x, i))]);
    if (condition !== undefined && results[condition]!.item() === 0) break;
    carry = results.slice(0, carryCount);
    stacked.forEach((all, k) => all.set(results[carryCount + k]!.data, (i * all.length) / length));
  }
  return [...carry, ...stacked.map((data, k) => makeNDArray(data, [length, ...avals[k]!.shape], ndarrayDType(avals[k]!.dtype)))];
};

/** The positions of the values that lead to an output. */
export const neededBy = ({ nodes, outputs }: Graph): ReadonlySet<number> => {
  const needed = new Set(outputs);
  for (let id = nodes.length - 1; id >= 0; id--) if (needed.has(id)) for (const operand of operandsOfNode(nodes[id]!)) needed.add(operand);
  return needed;
};

/** Runs a graph node by node in float64: the oracle of every pass and of the compiler. */
export const evaluateGraph = (graph: Graph, inputs: readonly NDArray[]): readonly NDArray[] => {
  if (inputs.length !== graph.inputCount) {
    throw kindlingError('InvalidArgument', { message: `a graph of ${graph.inputCount} inputs was given ${inputs.length}` });
  }
  const loops = new Map<number, readonly NDArray[]>();
  const values: NDArray[] = [];
  const nothing = makeNDArray(new Float64Array(0), [0]);
  const needed = neededBy(graph);
  graph.nodes.forEach((node, id) => {
    const operands = (): readonly NDArray[] => operandsOfNode(node).map((i) => values[i]!);
    if (!needed.has(id)) values.push(nothing);
    else if (node.kind === 'input') values.push(inputs[node.index]!);
    else if (node.kind === 'constant') values.push(node.value);
    else if (node.kind === 'part') values.push(loops.get(node.loop)![node.index]!);
    else if (node.kind === 'loop') {
      loops.set(id, evaluateLoop(node, operands()));
      values.push(nothing);
    } else values.push(evaluateKernel(node.kernel, operands(), node.attrs));
  });
  return graph.outputs.map((i) => values[i]!);
};

const showAval = ({ shape, dtype }: Aval): string => `${dtype}${showShape(shape)}`;

const showAttrs = (attrs: Attrs): string => {
  const entries = Object.entries(attrs).filter(([, value]) => value !== undefined && value !== null);
  return entries.length === 0 ? '' : ` {${entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')}}`;
};

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

/** A graph as text, a line for each value. */
export const showGraph = (graph: Graph): string => {
  const line = (node: GraphNode): string => {
    const operands = operandsOfNode(node)
      .map((i) => `%${i}`)
      .join(', ');
    if (node.kind === 'input') return `input ${node.index}`;
    if (node.kind === 'constant') return node.value.data.length === 1 ? String(node.value.data[0]) : 'constant';
    if (node.kind === 'part') return `part ${node.index} of ${operands}`;
    if (node.kind === 'loop')
      return `loop ${node.length} times${node.reverse ? ' in reverse' : ''}, ${node.fixedCount} fixed, ${node.carryCount} carried (${operands})\n${indent(showGraph(node.body))}`;
    return `${node.kernel.name}(${operands})${showAttrs(node.attrs)}`;
  };
  const body = graph.nodes.map((node, i) => `%${i}: ${showAval(node.aval)} = ${line(node)}`);
  return [...body, `return ${graph.outputs.map((i) => `%${i}`).join(', ')}`].join('\n');
};
