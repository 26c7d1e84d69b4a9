/** Sums over all counts from 0 to a number of trials that is known: distribution functions, entropies and members of finite supports. */
import { kindlingError } from '../../errors.ts';
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import { ones } from '../axes.ts';

const { add, exp, floor, lessEqual, minimum, mulNoNan, neg, sum, where } = ops;

/** More terms than this are not summed. */
const MOST = 2 ** 20;

/** The largest of the numbers of trials. */
const largest = (name: string, totalCount: AnyArray): number => {
  const most = isConcrete(totalCount) ? toNDArray(totalCount).data.reduce((a, b) => Math.max(a, b), 0) : NaN;
  if (most <= MOST) return most;
  throw kindlingError('Unsupported', {
    message: `what ${name} sums over all counts can't be had`,
    given: Number.isNaN(most) ? 'a totalCount that is not known yet' : `totalCount ${most}`,
    expected: `a number up to ${MOST} that is known, not recorded`,
  });
};

/** 0 … n along a new first axis, before `rank` others. */
const countsTo = (n: number, rank: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: n + 1 }, (_, k) => k),
    [n + 1, ...ones(rank)],
  );

/** A density of counts, of batch rank `rank` at most. */
export interface FiniteCounts {
  readonly name: string;
  readonly totalCount: AnyArray;
  readonly rank: number;
  readonly logProb: (k: AnyArray) => AnyArray;
}

/** Σ f(log P(k)) over k = 0 … n for each number of trials n. */
const overCounts = ({ name, totalCount, rank, logProb }: FiniteCounts, f: (logP: AnyArray, k: AnyArray) => AnyArray): AnyArray => {
  const k = countsTo(largest(name, totalCount), rank);
  return sum(where(lessEqual(k, totalCount), f(logProb(minimum(k, totalCount)), k), 0), 0);
};

/** −Σ P log P. */
export const entropyOfCounts = (counts: FiniteCounts): AnyArray => neg(overCounts(counts, (logP) => mulNoNan(exp(logP), logP)));

/** P(K ≤ x) as a sum of probabilities. */
export const cdfOfCounts = (counts: FiniteCounts, x: AnyArray): AnyArray => {
  const rank = Math.max(counts.rank, x.shape.length);
  return where(
    ops.isNaN(x),
    NaN,
    overCounts({ ...counts, rank }, (logP, k) => where(lessEqual(k, floor(x)), exp(logP), 0)),
  );
};

/** Whether all numbers of trials are known and one and the same, so that the counts can be listed. */
export const isSameCount = (totalCount: AnyArray): boolean => {
  if (!isConcrete(totalCount)) return false;
  const { data } = toNDArray(totalCount);
  return data.length > 0 && data[0]! <= MOST && data.every((n) => n === data[0]);
};

/** 0 … n, n the number of trials of all. */
export const listedCounts = (totalCount: AnyArray): AnyArray => ops.range(0, toNDArray(totalCount).data[0]! + 1);

/** The number of axes of the widest of some arrays. */
export const rankOf = (...arrays: readonly AnyArray[]): number => Math.max(...arrays.map((x) => x.shape.length));

/** log k! summed over P(k): E log K!. */
export const expectedLogFactorial = (counts: FiniteCounts): AnyArray => overCounts(counts, (logP, k) => mulNoNan(exp(logP), ops.lgamma(add(k, 1))));
