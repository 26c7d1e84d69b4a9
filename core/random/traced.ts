/** Draws by a key that is not known yet: the same numbers as those of a known one, computed by what is being recorded. */
import * as tf from '#tfjs';
import { Fround } from '../kernels/fround.ts';
import { ThreefryWord } from '../kernels/threefry.ts';
import { apply } from '../ops/apply.ts';
import * as ops from '../ops/index.ts';
import { checkShape, sizeOf, type Shape } from '../shape.ts';
import { isTensor, RECORDER, type AnyArray, type Value } from '../value.ts';

/** Whether a function is being recorded rather than run. */
export const isRecording = (): boolean => tf.getBackend() === RECORDER;

/** Whether an array is a part of what is being recorded, so that its numbers can't be looked at. */
export const isRecorded = (x: AnyArray): x is Value => isTensor(x) && isRecording();

/** Both words of threefry(key, [high, low]). */
export const tracedBlocks = (words: AnyArray, high: number, low: AnyArray | number): readonly [AnyArray, AnyArray] => [
  apply(ThreefryWord, [words, high, low], { word: 0 }),
  apply(ThreefryWord, [words, high, low], { word: 1 }),
];

/** The counters of draws of a shape, in one row. */
const counters = (shape: Shape): AnyArray | number => (sizeOf(shape) === 1 ? 0 : ops.range(0, sizeOf(shape)));

/** Two words of 32 bits for each element, as numbers. */
export const tracedWordPairs = (words: Value, shape: Shape): readonly [high: AnyArray, low: AnyArray] => {
  const [high, low] = tracedBlocks(words, 0, counters(shape));
  return [ops.reshape(high, shape), ops.reshape(low, shape)];
};

/** 8, 16 or 32 random bits for each element, as numbers. */
export const tracedBits = (words: Value, shape: Shape, width: 8 | 16 | 32): AnyArray => {
  checkShape('random bits', shape);
  const mixed = ops.reshape(apply(ThreefryWord, [words, 0, counters(shape)], { word: 'xor' }), shape);
  return width === 32 ? mixed : ops.sub(mixed, ops.mul(ops.floor(ops.mul(mixed, 2 ** -width)), 2 ** width));
};

/** The upper 26 bits of a double: Veltkamp’s splitting. */
const upperHalf = (x: AnyArray): AnyArray => {
  const scaled = ops.mul(134217729, x);
  return ops.sub(scaled, ops.sub(scaled, x));
};

const isPowerOfTwo = (x: number): boolean => x > 0 && Number.isInteger(Math.log2(x)) && 2 ** Math.log2(x) === x;

/** a·b + c rounded once, operation by operation as `bits.ts` does it for numbers. */
const fusedMultiplyAdd = (a: AnyArray, b: number, c: number): AnyArray => {
  const product = ops.mul(a, b);
  // What is lost of the product cannot move it.
  if (c === 0) return product;
  // Nothing is lost of the product, or the splitting would overflow.
  if (isPowerOfTwo(b) || !(Math.abs(b) < 2 ** 990)) return ops.add(product, c);
  const scaled = 134217729 * b;
  const b1 = scaled - (scaled - b);
  const b2 = b - b1;
  const a1 = upperHalf(a);
  const a2 = ops.sub(a, a1);
  const left = ops.sub(ops.sub(ops.sub(product, ops.mul(a1, b1)), ops.mul(a2, b1)), ops.mul(a1, b2));
  const lost = ops.sub(ops.mul(a2, b2), left);
  const sum = ops.add(product, c);
  const back = ops.sub(sum, product);
  return ops.add(sum, ops.add(ops.add(ops.sub(product, ops.sub(sum, back)), ops.sub(c, back)), lost));
};

/** To single precision, for draws that are of it. */
export const toSingle = (x: AnyArray): AnyArray => apply(Fround, [x]);

/** 52 random bits as a number in [0, 1). */
const unit52 = (words: Value, shape: Shape): AnyArray => ops.reshape(apply(ThreefryWord, [words, 0, counters(shape)], { word: 'unit' }), shape);

/** Uniform in [minval, maxval): 52 random bits of a double. */
export const tracedUniform = (words: Value, shape: Shape, minval: number, maxval: number): AnyArray => {
  checkShape('a draw', shape);
  const span = maxval - minval;
  const number = fusedMultiplyAdd(unit52(words, shape), span, minval);
  // Rounded once, the sum with what is not negative is no lower than `minval`.
  return span >= 0 && (minval === 0 || isPowerOfTwo(span)) ? number : ops.maximum(number, minval);
};

/** Uniform in [minval, maxval) of single precision: 23 random bits. */
export const tracedUniformSingle = (words: Value, shape: Shape, minval: number, maxval: number): AnyArray => {
  checkShape('a draw', shape);
  const [least, most] = [Math.fround(minval), Math.fround(maxval)];
  const unit = ops.mul(ops.floor(ops.mul(tracedBits(words, shape, 32), 2 ** -9)), 2 ** -23);
  return ops.maximum(toSingle(ops.add(ops.mul(unit, Math.fround(most - least)), least)), least);
};
