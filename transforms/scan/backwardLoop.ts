/** The gradient of a loop as a loop that runs the other way, given what was carried into each time. */
import * as tf from '#tfjs';
import { toTensor, type AnyArray, type Aval, type Value } from '../../core/value.ts';
import * as ops from '../../core/ops/index.ts';
import type { Graph, LoopNode } from '../jit/graph.ts';
import { recordBody } from '../jit/record.ts';
import type { ApplyLoop } from '../replayWith.ts';
import { replayKnowing, residualsOf } from './residuals.ts';

type Arrays = readonly AnyArray[];

/** The shape and dtype of each input of a loop's body; an unused one has none. */
const inputAvals = ({ nodes }: Graph): ReadonlyMap<number, Aval> =>
  new Map(nodes.flatMap((node) => (node.kind === 'input' ? [[node.index, node.aval] as const] : [])));

/** A loop backward through another one. */
export interface Backward {
  readonly loop: LoopNode;
  /** Its operands, from those of the loop, the loop's parts and the cotangents of these. */
  readonly operands: (operands: Arrays, results: Arrays, cotangents: Arrays) => Arrays;
  /** The gradients by the loop's operands, from the parts of the loop backward. */
  readonly gradients: (parts: Arrays) => readonly (AnyArray | undefined)[];
}

/** Σ out · cotangent: its gradient is the product of the cotangents with the Jacobian. */
const pairing = (outs: Arrays, cotangents: Arrays): Value =>
  toTensor(outs.reduce<AnyArray>((total, out, j) => ops.add(total, ops.sum(ops.mul(out, cotangents[j]!))), toTensor(0)));

const zerosOf = ({ shape }: Aval): Value => toTensor(ops.zeros(shape));

/**
 * The loop that goes backward through one made by `withResiduals`: it carries the cotangent of what is carried and the gradients by the
 * fixed operands so far, and stacks those by slices.
 *
 * @param isWanted - whether a gradient by an operand is needed
 * @param isZero - whether the cotangent of a part is known to be zero
 * @param applyLoop - applies the loops within the body
 */
export const backwardLoop = (node: LoopNode, isWanted: (operand: number) => boolean, isZero: (part: number) => boolean, applyLoop: ApplyLoop): Backward => {
  const { body, fixedCount, carryCount } = node;
  const avals = inputAvals(body);
  const outAvals = body.outputs.map((id) => body.nodes[id]!.aval);
  const { carries: stacks, values: residuals } = residualsOf(node);
  const isFloat = ({ dtype }: Aval): boolean => dtype === 'float';
  const isUsed = (index: number): boolean => avals.has(index);
  const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

  const inputs = range(0, body.inputCount).filter(isUsed);
  const fixed = inputs.filter((i) => i < fixedCount);
  const carried = range(0, carryCount).filter((k) => stacks[k] !== undefined);
  const xs = inputs.filter((i) => i >= fixedCount + carryCount);
  const floatCarries = range(0, carryCount).filter((k) => isFloat(outAvals[k]!));
  const floatStacks = range(carryCount, body.outputs.length).filter((k) => isFloat(outAvals[k]!) && !isZero(k));

  /** The body backward, for the fixed operands and the slices that are given; and by which of them the gradient is not zero throughout. */
  const recordFor = (fixedVars: readonly number[], sliceVars: readonly number[]): { readonly graph: Graph; readonly isNull: ReadonlySet<number> } => {
    const isNull = new Set<number>();
    const aval = (i: number): Aval => avals.get(i)!;
    const groups = [
      fixed.map(aval),
      floatCarries.map((k) => outAvals[k]!),
      fixedVars.map(aval),
      xs.map(aval),
      carried.map((k) => outAvals[k]!),
      floatStacks.map((k) => outAvals[k]!),
      residuals.map(({ part }) => outAvals[part]!),
    ];
    const { graph } = recordBody((values) => {
      let from = 0;
      const [fixedIn, dCarry, sums, slices, carries, dStacks, known] = groups.map(({ length }) => values.slice(from, (from += length))) as [
        Value[],
        Value[],
        Value[],
        Value[],
        Value[],
        Value[],
        Value[],
      ];
      const given = new Map<number, Value>([
        ...fixed.map((i, at) => [i, fixedIn[at]!] as const),
        ...carried.map((k, at) => [fixedCount + k, carries[at]!] as const),
        ...xs.map((i, at) => [i, slices[at]!] as const),
      ]);
      const byCarry = floatCarries.filter((k) => given.has(fixedCount + k));
      const variables = [...fixedVars, ...byCarry.map((k) => fixedCount + k), ...sliceVars];
      const forward = (): Value => {
        const outs = replayKnowing(
          body,
          range(0, body.inputCount).map((i) => given.get(i) ?? toTensor(0)),
          new Map(residuals.map(({ id }, at) => [id, known[at]!] as const)),
          applyLoop,
        );
        return pairing(
          [...floatCarries, ...floatStacks].map((k) => outs[k]!),
          [...dCarry, ...dStacks],
        );
      };
      const { grads } = tf.engine().gradients(
        forward,
        variables.map((i) => given.get(i)!),
        undefined,
        true,
      );
      const found = new Map(variables.map((i, at) => [i, grads[at] as Value | null | undefined]));
      const gradient = (i: number): Value => {
        const own = found.get(i);
        if (own == null) isNull.add(i);
        return own ?? zerosOf(avals.get(i) ?? outAvals[i - fixedCount]!);
      };
      return [
        ...floatCarries.map((k) => gradient(fixedCount + k)),
        ...fixedVars.map((i, at) => (found.get(i) == null ? gradient(i) : ops.add(sums[at]!, gradient(i)))),
        ...sliceVars.map(gradient),
      ];
    }, groups.flat());
    return { graph, isNull };
  };

  const wanted = (i: number): boolean => isWanted(i) && isFloat(avals.get(i)!);
  const first = recordFor(fixed.filter(wanted), xs.filter(wanted));
  const isNeeded = (i: number): boolean => wanted(i) && !first.isNull.has(i);
  const [fixedVars, sliceVars] = [fixed.filter(isNeeded), xs.filter(isNeeded)];
  const { graph } = [...fixed, ...xs].every((i) => isNeeded(i) === wanted(i)) ? first : recordFor(fixedVars, sliceVars);

  const loop: LoopNode = {
    ...node,
    body: graph,
    reverse: !node.reverse,
    operands: [],
    fixedCount: fixed.length,
    carryCount: floatCarries.length + fixedVars.length,
  };
  return {
    loop,
    operands: (operands, results, cotangents) => [
      ...fixed.map((i) => operands[i]!),
      ...floatCarries.map((k) => cotangents[k]!),
      ...fixedVars.map((i) => ops.zeros(avals.get(i)!.shape)),
      ...xs.map((i) => operands[i]!),
      ...carried.map((k) => results[stacks[k]!]!),
      ...floatStacks.map((k) => cotangents[k]!),
      ...residuals.map(({ part }) => results[part]!),
    ],
    gradients: (parts) => {
      const byOperand = new Map<number, AnyArray>([
        ...floatCarries.map((k, at) => [fixedCount + k, parts[at]!] as const),
        ...[...fixedVars, ...sliceVars].map((i, at) => [i, parts[floatCarries.length + at]!] as const),
      ]);
      return range(0, body.inputCount).map((i) => byOperand.get(i));
    },
  };
};
