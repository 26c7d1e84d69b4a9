/** Axes of batches and events: what puts axes of extent 1 where others are to come. */
import * as ops from '../ops/index.ts';
import { broadcastShapes, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import type { Distribution } from './distribution.ts';

export const ones = (count: number): readonly number[] => new Array<number>(count).fill(1);

/** An array with `n` axes of extent 1 after all others. */
export const addAxes = (x: AnyArray, n: number): AnyArray => (n === 0 ? x : ops.reshape(x, [...x.shape, ...ones(n)]));

/** An array with axes of extent 1 before all others, as far as they are needed for `rank` axes. */
export const withRank = (x: AnyArray, rank: number): AnyArray => (x.shape.length === rank ? x : ops.reshape(x, [...ones(rank - x.shape.length), ...x.shape]));

/** A distribution in at least this batch shape. */
export const widened = (fn: Distribution, shape: Shape): Distribution => fn.expand(broadcastShapes(fn.batchShape, shape));
