/** Lanes: arrays of a function under vmap, each the same for every lane or with the lanes along its first axis. */
import type { Attrs, Kernel } from '../../core/kernels/kernel.ts';
import * as ops from '../../core/ops/index.ts';
import { normalizeAxis, type Shape } from '../../core/shape.ts';
import { dtypeOf, type AnyArray, type Aval } from '../../core/value.ts';

/** A value: `x` is that of every lane, or `[lanes, …]`. */
export interface Operand {
  readonly x: AnyArray;
  readonly isBatched: boolean;
}

/** One kernel applied in every lane. At least one operand is batched. */
export interface Application {
  readonly kernel: Kernel;
  readonly attrs: Attrs;
  readonly operands: readonly Operand[];
  /** The number of lanes. */
  readonly size: number;
  /** The result in one lane. */
  readonly lane: Aval;
}

/** How a kernel is applied in every lane at once: gives `[lanes, …]`. */
export type BatchRule = (application: Application) => AnyArray;

/** The shape in one lane. */
export const laneShape = ({ x, isBatched }: Operand): Shape => (isBatched ? x.shape.slice(1) : x.shape);

export const laneAval = (operand: Operand): Aval => ({ shape: laneShape(operand), dtype: dtypeOf(operand.x) });

/** The value of each lane, repeated where it is the same for all. */
export const spread = ({ x, isBatched }: Operand, size: number): AnyArray => (isBatched ? x : ops.broadcastTo(x, [size, ...x.shape]));

const ones = (count: number): readonly number[] => new Array<number>(count).fill(1);

/** With axes of extent 1 after the lanes, so that it broadcasts with arrays of `rank` axes a lane. */
export const withRank = (operand: Operand, rank: number): AnyArray => {
  const { x, isBatched } = operand;
  const own = laneShape(operand);
  return isBatched && own.length < rank ? ops.reshape(x, [x.shape[0], ...ones(rank - own.length), ...own]) : x;
};

/** Where an axis of one lane lies behind the lanes. */
export const behindLanes = (axis: number, operand: Operand): number => normalizeAxis(axis, laneShape(operand).length) + 1;

/** An axis moved elsewhere, the others in their order. */
export const moveAxis = (x: AnyArray, from: number, to: number): AnyArray => {
  const perm = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  perm.splice(to, 0, from);
  return ops.transpose(x, perm);
};
