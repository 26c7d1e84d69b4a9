/** Laws of linear systems, determinants and factorisations: what they reconstruct, and how well. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { array, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import type { Shape } from '../../core/shape.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { drawFrom } from '../laws/draw.ts';
import { assertClose } from '../laws/numeric.ts';

const UNIT = 2 ** -53;

const refused = (tag: string, f: () => unknown): void => assert.throws(f, { _tag: tag });

const largest = (x: AnyArray): number => toNDArray(x).data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Fails unless two arrays differ by no more than some roundings of numbers of this size. */
const near = (actual: AnyArray, expected: AnyArray, size: number, label: string): void =>
  assertClose(actual, expected, { relative: 0, absolute: 40 * UNIT * size }, label);

const identity = (like: AnyArray): NDArray => ops.broadcastTo(ops.eye(like.shape.at(-1)!), like.shape);

const transposed = (a: NDArray): NDArray => ops.transposeMatrix(a);

/** Matrices of which some are singular, some graded, some of whole numbers; a power of ten scales them. */
const matrices = (shape: fc.Arbitrary<Shape>, exponents: fc.Arbitrary<number> = fc.constant(0)): fc.Arbitrary<NDArray> =>
  fc
    .record({ shape, seed: fc.nat(), kind: fc.constantFrom('dense', 'whole', 'graded', 'twin rows', 'sparse'), exponent: exponents })
    .map(({ shape: extents, seed, kind, exponent }) => {
      const columns = extents.at(-1)!;
      const draw = drawFrom(seed);
      const x = draw.uniform(extents, -2, 2);
      const shaped = x.data.map((value, i) => {
        const row = Math.floor(i / columns) % extents.at(-2)!;
        if (kind === 'whole') return Math.round(value);
        if (kind === 'graded') return value * 10 ** (-3 * row);
        if (kind === 'sparse') return Math.abs(value) < 1.2 ? 0 : value;
        return kind === 'twin rows' && row === 1 ? x.data[i - columns]! : value;
      });
      return makeNDArray(
        shaped.map((value) => value * 10 ** exponent),
        extents,
      );
    });

const extent = fc.integer({ min: 1, max: 12 });
const square = extent.map((n): Shape => [n, n]);
const rectangular = fc.tuple(extent, extent).map((shape): Shape => shape);
const anyScale = fc.constantFrom(0, 0, -300, -155, -30, 30, 154, 300);

/** Fails unless a function of a stack of matrices is the stack of what it gives for each. */
const mapsBatches = (f: (a: AnyArray) => readonly AnyArray[], shape: Shape): void =>
  fc.assert(
    fc.property(matrices(fc.constant([2, 3, ...shape])), (stack) => {
      const whole = f(stack);
      const each = ops.unstack(ops.reshape(stack, [6, ...shape])).map((a) => f(a));
      whole.forEach((part, k) => assert.deepEqual(toNDArray(part), ops.reshape(ops.stack(each.map((parts) => toNDArray(parts[k]!))), part.shape)));
    }),
    { numRuns: 10 },
  );

laws('linear algebra', {
  'solve leaves a residual of some roundings': () =>
    fc.assert(
      fc.property(
        matrices(square).chain((a) => fc.tuple(fc.constant(a), matrices(extent.map((k) => [a.shape[0]!, k])))),
        fc.boolean(),
        ([a, b], transpose) => {
          const x = ops.solve(a, b, { transpose });
          if (!x.data.every(Number.isFinite)) return;
          near(ops.matMul(a, x, transpose), b, 12 * a.shape[0]! * largest(a) * largest(x) + largest(b), 'A X');
        },
      ),
    ),
  'a small pivot does no harm, nor does none': () => {
    for (const pivot of [1e-20, 0]) {
      const a = [
        [pivot, 1],
        [1, 1],
      ];
      for (const transpose of [false, true]) assertClose(ops.solve(a, [1, 2], { transpose }), [1, 1], { relative: 1e-15 });
      assertClose(ops.det(a), -1, { relative: 1e-15 });
    }
  },
  'of a singular matrix solve is not finite, slogdet 0 and −∞, det 0': () => {
    const singular = [
      [1, 2],
      [2, 4],
    ];
    assert.ok(!ops.solve(singular, [1, 1]).data.some(Number.isFinite));
    assert.ok(!ops.inverse([[0]]).data.some(Number.isFinite));
    assert.deepEqual(
      ops.slogdet(singular).map((x) => x.item()),
      [0, -Infinity],
    );
    assert.equal(ops.det(singular).item(), 0);
  },
  'solve takes a vector, and broadcasts batches': () => {
    const draw = drawFrom(7);
    const [a, b] = [draw.triangular([3, 1], 4), draw.uniform([2, 4, 5], -1, 1)];
    const x = ops.solve(a, b);
    assert.deepEqual(x.shape, [3, 2, 4, 5]);
    near(ops.matMul(a, x), ops.broadcastTo(b, [3, 2, 4, 5]), 50, 'A X');
    assert.deepEqual(
      ops.solve(
        [
          [2, 0],
          [0, 4],
        ],
        [2, 2],
      ),
      array([1, 0.5]),
    );
  },
  'the inverse solves for the identity': () =>
    fc.assert(
      fc.property(matrices(square), (a) => {
        const inverse = ops.inverse(a);
        if (inverse.data.every(Number.isFinite)) near(ops.matMul(a, inverse), identity(a), 12 * a.shape[0]! * largest(a) * largest(inverse), 'A A⁻¹');
      }),
    ),
  'determinants multiply, and are those of the transpose': () =>
    fc.assert(
      fc.property(
        extent.chain((n) => fc.tuple(fc.nat(), fc.constant(n))),
        ([seed, n]) => {
          const draw = drawFrom(seed);
          const [a, b] = [draw.triangular([], n), draw.triangular([], n)];
          const [ofA, ofB, ofBoth, ofTransposed] = [a, b, ops.matMul(a, b), transposed(a)].map((x) => ops.det(x).item()) as [number, number, number, number];
          // det A is a sum of n! products, none of which is larger than that of the norms of the rows.
          const size = (x: NDArray): number => ops.prod(ops.sqrt(ops.sum(ops.square(x), -1))).item();
          near(array(ofBoth), array(ofA * ofB), 50 * size(a) * size(b), 'det AB');
          near(array(ofTransposed), array(ofA), 50 * size(a), 'det Aᵀ');
          const [sign, log] = ops.slogdet(a);
          near(ops.mul(sign, ops.exp(log)), array(ofA), 50 * size(a), 'slogdet');
        },
      ),
    ),
  'V diag(w) Vᵀ = (A + Aᵀ)/2 with w ascending and V orthogonal': () =>
    fc.assert(
      fc.property(matrices(square, anyScale), (a) => {
        const n = a.shape[0]!;
        const [w, v] = ops.eigh(a);
        // Halves first: what is near the largest double has no sum.
        const scaled = ops.div(ops.add(ops.mul(0.5, a), ops.mul(0.5, transposed(a))), Math.max(largest(a), 5e-324));
        near(ops.div(ops.matMul(ops.mul(v, w), v, false, true), Math.max(largest(a), 5e-324)), scaled, 6 * n, 'V diag(w) Vᵀ');
        near(ops.matMul(v, v, true), ops.eye(n), 6 * n, 'Vᵀ V');
        w.data.forEach((value, i) => assert.ok(i === 0 || value >= w.data[i - 1]!));
        for (const column of ops.unstack(v, 1)) assert.ok(Math.max(...column.data) >= -Math.min(...column.data) - 1e-15);
      }),
    ),
  'eigenvalues that coincide, and those of other orders of magnitude': () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 1, 1, 1, -2, 1e-9, 1e5), { minLength: 1, maxLength: 9 }), fc.nat(), (values, seed) => {
        const n = values.length;
        const [q] = ops.qr(drawFrom(seed).uniform([n, n], -1, 1));
        const [w] = ops.eigh(ops.matMul(ops.mul(q, values), q, false, true));
        near(w, array([...values].sort((x, y) => x - y)), 10 * n * largest(array(values)), 'w');
      }),
    ),
  'what is next to nothing beside the rest does no harm': () => {
    for (const tiny of [1e-150, 1e-200, 1e-300, 1e-310, 5e-324]) {
      const a = array([
        [1, tiny, 0, 0],
        [tiny, 0, tiny, 0],
        [0, tiny, 0, tiny],
        [0, 0, tiny, tiny],
      ]);
      const [w, v] = ops.eigh(a);
      near(ops.matMul(v, v, true), ops.eye(4), 10, 'Vᵀ V');
      near(w, array([0, 0, 0, 1]), 10, 'w');
      near(ops.matMul(ops.qr(a)[0], ops.qr(a)[0], true), ops.eye(4), 10, 'Qᵀ Q');
    }
  },
  'a large symmetric matrix keeps its digits': () => {
    const a = drawFrom(3).positiveDefinite([], 100);
    const [w, v] = ops.eigh(a);
    assertClose(ops.matMul(v, v, true), ops.eye(100), { relative: 0, absolute: 2e-14 });
    assertClose(ops.matMul(ops.mul(v, w), v, false, true), a, { relative: 2e-14, scaled: true });
  },
  'eigh and qr of what is not finite are NaN': () =>
    fc.assert(
      fc.property(matrices(square), fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (a, at, bad) => {
        const data = Float64Array.from(a.data);
        data[at % data.length] = bad;
        const given = makeNDArray(data, a.shape);
        for (const part of [...ops.eigh(given), ops.qr(given)[0]]) assert.ok(part.data.every(Number.isNaN));
      }),
    ),
  'the gradient of a function of the eigenvalues alone stands where they coincide': () =>
    assertClose(grad((a: AnyArray) => ops.sum(ops.square(ops.eigh(a)[0])))(ops.mul(3, ops.eye(4))), ops.mul(6, ops.eye(4)), { relative: 1e-14 }),
  'A = Q R with Q orthonormal and R upper triangular, its diagonal not negative': () =>
    fc.assert(
      fc.property(matrices(rectangular, anyScale), (a) => {
        const [m, n] = a.shape as [number, number];
        const [q, r] = ops.qr(a);
        assert.deepEqual(
          [q.shape, r.shape],
          [
            [m, Math.min(m, n)],
            [Math.min(m, n), n],
          ],
        );
        const scale = Math.max(largest(a), 5e-324);
        near(ops.div(ops.matMul(q, r), scale), ops.div(a, scale), 6 * m, 'Q R');
        near(ops.matMul(q, q, true), ops.eye(Math.min(m, n)), 6 * m, 'Qᵀ Q');
        assert.deepEqual(ops.triu(r), r);
        assert.ok(ops.diagPart(r).data.every((x) => x >= 0));
      }),
    ),
  'a batch is a map': () => {
    mapsBatches((a) => ops.eigh(a), [4, 4]);
    mapsBatches((a) => ops.qr(a), [4, 3]);
    mapsBatches((a) => [...ops.slogdet(a), ops.det(a), ops.inverse(a)], [4, 4]);
  },
  'matrices that are not square are refused': () => {
    const wide = ops.ones([2, 3]);
    for (const f of [ops.inverse, ops.det, ops.slogdet, ops.eigh]) refused('InvalidShape', () => f(wide));
    refused('InvalidShape', () => ops.solve(ops.eye(2), ops.ones([3, 1])));
    refused('InvalidShape', () => ops.solve(ops.eye(2), ops.ones([3])));
    refused('InvalidShape', () => ops.qr([1, 2]));
  },
  'no rows and no columns': () => {
    const none = ops.zeros([2, 0, 0]);
    assert.deepEqual(
      [ops.det(none), ...ops.slogdet(none)].map((x) => [...x.data]),
      [
        [1, 1],
        [1, 1],
        [0, 0],
      ],
    );
    assert.deepEqual(ops.inverse(none).shape, [2, 0, 0]);
    assert.deepEqual(
      ops.eigh(none).map((x) => x.shape),
      [
        [2, 0],
        [2, 0, 0],
      ],
    );
    assert.deepEqual(
      ops.qr(ops.zeros([3, 0])).map((x) => x.shape),
      [
        [3, 0],
        [0, 0],
      ],
    );
  },
});
