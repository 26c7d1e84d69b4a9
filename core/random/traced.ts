/** Draws by a key that is not known yet: the same numbers as those of a known one, computed by what is being recorded. */
import { ThreefryWord } from '../kernels/threefry.ts';
import { apply } from '../ops/apply.ts';
import * as ops from '../ops/index.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { AnyArray, Value } from '../value.ts';

/** 52 random bits as a number in [0, 1), put together exactly: 20 of the first word, its other 12, and 20 of the second. */
const unit = (words: Value, shape: Shape): AnyArray => {
  const count = sizeOf(shape);
  const counters = count === 1 ? 0 : ops.cast(ops.range(0, count), 'float32');
  const word = (i: 0 | 1): AnyArray => apply(ThreefryWord, [words, 0, counters], { word: i });
  const high = word(0);
  const top = ops.floor(ops.mul(high, 2 ** -12));
  const middle = ops.sub(high, ops.mul(top, 2 ** 12));
  const low = ops.floor(ops.mul(word(1), 2 ** -12));
  const sum = ops.add(ops.add(ops.mul(top, 2 ** -20), ops.mul(middle, 2 ** -32)), ops.mul(low, 2 ** -52));
  return ops.reshape(sum, shape);
};

/** Uniform in [minval, maxval), in double precision. */
export const tracedUniform = (words: Value, shape: Shape, minval: number, maxval: number): AnyArray =>
  ops.maximum(ops.add(ops.mul(unit(words, shape), maxval - minval), minval), minval);
