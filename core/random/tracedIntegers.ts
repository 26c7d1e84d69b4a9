/** Random integers and orders by a key that is not known yet: JAX's integer arithmetic on doubles, by operations that are exact. */
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { checkShape, sizeOf, type Shape } from '../shape.ts';
import type { AnyArray, Value } from '../value.ts';
import { tracedBits, tracedWordPairs } from './traced.ts';

const HALF = 2 ** 16;
/** Whole numbers up to here are doubles. */
const EXACT = 2 ** 53;
const WIDEST_SPAN = 2 ** 52;

/** Quotient and remainder of a whole number by a power of two. */
const splitAt = (x: AnyArray, power: number): readonly [high: AnyArray, low: AnyArray] => {
  const high = ops.floor(ops.mul(x, 1 / power));
  return [high, ops.sub(x, ops.mul(high, power))];
};

/** x mod m for whole numbers below 2^53: the floor of their rounded quotient is that of the exact one. */
const modulo = (x: AnyArray, m: number): AnyArray => ops.sub(x, ops.mul(ops.floor(ops.div(x, m)), m));

/** (r · 2^16 + digit) mod m, for r < m ≤ 2^52 and a digit below 2^16. */
export const appendDigit = (r: AnyArray, digit: AnyArray, m: number): AnyArray => {
  const shifted = ops.mul(r, HALF);
  if (m * HALF <= EXACT) return modulo(ops.add(shifted, digit), m);
  // The quotient may be one off. Taking its multiple away in two parts, each a double, leaves the remainder without a rounding.
  const quotient = ops.floor(ops.div(shifted, m));
  const low = m % 2 ** 26;
  const rest = ops.add(ops.sub(ops.sub(shifted, ops.mul(quotient, m - low)), ops.mul(quotient, low)), digit);
  const raised = ops.where(ops.less(rest, 0), ops.add(rest, m), rest);
  return ops.where(ops.greaterEqual(raised, m), ops.sub(raised, m), raised);
};

/** 32 or 64 random bits for each element, mod m. */
const drawModulo = (words: Value, shape: Shape, isWide: boolean, m: number): AnyArray => {
  if (!isWide) return modulo(tracedBits(words, shape, 32), m);
  const [high, low] = tracedWordPairs(words, shape);
  return splitAt(low, HALF).reduce((r, digit) => appendDigit(r, digit, m), modulo(high, m));
};

/** (a · b + c) mod m for a, b, c < m ≤ 2^32: b in two halves, so that every product is exact. */
const multiplyAdd = (a: AnyArray, b: number, c: AnyArray, m: number): AnyArray => {
  if (m <= 2 ** 26) return modulo(ops.add(ops.mul(a, b), c), m);
  const [b1, b0] = [Math.floor(b / HALF), b % HALF];
  return modulo(ops.add(ops.add(ops.mul(modulo(ops.mul(a, b1), m), HALF), ops.mul(a, b0)), c), m);
};

/** Integers in [minval, minval + span) from two keys, as `randint` draws them: (high · (2^width mod span) + low) mod span. */
export const tracedIntegers = (forHigh: Value, forLow: Value, shape: Shape, minval: number, span: bigint, isWide: boolean): AnyArray => {
  checkShape('a draw', shape);
  if (span > WIDEST_SPAN) {
    throw kindlingError('Unsupported', { message: 'randint of a span beyond 2^52 needs to see its key, which is an argument of a function being compiled' });
  }
  const m = Number(span);
  const low = drawModulo(forLow, shape, isWide, m);
  // As JAX has it, beyond half the width the square of its root wraps to 0; so no product of numbers below the span wraps.
  const half = isWide ? 2 ** 32 : 2 ** 16;
  const multiplier = m > half ? 0 : Number(BigInt(half) ** 2n % span);
  const numbers = ops.add(multiplier === 0 ? low : multiplyAdd(drawModulo(forHigh, shape, isWide, m), multiplier, low, m), minval);
  return isWide ? numbers : ops.cast(numbers, 'int32');
};

/** Beyond it the comparison of all keys with each other costs too much. */
const LONGEST_ORDER = 1024;

/** `order` sorted by random keys, one for each element: each goes where as many keys are smaller. */
export const tracedShuffle = (words: Value, order: AnyArray): AnyArray => {
  const size = sizeOf(order.shape);
  if (size > LONGEST_ORDER) {
    throw kindlingError('Unsupported', {
      message: 'a permutation by a key that is an argument of a function being compiled compares all pairs of elements',
      given: `${size} elements`,
      expected: `at most ${LONGEST_ORDER}`,
      remedy: 'Draw the permutation outside, and pass it as an argument',
    });
  }
  if (size < 2) return order;
  // The position breaks ties, as in a stable sort; below 2^42 the sums are exact.
  const keys = ops.add(ops.mul(tracedBits(words, [size], 32), size), ops.range(0, size));
  const isSmaller = ops.less(ops.expandDims(keys, 0), ops.expandDims(keys, 1));
  const places = ops.sum(ops.cast(isSmaller, 'float32'), 1);
  return ops.unsortedSegmentSum(order, ops.cast(places, 'int32'), size);
};
