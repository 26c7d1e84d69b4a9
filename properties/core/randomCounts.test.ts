/** Laws of counts by key: Poisson, binomial, multinomial and geometric, up to extreme parameters, and compiled bit for bit as eager. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RandomBinomial, RandomPoisson } from '../../core/kernels/randomCounts.ts';
import { evaluate, type Kernel } from '../../core/kernels/kernel.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { variates } from '../../core/loop/functions/variates.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import * as random from '../../core/random/index.ts';
import { betaincDx, gammaincDx } from '../special/density.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { assertCounts, assertMean, assertVariance } from '../laws/statistics.ts';

const key = random.PRNGKey(23);
const DRAWS = 20_000;

const byName = <A>(values: readonly A[]): Readonly<Record<string, A>> => Object.fromEntries(values.map((value) => [String(value), value]));

type Probability = (values: readonly number[]) => readonly number[];

const poissonPmf =
  (rate: number): Probability =>
  (counts) =>
    counts.map((k) => gammaincDx(k + 1, rate));
const binomialPmf =
  (n: number, p: number): Probability =>
  (counts) =>
    counts.map((k) => betaincDx(k + 1, n - k + 1, p) / (n + 1));
const geometricPmf =
  (p: number): Probability =>
  (counts) =>
    counts.map((k) => p * (1 - p) ** k);

const rates = [1e-3, 0.4, 3, 9.999, 10, 25, 300];
const trials = [
  [1, 0.3],
  [10, 0.5],
  [12, 0.9],
  [1000, 0.0098],
  [1000, 0.0102],
  [1000, 0.995],
  [20, 0.5],
  [300, 0.35],
  [300, 0.8],
] as const;

/** Large enough for what a search, or a probability whose terms cancel, would spoil. */
const largeRates = [1e5, 1e8, 1e15];
const largeTrials = [
  [1e6, 0.7],
  [1e12, 4e-12],
  [1e12, 0.4],
  [1e15, 1e-10],
] as const;

const draws: Readonly<Record<string, (k: random.Key) => AnyArray>> = {
  poisson: (k) => random.poisson(k, [[0], [0.5], [9], [11], [1e8]], [5, 6]),
  binomial: (k) => random.binomial(k, [[0], [7], [400], [1e9]], [0, 0.01, 0.5, 0.99, 1]),
  multinomial: (k) => random.multinomial(k, [[3], [50]], [0.2, 0, 0.5, 0.1, 0.2], [2, 4]),
  geometric: (k) => random.geometric(k, [0.01, 0.5, 1], [4, 3]),
  rademacher: (k) => random.rademacher(k, [9]),
};

const asCode = (kernel: Kernel, key0: number, key1: number, ...parameters: readonly number[]): void => {
  const size = 12;
  const words = makeNDArray(Float64Array.of(key0, key1), [2], 'int32');
  const { data } = evaluate(kernel, [words, ...parameters.map((x) => makeNDArray(new Float64Array(size).fill(x), [size]))]);
  data.forEach((expected, i) =>
    assert.equal(functionOf(variates[kernel.name]!)(key0, key1, i, ...parameters), expected, `${kernel.name}(${parameters.join()}) ${i}`),
  );
};

laws('counts', {
  'Poisson counts have the Poisson distribution': () =>
    forEachEntry(byName(rates), (rate) => assertCounts(random.poisson(key, rate, [DRAWS]).data, poissonPmf(rate), 'Poisson')),

  'Poisson counts have their mean and variance at any rate': () =>
    forEachEntry(byName([...rates, ...largeRates]), (rate) => {
      const { data } = random.poisson(key, rate, [DRAWS]);
      assert.ok(data.every((k) => k >= 0 && Number.isInteger(k)));
      assertMean(data, rate, 'Poisson', Math.sqrt(rate));
      if (rate > 0.1) assertVariance(data, rate, 'Poisson');
    }),

  'at the ends of their parameters counts are certain, and outside NaN': () => {
    assert.deepEqual([...random.poisson(key, [0, -0, Infinity, -1, NaN]).data], [0, 0, Infinity, NaN, NaN]);
    assert.deepEqual([...random.binomial(key, [0, 5, 5, 1e15], [0.3, 0, 1, 1]).data], [0, 0, 5, 1e15]);
    assert.ok(random.binomial(key, [5, 5, 5, 5.5, -1, NaN, Infinity], [NaN, -0.1, 1.1, 0.5, 0.5, 0.5, 0.5]).data.every((k) => Number.isNaN(k)));
    assert.deepEqual([...random.geometric(key, [1, 0, NaN]).data], [0, Infinity, NaN]);
    assert.ok(random.multinomial(key, 5, [0.5, NaN, 0.5]).data.every((k) => Number.isNaN(k)));
    assert.deepEqual([...random.multinomial(key, 5, [0, 0, 2]).data], [0, 0, 5]);
    assert.deepEqual([...random.multinomial(key, 5, [3]).data], [5]);
  },

  'binomial counts have the binomial distribution': () =>
    forEachEntry(byName(trials), ([n, p]) => assertCounts(random.binomial(key, n, p, [DRAWS]).data, binomialPmf(n, p), 'binomial')),

  'binomial counts have their mean and variance for any number of trials': () =>
    forEachEntry(byName([...trials, ...largeTrials]), ([n, p]) => {
      const { data } = random.binomial(key, n, p, [DRAWS]);
      assert.ok(data.every((k) => k >= 0 && k <= n && Number.isInteger(k)));
      assertMean(data, n * p, 'binomial', Math.sqrt(n * p * (1 - p)));
      assertVariance(data, n * p * (1 - p), 'binomial');
    }),

  'counts as code are those of the kernels, bit for bit': () =>
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer(),
        fc.double({ min: -4, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (key0, key1, log10, p) => {
          asCode(RandomPoisson, key0, key1, 10 ** log10);
          asCode(RandomBinomial, key0, key1, Math.round(10 ** log10), p);
        },
      ),
    ),

  'compiled, and for a batch of keys, draws are the eager ones of each key': () =>
    forEachEntry(draws, (draw) => {
      const numbers = (x: unknown): readonly number[] => [...toNDArray(x as AnyArray).data];
      assert.deepEqual(numbers(jit(draw)(key)), numbers(draw(key)));
      const keys = random.split(key, 3);
      const each = keys.map((k) => numbers(draw(k))).flat();
      assert.deepEqual(numbers(vmap(draw)(keys)), each);
      assert.deepEqual(numbers(jit((ks: random.KeyBatch) => vmap(draw)(ks))(keys)), each);
    }),

  'multinomial counts sum to the number of trials, each of them binomial': () =>
    forEachEntry({ two: [0.3, 0.7], five: [0.1, 0.2, 0, 0.3, 0.4], unnormalized: [2, 1, 1, 4] }, (probs) => {
      const total = probs.reduce((a, b) => a + b);
      const k = probs.length;
      const { data } = random.multinomial(key, 15, probs, [DRAWS / 4]);
      for (let row = 0; row < data.length; row += k)
        assert.equal(
          data.slice(row, row + k).reduce((a, b) => a + b),
          15,
        );
      probs.forEach((p, i) =>
        assertCounts(
          data.filter((_, at) => at % k === i),
          p === 0 ? (counts) => counts.map((count) => Number(count === 0)) : binomialPmf(15, p / total),
          `outcome ${i}`,
        ),
      );
      // Neighbours take from each other: their covariance is −n p q.
      const [p, q] = [probs[0]! / total, probs[1]! / total];
      assertMean(
        Float64Array.from({ length: data.length / k }, (_, row) => (data[row * k]! - 15 * p) * (data[row * k + 1]! - 15 * q)),
        -15 * p * q,
        'covariance',
      );
    }),

  'geometric counts are of failures, and signs are even': () => {
    forEachEntry(byName([0.02, 0.5, 0.9]), (p) => assertCounts(random.geometric(key, p, [DRAWS]).data, geometricPmf(p), 'geometric'));
    const signs = random.rademacher(key, [DRAWS]).data;
    assert.ok(signs.every((s) => s === 1 || s === -1));
    assertMean(signs, 0, 'sign', 1);
  },
});
