/** Draws from the standard distributions by key, as `jax.random`: the functions behind `random.*`. */
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { apply } from '../ops/apply.ts';
import { RandomLogGamma } from '../kernels/random.ts';
import { broadcastShapes, sizeOf, type Shape } from '../shape.ts';
import { ndtri, ndtr } from '../special/erf.ts';
import { asArray, toNDArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { AFTER_MINUS_ONE, drawBits, drawBits64, drawNormal, drawUniform, type FloatDType } from './bits.ts';
import { asKey, keyData, split, type Key } from './key.ts';
import { tracedUniform } from './traced.ts';

export interface FloatOptions {
  /** `'float64'`: JAX's draws with x64 on; `'float32'`: its single ones. */
  readonly dtype?: FloatDType | undefined;
}

export interface UniformOptions extends FloatOptions {
  readonly minval?: number | undefined;
  readonly maxval?: number | undefined;
}

/** Random bits as numbers from 0 to 2^width − 1. */
export const bits = (key: Key, shape: Shape = [], { width = 32 }: { readonly width?: 8 | 16 | 32 | undefined } = {}): NDArray =>
  makeNDArray(drawBits(key, shape, width), shape);

/**
 * Uniform in [minval, maxval).
 *
 * @example
 * random.uniform(random.PRNGKey(0), [2], { dtype: 'float32' }); // [0.9476670026779175, 0.9785798788070679]
 */
export const uniform = (key: Key, shape: Shape = [], { minval = 0, maxval = 1, dtype = 'float64' }: UniformOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    minval,
    maxval,
    (u) => u,
    (u) => u,
  );

/** Standard normal. */
export const normal = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  asKey(key).traced === undefined
    ? makeNDArray(drawNormal(key, shape, dtype), shape)
    : fromUniform(
        key,
        shape,
        dtype,
        AFTER_MINUS_ONE[dtype],
        1,
        (u) => u,
        (u) => ops.mul(Math.SQRT2, ops.erfinv(u)),
      );

const TINY = { float64: 2 ** -1022, float32: 2 ** -126 } as const;
const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 } as const;

/** A function of uniform numbers: for a known key each step of it rounded as the dtype asks, for a traced one by `ops`. */
const fromUniform = (
  key: Key,
  shape: Shape,
  dtype: FloatDType,
  minval: number,
  maxval: number,
  f: (u: number, round: (x: number) => number) => number,
  traced: (u: AnyArray) => AnyArray,
): NDArray => {
  // What is recorded is a tensor in place of an NDArray: `ops` take both.
  const { traced: words } = asKey(key);
  if (words !== undefined) return traced(tracedUniform(words, shape, minval, maxval)) as NDArray;
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
  const u = drawUniform(key, shape, minval, maxval, dtype);
  return makeNDArray(
    u.map((x) => round(f(x, round))),
    shape,
  );
};

/** Exponential of rate 1: −log1p(−u). */
export const exponential = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    0,
    1,
    (u) => -Math.log1p(-u),
    (u) => ops.neg(ops.log1p(ops.neg(u))),
  );

/** Standard Gumbel: −log(−log u). */
export const gumbel = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    TINY[dtype],
    1,
    (u, round) => -Math.log(-round(Math.log(u))),
    (u) => ops.neg(ops.log(ops.neg(ops.log(u)))),
  );

/** Laplace of scale 1. */
export const laplace = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    -1 + EPSILON[dtype],
    1,
    (u) => Math.sign(u) * Math.log1p(-Math.abs(u)),
    (u) => ops.mul(ops.sign(u), ops.log1p(ops.neg(ops.abs(u)))),
  );

/** Standard Cauchy: tan(π(u − 1/2)). */
export const cauchy = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    EPSILON[dtype],
    1,
    (u) => Math.tan(Math.PI * (u - 0.5)),
    (u) => ops.tan(ops.mul(Math.PI, ops.sub(u, 0.5))),
  );

/** Standard logistic: log(u / (1 − u)). */
export const logistic = (key: Key, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray =>
  fromUniform(
    key,
    shape,
    dtype,
    EPSILON[dtype],
    1,
    (u) => Math.log(u / (1 - u)),
    (u) => ops.log(ops.div(u, ops.sub(1, u))),
  );

/** Standard normal between `lower` and `upper`, by the inverse cdf. */
export const truncatedNormal = (key: Key, lower: number, upper: number, shape: Shape = [], { dtype = 'float64' }: FloatOptions = {}): NDArray => {
  const [low, high] = [2 * ndtr(lower) - 1, 2 * ndtr(upper) - 1];
  const within = (u: AnyArray): AnyArray => ops.minimum(ops.maximum(ops.ndtri(ops.div(ops.add(u, 1), 2)), lower), upper);
  return fromUniform(key, shape, dtype, low, high, (u) => Math.min(Math.max(ndtri((u + 1) / 2), lower), upper), within);
};

/** Whether a uniform number is below `p`, which broadcasts to `shape`. */
export const bernoulli = <P extends Input>(key: Key, p: P, shape?: Shape, options: FloatOptions = {}): Out<P> =>
  ops.less(uniform(key, shape ?? asArray(p).shape, options), p);

/** The index drawn in proportion to exp(logits) along the last axis: argmax(logits + Gumbel). `shape` ends with the batch shape of `logits`. */
export const categorical = <L extends Input>(key: Key, logits: L, shape?: Shape, options: FloatOptions = {}): Out<L> => {
  const array = asArray(logits);
  const batch = array.shape.slice(0, -1);
  const out = shape ?? batch;
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
  const draw = (from: Key): readonly bigint[] => (wide ? [...drawBits64(from, shape)] : Array.from(drawBits(from, shape, 32), (x) => BigInt(x)));
  const [high, low] = [draw(forHigh), draw(forLow)];
  const span = maxval > minval ? BigInt(maxval) - BigInt(minval) : 1n;
  const wrap = (x: bigint): bigint => BigInt.asUintN(Number(width), x);
  // 2^width mod span, in arithmetic that wraps at that width.
  const root = (1n << (width / 2n)) % span;
  const multiplier = wrap(root * root) % span;
  const numbers = high.map((h, i) => Number(BigInt(minval) + (wrap(wrap((h % span) * multiplier) + (low[i]! % span)) % span)));
  return makeNDArray(Float64Array.from(numbers), shape, wide ? 'float64' : 'int32');
};

/** Rounds of sorting by random keys after which ties leave no bias worth the name: JAX's `_shuffle`. */
const shuffleRounds = (size: number): number => Math.ceil((3 * Math.log(Math.max(1, size))) / Math.log(0xffffffff));

/** 0 … n − 1 in random order, or the rows of an array. */
export const permutation = <X extends Input>(key: Key, x: X): Out<X> => {
  const array = asArray(x);
  const isCount = array.shape.length === 0;
  const size = isCount ? toNDArray(array).item() : array.shape[0];
  let order = Array.from({ length: size }, (_, i) => i);
  let next: Key = key;
  for (let round = 0; round < shuffleRounds(size); round++) {
    const [rest, sub] = split(next);
    const sortKeys = drawBits(sub, [size], 32);
    order = Array.from({ length: size }, (_, i) => i)
      .sort((i, j) => sortKeys[i]! - sortKeys[j]! || i - j)
      .map((i) => order[i]!);
    next = rest;
  }
  const positions = makeNDArray(Float64Array.from(order), [size], 'int32');
  return (isCount ? positions : ops.gather(array, positions, 0)) as Out<X>;
};

/** `shape` of the numbers 0 … n − 1 (or rows of an array), with or without replacement. */
export const choice = <X extends Input>(key: Key, x: X, shape: Shape = [], { replace = true }: { readonly replace?: boolean | undefined } = {}): Out<X> => {
  const array = asArray(x);
  const isCount = array.shape.length === 0;
  const size = isCount ? toNDArray(array).item() : array.shape[0];
  if (!replace && sizeOf(shape) > size) {
    throw kindlingError('InvalidArgument', { message: `can't choose ${sizeOf(shape)} of ${size} without replacement` });
  }
  const picks = replace ? randint(key, shape, 0, size, { dtype: 'int64' }) : ops.reshape(ops.slice(permutation(key, size), 0, sizeOf(shape)), shape);
  return (isCount ? picks : ops.gather(array, picks, 0)) as Out<X>;
};

/** A key as an array of two int32 words, the form in which kernels take it. */
const keyWords = (key: Key): NDArray =>
  makeNDArray(
    Float64Array.from(keyData(key), (word) => word | 0),
    [2],
    'int32',
  );

/** The logarithm of Gamma(a, 1) variates, which does not underflow at small shapes. Differentiable in `a`. */
export const logGamma = <A extends Input>(key: Key, a: A, shape?: Shape): Out<A> => {
  const full = shape ?? asArray(a).shape;
  return apply(RandomLogGamma, [keyWords(key), ops.broadcastTo(asArray(a), full)]) as Out<A>;
};

/** Gamma(a, 1) variates of any shape a > 0, differentiable in `a`. */
export const gamma = <A extends Input>(key: Key, a: A, shape?: Shape): Out<A> => ops.exp(logGamma(key, a, shape)) as Out<A>;

/** log x and log(1 − x), x ~ Beta(a, b), from two gamma variates in logs. */
export const logBeta = (key: Key, a: Input, b: Input, shape?: Shape): readonly [logX: AnyArray, log1mX: AnyArray] => {
  const full = shape ?? broadcastShapes(asArray(a).shape, asArray(b).shape);
  const [forA, forB] = split(key);
  const [p, q] = [logGamma(forA, asArray(a), full), logGamma(forB, asArray(b), full)];
  const total = ops.logAddExp(p, q);
  return [ops.sub(p, total), ops.sub(q, total)];
};

/** Beta(a, b) variates, differentiable in both. */
export const beta = <A extends Input, B extends Input>(key: Key, a: A, b: B, shape?: Shape): Out2<A, B> => ops.exp(logBeta(key, a, b, shape)[0]) as Out2<A, B>;
