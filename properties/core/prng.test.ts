/** The generator is JAX's: every case of reference/prng.json, bit for bit where the case says so. */
import assert from 'node:assert/strict';
import type { NDArray, Nested } from '../../core/ndarray.ts';
import { array } from '../../core/ndarray.ts';
import { drawBits64 } from '../../core/random/bits.ts';
import * as random from '../../core/random/index.ts';
import { makeKey } from '../../core/random/key.ts';
import { threefry } from '../../core/random/threefry.ts';
import type { Shape } from '../../core/shape.ts';
import { laws } from '../laws.ts';
import { assertClose } from '../laws/numeric.ts';
import { mean, variance } from '../laws/statistics.ts';
import { reference } from '../reference.ts';

interface Case {
  readonly kind: string;
  readonly key: readonly [number, number];
  readonly output: Nested;
  readonly shape: Shape;
  readonly dtype: string;
  readonly exact: boolean;
  readonly rel_tol?: number;
  readonly abs_tol?: number;
  readonly seed: number;
  readonly seed_str: string;
  readonly key_x64: readonly number[];
  readonly counter: readonly [number, number];
  readonly n: number;
  readonly data: number;
  readonly ops: string;
  readonly intermediate: readonly number[];
  readonly width: 8 | 16 | 32 | 64;
  readonly sum?: number;
  readonly xor: number;
  readonly first5: readonly number[];
  readonly last5: readonly number[];
  readonly minval: number;
  readonly maxval: number;
  readonly mean: number;
  readonly var: number;
  readonly min: number;
  readonly max: number;
  readonly lower: number;
  readonly upper: number;
  readonly p: number;
  readonly output_x64: Nested;
  readonly logits: readonly number[];
  readonly replace: boolean;
}

type Floats = 'float32' | 'float64';

const keyOf = (c: Case): random.Key => makeKey(Uint32Array.from(c.key), []);

const drawsOf =
  (draw: (c: Case, key: random.Key, dtype: Floats) => NDArray) =>
  (c: Case): void => {
    const actual = draw(c, keyOf(c), c.dtype.startsWith('float32') ? 'float32' : 'float64');
    const expected = array(c.output);
    if (c.exact) assert.deepEqual(actual.toArray(), c.output);
    else assertClose(actual, expected, { relative: c.rel_tol ?? 0, absolute: c.abs_tol });
  };

const dataOf = (keys: random.KeyBatch): Nested => keys.map((key) => (key.shape.length === 0 ? random.keyData(key) : dataOf(key as random.KeyBatch)));

const checks: Readonly<Record<string, (c: Case) => void>> = {
  threefry2x32_20: (c) => {
    const out = new Uint32Array(2);
    threefry(...c.key, ...c.counter, out);
    assert.deepEqual([...out], c.output);
  },
  key: (c) => assert.deepEqual(random.keyData(random.PRNGKey(BigInt(c.seed_str))), c.key_x64),
  split: (c) => assert.deepEqual(dataOf(random.split(keyOf(c), c.n ?? c.shape)), c.output),
  fold_in: (c) => assert.deepEqual(random.keyData(random.foldIn(keyOf(c), c.data)), c.output),
  chain: (c) => {
    assert.equal(c.ops, 'split(split(key,3)[1],2)[0] then fold_in(.,5)');
    const inner = random.split(random.split(keyOf(c), 3)[1]!)[0];
    assert.deepEqual([random.keyData(inner), random.keyData(random.foldIn(inner, 5))], [c.intermediate, c.output]);
  },
  bits: (c) => {
    if (c.width === 64) return assert.deepEqual(Array.from(drawBits64(keyOf(c), c.shape), String), c.output);
    const bits = random.bits(keyOf(c), c.shape, { width: c.width });
    if (c.sum === undefined) return assert.deepEqual(bits.toArray(), c.output);
    const all = [...bits.data];
    assert.deepEqual(
      [all.reduce((sum, x) => sum + x), all.reduce((xor, x) => xor ^ x, 0) >>> 0, all.slice(0, 5), all.slice(-5)],
      [c.sum, c.xor, c.first5, c.last5],
    );
  },
  uniform: drawsOf(({ shape, minval, maxval }, key, dtype) => random.uniform(key, shape, { minval, maxval, dtype })),
  uniform_stats: (c) => {
    const { data } = random.uniform(keyOf(c), c.shape, { dtype: c.dtype as Floats });
    assertClose([mean(data), variance(data), Math.min(...data), Math.max(...data)], [c.mean, c.var, c.min, c.max], { relative: 0, absolute: c.abs_tol });
  },
  normal: drawsOf(({ shape }, key, dtype) => random.normal(key, shape, { dtype })),
  exponential: drawsOf(({ shape }, key, dtype) => random.exponential(key, shape, { dtype })),
  gumbel: drawsOf(({ shape }, key, dtype) => random.gumbel(key, shape, { dtype })),
  laplace: drawsOf(({ shape }, key, dtype) => random.laplace(key, shape, { dtype })),
  cauchy: drawsOf(({ shape }, key, dtype) => random.cauchy(key, shape, { dtype })),
  logistic: drawsOf(({ shape }, key, dtype) => random.logistic(key, shape, { dtype })),
  truncated_normal: drawsOf(({ shape, lower, upper }, key, dtype) => random.truncatedNormal(key, lower, upper, shape, { dtype })),
  randint: drawsOf(({ shape, minval, maxval, dtype }, key) => random.randint(key, shape, minval, maxval, { dtype: dtype as 'int32' | 'uint32' | 'int64' })),
  bernoulli: (c) => {
    assert.deepEqual([...random.bernoulli(keyOf(c), c.p, c.shape, { dtype: 'float32' }).data], c.output);
    assert.deepEqual([...random.bernoulli(keyOf(c), c.p, c.shape).data], c.output_x64);
  },
  permutation: (c) => assert.deepEqual(random.permutation(keyOf(c), c.n).toArray(), c.output),
  categorical: drawsOf(({ shape, logits }, key, dtype) => random.categorical(key, [...logits], shape, { dtype })),
  choice: (c) => assert.deepEqual(random.choice(keyOf(c), c.n, c.shape, { replace: c.replace }).toArray(), c.output),
};

/** Their algorithm is free: random.test.ts draws from them. */
const elsewhere: readonly string[] = ['moments'];

const cases = reference<{ readonly cases: readonly Case[] }>('prng.json')?.cases;

if (cases !== undefined) {
  const kinds = [...new Set(cases.map(({ kind }) => kind))].filter((kind) => !elsewhere.includes(kind));
  laws('prng', Object.fromEntries(kinds.map((kind) => [`${kind} is JAX's`, () => cases.filter((c) => c.kind === kind).forEach(checks[kind]!)])));
}
