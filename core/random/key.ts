/** Keys: the explicit state of randomness, bit for bit those of `jax.random`; every function of a key is pure. */
import { kindlingError } from '../errors.ts';
import { makeNDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { showShape, sizeOf, type Shape } from '../shape.ts';
import { toNumber, type AnyArray, type Value } from '../value.ts';
import { isRecorded, tracedBlocks } from './traced.ts';
import { threefry } from './threefry.ts';

/** One key, or a batch of them. Opaque: made by `PRNGKey`, `split` and `foldIn`, read by `keyData`. */
export interface Key {
  readonly shape: Shape;
  /** Two words a key, in row-major order; empty for traced keys. */
  readonly words: Uint32Array;
  /** The words of keys that come from an argument of a function being recorded: an array `[...shape, 2]` that is not known yet. */
  readonly traced?: Value | undefined;
  toJSON(): { readonly shape: Shape; readonly words: readonly number[] };
}

/** A batch of keys along a leading axis. */
export interface KeyBatch extends Key, Iterable<Key> {
  readonly length: number;
  readonly [index: number]: Key;
  map<A>(f: (key: Key, index: number) => A): A[];
}

/** What `split(key)` gives: two keys, so that `const [a, b] = split(key)` is of keys under the strictest flags. */
export type KeyPair = KeyBatch & readonly [Key, Key];

/** `split(key)` gives a pair, `split(key, n)` a batch. */
export interface Split {
  (key: Key): KeyPair;
  (key: Key, n: number | Shape): KeyBatch;
}

const notKnown = (): Error =>
  kindlingError('Unsupported', { message: 'the words of this key are not there yet: it comes from an argument of a function being compiled' });

const methods = {
  toJSON(this: Key): ReturnType<Key['toJSON']> {
    if (this.traced !== undefined) throw notKnown();
    return { shape: [...this.shape], words: [...this.words] };
  },
};

const item = (key: Key, index: number): Key => {
  const rest = key.shape.slice(1);
  if (key.traced !== undefined) return tracedKeyBatch(ops.reshape(ops.slice(key.traced, index, 1), [...rest, 2]), rest);
  const size = 2 * sizeOf(rest);
  return makeKey(key.words.subarray(index * size, (index + 1) * size), rest);
};

const batchMethods = {
  ...methods,
  map<A>(this: KeyBatch, f: (key: Key, index: number) => A): A[] {
    return Array.from({ length: this.shape[0]! }, (_, i) => f(item(this, i), i));
  },
  *[Symbol.iterator](this: KeyBatch): Iterator<Key> {
    for (let i = 0; i < this.shape[0]!; i++) yield item(this, i);
  },
};

/** A batch answers `keys[i]` without holding an object for every key. */
const indexed: ProxyHandler<KeyBatch> = {
  get(target, property, receiver): unknown {
    if (property === 'length') return target.shape[0];
    if (typeof property === 'string' && /^\d+$/.test(property)) return Number(property) < target.shape[0]! ? item(target, Number(property)) : undefined;
    return Reflect.get(target, property, receiver);
  },
};

/** Wraps words without copying them; of traced keys there are none. */
export const makeKey = (words: Uint32Array, shape: Shape, traced?: Value): Key | KeyBatch => {
  const fields = { shape: Object.freeze([...shape]), words, ...(traced === undefined ? {} : { traced }) };
  if (shape.length === 0) return Object.freeze(Object.assign(Object.create(methods) as Key, fields));
  return new Proxy(Object.freeze(Object.assign(Object.create(batchMethods) as KeyBatch, fields)), indexed);
};

/** Whether a value is a key or a batch of keys. */
export const isKey = (value: unknown): value is Key => typeof value === 'object' && value !== null && 'words' in value && value.words instanceof Uint32Array;

/** A key read back from JSON; a key passes through. */
export const asKey = (value: unknown): Key => {
  if (isKey(value)) return value;
  if (typeof value === 'object' && value !== null && 'words' in value && Array.isArray(value.words) && 'shape' in value && Array.isArray(value.shape)) {
    return makeKey(Uint32Array.from(value.words as number[]), value.shape as number[]);
  }
  throw kindlingError('InvalidArgument', {
    message: 'a key was expected',
    given: value === null ? 'null' : typeof value === 'number' ? String(value) : typeof value,
    remedy: 'Make one with random.PRNGKey(seed).',
  });
};

const noWords = new Uint32Array(0);

/** Keys whose words, an array `[...shape, 2]` of whole numbers, are known only when what is being recorded runs. */
export const tracedKeyBatch = (words: Value, shape: Shape): KeyBatch => {
  if (showShape(words.shape) !== showShape([...shape, 2])) {
    throw kindlingError('InvalidShape', { message: 'keys have two words each', given: showShape(words.shape), expected: showShape([...shape, 2]) });
  }
  return makeKey(noWords, shape, words) as KeyBatch;
};

/** A key whose two words are known only when what is being recorded runs. */
export const tracedKey = (words: Value): Key => tracedKeyBatch(words, []);

/** The words of one key or a batch, known or not: `[...shape, 2]` whole numbers from 0 to 2^32 − 1. */
export const keyWords = (key: Key): AnyArray => {
  const { words, shape, traced } = asKey(key);
  return traced ?? makeNDArray(Float64Array.from(words), [...shape, 2]);
};

/** The key itself, if it is one and not a batch. */
export const oneKey = (key: Key): Key => {
  const one = asKey(key);
  if (one.shape.length === 0) return one;
  throw kindlingError('InvalidShape', {
    message: 'one key was expected',
    given: `a batch of shape ${showShape(one.shape)}`,
    remedy: 'Take one of the batch, keys[i], or map over them.',
  });
};

/** The words of one key that is not known yet; `undefined` for a known one. */
export const tracedWords = (key: Key): Value | undefined => oneKey(key).traced;

const wordsOf = (key: Key): readonly [number, number] => {
  const { words, traced } = oneKey(key);
  if (traced !== undefined) throw notKnown();
  return [words[0]!, words[1]!];
};

/** Both words of threefry(key, [high, low]) as the last axis, for counters that may be arrays. */
const deriveTraced = (words: AnyArray, high: number, low: AnyArray | number, shape: Shape): KeyBatch =>
  tracedKeyBatch(ops.reshape(ops.stack(tracedBlocks(words, high, low), -1), [...shape, 2]) as Value, shape);

/** The two 32-bit words of one key. */
export const keyData = (key: Key): [number, number] => [...wordsOf(key)];

/**
 * The key of a seed: the high and the low half of its 64-bit two's complement, as JAX with x64 on.
 *
 * @param seed - an integer of up to 53 bits, or a bigint of up to 64
 * @example
 * random.keyData(random.PRNGKey(-1)); // [4294967295, 4294967295]
 */
export const PRNGKey = (seed: number | bigint): Key => {
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
    throw kindlingError('InvalidArgument', { message: 'a seed must be an integer', given: String(seed), remedy: 'Pass a bigint for seeds beyond 2^53.' });
  }
  if (typeof seed === 'bigint' && (seed < -(2n ** 63n) || seed >= 2n ** 64n)) {
    throw kindlingError('InvalidArgument', { message: 'a seed has 64 bits at most', given: String(seed) });
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  return makeKey(Uint32Array.of(Number(bits >> 32n), Number(bits & 0xffffffffn)), []);
};

/** threefry(key, [high, low]) as a key. */
export const deriveKey = (key: Key, high: number, low: number): Key => {
  const traced = tracedWords(key);
  if (traced !== undefined) return deriveTraced(traced, high, low, []);
  const [a, b] = wordsOf(key);
  const words = new Uint32Array(2);
  threefry(a, b, high, low, words);
  return makeKey(words, []);
};

/**
 * `n` keys (or a batch of shape `n`) from one, which should not be used again.
 *
 * @example
 * const [a, b] = random.split(random.PRNGKey(0));
 * random.keyData(b); // [928981903, 3453687069]
 */
export const split: Split = ((key: Key, n: number | Shape = 2): KeyBatch => {
  const shape = typeof n === 'number' ? [n] : n;
  if (!Array.isArray(shape) || !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw kindlingError('InvalidArgument', { message: 'split takes the number of keys, or a shape', given: String(n) });
  }
  const count = sizeOf(shape);
  const traced = tracedWords(key);
  if (traced !== undefined) return deriveTraced(traced, 0, ops.range(0, count), shape);
  const [a, b] = wordsOf(key);
  const words = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) threefry(a, b, 0, i, words, 2 * i);
  return makeKey(words, shape) as KeyBatch;
}) as Split;

/** The key for `data`, an integer of 32 bits (or a scalar array of one), under `key`: `jax.random.fold_in`. */
export const foldIn = (key: Key, data: number | AnyArray): Key => {
  if (typeof data !== 'number' && isRecorded(data)) {
    const number = ops.cast(ops.reshape(data, []), 'float32');
    return deriveTraced(keyWords(oneKey(key)), 0, ops.where(ops.less(number, 0), ops.add(number, 2 ** 32), number), []);
  }
  const number = toNumber(data);
  if (!Number.isInteger(number) || number < -(2 ** 31) || number >= 2 ** 32) {
    throw kindlingError('InvalidArgument', {
      message: 'foldIn takes an integer of 32 bits',
      given: String(number),
      remedy: 'Fold in two integers, one after the other.',
    });
  }
  return deriveKey(key, 0, number >>> 0);
};

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const utf8 = new TextEncoder();

/** The 64-bit FNV-1a hash of a text in UTF-8, as its high and low word: Fowler, Noll, Vo; RFC 9923. */
export const fnv1a = (text: string): readonly [high: number, low: number] => {
  let hash = FNV_OFFSET;
  for (const byte of utf8.encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
};

/** The key that a site of this name gets under `seed(key)`: adding or removing other sites does not change it. */
export const siteKey = (key: Key, name: string): Key => deriveKey(key, ...fnv1a(name));
