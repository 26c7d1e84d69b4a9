/** Matrix products as code: every shape, transposition and precision against the kernel's run in float64. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BatchMatMul } from '../../../core/kernels/matMul.ts';
import type { Buffer } from '../../../core/kernels/kernel.ts';
import { broadcastShapes, sizeOf, type Shape } from '../../../core/shape.ts';
import { assemble } from '../../../transforms/jit/assembler.ts';
import { emitProduct, productOf, scratchDoubles, type Product } from '../../../transforms/jit/product.ts';
import { laws } from '../../laws.ts';
import { webAssembly } from '../../../transforms/jit/webassembly.ts';

interface Case {
  readonly a: Buffer;
  readonly b: Buffer;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

/** What lies between the arrays, which no product may change. */
const GUARD = 12345;
const GAP = 8;
const PAGE = 65_536;

const outputShape = ({ a, b, attrs }: Case): Shape =>
  BatchMatMul.shape(
    [a, b].map(({ shape }) => ({ shape, dtype: 'float' })),
    attrs,
  ).shape;

const productIn = (given: Case, precision: Product['precision']): Product =>
  productOf(
    [given.a, given.b].map(({ shape }) => ({ shape, dtype: 'float' as const })),
    { shape: outputShape(given), dtype: 'float' },
    given.attrs,
    precision,
  );

/** Runs a product as code: between guards, with C and the scratch area full of NaN, and B at the very end of the memory. */
const runProduct = (given: Case, precision: Product['precision']): Float64Array => {
  const product = productIn(given, precision);
  const size = sizeOf(outputShape(given));
  const scratch = scratchDoubles(product);
  const lengths = [size, scratch, given.a.data.length, given.b.data.length];
  const needed = lengths.reduce((sum, length) => sum + GAP + length, 0);
  const pages = Math.max(1, Math.ceil((8 * needed) / PAGE));
  const begin = (pages * PAGE) / 8 - needed;
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length + GAP, begin + GAP));
  const [c, s, a, b] = starts as [number, number, number, number];
  // Two functions that do nothing come first, so that calls by position are seen to count them.
  const nothing = { params: [], results: [], locals: [], body: new Uint8Array() };
  const functions = emitProduct(product, { a: 8 * a, b: 8 * b, c: 8 * c, scratch: 8 * s, first: 2 });
  const bytes = assemble([nothing, nothing, ...functions.slice(0, -1), { ...functions.at(-1)!, export: 'run' }], pages);
  assert.ok(webAssembly.validate(bytes), 'the module validates');
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const doubles = new Float64Array(memory.buffer).fill(GUARD);
  doubles.set(given.a.data, a);
  doubles.set(given.b.data, b);
  doubles.fill(NaN, c, c + size).fill(NaN, s, s + scratch);
  const before = doubles.slice();
  const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } });
  const run = exports['run'] as () => void;
  run();
  const result = doubles.slice(c, c + size);
  run();
  assert.deepEqual(doubles.slice(c, c + size), result, 'a second run gives the same bits');
  doubles.fill(NaN, c, c + size).fill(NaN, s, s + scratch);
  assert.deepEqual(doubles, before, 'nothing but C and the scratch area is written');
  return result;
};

const expectedOf = (given: Case): Float64Array => {
  const shape = outputShape(given);
  const data = new Float64Array(sizeOf(shape));
  BatchMatMul.run({ shape, data }, [given.a, given.b], given.attrs);
  return data;
};

const magnitudes = ({ shape, data }: Buffer): Buffer => ({ shape, data: Float64Array.from(data, Math.abs) });

const TOLERANCE = { float64: 1e-13, float32: 1e-5 };

const check = (given: Case, precision: Product['precision']): void => {
  const actual = runProduct(given, precision);
  const expected = expectedOf(given);
  const scale = expectedOf({ ...given, a: magnitudes(given.a), b: magnitudes(given.b) });
  actual.forEach((x, i) => {
    const what = `${JSON.stringify([given.a.shape, given.b.shape, given.attrs])} in ${precision}: ${x} and ${expected[i]} at ${i}`;
    if (!Number.isFinite(expected[i])) assert.ok(Object.is(x, expected[i]), what);
    else assert.ok(Math.abs(x - expected[i]!) <= TOLERANCE[precision] * scale[i]!, what);
    if (precision === 'float32') assert.ok(Object.is(x, Math.fround(x)), `a single: ${what}`);
  });
};

/** Numbers in (−1, 1) of which both precisions hold every one: a linear congruential generator's. */
const numbers = (shape: Shape, seed: number): Buffer => {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(next() / 2 ** 31 - 1)) };
};

const booleans = fc.boolean();
const extents = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 3, 4, 8, 9, 16));
/** Pairs of batch shapes that broadcast. */
const batches = fc.constantFrom<readonly [Shape, Shape]>(
  [[], []],
  [[3], []],
  [[], [2]],
  [[2], [2]],
  [[2, 1], [3]],
  [[2, 3], [3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [1, 2],
    [2, 2],
  ],
  [[4, 1], [1]],
);

interface Extents {
  readonly batch?: readonly [Shape, Shape];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly seed?: number;
}

const makeCase = (rows: number, inner: number, columns: number, { batch = [[], []], transposeA, transposeB, seed = 1 }: Extents): Case => ({
  a: numbers([...batch[0], ...(transposeA ? [inner, rows] : [rows, inner])], seed),
  b: numbers([...batch[1], ...(transposeB ? [columns, inner] : [inner, columns])], seed + 1),
  attrs: { transposeA, transposeB },
});

const cases = fc
  .record({ rows: extents, inner: extents, columns: extents, batch: batches, transposeA: booleans, transposeB: booleans, seed: fc.nat(1000) })
  .map(({ rows, inner, columns, ...rest }) => makeCase(rows, inner, columns, rest));

const transpositions = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));
const precisions = ['float64', 'float32'] as const;

laws('jit product', {
  'a product of any shape, batch and transposition is the kernel’s': () =>
    fc.assert(fc.property(cases, fc.constantFrom(...precisions), (given, precision) => check(given, precision))),
  'every extent from 1 to 9 with every other': () => {
    for (const rows of [1, 2, 3, 5, 6, 7, 9])
      for (const columns of [1, 2, 3, 5, 8, 9])
        for (const inner of [1, 4, 9])
          for (const transposition of transpositions) for (const precision of precisions) check(makeCase(rows, inner, columns, transposition), precision);
  },
  'several blocks of the inner axis and of the columns, and what is left of them': () => {
    const shapes = [
      [9, 257, 10],
      [13, 130, 521],
      [10, 300, 133],
      [70, 513, 2],
      [1, 600, 37],
      [37, 600, 1],
    ] as const;
    for (const [rows, inner, columns] of shapes)
      for (const transposition of transpositions) for (const precision of precisions) check(makeCase(rows, inner, columns, transposition), precision);
  },
  'a long sum in float32 is added up in parts': () => {
    for (const transposition of transpositions) {
      const given = makeCase(9, 5000, 9, transposition);
      given.a.data.fill(Math.fround(0.1));
      given.b.data.fill(Math.fround(0.7));
      check(given, 'float32');
    }
  },
  'NaN and infinities reach the elements they belong to, and no other': () =>
    fc.assert(
      fc.property(cases, fc.constantFrom(...precisions), fc.constantFrom(NaN, Infinity, -Infinity), fc.nat(), fc.nat(), (given, precision, value, i, j) => {
        for (const [{ data }, at] of [
          [given.a, i],
          [given.b, j],
        ] as const) {
          data[at % data.length] = value;
          check(given, precision);
        }
      }),
    ),
  'sums over an empty axis are zero, and products without elements write nothing': () => {
    for (const transposition of transpositions)
      for (const precision of precisions) {
        check(makeCase(3, 0, 5, { ...transposition, batch: [[2, 1], [3]] }), precision);
        check(makeCase(0, 4, 5, transposition), precision);
        check(makeCase(12, 4, 0, transposition), precision);
        check(makeCase(3, 4, 5, { ...transposition, batch: [[0], [1]] }), precision);
      }
  },
  'the code of a product grows with neither its extents nor its batch': () => {
    const size = (given: Case, precision: Product['precision']): number =>
      emitProduct(productIn(given, precision), { a: 0, b: 0, c: 0, scratch: 0, first: 0 }).reduce((sum, { body }) => sum + body.length, 0);
    for (const precision of precisions)
      for (const transposition of transpositions) {
        const small = size(makeCase(33, 131, 35, transposition), precision);
        const large = size(makeCase(133, 259, 135, { ...transposition, batch: [[3, 1], [3]] }), precision);
        assert.ok(large < 2 * small + 1000 && large < 8000, `${small} and ${large} bytes`);
      }
  },
  'broadcast batches read each matrix where it lies': () => {
    const { batch } = productIn(makeCase(2, 3, 4, { batch: [[2, 1], [5]], transposeA: true, transposeB: false }), 'float64');
    assert.deepEqual(batch, [
      { extent: 2, a: 6, b: 0 },
      { extent: 5, a: 0, b: 12 },
    ]);
    assert.deepEqual(broadcastShapes([2, 1], [5]), [2, 5]);
  },
});
