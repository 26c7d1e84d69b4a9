/** Batching rules of the kernels that work element by element, and of random draws, whose elements depend on keys and counters. */
import { applyRecorded } from '../replayWith.ts';
import { elementwiseRules as compiled } from '../jit/rules.ts';
import { variates } from '../../core/loop/functions/variates.ts';
import { laneShape, spread, withRank, type BatchRule, type Operand } from './lanes.ts';
import * as ops from '../../core/ops/index.ts';

const elementwise: BatchRule = ({ kernel, attrs, operands, lane }) =>
  applyRecorded(
    kernel,
    operands.map((operand) => withRank(operand, lane.shape.length)),
    attrs,
  );

/** Keys whose two words stay the last axis, behind axes that broadcast with counters of `rank` axes a lane. */
const keysWithRank = (keys: Operand, rank: number): Operand['x'] => {
  const own = laneShape(keys);
  return keys.isBatched ? ops.reshape(keys.x, [keys.x.shape[0], ...new Array<number>(rank - own.length + 1).fill(1), ...own]) : keys.x;
};

/** Each lane has counters of its own, so that it draws what it would draw alone. */
const threefryWord: BatchRule = ({ kernel, attrs, operands: [keys, ...counters], lane: { shape } }) =>
  applyRecorded(kernel, [keysWithRank(keys!, shape.length), ...counters.map((operand) => withRank(operand, shape.length))], attrs);

const variate: BatchRule = ({ kernel, attrs, operands, size }) =>
  applyRecorded(
    kernel,
    operands.map((operand) => spread(operand, size)),
    attrs,
  );

/** Every kernel that compiles element by element is batched element by element. */
export const elementwiseRules: Readonly<Record<string, BatchRule>> = {
  ...Object.fromEntries(Object.keys(compiled).map((name) => [name, elementwise])),
  ThreefryWord: threefryWord,
  ...Object.fromEntries(Object.keys(variates).map((name) => [name, variate])),
};
