/** Residuals: what a loop stacks for its gradient: what is carried into each time, and values whose derivative is read off them. */
import * as tf from '#tfjs';
import { sizeOf } from '../../core/shape.ts';
import * as ops from '../../core/ops/index.ts';
import { toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { neededBy, operandsOfNode, type Graph, type GraphNode, type LoopNode } from '../jit/graph.ts';
import { applyRecorded, replayWith, type ApplyLoop } from '../replayWith.ts';
import { isCarried } from './phases.ts';
import { withBackward } from './taped.ts';

type Arrays = readonly AnyArray[];

/** Values of no more numbers than this, over all times, are stacked rather than computed again. */
const MOST_STACKED = 2 ** 18;

/** Kernels that take some time, and whose derivative is a function of their result alone. */
const DEAR: ReadonlySet<string> = new Set(['Exp', 'Expm1', 'Tanh', 'Sigmoid', 'Sqrt', 'Rsqrt']);

const isDear = (node: GraphNode): node is GraphNode & { readonly kind: 'apply' } =>
  node.kind === 'apply' && DEAR.has(node.kernel.name) && node.kernel.saves.output && !node.kernel.saves.inputs;

/** The parts of a loop that are residuals. */
export interface Residuals {
  /** By carry, the part that stacks what is carried into each time; a carry that the body does not read needs none. */
  readonly carries: readonly (number | undefined)[];
  readonly values: readonly { readonly id: number; readonly part: number }[];
}

/** The position in the body of what is carried in, by carry. */
const carriedNodes = ({ body, fixedCount, carryCount }: LoopNode): readonly (number | undefined)[] => {
  const found = new Map(body.nodes.flatMap((node, id) => (node.kind === 'input' ? [[node.index, id] as const] : [])));
  return Array.from({ length: carryCount }, (_, k) => found.get(fixedCount + k));
};

/** The dear values that vary with what is carried: others are computed for all times at once anyway. */
const dearNodes = (node: LoopNode): readonly number[] => {
  const { nodes } = node.body;
  const varies: boolean[] = [];
  for (const own of nodes) varies.push(own.kind === 'input' ? isCarried(node, own.index) : operandsOfNode(own).some((operand) => varies[operand]!));
  const needed = neededBy(node.body);
  return nodes.flatMap((own, id) => (needed.has(id) && varies[id]! && isDear(own) && node.length * sizeOf(own.aval.shape) <= MOST_STACKED ? [id] : []));
};

/** Which parts of a loop are residuals. */
export const residualsOf = (node: LoopNode): Residuals => {
  const { body, carryCount } = node;
  const partOf = (id: number | undefined): number | undefined => {
    const part = id === undefined ? -1 : body.outputs.indexOf(id, carryCount);
    return part < 0 ? undefined : part;
  };
  const values = dearNodes(node).flatMap((id) => {
    const part = partOf(id);
    return part === undefined ? [] : [{ id, part }];
  });
  return { carries: carriedNodes(node).map(partOf), values };
};

/** The loop that also stacks its residuals. */
export const withResiduals = (node: LoopNode): LoopNode => {
  if (node.condition !== undefined) return node;
  const stacked = new Set(node.body.outputs.slice(node.carryCount));
  const wanted = [...carriedNodes(node).filter((id) => id !== undefined), ...dearNodes(node)];
  return { ...node, body: { ...node.body, outputs: [...node.body.outputs, ...wanted.filter((id) => !stacked.has(id))] } };
};

/** A kernel applied whose result is known: its gradient is read off the result. */
const applyKnowing = ({ kernel, attrs }: GraphNode & { readonly kind: 'apply' }, operands: Arrays, output: Value): AnyArray =>
  withBackward(
    operands.map((x) => toTensor(x)),
    () => [tf.clone(output)],
    ({ dys: [dy], inputs, results: [result] }) => {
      const gradients = kernel.vjp === 'zero' ? [] : kernel.vjp(ops, { dy: dy!, inputs, output: result!, attrs });
      return inputs.map((_, i) => {
        const gradient = gradients[i]?.();
        return gradient === undefined ? undefined : toTensor(gradient);
      });
    },
  )[0]!;

/** The outputs of a graph of which some values are known. */
export const replayKnowing = (graph: Graph, inputs: Arrays, known: ReadonlyMap<number, Value>, applyLoop: ApplyLoop): Arrays =>
  replayWith(applyLoop, (node, operands, id) => {
    const output = known.get(id);
    return output === undefined ? applyRecorded(node.kernel, operands, node.attrs) : applyKnowing(node, operands, output);
  })(graph, inputs);
