/** Draws from the standard distributions by key, as `jax.random`: the functions behind `random.*`. */
import { kindlingError } from '../errors.ts';
import { numberFunction } from '../loop/columnFunctions.ts';
import { erf as erfCode } from '../loop/functions/erf.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { checkOptions } from '../options.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, checkShape, sizeOf, type Shape } from '../shape.ts';
import { asArray, drawPrecision, toNDArray, type AnyArray, type Input, type Out } from '../value.ts';
import { drawBits, drawBits64, drawUniform, type FloatDType } from './bits.ts';
import { split, tracedWords, type Key } from './key.ts';
import { toSingle, tracedBits, tracedUniform, tracedUniformSingle } from './traced.ts';
import { tracedIntegers, tracedShuffle } from './tracedIntegers.ts';

export interface FloatOptions {
  /** `'float64'`: JAX's draws with x64 on, the default but where a function is compiled in single precision; `'float32'`: its single ones. */
  readonly dtype?: FloatDType | undefined;
}

export interface UniformOptions extends FloatOptions {
  readonly minval?: number | undefined;
  readonly maxval?: number | undefined;
}

/** What is recorded is a tensor in place of an NDArray: `ops` take both. */
const asDraw = (x: AnyArray): NDArray => x as NDArray;

/** Random bits as numbers from 0 to 2^width − 1. */
export const bits = (key: Key, shape: Shape = [], { width = 32 }: { readonly width?: 8 | 16 | 32 | undefined } = {}): NDArray => {
  const words = tracedWords(key);
  return words === undefined ? makeNDArray(drawBits(key, shape, width), shape) : asDraw(tracedBits(words, shape, width));
};

/**
 * Uniform in [minval, maxval).
 *
 * @example
 * random.uniform(random.PRNGKey(0), [2], { dtype: 'float32' }); // [0.9476670026779175, 0.9785798788070679]
 */
export const uniform = (key: Key, shape: Shape = [], options: UniformOptions = {}): NDArray => {
  checkOptions('random.uniform', options, ['minval', 'maxval', 'dtype']);
  const { minval = 0, maxval = 1, dtype = drawPrecision() } = options;
  const words = tracedWords(key);
  if (words === undefined) return makeNDArray(drawUniform(key, shape, minval, maxval, dtype), shape);
  return asDraw((dtype === 'float32' ? tracedUniformSingle : tracedUniform)(words, shape, minval, maxval));
};

const TINY = { float64: 2 ** -1022, float32: 2 ** -126 } as const;
const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 } as const;
/** The number above −1, from which JAX draws, so that the inverse error function stays finite. */
const AFTER_MINUS_ONE = { float64: -1 + 2 ** -53, float32: -1 + 2 ** -24 } as const;

type Rounding = (x: AnyArray) => AnyArray;

/** A function of uniform numbers, rounded as the dtype asks; `f` may round on its way too. */
const fromUniform = (
  key: Key,
  shape: Shape,
  dtype: FloatDType,
  [minval, maxval]: readonly [number, number],
  f: (u: AnyArray, round: Rounding) => AnyArray,
): NDArray => {
  const round: Rounding = dtype === 'float32' ? toSingle : (x) => x;
  return asDraw(round(f(uniform(key, shape, { minval, maxval, dtype }), round)));
};

/** Standard normal: √2 · erfinv(u), u uniform in (−1, 1). */
export const normal = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [AFTER_MINUS_ONE[dtype], 1], (u) => ops.mul(Math.SQRT2, ops.erfinv(u)));

/** Exponential of rate 1: −log1p(−u). */
export const exponential = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [0, 1], (u) => ops.neg(ops.log1p(ops.neg(u))));

/** Standard Gumbel: −log(−log u). */
export const gumbel = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [TINY[dtype], 1], (u, round) => ops.neg(ops.log(ops.neg(round(ops.log(u))))));

/** Laplace of scale 1. */
export const laplace = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [-1 + EPSILON[dtype], 1], (u) => ops.mul(ops.sign(u), ops.log1p(ops.neg(ops.abs(u)))));

/** Standard Cauchy: tan(π(u − 1/2)). */
export const cauchy = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [EPSILON[dtype], 1], (u) => ops.tan(ops.mul(Math.PI, ops.sub(u, 0.5))));

/** Standard logistic: log(u / (1 − u)). */
export const logistic = (key: Key, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [EPSILON[dtype], 1], (u) => ops.log(ops.div(u, ops.sub(1, u))));

const erf = numberFunction(erfCode);
/** 2 Φ(x) − 1. */
const centredNdtr = (x: number): number => erf(Math.SQRT1_2 * x);

/** Standard normal between `lower` and `upper`, by the inverse cdf. */
export const truncatedNormal = (key: Key, lower: number, upper: number, shape: Shape = [], { dtype = drawPrecision() }: FloatOptions = {}): NDArray =>
  fromUniform(key, shape, dtype, [centredNdtr(lower), centredNdtr(upper)], (u) => ops.minimum(ops.maximum(ops.ndtri(ops.div(ops.add(u, 1), 2)), lower), upper));

/** Whether a uniform number is below `p`, which broadcasts to `shape`. */
export const bernoulli = <P extends Input>(key: Key, p: P, shape?: Shape, options: FloatOptions = {}): Out<P> =>
  ops.less(uniform(key, shape ?? asArray(p).shape, options), p);

/** The index drawn in proportion to exp(logits) along the last axis: argmax(logits + Gumbel). `shape` ends with the batch shape of `logits`. */
export const categorical = <L extends Input>(key: Key, logits: L, shape?: Shape, options: FloatOptions = {}): Out<L> => {
  const array = asArray(logits);
  const batch = array.shape.slice(0, -1);
  const out = shape ?? batch;
  checkShape('the draws of categorical', out);
  const noise = gumbel(key, [...out, array.shape.at(-1)!], options);
  broadcastShapes(out, batch);
  return ops.argMax(ops.add(noise, array), -1) as Out<L>;
};

/** Integers in [minval, maxval) by JAX's algorithm; `dtype` names the width of the arithmetic, int32 where the bounds fit in it. */
export const randint = (
  key: Key,
  shape: Shape,
  minval: number,
  maxval: number,
  { dtype }: { readonly dtype?: 'int32' | 'uint32' | 'int64' | undefined } = {},
): NDArray => {
  if (!Number.isSafeInteger(minval) || !Number.isSafeInteger(maxval)) {
    throw kindlingError('InvalidArgument', { message: 'the bounds of randint must be integers', given: `${minval} and ${maxval}` });
  }
  const fits = minval >= -(2 ** 31) && maxval <= 2 ** 31;
  const wide = dtype === undefined ? !fits : dtype === 'int64';
  const width = wide ? 64n : 32n;
  const [forHigh, forLow] = split(key);
  const span = maxval > minval ? BigInt(maxval) - BigInt(minval) : 1n;
  const words = [tracedWords(forHigh), tracedWords(forLow)] as const;
  if (words[0] !== undefined && words[1] !== undefined) return asDraw(tracedIntegers(words[0], words[1], shape, minval, span, wide));
  const draw = (from: Key): readonly bigint[] => (wide ? [...drawBits64(from, shape)] : Array.from(drawBits(from, shape, 32), (x) => BigInt(x)));
  const [high, low] = [draw(forHigh), draw(forLow)];
  const wrap = (x: bigint): bigint => BigInt.asUintN(Number(width), x);
  // 2^width mod span, in arithmetic that wraps at that width.
  const root = (1n << (width / 2n)) % span;
  const multiplier = wrap(root * root) % span;
  const numbers = high.map((h, i) => Number(BigInt(minval) + (wrap(wrap((h % span) * multiplier) + (low[i]! % span)) % span)));
  return makeNDArray(Float64Array.from(numbers), shape, wide ? 'float64' : 'int32');
};

/** Rounds of sorting by random keys after which ties leave no bias worth the name: JAX's `_shuffle`. */
const shuffleRounds = (size: number): number => Math.ceil((3 * Math.log(Math.max(1, size))) / Math.log(0xffffffff));

/** `order` sorted by random keys, one for each element. */
const shuffle = (key: Key, order: NDArray): NDArray => {
  const words = tracedWords(key);
  if (words !== undefined) return asDraw(tracedShuffle(words, order));
  const sortKeys = drawBits(key, order.shape, 32);
  const sorted = Array.from(order.data, (_, i) => i).sort((i, j) => sortKeys[i]! - sortKeys[j]! || i - j);
  return makeNDArray(
    Float64Array.from(sorted, (i) => order.data[i]!),
    order.shape,
    'int32',
  );
};

/** 0 … n − 1 in random order, or the rows of an array. */
export const permutation = <X extends Input>(key: Key, x: X): Out<X> => {
  const array = asArray(x);
  const isCount = array.shape.length === 0;
  const size = isCount ? toNDArray(array).item() : array.shape[0];
  if (!Number.isInteger(size) || size < 0) {
    throw kindlingError('InvalidArgument', { message: 'permutation takes an array, or how many numbers to permute', given: String(size) });
  }
  let positions = ops.range(0, size);
  let next: Key = key;
  for (let round = 0; round < shuffleRounds(size); round++) {
    const [rest, sub] = split(next);
    positions = shuffle(sub, positions);
    next = rest;
  }
  return (isCount ? positions : ops.gather(array, positions, 0)) as Out<X>;
};

/** `shape` of the numbers 0 … n − 1 (or rows of an array), with or without replacement. */
export const choice = <X extends Input>(key: Key, x: X, shape: Shape = [], { replace = true }: { readonly replace?: boolean | undefined } = {}): Out<X> => {
  const array = asArray(x);
  const isCount = array.shape.length === 0;
  const size = isCount ? toNDArray(array).item() : array.shape[0];
  checkShape('the draws of choice', shape);
  if (!replace && sizeOf(shape) > size) {
    throw kindlingError('InvalidArgument', { message: `can't choose ${sizeOf(shape)} of ${size} without replacement` });
  }
  const picks = replace ? randint(key, shape, 0, size, { dtype: 'int64' }) : ops.reshape(ops.slice(permutation(key, size), 0, sizeOf(shape)), shape);
  return (isCount ? picks : ops.gather(array, picks, 0)) as Out<X>;
};
