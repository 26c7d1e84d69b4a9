/** Laws of shapes, and linear algebra against reference/linalg.json. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as K from '../../core/kernels/linalg.ts';
import { evaluate } from '../../core/kernels/kernel.ts';
import { array, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { broadcastShapes, broadcastStrides, normalizeAxes, reducedShape, sizeOf, stridesOf, tryBroadcast, type Shape } from '../../core/shape.ts';
import { laws } from '../laws.ts';
import { gradientsOf } from '../laws/kernelLaws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { reference } from '../reference.ts';

const anyShape: fc.Arbitrary<Shape> = fc.array(fc.nat(4), { maxLength: 4 });
const solidShape: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

const refused = (tag: string, f: () => unknown): void => assert.throws(f, { _tag: tag });

interface LinalgCase {
  readonly op: string;
  /** `null`: of a matrix that is not positive definite. */
  readonly condition: number | null;
  readonly inputs: Readonly<Record<string, Nested>>;
  readonly outputs: Readonly<Record<string, Nested>>;
  readonly cotangent: Nested;
  readonly vjp: Readonly<Record<string, Nested>>;
  readonly lower: boolean;
  readonly transpose: boolean;
}

/** Value and gradients to the digits that the condition number leaves. */
const checkLinalg = ({ op, condition: told, inputs, outputs, cotangent, vjp, lower, transpose }: LinalgCase): void => {
  const unit = 2 ** -52;
  const condition = told ?? 1;
  const [kernel, attrs, names] = op === 'cholesky' ? ([K.Cholesky, {}, ['A']] as const) : ([K.TriangularSolve, { lower, transpose }, ['M', 'B']] as const);
  const given = names.map((name) => array(inputs[name]!));
  const output = evaluate(kernel, given, attrs);
  assertClose(output, Object.values(outputs)[0]!, { relative: 64 * unit * condition, absolute: unit, scaled: true }, 'value');
  gradientsOf(kernel, given, output, array(cotangent), attrs).forEach((g, i) =>
    assertClose(g!, vjp[names[i]!]!, { relative: 64 * unit * condition ** 1.5, absolute: unit, scaled: true }, `gradient of ${names[i]!}`),
  );
};

const linalg = reference<{ readonly cases: readonly LinalgCase[] }>('linalg.json')?.cases.filter(
  ({ op, condition }) => (op === 'cholesky' || op === 'triangular_solve') && condition !== null,
);

laws('shapes and linear algebra', {
  'broadcasting is NumPy’s': () =>
    fc.assert(
      fc.property(anyShape, anyShape, (a, b) => {
        const both = tryBroadcast(a, b);
        assert.deepEqual(tryBroadcast(b, a), both);
        assert.deepEqual(tryBroadcast(a, []), [...a]);
        if (both === undefined) return refused('InvalidShape', () => broadcastShapes(a, b));
        assert.deepEqual(tryBroadcast(both, a), both);
        assert.equal(broadcastStrides(a, both).length, both.length);
        assert.deepEqual([...ops.add(ops.zeros(a), ops.zeros(b)).shape], both);
        assert.deepEqual(ops.broadcastTo(ops.ones(a), both), ops.ones(both));
      }),
    ),
  'strides count elements, and axes may be negative': () =>
    fc.assert(
      fc.property(solidShape, (shape) => {
        assert.equal(
          stridesOf(shape).reduce((last, stride, i) => last + stride * (shape[i]! - 1), 0),
          sizeOf(shape) - 1,
        );
        shape.forEach((_, i) => assert.deepEqual(normalizeAxes(i - shape.length, shape.length), [i]));
        assert.deepEqual(reducedShape(shape, normalizeAxes(undefined, shape.length)), []);
        refused('InvalidArgument', () => normalizeAxes(shape.length, shape.length));
        refused('InvalidArgument', () => normalizeAxes([0, -shape.length], shape.length));
      }),
    ),
  'shapes that do not fit are told with the shapes': () => {
    const told: Readonly<Record<string, () => unknown>> = {
      add: () => ops.add([1, 2], [1, 2, 3]),
      matMul: () => ops.matMul([[1, 2]], [[1, 2]]),
      dot: () => ops.dot([1, 2], [1, 2, 3]),
      reshape: () => ops.reshape([1, 2, 3], [2, 2]),
      reshapeUnknown: () => ops.reshape([1, 2, 3], [2, -1]),
      concat: () =>
        ops.concat(
          [
            [[1]],
            [
              [1, 2],
              [3, 4],
            ],
          ],
          1,
        ),
      stack: () => ops.stack([[1], [1, 2]]),
      slice: () => ops.slice([1, 2], [1], [2]),
      squeeze: () => ops.squeeze([1, 2], 0),
      split: () => ops.split([1, 2, 3], 2),
      splitSizes: () => ops.split([1, 2, 3], [1, 1]),
      einsum: () => ops.einsum('ij->i', [1, 2]),
      cholesky: () => ops.cholesky([[1, 2]]),
      max: () => ops.max([]),
    };
    forEachEntry(told, (f) => refused('InvalidShape', f));
    refused('InvalidArgument', () => ops.gather([1, 2], [2]));
    refused('InvalidArgument', () => ops.sum([1, 2], 1));
    refused('InvalidArgument', () => ops.transpose([[1]], [0, 0]));
  },
  'a Cholesky factor of what is not positive definite is NaN': () => {
    assert.deepEqual(
      ops
        .cholesky([
          [1, 2],
          [2, 1],
        ])
        .toArray(),
      [
        [NaN, 0],
        [NaN, NaN],
      ],
    );
    assert.deepEqual(ops.cholesky([[[0]], [[4]]]).toArray(), [[[NaN]], [[2]]]);
  },
  'a triangular solve takes vectors, and reads its own triangle': () => {
    assertClose(
      ops.triangularSolve(
        [
          [2, 99],
          [1, 4],
        ],
        [2, 5],
      ),
      [1, 1],
      { relative: 1e-15 },
    );
    assertClose(
      ops.triangularSolve(
        [
          [2, 1],
          [99, 4],
        ],
        [3, 4],
        { lower: false },
      ),
      [1, 1],
      { relative: 1e-15 },
    );
    assertClose(
      ops.choleskySolve(
        ops.cholesky([
          [4, 2],
          [2, 3],
        ]),
        [8, 7],
      ),
      [1.25, 1.5],
      { relative: 1e-14 },
    );
  },

  ...(linalg === undefined
    ? {}
    : {
        'the values and gradients of reference/linalg.json': () =>
          forEachEntry(Object.fromEntries(linalg.map((c, i) => [`${c.op} ${i}, condition ${c.condition}`, c])), checkLinalg),
      }),
});
