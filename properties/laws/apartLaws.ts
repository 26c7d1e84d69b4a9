/** The law of distributions taken apart: made again of its arrays one is the same, and of stacks of arrays it is the stack. */
import assert from 'node:assert/strict';
import type { Distribution } from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { foldIn } from '../../core/random/key.ts';
import { key } from './distributionLaws.ts';
import { assertClose, type Tolerance } from './numeric.ts';

const exactly: Tolerance = { relative: 1e-12, absolute: 1e-14 };

/** One and its arrays stacked with themselves: two of the same, along a new leading batch axis. */
export const isMadeOfItsArrays = (d: Distribution): void => {
  if (d.apart === undefined) return;
  const { arrays, rebuild } = d.apart();
  const again = rebuild(arrays, []);
  assert.deepEqual([again.batchShape, again.eventShape], [d.batchShape, d.eventShape], 'shapes');
  const draws = [d.sample(key), d.sample(foldIn(key, 1))] as const;
  assertClose(again.logProb(draws[0]), d.logProb(draws[0]), exactly, 'made again');
  const stacked = rebuild(
    arrays.map((x) => ops.stack([x, x])),
    [2],
  );
  assert.deepEqual([stacked.batchShape, stacked.eventShape], [[2, ...d.batchShape], d.eventShape], 'shapes of the stack');
  assertClose(stacked.logProb(ops.stack(draws)), ops.stack(draws.map((x) => d.logProb(x))), exactly, 'stacked');
  // Where no array differs from time to time, the batch is wider all the same.
  assertClose(rebuild(arrays, [2]).logProb(ops.stack(draws)), ops.stack(draws.map((x) => d.logProb(x))), exactly, 'repeated');
};
