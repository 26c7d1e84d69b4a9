/** Fission of a loop: what no time needs from the time before is computed for all times at once, before the loop or after it. */
import * as ops from '../../core/ops/index.ts';
import type { AnyArray } from '../../core/value.ts';
import { operandsOfNode, type Graph, type GraphNode, type LoopNode } from '../jit/graph.ts';
import { prune } from '../jit/prune.ts';
import { batchGraph } from '../vmap/batchGraph.ts';
import { spread, type Operand } from '../vmap/lanes.ts';
import { isCarried, keptFor, phasesOf, takenBy } from './phases.ts';
import { shiftedCarries, withoutShifts } from './shifts.ts';

type Arrays = readonly AnyArray[];

/** Applies a loop to its operands. */
export type Apply = (node: LoopNode, operands: Arrays) => Arrays;

/** A graph of some of a body's values, whose inputs are others of them; an input that the body does not have is `undefined`. */
const subgraph = (body: Graph, inputs: readonly (number | undefined)[], isWithin: (id: number) => boolean, outputs: readonly number[]): Graph => {
  const nodes: GraphNode[] = [];
  const places = new Map<number, number>();
  const place = (id: number): number => places.get(id)!;
  inputs.forEach((id, index) => {
    if (id !== undefined) places.set(id, nodes.push({ kind: 'input', aval: body.nodes[id]!.aval, index }) - 1);
  });
  body.nodes.forEach((node, id) => {
    if (places.has(id) || !isWithin(id)) return;
    const own = node.kind === 'part' ? { ...node, loop: place(node.loop) } : 'operands' in node ? { ...node, operands: node.operands.map(place) } : node;
    places.set(id, nodes.push(own) - 1);
  });
  return { nodes, inputCount: inputs.length, outputs: outputs.map(place) };
};

/** Values of a body for all times at once, computed from those that are known. */
const forAllTimes = (
  body: Graph,
  known: ReadonlyMap<number, Operand>,
  isWithin: (id: number) => boolean,
  wanted: readonly number[],
  length: number,
): ReadonlyMap<number, Operand> => {
  const results = batchGraph(subgraph(body, [...known.keys()], isWithin, wanted), [...known.values()], length);
  return new Map(results.map((value, i) => [wanted[i]!, value] as const));
};

/**
 * Applies a loop in three parts: what varies with the slices alone; the loop of what is carried; and what is made of that at each time, with
 * the sums over all times. The middle part alone runs time by time.
 */
export const applyApart = (given: LoopNode, operands: Arrays, apply: Apply): Arrays => {
  const { length, fixedCount, carryCount, condition } = given;
  if (condition !== undefined || length < 2) return apply(given, operands);
  const body = prune(given.body);
  const node = { ...given, body };
  const { nodes, outputs } = body;
  const found = phasesOf(node);
  const { of: phases, addends } = found;
  const isBefore = (id: number): boolean => phases[id] === 'before';
  const outside = nodes.flatMap((own, id) =>
    own.kind === 'input' && !isCarried(node, own.index) ? [[id, { x: operands[own.index]!, isBatched: own.index >= fixedCount + carryCount }] as const] : [],
  );
  const valuesBefore = (wanted: readonly number[]): ReadonlyMap<number, Operand> => forAllTimes(body, new Map(outside), isBefore, wanted, length);

  const shifted = shiftedCarries(node, found);
  if (shifted.length > 0) {
    const values = valuesBefore([...new Set(shifted.map((k) => outputs[k]!))]);
    const unshifted = withoutShifts(node, operands, new Map(shifted.map((k) => [k, spread(values.get(outputs[k]!)!, length)] as const)));
    return unshifted.parts(applyApart(unshifted.node, unshifted.operands, apply));
  }

  const sums = new Set([...addends.keys()].map((k) => outputs[k]!));
  const carries = Array.from({ length: carryCount }, (_, k) => k).filter((k) => !addends.has(k));
  const coreOutputs = carries.map((k) => outputs[k]!);
  const afterOutputs = [...new Set([...outputs.slice(carryCount), ...addends.values()])];
  const readBy = (isReader: (id: number) => boolean): readonly number[] => nodes.flatMap((own, id) => (isReader(id) ? operandsOfNode(own) : []));

  const { taken, copied } = takenBy(body, phases, [...readBy((id) => phases[id] === 'core'), ...coreOutputs]);
  const { kept, again } = keptFor(body, phases, [...readBy((id) => phases[id] === 'after' && !sums.has(id)), ...afterOutputs]);

  const before = valuesBefore(nodes.flatMap((_, id) => (isBefore(id) ? [id] : [])));

  const fixed = [...taken].filter((id) => !before.get(id)!.isBatched);
  const sliced = [...taken].filter((id) => before.get(id)!.isBatched);
  const inputAt = new Map(nodes.flatMap((own, id) => (own.kind === 'input' ? [[own.index, id] as const] : [])));
  const coreInputs = [...fixed, ...carries.map((k) => inputAt.get(fixedCount + k)), ...sliced];
  const stacks = [...kept];
  const core: LoopNode = {
    ...node,
    body: subgraph(body, coreInputs, (id) => copied.has(id) || phases[id] === 'core', [...coreOutputs, ...stacks]),
    operands: [],
    fixedCount: fixed.length,
    carryCount: carries.length,
  };
  const xOf = (id: number): AnyArray => before.get(id)!.x;
  const coreOperands = [...fixed.map(xOf), ...carries.map((k) => operands[fixedCount + k]!), ...sliced.map(xOf)];
  const parts = core.body.outputs.length === 0 ? [] : apply(core, coreOperands);

  const stacked = stacks.map((id, i) => [id, { x: parts[carries.length + i]!, isBatched: true }] as const);
  const isAfter = (id: number): boolean => (phases[id] === 'after' && !sums.has(id)) || again.has(id);
  const after = forAllTimes(body, new Map<number, Operand>([...before, ...stacked]), isAfter, afterOutputs, length);
  const stackOf = (id: number): AnyArray => spread(after.get(id)!, length);
  const endOf = (k: number): AnyArray => {
    const addend = addends.get(k);
    if (addend === undefined) return parts[carries.indexOf(k)]!;
    const start = operands[fixedCount + k]!;
    const { x, isBatched } = after.get(addend)!;
    return ops.add(start, ops.reshape(isBatched ? ops.sum(x, 0) : ops.mul(x, length), start.shape));
  };
  return outputs.map((id, part) => (part < carryCount ? endOf(part) : stackOf(id)));
};
