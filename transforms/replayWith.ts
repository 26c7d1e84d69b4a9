/** Replaying a recorded graph with a given way to apply its loops. */
import { kindlingError } from '../core/errors.ts';
import type { Attrs, Kernel } from '../core/kernels/kernel.ts';
import { apply } from '../core/ops/apply.ts';
import { asArray, toNDArray, type AnyArray } from '../core/value.ts';
import { neededBy, operandsOfNode, type Graph, type GraphNode, type LoopNode } from './jit/graph.ts';
import { isRecording } from './jit/record.ts';

/** All parts of a loop for its operands: what is carried at the end, then what is stacked. */
export type ApplyLoop = (node: LoopNode, operands: readonly AnyArray[]) => readonly AnyArray[];

/** The value at a position of a graph, for its operands. */
export type ApplyNode = (node: GraphNode & { readonly kind: 'apply' }, operands: readonly AnyArray[], id: number) => AnyArray;

/** The outputs of a graph for its inputs. */
export type Replay = (graph: Graph, inputs: readonly AnyArray[]) => readonly AnyArray[];

/**
 * Applies a kernel of a recorded graph. Random words have 32 bits, which tensors do not hold: outside a recording their counters are read
 * back, as nothing is differentiated by them.
 */
export const applyRecorded = (kernel: Kernel, operands: readonly AnyArray[], attrs: Attrs): AnyArray =>
  apply(kernel, kernel.name === 'ThreefryWord' && !isRecording() ? operands.map(toNDArray) : operands, attrs);

/**
 * The outputs of a graph for inputs of any form: NDArrays where all that an output depends on are NDArrays, else tensors. What no output
 * needs is not computed.
 */
export const replayWith =
  (applyLoop: ApplyLoop, applyNode: ApplyNode = ({ kernel, attrs }, operands) => applyRecorded(kernel, operands, attrs)): Replay =>
  (graph, inputs) => {
    if (inputs.length !== graph.inputCount) {
      throw kindlingError('InvalidArgument', { message: `a graph of ${graph.inputCount} inputs was given ${inputs.length}` });
    }
    const needed = neededBy(graph);
    const values = new Map<number, AnyArray>();
    const loops = new Map<number, readonly AnyArray[]>();
    graph.nodes.forEach((node, id) => {
      if (!needed.has(id)) return;
      const operands = (): readonly AnyArray[] => operandsOfNode(node).map((operand) => values.get(operand)!);
      if (node.kind === 'input') values.set(id, asArray(inputs[node.index]!));
      else if (node.kind === 'constant') values.set(id, node.value);
      else if (node.kind === 'part') values.set(id, loops.get(node.loop)![node.index]!);
      else if (node.kind === 'loop') loops.set(id, applyLoop(node, operands()));
      else values.set(id, applyNode(node, operands(), id));
    });
    return graph.outputs.map((id) => values.get(id)!);
  };
