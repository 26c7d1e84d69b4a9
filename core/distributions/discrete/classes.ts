/** What the distributions of classes share: their number, picking one, and entropy. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';

const { equal, exp, expandDims, mulNoNan, neg, range, sum, where } = ops;

/** The extent of the last axis. */
export const classesOf = (x: AnyArray): number => x.shape.at(-1)!;

/** The entry of a vector at a class; a selection, so that a −∞ of another class is no trouble. */
export const pick = (vector: AnyArray, value: AnyArray): AnyArray => sum(where(equal(expandDims(value, -1), range(0, classesOf(vector))), vector, 0), -1);

/** Classes are labels: a number between two of them means nothing, as in NumPyro. */
export const noMoment = (): AnyArray => ops.fill([], NaN);

/** −Σ p log p of log-probabilities along the last axis. */
export const entropyOfClasses = (logProbs: AnyArray): AnyArray => neg(sum(mulNoNan(exp(logProbs), logProbs), -1));
