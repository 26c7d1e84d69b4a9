/** Raw random bits of a key, and the uniform numbers made of them, as `jax.random` (partitionable Threefry) makes them. */
import { checkShape, sizeOf, type Shape } from '../shape.ts';
import { keyData, type Key } from './key.ts';
import { threefry, unit52 } from './threefry.ts';

/** Precision of floating draws: JAX's with x64 on, or its float32 ones. */
export type FloatDType = 'float64' | 'float32';

/** Both words of threefry(key, i) for each flat index i. */
const eachBlock = (key: Key, count: number, visit: (i: number, high: number, low: number) => void): void => {
  const [a, b] = keyData(key);
  const block = new Uint32Array(2);
  for (let i = 0; i < count; i++) {
    // Counters of more than 32 bits carry into the first word.
    threefry(a, b, Math.floor(i / 4294967296), i >>> 0, block);
    visit(i, block[0]!, block[1]!);
  }
};

/** 8, 16 or 32 random bits for each element, as numbers. */
export const drawBits = (key: Key, shape: Shape, width: 8 | 16 | 32): Float64Array => {
  checkShape('random bits', shape);
  const out = new Float64Array(sizeOf(shape));
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  eachBlock(key, out.length, (i, high, low) => (out[i] = ((high ^ low) & mask) >>> 0));
  return out;
};

/** 64 random bits for each element. */
export const drawBits64 = (key: Key, shape: Shape): BigUint64Array => {
  const out = new BigUint64Array(sizeOf(shape));
  eachBlock(key, out.length, (i, high, low) => (out[i] = (BigInt(high) << 32n) | BigInt(low)));
  return out;
};

/** The upper 26 bits of a double: Veltkamp’s splitting. */
const upperHalf = (x: number): number => {
  const scaled = 134217729 * x;
  return scaled - (scaled - x);
};

/** a·b + c rounded once, as XLA computes it: product and sum with their rounding errors (Dekker; Knuth). */
const fusedMultiplyAdd = (a: number, b: number, c: number): number => {
  const product = a * b;
  // There the splitting would overflow.
  if (!(Math.abs(b) < 2 ** 990)) return product + c;
  const [a1, b1] = [upperHalf(a), upperHalf(b)];
  const [a2, b2] = [a - a1, b - b1];
  const lost = a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2);
  const sum = product + c;
  const back = sum - product;
  return sum + (product - (sum - back) + (c - back) + lost);
};

/** Uniform in [minval, maxval): 52 random bits of a double, or 23 of a single. */
export const drawUniform = (key: Key, shape: Shape, minval: number, maxval: number, dtype: FloatDType): Float64Array => {
  checkShape('a draw', shape);
  const out = new Float64Array(sizeOf(shape));
  if (dtype === 'float64') {
    const span = maxval - minval;
    eachBlock(key, out.length, (i, high, low) => (out[i] = Math.max(minval, fusedMultiplyAdd(unit52(high, low), span, minval))));
  } else {
    const [least, most] = [Math.fround(minval), Math.fround(maxval)];
    const span = Math.fround(most - least);
    eachBlock(key, out.length, (i, high, low) => {
      const unit = ((high ^ low) >>> 9) * 2 ** -23;
      // The product is exact in double, so that this rounds once, as XLA's fused multiply-add does.
      out[i] = Math.max(least, Math.fround(unit * span + least));
    });
  }
  return out;
};
