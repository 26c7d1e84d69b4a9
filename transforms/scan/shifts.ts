/** Carries that only hand on a value that does not vary with what is carried: what a time is given is then a slice of those values, moved by one. */
import * as ops from '../../core/ops/index.ts';
import type { AnyArray } from '../../core/value.ts';
import type { GraphNode, LoopNode } from '../jit/graph.ts';
import type { Phases } from './phases.ts';

type Arrays = readonly AnyArray[];

/** The carries whose next value can be had before the loop. */
export const shiftedCarries = ({ body: { outputs }, carryCount }: LoopNode, { of: phases }: Phases): readonly number[] =>
  Array.from({ length: carryCount }, (_, k) => k).filter((k) => phases[outputs[k]!] === 'before');

const rows = (x: AnyArray, from: number, count: number): AnyArray => ops.slice(x, [from, ...x.shape.slice(1).map(() => 0)], [count, ...x.shape.slice(1)]);

/** What each time is given, from what it is to hand on: the first time gets `start`. */
const movedOn = (start: AnyArray, values: AnyArray, reverse: boolean): AnyArray => {
  const rest = values.shape[0] - 1;
  const first = ops.expandDims(start, 0);
  return ops.concat(reverse ? [rows(values, 1, rest), first] : [first, rows(values, 0, rest)], 0);
};

/** A loop without some of its carries, which are slices in it. */
export interface Unshifted {
  readonly node: LoopNode;
  readonly operands: Arrays;
  /** The parts of the loop as it was, from those of the loop as it is. */
  readonly parts: (parts: Arrays) => Arrays;
}

/**
 * Makes slices of carries.
 *
 * @param handedOn - by carry, its next values, of all times
 */
export const withoutShifts = (given: LoopNode, operands: Arrays, handedOn: ReadonlyMap<number, AnyArray>): Unshifted => {
  const { body, fixedCount, carryCount, length, reverse } = given;
  const ends = fixedCount + carryCount;
  const left = Array.from({ length: carryCount }, (_, k) => k).filter((k) => !handedOn.has(k));
  const shifted = [...handedOn.keys()];
  const order = [
    ...Array.from({ length: fixedCount }, (_, i) => i),
    ...left.map((k) => fixedCount + k),
    ...Array.from({ length: body.inputCount - ends }, (_, i) => ends + i),
    ...shifted.map((k) => fixedCount + k),
  ];
  const places = new Map(order.map((input, i) => [input, i]));
  const nodes = body.nodes.map((node): GraphNode => (node.kind === 'input' ? { ...node, index: places.get(node.index)! } : node));
  const outputs = [...left.map((k) => body.outputs[k]!), ...body.outputs.slice(carryCount)];
  const slices = shifted.map((k) => movedOn(operands[fixedCount + k]!, handedOn.get(k)!, reverse));
  return {
    node: { ...given, body: { nodes, inputCount: body.inputCount, outputs }, carryCount: left.length },
    operands: [...order.slice(0, order.length - shifted.length).map((input) => operands[input]!), ...slices],
    parts: (parts) => {
      const endOf = (k: number): AnyArray => {
        const values = handedOn.get(k);
        if (values === undefined) return parts[left.indexOf(k)]!;
        return ops.reshape(rows(values, reverse ? 0 : length - 1, 1), values.shape.slice(1));
      };
      return [...Array.from({ length: carryCount }, (_, k) => endOf(k)), ...parts.slice(left.length)];
    },
  };
};
