/** vmap over keys and models: each lane draws what it would draw alone, and a function seeded outside is refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { plate } from '../../../core/plate.ts';
import { deterministic, factor, param, prngKey, sample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import { isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { seed } from '../../../transforms/handlers/seed.ts';
import { trace } from '../../../transforms/handlers/trace.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { logDensity } from '../../../transforms/logDensity.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { assertClose, forEachEntry } from '../../laws/numeric.ts';

type Draw = (key: random.Key) => AnyArray;

const LANES = 3;

const draws: Readonly<Record<string, Draw>> = {
  bits: (key) => random.bits(key, [2, 3]),
  uniform: (key) => random.uniform(key, [5], { minval: -1, maxval: 0.3 }),
  'uniform, single': (key) => random.uniform(key, [5], { dtype: 'float32' }),
  'normal, a scalar': (key) => random.normal(key),
  exponential: (key) => random.exponential(key, [2]),
  randint: (key) => random.randint(key, [4], -3, 1000),
  gamma: (key) =>
    random.logGamma(key, [
      [0.3, 2],
      [5, 1],
    ]),
  beta: (key) => random.beta(key, [0.5, 2], 3),
  bernoulli: (key) => random.bernoulli(key, [0.1, 0.9]),
  categorical: (key) =>
    random.categorical(key, [
      [0, 1, 2],
      [3, 0, 0],
    ]),
  permutation: (key) => random.permutation(key, 6),
  'of split keys': (key) => ops.stack(random.split(key, 3).map((own) => random.normal(own, [2]))),
  'of folded keys': (key) => random.normal(random.foldIn(key, 7), [2]),
  'of a model': (key) => seed(key)(() => ops.add(sample('a', dist.Normal(0, 1)), sample('b', dist.Gamma(2, 1))))(),
  'of a model that asks for keys': (key) => seed(key)(() => random.normal(prngKey(), [2]))(),
};

/** Nearly to the bit: `Math` and our own functions may differ in the last. */
const assertSame = (actual: Input, expected: Input, what: string): void => assertClose(actual, expected, { relative: 1e-12, absolute: 1e-14 }, what);

/** As near as a draw alone is exact: sites are tensors. */
const assertDraws = (actual: NDArray, draw: Draw, keys: random.KeyBatch, what: string): void => {
  const isSingle = isTensor(draw(keys[0]!));
  assertClose(actual, alone(draw, keys), isSingle ? { relative: 1e-6, absolute: 1e-6 } : { relative: 1e-12, absolute: 1e-14 }, what);
};

const keysOf = (word: number, count: number = LANES): random.KeyBatch => random.split(random.PRNGKey(word), count);

const alone = (draw: Draw, keys: random.KeyBatch): AnyArray => ops.stack(keys.map((key) => toNDArray(draw(key))));

const model = (x: Input, y: Input): void => {
  const slope = sample('slope', dist.Normal(0, 1));
  plate('data', 4)(() => sample('y', dist.Normal(ops.mul(slope, x), 0.5), { obs: y }));
};

laws('vmap over keys', {
  'each lane draws what its key draws alone': () =>
    fc.assert(
      fc.property(fc.nat(), (word) => forEachEntry(draws, (draw, name) => assertDraws(vmap(draw)(keysOf(word)), draw, keysOf(word), name))),
      { numRuns: 3 },
    ),

  'compiled too, and of a compiled function': () =>
    forEachEntry(draws, (draw, name) => {
      const keys = keysOf(5);
      assertDraws(jit(vmap(draw))(keys), draw, keys, name);
      assertDraws(vmap(jit(draw))(keys), draw, keys, name);
    }),

  'two deep, keys of two axes: each its own': () => {
    const keys = random.split(random.PRNGKey(9), [2, 3]);
    const expected = ops.stack(Array.from(keys as Iterable<random.Key>, (row) => alone(draws['gamma']!, row as random.KeyBatch)));
    const twice = vmap(vmap(draws['gamma']!));
    assertSame(twice(keys), expected, 'eager');
    assertSame(jit(twice)(keys), expected, 'compiled');
    const across = vmap(vmap(draws['gamma']!), 1)(keys);
    assertSame(across, ops.transpose(expected, [1, 0, 2, 3]), 'the other axis first');
  },

  'the same key in every lane draws the same; parameters may differ': () => {
    const key = random.PRNGKey(2);
    const shapes = [
      [0.5, 1],
      [2, 3],
      [4, 0.1],
    ];
    const lanes = vmap((own: random.Key, a: Input) => random.logGamma(own, a), [null, 0])(key, shapes);
    assertSame(lanes, ops.stack(shapes.map((a) => random.logGamma(key, a))), 'gamma');
    const numbers = vmap((i: Value) => random.normal(random.foldIn(key, i)))([3, 4, 5]);
    assertSame(numbers, ops.stack([3, 4, 5].map((i) => random.normal(random.foldIn(key, i)))), 'folded');
  },

  'tensors beside keys do not cost bits': () => {
    const keys = keysOf(4);
    const at = toTensor([1, 2, 3], 'int32');
    const drawn = vmap((key: random.Key, i: Value) => random.uniform(random.foldIn(key, i)))(keys, at);
    assertClose(drawn, ops.stack(keys.map((key, i) => random.uniform(random.foldIn(key, i + 1)))), { relative: 1e-7 });
    at.dispose();
    drawn.dispose();
  },

  'keys come out as keys': () => {
    const keys = keysOf(8);
    const [first, more] = vmap((key: random.Key) => [random.foldIn(key, 1), random.split(key, 2)] as const)(keys);
    assert.deepEqual([first.shape, more.shape], [[LANES], [LANES, 2]]);
    (first as random.KeyBatch).map((key, i) => assert.deepEqual(random.keyData(key), random.keyData(random.foldIn(keys[i]!, 1))));
    const normals = vmap((key: random.Key) => random.normal(key))(first as random.KeyBatch);
    assertSame(normals, ops.stack(keys.map((key) => random.normal(random.foldIn(key, 1)))), 'draws by keys that came out');
  },

  'a gradient by parameters of draws, in every lane': () => {
    const keys = keysOf(6);
    const loss = (a: Input, key: random.Key): AnyArray => ops.sum(ops.square(random.gamma(key, a)));
    const slopes = vmap(grad(loss))([0.7, 2, 5], keys);
    assertSame(slopes, ops.stack(keys.map((key, i) => grad(loss)([0.7, 2, 5][i]!, key))), 'grad');
  },

  'the log density of a model at many points, and of many data': () => {
    const draw = drawFrom(1);
    const [x, y, slopes] = [draw.away([4]), draw.away([LANES, 4]), draw.away([LANES])];
    const density = (data: Input, slope: Input): AnyArray => logDensity(model, [x, data], { slope }).logDensity;
    const each = Array.from({ length: LANES }, (_, i) => density(ops.gather(y, i), ops.gather(slopes, i)));
    assertClose(vmap(density)(y, slopes), ops.stack(each), { relative: 1e-5 });
    assertClose(jit(vmap(density))(y, slopes), ops.stack(each), { relative: 1e-5 });
  },

  'a function seeded outside is an error that says to map the keys': () => {
    const outside = (f: () => unknown): void => {
      for (const run of [(): unknown => seed(0)(f)(), (): unknown => trace(seed(0)(f))(), (): unknown => jit(() => seed(0)(f)())()]) {
        assert.throws(run, { _tag: 'MissingKey', message: /same draw.*[Mm]ap the keys/ });
      }
    };
    outside(() => vmap((x: Value) => sample('x', dist.Normal(x, 1)))([1, 2]));
    outside(() => vmap((x: Value) => ops.add(x, random.normal(prngKey())))([1, 2]));
    outside(() => vmap(vmap((x: Value) => sample('x', dist.Normal(x, 1))))([[1, 2]]));
    outside(() => vmap((x: Value) => trace(() => sample('x', dist.Normal(x, 1)))().value)([1, 2]));
  },

  'other statements do not reach handlers around it either; without any they stand for themselves': () => {
    const statements: Readonly<Record<string, (x: Value) => unknown>> = {
      deterministic: (x) => deterministic('d', x),
      factor: (x) => factor('f', x),
      param: () => param('p', 1),
      observed: (x) => sample('y', dist.Normal(0, 1), { obs: x }),
    };
    forEachEntry(statements, (f, name) => {
      assert.throws(() => trace(() => vmap(f)([1, 2]))(), { _tag: 'Unsupported', message: /reaches the handlers around it/ }, name);
      assert.doesNotThrow(() => vmap(f)([1, 2]), name);
      assert.doesNotThrow(() => jit(vmap(f as (x: Value) => Value))([1, 2]), name);
    });
    assert.throws(() => vmap((x: Value) => sample('x', dist.Normal(x, 1)))([1, 2]), { _tag: 'MissingKey', message: /no key to draw/ });
  },

  'a batch of keys that differs in length is refused, and so is an axis of words': () => {
    const f = (key: random.Key, x: Value): AnyArray => ops.add(random.normal(key), x);
    assert.throws(() => vmap(f)(keysOf(1), [1, 2]), { _tag: 'InvalidShape', message: /argument 0 has 3.*argument 1 has 2/ });
    assert.throws(() => vmap(f, [1, 0])(keysOf(1), [1, 2, 3]), { _tag: 'InvalidArgument', message: /argument 0 has no axis 1/ });
    assert.throws(() => vmap(f)(random.PRNGKey(0), [1, 2]), { _tag: 'InvalidArgument', message: /argument 0 has no axis 0/ });
  },
});
