/** Which products with a derivative must give 0 for a 0: those reached by a gradient that came through a selection. */
import { operandsOfNode, type Graph } from './graph.ts';

export interface Guards {
  /**
   * The positions of MulNoNan whose first factor may be a 0 that a branch not taken sent back. Everywhere else it is a plain product,
   * which the compiler can share and reorder.
   */
  readonly products: ReadonlySet<number>;
  /** The positions of all values that a selection has reached. */
  readonly selected: ReadonlySet<number>;
}

/** Follows selections through a graph. The inputs for which `isSelected` holds come from one outside. */
export const guardsOf = (graph: Graph, isSelected: (input: number) => boolean = () => false): Guards => {
  const selected = new Set<number>();
  const products = new Set<number>();
  graph.nodes.forEach((node, i) => {
    const isSelection = node.kind === 'apply' && node.kernel.name === 'Select';
    const isFromOutside = node.kind === 'input' && isSelected(node.index);
    // What a loop carries may have gone through a selection within it.
    if (isSelection || isFromOutside || node.kind === 'part' || operandsOfNode(node).some((operand) => selected.has(operand))) selected.add(i);
    if (node.kind === 'apply' && node.kernel.name === 'MulNoNan' && selected.has(node.operands[0]!)) products.add(i);
  });
  return { products, selected };
};
