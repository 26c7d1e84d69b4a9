/** Variates of discrete distributions by key: counts of events, of successes and of failures, and signs. */
import { RandomBinomial, RandomPoisson } from '../kernels/randomCounts.ts';
import type { NDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, type Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { uniform, type FloatOptions } from './draws.ts';
import { split, type Key } from './key.ts';
import { drawVariates } from './variates.ts';

/**
 * Poisson counts as floating numbers: 0 at rate 0, Infinity at Infinity, NaN below 0.
 *
 * Inversion below a rate of 10, above it Hörmann’s PTRS (1993), whose cost does not grow with the rate.
 *
 * @example
 * random.poisson(random.PRNGKey(0), [0, 1e8], [3, 2]).shape; // [3, 2]
 */
export const poisson = <R extends Input>(key: Key, rate: R, shape?: Shape): Out<R> => drawVariates(RandomPoisson, key, [rate], shape) as Out<R>;

/**
 * How many of `n` trials succeed, each with probability `p`, as floating numbers; NaN where `n` is no count or `p` no probability.
 *
 * Inversion where n min(p, 1 − p) is below 10, above it Hörmann’s BTRS (1993), whose cost does not grow with n.
 *
 * @example
 * random.binomial(random.PRNGKey(0), 10, [0, 1]); // [0, 10]
 */
export const binomial = <N extends Input, P extends Input>(key: Key, n: N, p: P, shape?: Shape): Out2<N, P> =>
  drawVariates(RandomBinomial, key, [n, p], shape) as Out2<N, P>;

/** The sums of neighbours along the last axis, which is even. */
const pairSums = (x: AnyArray): AnyArray => ops.sum(ops.reshape(x, [...x.shape.slice(0, -1), x.shape.at(-1)! / 2, 2]), -1);

/**
 * How often each of k outcomes comes up in `n` trials, in proportion to `probs` `[…batch, k]`: `[…shape, k]`, where `shape` ends with the
 * batch shape, to which `n` broadcasts. NaN where `n` is no count or a probability is negative.
 *
 * The trials of a node of a binary tree over the outcomes are shared out by a binomial variate: log₂ k of them, one after another, in place of k.
 *
 * @example
 * ops.sum(random.multinomial(random.PRNGKey(0), 100, [0.2, 0.3, 0.5])); // 100
 */
export const multinomial = <N extends Input, P extends Input>(key: Key, n: N, probs: P, shape?: Shape): Out2<N, P> => {
  const [count, weights] = [asArray(n), asArray(probs)];
  const batch = weights.shape.slice(0, -1);
  const outcomes = weights.shape.at(-1)!;
  const full = shape ?? broadcastShapes(count.shape, batch);
  const depth = Math.ceil(Math.log2(Math.max(1, outcomes)));
  const padded = ops.pad<AnyArray>(weights, [...batch.map(() => [0, 0] as const), [0, 2 ** depth - outcomes]]);
  // From the leaves, whose sums are their weights, up to the two halves.
  const levels = Array.from({ length: depth }).reduce<readonly AnyArray[]>((all) => [pairSums(all[0]!), ...all], [padded]);
  const keys = split(key, Math.max(1, depth));
  let counts: AnyArray = ops.expandDims(ops.broadcastTo(count, full), -1);
  for (let level = 0; level < depth; level++) {
    const [total, halves] = [levels[level]!, levels[level + 1]!];
    const pairs = ops.reshape(halves, [...total.shape, 2]);
    const left = ops.reshape<AnyArray>(ops.slice(pairs, [...total.shape.map(() => 0), 0], [...total.shape, 1]), total.shape);
    const isEmpty = ops.equal(total, 0);
    const ofLeft = binomial(keys[level]!, counts, ops.where(isEmpty, 0, ops.div(left, ops.where(isEmpty, 1, total))), counts.shape);
    counts = ops.reshape(ops.stack([ofLeft, ops.sub(counts, ofLeft)], -1), [...full, 2 ** (level + 1)]);
  }
  return ops.slice(counts, [...full.map(() => 0), 0], [...full, outcomes]) as Out2<N, P>;
};

/**
 * Failures before the first success of trials with probability `p`: ⌊log(1 − u) / log(1 − p)⌋, Infinity where p is 0. (`jax.random.geometric`
 * counts the success too.)
 *
 * @example
 * random.geometric(random.PRNGKey(0), 1, [3]); // [0, 0, 0]
 */
export const geometric = <P extends Input>(key: Key, p: P, shape?: Shape, options: FloatOptions = {}): Out<P> => {
  const array = asArray(p);
  const u = uniform(key, shape ?? array.shape, options);
  const isNever = ops.equal(array, 0);
  const failures = ops.floor(ops.div(ops.log1p(ops.neg(u)), ops.log1p(ops.neg(ops.where(isNever, 0.5, array)))));
  // At p = 1 the quotient is −0 / −∞ or less by −∞.
  return ops.where(isNever, Infinity, ops.abs(failures)) as Out<P>;
};

/**
 * −1 or 1, each with probability ½: `jax.random.rademacher`.
 *
 * @example
 * ops.abs(random.rademacher(random.PRNGKey(0), [3])); // [1, 1, 1]
 */
export const rademacher = (key: Key, shape: Shape = [], options: FloatOptions = {}): NDArray => ops.where(ops.less(uniform(key, shape, options), 0.5), 1, -1);
