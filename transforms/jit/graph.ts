/** A graph: a recorded program as an immutable list of kernel applications, each after those it reads. */
import { kindlingError } from '../../core/errors.ts';
import { evaluate as evaluateKernel, kernels, type Attrs, type Kernel } from '../../core/kernels/kernel.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { showShape } from '../../core/shape.ts';
import type { Aval } from '../../core/value.ts';

/** One value. Inputs and constants have no operands; every other is a kernel applied to earlier values, by position in the list. */
export type GraphNode =
  | { readonly kind: 'input'; readonly aval: Aval; readonly index: number }
  | { readonly kind: 'constant'; readonly aval: Aval; readonly value: NDArray }
  | { readonly kind: 'apply'; readonly aval: Aval; readonly kernel: Kernel; readonly operands: readonly number[]; readonly attrs: Attrs };

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** How many inputs there are; an unused one has no node. */
  readonly inputCount: number;
  readonly outputs: readonly number[];
}

const byName = new Map<string, Kernel>();

/** The kernel of a name. */
export const kernelNamed = (name: string): Kernel => {
  if (byName.size === 0) for (const kernel of kernels()) byName.set(kernel.name, kernel);
  const kernel = byName.get(name);
  if (kernel === undefined) throw kindlingError('Unsupported', { message: `there is no kernel named ${name}` });
  return kernel;
};

/** Runs a graph node by node in float64: the oracle of every pass and of the compiler. */
export const evaluateGraph = (graph: Graph, inputs: readonly NDArray[]): readonly NDArray[] => {
  if (inputs.length !== graph.inputCount) {
    throw kindlingError('InvalidArgument', { message: `a graph of ${graph.inputCount} inputs was given ${inputs.length}` });
  }
  const values: NDArray[] = [];
  for (const node of graph.nodes) {
    if (node.kind === 'input') values.push(inputs[node.index]!);
    else if (node.kind === 'constant') values.push(node.value);
    else
      values.push(
        evaluateKernel(
          node.kernel,
          node.operands.map((i) => values[i]!),
          node.attrs,
        ),
      );
  }
  return graph.outputs.map((i) => values[i]!);
};

const showAval = ({ shape, dtype }: Aval): string => `${dtype}${showShape(shape)}`;

const showAttrs = (attrs: Attrs): string => {
  const entries = Object.entries(attrs).filter(([, value]) => value !== undefined && value !== null);
  return entries.length === 0 ? '' : ` {${entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')}}`;
};

/** A graph as text, a line for each value. */
export const showGraph = (graph: Graph): string => {
  const line = (node: GraphNode): string => {
    if (node.kind === 'input') return `input ${node.index}`;
    if (node.kind === 'constant') return node.value.data.length === 1 ? String(node.value.data[0]) : 'constant';
    return `${node.kernel.name}(${node.operands.map((i) => `%${i}`).join(', ')})${showAttrs(node.attrs)}`;
  };
  const body = graph.nodes.map((node, i) => `%${i}: ${showAval(node.aval)} = ${line(node)}`);
  return [...body, `return ${graph.outputs.map((i) => `%${i}`).join(', ')}`].join('\n');
};
