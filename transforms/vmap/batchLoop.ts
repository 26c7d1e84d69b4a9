/** Batching a loop with a body: the body is recorded anew, for all lanes at once. */
import * as ops from '../../core/ops/index.ts';
import { avalOf, type AnyArray, type Aval } from '../../core/value.ts';
import { operandsOfNode, type Graph, type LoopNode } from '../jit/graph.ts';
import { recordBody } from '../jit/record.ts';
import { applyLoop } from '../scan/applyLoop.ts';
import { batchGraph, type BatchLoop } from './batchGraph.ts';
import { moveAxis, spread, type Operand } from './lanes.ts';

/**
 * Which inputs of a loop's body differ between lanes. What is carried does if it does so at first, or once the body has run: to be asked
 * until no more do. Where lanes end at different times, all that is carried differs.
 */
const bodyInputs = (node: LoopNode, inputs: readonly boolean[]): readonly boolean[] => {
  const { body, fixedCount, carryCount, condition } = node;
  const after = dependsOnLanes(body, inputs);
  const endsApart = condition !== undefined && after[condition]!;
  const next = inputs.map((depends, i) => depends || (i >= fixedCount && i < fixedCount + carryCount && (endsApart || after[i - fixedCount]!)));
  return next.every((depends, i) => depends === inputs[i]) ? inputs : bodyInputs(node, next);
};

/** Which values of a graph differ between lanes, by which of its inputs do. */
export const lanesWithin = (graph: Graph, inputs: readonly boolean[]): readonly boolean[] => {
  const depends: boolean[] = [];
  const parts = new Map<number, readonly boolean[]>();
  graph.nodes.forEach((node, id) => {
    const operands = operandsOfNode(node).map((operand) => depends[operand]!);
    if (node.kind === 'input') depends.push(inputs[node.index]!);
    else if (node.kind === 'part') depends.push(parts.get(node.loop)![node.index]!);
    else depends.push(operands.includes(true));
    if (node.kind !== 'loop') return;
    const own = bodyInputs(node, operands);
    const carried = own.slice(node.fixedCount, node.fixedCount + node.carryCount);
    parts.set(id, [...carried, ...dependsOnLanes(node.body, own).slice(node.carryCount)]);
  });
  return depends;
};

/** Which outputs of a graph differ between lanes. */
const dependsOnLanes = (graph: Graph, inputs: readonly boolean[]): readonly boolean[] => {
  const depends = lanesWithin(graph, inputs);
  return graph.outputs.map((id) => depends[id]!);
};

const sliceAval = ({ shape, dtype }: Aval): Aval => ({ shape: shape.slice(1), dtype });

/** `a` in the lanes where `isTaken`, of shape `[lanes]`, holds, else `b`. */
const choose = (isTaken: AnyArray, a: AnyArray, b: AnyArray): AnyArray =>
  ops.where(
    ops.reshape(
      isTaken,
      a.shape.map((extent, i) => (i === 0 ? extent : 1)),
    ),
    a,
    b,
  );

/** What a loop stacks has the times before the lanes while it runs. */
export const batchLoop: BatchLoop = (node, operands, size) => {
  const { body, fixedCount, carryCount, condition } = node;
  const isSlice = (input: number): boolean => input >= fixedCount + carryCount;
  const inputs = bodyInputs(
    node,
    operands.map(({ isBatched }) => isBatched),
  );
  const arrays = operands.map((operand, i): AnyArray => {
    if (isSlice(i)) return operand.isBatched ? moveAxis(operand.x, 0, 1) : operand.x;
    return i >= fixedCount && inputs[i] ? spread(operand, size) : operand.x;
  });

  const lanesOfBody = (values: readonly AnyArray[]): readonly AnyArray[] => {
    const outputs = batchGraph(
      body,
      values.map((x, i) => ({ x, isBatched: inputs[i]! })),
      size,
      batchLoop,
    );
    const goesOn = condition === undefined || !outputs[condition]!.isBatched ? undefined : outputs[condition]!.x;
    return outputs.map((output, i) => {
      if (i === condition && goesOn !== undefined) return ops.any(ops.cast(goesOn, 'bool'));
      const input = fixedCount + i;
      if (i >= carryCount || !inputs[input]) return output.x;
      // A lane that has ended keeps what it carries until all have.
      return goesOn === undefined ? spread(output, size) : choose(goesOn, spread(output, size), values[input]!);
    });
  };
  const { graph, captured } = recordBody(
    lanesOfBody,
    arrays.map((x, i) => (isSlice(i) ? sliceAval(avalOf(x)) : avalOf(x))),
  );
  const stacks = dependsOnLanes(body, inputs);
  const loop: LoopNode = { ...node, body: graph, operands: [], fixedCount: captured.length + fixedCount };
  return applyLoop(loop, [...captured, ...arrays]).map((x, i): Operand => {
    if (i < carryCount) return { x, isBatched: inputs[fixedCount + i]! };
    return stacks[i] ? { x: moveAxis(x, 1, 0), isBatched: true } : { x, isBatched: false };
  });
};
