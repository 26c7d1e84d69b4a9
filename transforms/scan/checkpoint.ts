/** Loops within loops, so that a gradient keeps what is carried only now and then and computes it again between. */
import * as ops from '../../core/ops/index.ts';
import { avalOf, type AnyArray } from '../../core/value.ts';
import type { LoopNode } from '../jit/graph.ts';
import { recordBody } from '../jit/record.ts';
import { applyLoop } from './applyLoop.ts';

type Arrays = readonly AnyArray[];

/** `from` to `to` along the leading axis. */
const rows = (x: AnyArray, from: number, to: number): AnyArray =>
  from === 0 && to === x.shape[0] ? x : ops.slice(x, [from, ...x.shape.slice(1).map(() => 0)], [to - from, ...x.shape.slice(1)]);

/** `applyLoop` by a loop over runs of `every` times, each a loop, and one more for those that are left. */
export const applyCheckpointed = (node: LoopNode, operands: Arrays, exact: ReadonlySet<number>, every: number | undefined): Arrays => {
  const { length, reverse, fixedCount, carryCount } = node;
  const count = every === undefined ? 0 : Math.floor(length / every);
  if (every === undefined || count < 2 || every < 2) return applyLoop(node, operands, exact);
  const ends = fixedCount + carryCount;
  const [fixed, init, xs] = [operands.slice(0, fixedCount), operands.slice(fixedCount, ends), operands.slice(ends)];
  const left = length - count * every;
  // What is left comes last: at the end, or at the beginning where the loop runs the other way.
  const [from, to] = reverse ? [left, length] : [0, length - left];
  const runs = xs.map((x) => ops.reshape(rows(x, from, to), [count, every, ...x.shape.slice(1)]));
  const inner = { ...node, length: every };
  const avals = [...fixed, ...init].map(avalOf).concat(runs.map(avalOf).map((aval) => ({ ...aval, shape: aval.shape.slice(1) })));
  const { graph } = recordBody((values) => applyLoop(inner, values), avals);
  const parts = applyLoop({ ...node, body: graph, length: count }, [...fixed, ...init, ...runs], exact);
  const carry = parts.slice(0, carryCount);
  const stacked = parts.slice(carryCount).map((x) => ops.reshape(x, [count * every, ...x.shape.slice(2)]));
  if (left === 0) return [...carry, ...stacked];
  const [restFrom, restTo] = reverse ? [0, left] : [length - left, length];
  const rest = applyLoop({ ...node, length: left }, [...fixed, ...carry, ...xs.map((x) => rows(x, restFrom, restTo))], exact);
  const tails = rest.slice(carryCount);
  return [...rest.slice(0, carryCount), ...stacked.map((x, k) => ops.concat(reverse ? [tails[k]!, x] : [x, tails[k]!], 0))];
};
