/** Which products with a derivative must give 0 for a 0: those reached by a gradient that may be exactly 0 where the derivative is infinite. */
import { operandsOfNode, type Graph, type GraphNode } from './graph.ts';

export interface Guards {
  /**
   * The positions of MulNoNan that a program asks for itself, and of those in gradients whose first factor may be a 0 that stands for
   * "no gradient from here". Everywhere else it is a plain product, which the compiler can share and reorder.
   */
  readonly products: ReadonlySet<number>;
  /** The positions of all values that such a 0 has reached. */
  readonly selected: ReadonlySet<number>;
}

/** Kernels that put a 0 where a branch was not taken or an element not read. */
const ZEROING: ReadonlySet<string> = new Set(['Select', 'PadV2', 'UnsortedSegmentSum', 'OneHot', 'Step']);

const makesZeros = (node: GraphNode, { nodes }: Graph): boolean =>
  node.kind === 'apply' && (ZEROING.has(node.kernel.name) || (node.kernel.name === 'Cast' && nodes[node.operands[0]!]!.aval.dtype === 'bool'));

/** 0.5 / √x, infinite where the gradient of a norm is 0. */
const isSlopeOfRoot = (node: GraphNode, { nodes }: Graph): boolean => {
  const divisor = node.kind === 'apply' && node.kernel.name === 'RealDiv' ? nodes[node.operands[1]!]! : undefined;
  return divisor?.kind === 'apply' && divisor.kernel.name === 'Sqrt';
};

/** A factor that is given, and has or may have a 0 in it. */
const isGivenZero = (node: GraphNode): boolean => node.kind === 'input' || (node.kind === 'constant' && node.value.data.includes(0));

/** Follows zeros through a graph. The inputs for which `isSelected` holds come from one outside that has them. */
export const guardsOf = (graph: Graph, isSelected: (input: number) => boolean = () => false): Guards => {
  const selected = new Set<number>();
  const products = new Set<number>();
  graph.nodes.forEach((node, i) => {
    const isFromOutside = node.kind === 'input' && isSelected(node.index);
    // What a loop carries may have gone through a selection within it.
    if (makesZeros(node, graph) || isFromOutside || node.kind === 'part' || operandsOfNode(node).some((operand) => selected.has(operand))) selected.add(i);
    if (node.kind !== 'apply' || node.kernel.name !== 'MulNoNan') return;
    const [factor, derivative] = node.operands.map((operand) => graph.nodes[operand]!) as [GraphNode, GraphNode];
    const isAsked = node.attrs['isGradient'] !== true;
    if (isAsked || selected.has(node.operands[0]!) || isGivenZero(factor) || isSlopeOfRoot(derivative, graph)) products.add(i);
  });
  return { products, selected };
};
