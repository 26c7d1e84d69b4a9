/** Which products with a derivative must give 0 for a 0: those reached by a gradient that came through a selection. */
import type { Graph } from './graph.ts';

/**
 * The positions of MulNoNan whose first factor may be a 0 that a branch not taken sent back. Everywhere else it is a plain product,
 * which the compiler can share and reorder.
 */
export const guardedProducts = (graph: Graph): ReadonlySet<number> => {
  const tainted = new Set<number>();
  const guarded = new Set<number>();
  graph.nodes.forEach((node, i) => {
    if (node.kind !== 'apply') return;
    if (node.kernel.name === 'Select' || node.operands.some((operand) => tainted.has(operand))) tainted.add(i);
    if (node.kernel.name === 'MulNoNan' && tainted.has(node.operands[0]!)) guarded.add(i);
  });
  return guarded;
};
