/** Draws by a key that is an argument: recorded and interpreted, and compiled, they are those of the key, to the bit. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fround } from '../../../core/loop/functions/fround.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { isKey, keyWords, siteKey, tracedKey, tracedKeyBatch, type Key } from '../../../core/random/key.ts';
import { appendDigit } from '../../../core/random/tracedIntegers.ts';
import type { Shape } from '../../../core/shape.ts';
import { asArray, toNDArray, toTensor, type AnyArray } from '../../../core/value.ts';
import { evaluateGraph } from '../../../transforms/jit/graph.ts';
import { record } from '../../../transforms/jit/record.ts';
import { laws } from '../../laws.ts';
import { forEachEntry } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, recordOfKey } from '../../laws/recorded.ts';

type Draw = (key: Key, shape: Shape) => AnyArray;

const sameBits = (actual: NDArray, expected: AnyArray, label: string): void => {
  const { shape, data } = toNDArray(expected);
  assert.deepEqual([...actual.shape], [...shape], label);
  const at = actual.data.findIndex((x, i) => !Object.is(x, data[i]));
  assert.ok(at < 0, `${label}[${at}]: ${actual.data[at]}, expected ${data[at]}`);
};

/** Checks a draw by a traced key against the draw by the key itself. */
const checkDraw = (draw: (key: Key) => AnyArray, seed: number, label: string): void => {
  const key = random.PRNGKey(seed);
  const expected = draw(key);
  const recorded = recordOfKey((traced) => [draw(traced)], key);
  sameBits(interpreted(recorded)[0]!, expected, `${label}, interpreted`);
  sameBits(compiled(recorded)[0]!, expected, `${label}, compiled`);
};

const ofUniforms: Readonly<Record<string, (key: Key, shape: Shape, options: { readonly dtype: random.FloatDType }) => AnyArray>> = {
  normal: random.normal,
  exponential: random.exponential,
  gumbel: random.gumbel,
  laplace: random.laplace,
  cauchy: random.cauchy,
  logistic: random.logistic,
  truncatedNormal: (key, shape, options) => random.truncatedNormal(key, -0.5, 2, shape, options),
};

const exactDraws: Readonly<Record<string, Draw>> = {
  'bits of 8': (key, shape) => random.bits(key, shape, { width: 8 }),
  'bits of 16': (key, shape) => random.bits(key, shape, { width: 16 }),
  bits: random.bits,
  uniform: random.uniform,
  'uniform, float32': (key, shape) => random.uniform(key, shape, { minval: -3, maxval: 0.7, dtype: 'float32' }),
  'uniform of a range that overflows the splitting': (key, shape) => random.uniform(key, shape, { minval: -1e300, maxval: 1e300 }),
  bernoulli: (key, shape) => random.bernoulli(key, 0.3, shape),
  'bernoulli, float32': (key, shape) => random.bernoulli(key, 0.3, shape, { dtype: 'float32' }),
  categorical: (key, shape) => random.categorical(key, [0.3, -1, 2, 0], shape),
  'categorical, float32': (key, shape) => random.categorical(key, [0.3, -1, 2, 0], shape, { dtype: 'float32' }),
  'choice with replacement': (key, shape) => random.choice(key, [0.5, 7, -1], shape),
};

const shapes = fc.constantFrom<Shape>([], [1], [5], [2, 3], [40]);

const orders: Readonly<Record<string, (key: Key) => AnyArray>> = {
  'no elements': (key) => random.permutation(key, 0),
  'one element': (key) => random.permutation(key, 1),
  'a count': (key) => random.permutation(key, 100),
  rows: (key) => random.permutation(key, ops.reshape(ops.range(0, 12), [4, 3])),
  'choice without replacement': (key) => random.choice(key, 20, [2, 3], { replace: false }),
};

const shapeParameters = [0.05, 0.7, 1, 3.5, 100];

laws('traced keys', {
  'bits, uniform numbers and choices are those of the key, to the bit': () =>
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => forEachEntry(exactDraws, (draw, name) => checkDraw((key) => draw(key, shape), seed, name))),
      { numRuns: 5 },
    ),

  'uniform numbers of any span round once, as those of the key': () =>
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.nat(), (minval, span, seed) => {
        checkDraw((key) => random.uniform(key, [20], { minval, maxval: minval + span }), seed, `${minval} + ${span}`);
        checkDraw((key) => random.uniform(key, [20], { minval, maxval: minval + span, dtype: 'float32' }), seed, `float32, ${minval} + ${span}`);
      }),
    ),

  'functions of uniform numbers are those of the key': () => {
    for (const dtype of ['float64', 'float32'] as const) {
      for (const [seed, shape] of [
        [11, [3, 20]],
        [12, []],
        [2 ** 31, [129]],
      ] as const)
        forEachEntry(ofUniforms, (draw, name) => checkDraw((key) => draw(key, shape, { dtype }), seed, name));
    }
  },

  'integers of any bounds and width are those of the key': () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 51 }).chain((bits) => fc.tuple(fc.integer({ min: -(2 ** bits), max: 2 ** bits }), fc.integer({ min: 0, max: 2 ** bits }))),
        fc.constantFrom('int32' as const, 'int64' as const, undefined),
        fc.nat(),
        ([minval, span], dtype, seed) =>
          checkDraw((key) => random.randint(key, [10], minval, minval + span, { dtype }), seed, `${minval} … + ${span}, ${dtype}`),
      ),
    ),

  'spans at the edges of exactness': () => {
    for (const span of [1, 2, 2 ** 16, 2 ** 16 + 1, 2 ** 26 + 1, 3e9 + 19, 2 ** 32 - 1, 2 ** 32, 2 ** 37, 2 ** 37 + 1, 2 ** 52 - 1, 2 ** 52]) {
      checkDraw((key) => random.randint(key, [50], 0, span, { dtype: 'int64' }), span, `2^${Math.log2(span)}`);
      if (span <= 2 ** 32) checkDraw((key) => random.randint(key, [50], -5, span - 5, { dtype: 'int32' }), span, `2^${Math.log2(span)}`);
    }
    assert.throws(() => recordOfKey((key) => [random.randint(key, [1], 0, 2 ** 52 + 1)], random.PRNGKey(0)), { _tag: 'Unsupported' });
  },

  'a digit is appended to a remainder without a rounding': () => {
    const check = (r: number, digit: number, m: number): void =>
      assert.equal(
        toNDArray(appendDigit(asArray(r), asArray(digit), m)).item(),
        Number((BigInt(r) * 65536n + BigInt(digit)) % BigInt(m)),
        `${r}, ${digit}, ${m}`,
      );
    const widest = 2 ** 52 - 1;
    // r · 2^16 = (2^16 − 1) · m − 1: the quotient rounds up to a whole number.
    for (const digit of [0, 1, 2, 65535]) check(widest - 2 ** 36, digit, widest);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 52 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(65535), (m, part, digit) =>
        check(Math.min(Math.floor(part * m), m - 1), digit, m),
      ),
      { numRuns: 500 },
    );
  },

  'permutations and choices without replacement': () => {
    forEachEntry(orders, (draw, name) => checkDraw(draw, 3, name));
    // Two of the random keys by which it sorts are equal.
    checkDraw((key) => random.permutation(key, 600), 14579, 'a tie');
    assert.throws(() => recordOfKey((key) => [random.permutation(key, 1025)], random.PRNGKey(0)), { _tag: 'Unsupported' });
  },

  'gamma, beta, t and von Mises variates, and counts': () => {
    checkDraw((key) => random.logGamma(key, shapeParameters, [30, 5]), 1, 'logGamma');
    checkDraw((key) => random.gamma(key, shapeParameters, [30, 5]), 2, 'gamma');
    checkDraw((key) => random.beta(key, shapeParameters, 0.6, [30, 5]), 3, 'beta');
    for (const seed of [4, 2 ** 32 - 1]) {
      checkDraw((key) => random.logGamma(key, 0.3, [7]), seed, 'logGamma of one shape');
      checkDraw((key) => random.studentT(key, shapeParameters), seed, 'studentT');
      checkDraw((key) => random.vonMises(key, shapeParameters, [30, 5]), seed, 'vonMises');
      checkDraw((key) => random.poisson(key, [0.3, 8, 40], [50, 3]), seed, 'poisson');
      checkDraw((key) => random.binomial(key, [3, 40, 1e6], 0.4, [50, 3]), seed, 'binomial');
    }
    // The key known, the parameter an argument.
    const known = recordAt((a) => [random.gamma(random.PRNGKey(5), a)], [toNDArray(shapeParameters)]);
    for (const run of [interpreted, compiled]) sameBits(run(known)[0]!, random.gamma(random.PRNGKey(5), shapeParameters), 'gamma of a known key');
  },

  'keys derived of a traced key are those derived of the key': () => {
    const derive = (key: Key): readonly AnyArray[] => [
      keyWords(random.split(key)),
      keyWords(random.split(key, [2, 3])),
      keyWords(random.split(key, [2, 3])[1]!),
      keyWords((random.split(key, [2, 3])[1] as random.KeyBatch)[2]!),
      keyWords(random.split(random.foldIn(key, -7), 1)[0]!),
      keyWords(siteKey(key, 'a site')),
      ...[...random.split(key, 3)].map((each) => random.uniform(each, [2])),
    ];
    const key = random.PRNGKey(9);
    const recorded = recordOfKey(derive, key);
    for (const run of [interpreted, compiled]) run(recorded).forEach((x, i) => sameBits(x, derive(key)[i]!, `key ${i}`));
  },

  'a batch of keys as an argument is indexed, iterated and mapped': () => {
    const keys = random.split(random.PRNGKey(2), [3, 2]);
    const use = (batch: random.KeyBatch): readonly AnyArray[] => [
      keyWords(batch),
      ...batch.map((row) => random.normal((row as random.KeyBatch)[1]!)),
      ...[...(batch[2] as random.KeyBatch)].map((each) => keyWords(each)),
    ];
    const recorded = recordAt((words) => use(tracedKeyBatch(words, [3, 2])), [toNDArray(keyWords(keys))]);
    interpreted(recorded).forEach((x, i) => sameBits(x, use(keys)[i]!, `output ${i}`));
    compiled(recorded).forEach((x, i) => sameBits(x, use(keys)[i]!, `output ${i}`));
  },

  'an integer that is an argument is folded in': () => {
    const key = random.PRNGKey(4);
    const numbers = [0, 1, 2 ** 31, 2 ** 32 - 1, -1, -(2 ** 31)];
    const fold = (traced: Key, data: AnyArray): readonly AnyArray[] => [keyWords(random.foldIn(traced, data)), keyWords(random.foldIn(key, data))];
    for (const number of numbers) {
      const data = makeNDArray(Float64Array.of(number), []);
      const recorded = recordAt((words, x) => fold(tracedKey(words), x), [toNDArray(keyWords(key)), data]);
      for (const run of [interpreted, compiled]) {
        run(recorded).forEach((x) => sameBits(x, keyWords(random.foldIn(key, number)), `${number}`));
      }
      assert.deepEqual(random.keyData(random.foldIn(key, data)), random.keyData(random.foldIn(key, number)));
    }
  },

  'what is recorded in single precision draws in single precision, unless it says otherwise': () => {
    const key = random.PRNGKey(6);
    const draws = (at: Key, dtype?: random.FloatDType): readonly AnyArray[] => [
      random.normal(at, [5], { dtype }),
      random.bernoulli(at, 0.5, [5], { dtype }),
      random.uniform(at, [5], { dtype: 'float64' }),
    ];
    const avals = [{ shape: [2], dtype: 'float' as const }];
    const graph = record(([words]) => draws(tracedKey(words!)).map((x) => toTensor(x)), avals, { precision: 'float32' });
    evaluateGraph(graph, [toNDArray(keyWords(key))]).forEach((x, i) => sameBits(x, draws(key, 'float32')[i]!, `draw ${i}`));
    assert.notDeepEqual(draws(key), draws(key, 'float32'));
  },

  'a large batch of keys is made at once': () => {
    const { graph } = recordOfKey((key) => [keyWords(random.split(key, 100))], random.PRNGKey(0));
    assert.equal(graph.nodes.filter((node) => node.kind === 'apply' && node.kernel.name === 'ThreefryWord').length, 2);
  },

  'a traced key is a key, and does not show its words': () => {
    const words = [{ shape: [2], dtype: 'float' as const }];
    const used = (use: (key: Key) => unknown) => (): unknown => record(([x]) => (use(tracedKey(x!)), [x!]), words);
    used((key) => {
      assert.ok(isKey(key) && isKey(random.split(key)) && isKey(random.split(key)[0]));
      assert.deepEqual(random.split(key, [2, 3])[0]!.shape, [3]);
      assert.equal(random.split(key, 4)[4], undefined);
    })();
    for (const use of [random.keyData, JSON.stringify]) assert.throws(used(use), { _tag: 'Unsupported' });
    for (const draw of [random.normal, random.split, random.bits])
      assert.throws(
        used((key) => draw(random.split(key))),
        { _tag: 'InvalidShape' },
      );
    assert.throws(
      used((key) => tracedKeyBatch(key.traced!, [2])),
      { _tag: 'InvalidShape' },
    );
  },

  'rounding to single precision as code is Math.fround': () => {
    const round = functionOf(fround);
    const edges = [
      0,
      2 ** -149,
      2 ** -150,
      2 ** -126,
      2 ** 128,
      2 ** 128 - 2 ** 103,
      2 ** 128 - 2 ** 104,
      1 + 2 ** -24,
      1 + 3 * 2 ** -24,
      5e-324,
      Infinity,
      NaN,
    ];
    const check = (x: number): void => assert.ok(Object.is(round(x), Math.fround(x)), `${x}: ${round(x)}, expected ${Math.fround(x)}`);
    for (const x of edges) [x, -x, x * (1 + 2 ** -52), x * (1 - 2 ** -53)].forEach(check);
    fc.assert(fc.property(fc.double(), check), { numRuns: 2000 });
    // Halfway between two singles.
    fc.assert(
      fc.property(fc.float(), fc.integer({ min: -1, max: 1 }), (x, by) => check(x * (1 + 2 ** -24) + by * 2 ** -60)),
      { numRuns: 500 },
    );
  },
});
