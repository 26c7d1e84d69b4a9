/** How each value of a graph is had: computed where it is read, or kept whole in memory, and then filled by what. */
import { variates } from '../../core/loop/functions/variates.ts';
import { parseEquation } from '../../core/kernels/linalg.ts';
import { axesOf } from '../../core/kernels/reduce.ts';
import { sameShape, sizeOf, type Shape } from '../../core/shape.ts';
import { operandsOfNode, type Graph, type GraphNode } from './graph.ts';
import { isLayout, piecesOf, sourceOf } from './indexMaps.ts';
import { procedureRules } from './procedures/index.ts';
import { elementwiseRules } from './rules.ts';

/** `inline`: an expression of its index; `stored`: that expression, in memory; the others are in memory, filled by code of their own. */
export type Form = 'inline' | 'stored' | 'pieces' | 'procedure' | 'product' | 'part';

/** Kernels so dear that their values are kept rather than computed wherever they are read. */
const DEAR: ReadonlySet<string> = new Set([
  'ThreefryWord',
  ...Object.keys(variates),
  'RandomGammaGrad',
  'RandomVonMisesGrad',
  'VonMisesCdf',
  'Erfinv',
  'Ndtri',
  'Gammainc',
  'Gammaincc',
  'GammaincDa',
  'GammaincDx',
  'GammaincInv',
  'Betainc',
  'BetaincDa',
  'BetaincDb',
  'BetaincDx',
  'BetaincInv',
  'Polygamma',
]);

const long = (shape: Shape): number => shape.filter((extent) => extent > 1).length;

/** Whether a value sums over something and varies along two axes or more: computed within a loop it would be one loop too many. */
const isMatrixOfSums = (node: GraphNode & { kind: 'apply' }, shapes: readonly Shape[]): boolean => {
  const { kernel, attrs, aval } = node;
  if (long(aval.shape) < 2) return false;
  if (kernel.name === 'Sum' || kernel.name === 'Mean') {
    const axes = axesOf(attrs, shapes[0]!.length);
    return axes.some((axis) => shapes[0]![axis]! > 1);
  }
  if (kernel.name !== 'Einsum') return false;
  const { inputs, output } = parseEquation(attrs['equation'] as string);
  return inputs.some((labels, k) => [...labels].some((label, i) => !output.includes(label) && shapes[k]![i]! > 1));
};

/** Extremes of no more values than this are a chain of comparisons, computed where they are read. */
const SHORT = 8;

/** Whether a value is the largest or the least of a few. */
export const isShortExtreme = (node: GraphNode, shape: Shape): boolean =>
  node.kind === 'apply' &&
  (node.kernel.name === 'Max' || node.kernel.name === 'Min') &&
  axesOf(node.attrs, shape.length).reduce((count, axis) => count * shape[axis]!, 1) <= SHORT;

/** Kernels of which several may be computed again rather than kept. */
const CHEAP: ReadonlySet<string> = new Set(['Add', 'Sub', 'Multiply', 'Neg', 'Maximum', 'Minimum', 'Abs']);

/** Whether a value is so cheap that it may be computed for each of several reads. */
const isCheap = (graph: Graph, forms: readonly Form[], root: number): boolean => {
  const stack = [root];
  for (let count = 0; stack.length > 0; count++) {
    const id = stack.pop()!;
    const node = graph.nodes[id]!;
    if (node.kind !== 'apply' || forms[id] !== 'inline') continue;
    if (count > SHORT || !(CHEAP.has(node.kernel.name) || isLayout(node.kernel.name))) return false;
    stack.push(...node.operands);
  }
  return true;
};

const formOf = (node: GraphNode, graph: Graph): Form => {
  if (node.kind === 'part') return 'part';
  if (node.kind !== 'apply' || sizeOf(node.aval.shape) === 0) return 'inline';
  const { kernel, operands, attrs } = node;
  const shapes = operands.map((id) => graph.nodes[id]!.aval.shape);
  if (piecesOf(node, graph) !== undefined) return 'pieces';
  if (kernel.name === 'BatchMatMul') {
    const inner = shapes[0]!.at(attrs['transposeA'] === true ? -2 : -1)!;
    return long(node.aval.shape) >= 2 && inner > 1 ? 'product' : 'inline';
  }
  if (kernel.name === 'Einsum') {
    const { output } = parseEquation(attrs['equation'] as string);
    // Of a label that the output has twice only the diagonal is a sum; the rest is 0.
    return new Set(output).size < output.length ? 'procedure' : isMatrixOfSums(node, shapes) ? 'stored' : 'inline';
  }
  if (isLayout(kernel.name) && (kernel.name !== 'Tile' || shapes[0]!.every((extent, i) => extent === 1 || (attrs['reps'] as Shape)[i] === 1))) return 'inline';
  if (isShortExtreme(node, shapes[0]!)) return 'inline';
  if (DEAR.has(kernel.name) || isMatrixOfSums(node, shapes)) return 'stored';
  return kernel.name in procedureRules ? 'procedure' : 'inline';
};

/** The dear values that are read once, element by element, on the way to a value that is kept: there is no other place where they would be computed. */
const readOnce = (graph: Graph, forms: readonly Form[]): readonly number[] => {
  const { nodes } = graph;
  const readers = nodes.map((): number[] => []);
  nodes.forEach((node, id) => operandsOfNode(node).forEach((operand) => readers[operand]!.push(id)));
  const isOutput = new Set(graph.outputs);
  const leadsToKept = (id: number): boolean => {
    for (let at = id; readers[at]!.length === 1 && !isOutput.has(at);) {
      const next = readers[at]![0]!;
      const node = nodes[next]!;
      if (node.kind !== 'apply' || elementwiseRules[node.kernel.name] === undefined || !sameShape(node.aval.shape, nodes[at]!.aval.shape)) return false;
      if (forms[next] === 'stored' || (isOutput.has(next) && readers[next]!.length === 0)) return true;
      at = next;
    }
    return false;
  };
  return nodes.flatMap((node, id) => (node.kind === 'apply' && forms[id] === 'stored' && DEAR.has(node.kernel.name) && leadsToKept(id) ? [id] : []));
};

/**
 * The form of every value. What code of its own reads whole, or an extreme of a few reads several times, is kept too: others then load it,
 * rather than compute it again. So is what the body of a loop gives, where it is dear and others read it too.
 */
export const formsOf = (graph: Graph, isBody: boolean = false): readonly Form[] => {
  const forms = graph.nodes.map((node) => formOf(node, graph));
  if (isBody) {
    const read = new Set(graph.nodes.flatMap(operandsOfNode));
    for (const id of graph.outputs)
      if (read.has(id) && forms[id] === 'inline' && graph.nodes[id]!.kind === 'apply' && !isCheap(graph, forms, id)) forms[id] = 'stored';
  }
  graph.nodes.forEach((node, id) => {
    const isDearExtreme = (): boolean =>
      node.kind === 'apply' && isShortExtreme(node, graph.nodes[node.operands[0]!]!.aval.shape) && !isCheap(graph, forms, node.operands[0]!);
    if (forms[id] !== 'procedure' && forms[id] !== 'product' && node.kind !== 'loop' && !isDearExtreme()) return;
    for (const operand of operandsOfNode(node)) {
      const own = sourceOf(graph, operand);
      if (graph.nodes[own]!.kind === 'apply' && forms[own] === 'inline' && sizeOf(graph.nodes[own]!.aval.shape) > 0) forms[own] = 'stored';
    }
  });
  for (const id of readOnce(graph, forms)) forms[id] = 'inline';
  return forms;
};
