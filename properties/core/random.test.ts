/** Laws of keys and draws: independence by splitting and folding, errors, and gamma and beta variates with their derivatives. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { isKindlingError } from '../../core/errors.ts';
import { array } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import * as random from '../../core/random/index.ts';
import { asKey, fnv1a, siteKey, type Key } from '../../core/random/key.ts';
import { toNDArray, type Value } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { assertClose, derivativeAtZero, forEachEntry } from '../laws/numeric.ts';
import { assertDistribution, assertMean, assertVariance } from '../laws/statistics.ts';
import { tapeGradients } from '../laws/tape.ts';

const { PRNGKey, split, foldIn, keyData } = random;

const key = PRNGKey(7);
const DRAWS = 20_000;

const anyKey = fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n).map(PRNGKey);
const hex = (text: string): string =>
  fnv1a(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
const show = (k: Key): string => keyData(k).join();

/** P(a, eˣ), which for small shapes is not 0 where eˣ underflows. */
const logGammaCdf =
  (a: number) =>
  (logX: Float64Array): Float64Array => {
    const below = toNDArray(ops.gammainc(a, ops.exp(logX))).data;
    const lgamma1 = ops.lgamma(a + 1).item();
    return logX.map((x, i) => (x < -40 ? Math.exp(a * x - lgamma1) : below[i]!));
  };

const gammaShapes = [0.001, 0.05, 0.3, 1, 2.7, 50, 10_000];
const betaShapes = [
  [0.05, 0.1],
  [0.3, 0.7],
  [1, 1],
  [5, 2],
  [300, 50],
] as const;

const refused = (tag: string, f: () => unknown): void => assert.throws(f, (error) => isKindlingError(error) && error._tag === tag);

laws('random', {
  'the keys of a split are distinct, and none is its parent': () =>
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 1, max: 300 }), (k, n) => {
        const shown = [show(k), ...split(k, n).map(show)];
        assert.equal(new Set(shown).size, n + 1);
      }),
    ),

  'foldIn is one-to-one': () =>
    fc.assert(
      fc.property(anyKey, fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 2, maxLength: 100 }), (k, data) =>
        assert.equal(new Set(data.map((d) => show(foldIn(k, d)))).size, data.length),
      ),
    ),

  'split(k, n)[i] = foldIn(k, i)': () =>
    fc.assert(fc.property(anyKey, fc.nat(20), (k, i) => assert.deepEqual(keyData(split(k, 21)[i]!), keyData(foldIn(k, i))))),

  'a negative number folds in as its two’s complement': () => assert.deepEqual(keyData(foldIn(key, -1)), keyData(foldIn(key, 2 ** 32 - 1))),

  'site keys come of the FNV-1a hash of the name in UTF-8': () => {
    assert.deepEqual(['', 'a', 'foobar', 'σ'].map(hex), ['cbf29ce484222325', 'af63dc4c8601ec8c', '85944171f73967e8', hex('\u03c3')]);
    assert.notEqual(show(siteKey(key, 'x')), show(siteKey(key, 'y')));
    assert.equal(show(siteKey(key, 'x')), show(siteKey(PRNGKey(7), 'x')));
  },

  'a batch of keys is indexed, iterated and mapped alike': () =>
    fc.assert(
      fc.property(anyKey, fc.nat(8), (k, n) => {
        const batch = split(k, n);
        const mapped = batch.map(show);
        assert.equal(batch.length, n);
        assert.deepEqual([...batch].map(show), mapped);
        assert.deepEqual(
          Array.from({ length: n }, (_, i) => show(batch[i]!)),
          mapped,
        );
        assert.equal(batch[n], undefined);
      }),
    ),

  'a batch of batches is indexed axis by axis': () => {
    const grid = split(key, [2, 3]);
    const row = grid[1] as random.KeyBatch;
    assert.deepEqual([grid.shape, row.shape, row[2]!.shape], [[2, 3], [3], []]);
    assert.deepEqual(keyData(row[2]!), keyData(split(key, 6)[5]!));
  },

  'keys survive JSON': () => {
    const back = (k: Key): Key => asKey(JSON.parse(JSON.stringify(k)));
    assert.deepEqual(keyData(back(key)), keyData(key));
    assert.deepEqual(JSON.stringify(back(split(key, 3))), JSON.stringify(split(key, 3)));
    assert.deepEqual(random.normal(back(key), [3]), random.normal(key, [3]));
  },

  'what is no key, seed or number to fold in is refused': () => {
    for (const seed of ['a', undefined, null] as unknown as number[]) refused('InvalidArgument', () => PRNGKey(seed));
    for (const shape of [3, [-1], [1.5], '3'] as unknown as number[][]) {
      refused('InvalidShape', () => random.normal(key, shape));
      refused('InvalidShape', () => random.bits(key, shape));
    }
    for (const seed of [0.5, NaN, Infinity, 2 ** 60, 2n ** 64n, -(2n ** 63n) - 1n]) refused('InvalidArgument', () => PRNGKey(seed));
    for (const data of [0.5, NaN, 2 ** 32, -(2 ** 31) - 1]) refused('InvalidArgument', () => foldIn(key, data));
    for (const n of [-1, 1.5, NaN]) refused('InvalidArgument', () => split(key, n));
    for (const wrong of [undefined, null, 3, {}, { words: 'ab' }]) {
      refused('InvalidArgument', () => random.normal(wrong as unknown as Key));
      refused('InvalidArgument', () => split(wrong as unknown as Key));
      refused('InvalidArgument', () => foldIn(wrong as unknown as Key, 1));
    }
    refused('InvalidShape', () => random.normal(split(key, 2)));
    refused('InvalidArgument', () => random.randint(key, [2], 0, 1.5));
    refused('InvalidArgument', () => random.choice(key, 3, [4], { replace: false }));
  },

  'a permutation moves every element once': () =>
    fc.assert(
      fc.property(anyKey, fc.nat(200), (k, n) => {
        const order = [...random.permutation(k, n).data];
        assert.deepEqual(
          order.toSorted((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
        const rows = array(
          Array.from({ length: n }, (_, i) => [i, 0 - i]),
          [n, 2],
        );
        assert.deepEqual(
          [...random.permutation(k, rows).data],
          order.flatMap((i) => [i, 0 - i]),
        );
      }),
    ),

  'gamma variates have the gamma distribution, from tiny shapes to large': () =>
    forEachEntry(Object.fromEntries(gammaShapes.map((a) => [String(a), a])), (a) => {
      const logX = random.logGamma(key, a, [DRAWS]);
      assertDistribution(logX.data, logGammaCdf(a), 'log gamma');
      const { data } = random.gamma(key, a, [DRAWS]);
      assertMean(data, a, 'gamma', Math.sqrt(a));
      if (a > 0.01) assertVariance(data, a, 'gamma');
    }),

  'beta variates have the beta distribution': () =>
    forEachEntry(Object.fromEntries(betaShapes.map(([a, b]) => [`${a}, ${b}`, [a, b] as const])), ([a, b]) => {
      const { data } = random.beta(key, a, b, [DRAWS]);
      assertDistribution(data, (x) => toNDArray(ops.betainc(a, b, x)).data, 'beta');
      assertMean(data, a / (a + b), 'beta', Math.sqrt((a * b) / (a + b + 1)) / (a + b));
    }),

  'a gamma variate moves with its shape as the quantile does': () => {
    const shapes = [0.05, 0.3, 1, 2.7, 50];
    const draws = random.gamma(key, shapes);
    const q = ops.gammainc(shapes, draws);
    const expected = shapes.map((a, i) => derivativeAtZero((h) => ops.gammaincInv(a * (1 + h), q.data[i]!).item()) / a);
    assertClose(ops.mul(draws, ops.randomGammaGrad(shapes, ops.log(draws))), expected, { relative: 1e-6 });
    tf.tidy(() => {
      const byTape = tapeGradients((a) => ops.sum(random.gamma(key, a)), [tf.tensor1d(shapes)])[0]!;
      assertClose(byTape, expected, { relative: 1e-4 });
    });
  },

  'far below any double a gamma variate still moves with its shape': () => {
    const a = 0.002;
    const logX = -5000;
    const logP = a * logX - ops.lgamma(a + 1).item();
    const expected = derivativeAtZero((h) => (logP + ops.lgamma(a * (1 + h) + 1).item()) / (a * (1 + h))) / a;
    assertClose(ops.randomGammaGrad(a, logX), expected, { relative: 1e-7 });
  },

  'a beta variate moves with its shapes as the two gamma variates in it do': () => {
    const [a, b] = [1.3, 0.6];
    const [forA, forB] = split(key);
    const at =
      (forGamma: Key, shape: number) =>
      (h: number): number => {
        const q = ops.gammainc(shape, random.gamma(forGamma, shape));
        return ops.gammaincInv(shape + h, q).item();
      };
    const [p, r] = [at(forA, a), at(forB, b)];
    const expected = [derivativeAtZero((h) => p(h) / (p(h) + r(0))), derivativeAtZero((h) => p(0) / (p(0) + r(h)))];
    const byTape = tf.tidy(() => tapeGradients((x: Value, y: Value) => random.beta(key, x, y), [tf.scalar(a), tf.scalar(b)]).map((g) => g.dataSync()[0]!));
    assertClose(byTape, expected, { relative: 1e-4 });
  },

  'with a tensor among the parameters draws are the same, in single precision': () =>
    tf.tidy(() => {
      const shapes = [0.3, 1, 20];
      const draws = random.gamma(key, tf.tensor1d(shapes));
      assert.ok(draws instanceof tf.Tensor);
      assertClose(draws, random.gamma(key, shapes.map(Math.fround)), { relative: 1e-5 });
    }),
});
