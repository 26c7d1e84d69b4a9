/** Laws of values: arrays, trees, and the passage to tensors and back. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { array, isNDArray, makeNDArray, type NDArray, type Nested, type NDArrayJSON } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { flatten, isLeaf, mapTree, tensorsIn, unflatten, zipTree } from '../../core/tree.ts';
import { asArray, isTensor, toNDArray, toTensor, type Input } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { assertClose } from '../laws/numeric.ts';

const anyNumber = fc.double();
const anyShape: fc.Arbitrary<Shape> = fc.array(fc.nat(4), { maxLength: 4 });
const solidShape: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
const ofShape = (shapes: fc.Arbitrary<Shape>): fc.Arbitrary<NDArray> =>
  shapes.chain((shape) =>
    fc.array(anyNumber, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => makeNDArray(Float64Array.from(data), shape)),
  );

const bitsEqual = (a: NDArray, b: NDArray): void => {
  assert.deepEqual(a.shape, b.shape);
  assert.equal(a.dtype, b.dtype);
  assert.ok(
    a.data.every((x, i) => Object.is(x, b.data[i])),
    `${a.toString()} is not ${b.toString()}`,
  );
};

const refused = (tag: string, f: () => unknown): void => assert.throws(f, { _tag: tag });

const leaf = fc.oneof(
  anyNumber,
  fc.boolean(),
  fc.constant('text'),
  fc.constant(undefined),
  ofShape(anyShape),
  fc.constant(tf.tensor),
  fc.constant(new Float64Array(2)),
);
const anyTree = fc.letrec<{ readonly tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__'),
      tie('tree'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).tree;

const isRagged = (f: () => unknown): boolean => {
  try {
    f();
    return false;
  } catch {
    return true;
  }
};

laws('values', {
  'an NDArray survives JSON to the bit, and structuredClone': () =>
    fc.assert(
      fc.property(ofShape(anyShape), (x) => {
        bitsEqual(array(JSON.parse(JSON.stringify(x)) as NDArrayJSON), x);
        const clone = structuredClone({ ...x });
        assert.ok(isNDArray(clone));
        bitsEqual(asArray(clone) as NDArray, x);
        assert.equal(typeof (asArray(clone) as NDArray).item, 'function');
      }),
    ),
  'NaN, the infinities and −0 survive': () => {
    const x = array([NaN, Infinity, -Infinity, -0, 5e-324]);
    bitsEqual(array(JSON.parse(JSON.stringify(x)) as NDArrayJSON), x);
    bitsEqual(array(JSON.parse(JSON.stringify(array([true, false]))) as NDArrayJSON), array([true, false]));
  },
  'array(x.toArray()) = x': () => fc.assert(fc.property(ofShape(solidShape), (x) => bitsEqual(array(x.toArray()), x))),
  'an NDArray prints every number, and a long one its first': () => {
    assert.equal(
      array([
        [NaN, Infinity],
        [-Infinity, 0.1],
      ]).toString(),
      'NDArray [2, 2] [[NaN, Infinity], [-Infinity, 0.1]]',
    );
    assert.equal(`${String(array(3))} ${String(array([true]))}`, 'NDArray [] 3 NDArray [1] [true]');
    assert.equal(array(new Float64Array(65)).toString(), 'NDArray [65] [0, 0, 0, 0, 0, 0, 0, 0, …]');
  },
  'typed arrays keep their numbers and their kind': () => {
    assert.deepEqual(
      [array(Int32Array.of(1, -2)).dtype, array(Uint32Array.of(2 ** 32 - 1)).data[0], array(Float32Array.of(0.1)).data[0]],
      ['int32', 2 ** 32 - 1, Math.fround(0.1)],
    );
    assert.deepEqual(array(new Float64Array(6), [2, 3]).shape, [2, 3]);
    assert.deepEqual(array([Float64Array.of(1, 2), Float64Array.of(3, 4)] as unknown as Nested).toArray(), [
      [1, 2],
      [3, 4],
    ]);
  },
  'ragged arrays and wrong sizes are refused': () => {
    refused('InvalidShape', () => array([[1, 2], [3]]));
    refused('InvalidShape', () => array([1, [2]] as Nested));
    refused('InvalidShape', () => array([[[1]], [[1, 2]]]));
    refused('InvalidShape', () => array([1, 2, 3], [2]));
    refused('InvalidShape', () => array([1, 2]).item());
    refused('InvalidArgument', () => array(['a'] as unknown as Nested));
    for (const wrong of [undefined, null, 'a', {}, [{}], () => 1]) refused('InvalidArgument', () => ops.exp(wrong as Input));
  },

  'a rectangular nested array is one leaf, a ragged one an error': () => {
    assert.deepEqual(
      [
        [
          [1, 2],
          [3, 4],
        ],
        [true],
        1,
        array([1]),
        new Int8Array(2),
      ].map(isLeaf),
      [true, true, true, true, true],
    );
    assert.deepEqual([[], {}, [array([1]), 2], ['a'], [[1], 'a']].map(isLeaf), [false, false, false, false, false]);
    assert.ok(isRagged(() => flatten({ x: [[1, 2], [3]] })));
  },
  'unflatten undoes flatten': () =>
    fc.assert(
      fc.property(anyTree, (tree) => {
        fc.pre(!isRagged(() => flatten(tree)));
        const [leaves, def] = flatten(tree);
        assert.deepEqual(unflatten(def, leaves), tree);
        assert.deepEqual(
          mapTree((x) => x, tree),
          tree,
        );
        assert.deepEqual(flatten(zipTree((a) => a, tree, tree))[0], leaves);
        assert.deepEqual(JSON.parse(JSON.stringify(def)), def);
      }),
    ),
  'leaves come in the order of sorted names': () => assert.deepEqual(flatten({ b: 1, a: { d: 2, c: 3 } })[0], [3, 2, 1]),
  'trees of other structures do not zip, and leaves must fit': () => {
    refused('InvalidArgument', () => zipTree((a) => a, { x: 1 }, { y: 1 }));
    refused('InvalidArgument', () => unflatten('*', [1, 2]));
    refused('InvalidArgument', () => unflatten({ list: ['*', '*'] }, [1]));
  },
  'tensorsIn finds the tensors': () => {
    const t = tf.scalar(1);
    assert.deepEqual(tensorsIn({ a: [t, 3, { b: t }], c: 'x' }), [t, t]);
    t.dispose();
  },

  'numbers keep 53 bits': () => {
    assert.equal(ops.add(0.1, 0.2).item(), 0.1 + 0.2);
    fc.assert(fc.property(anyNumber, anyNumber, (a, b) => assert.ok(Object.is(ops.mul(a, b).item(), a * b))));
    assert.deepEqual([...ops.div([1, 2], 3).data], [1 / 3, 2 / 3]);
  },
  'with a tensor among the arguments the result is one': () =>
    tf.tidy(() => {
      for (const both of [
        ops.add(0.1, tf.scalar(0.2)),
        ops.where([true], tf.scalar(1), 0),
        ops.concat([[1], tf.tensor1d([2])]),
        ops.matMul([[1]], tf.tensor2d([[2]])),
      ])
        assert.ok(isTensor(both));
      assert.equal(isTensor(ops.add([1], 2)), false);
      assertClose(ops.add(array([1, 2]), tf.scalar(0.5)), [1.5, 2.5], { relative: 0 });
    }),
  'tensors and NDArrays pass into each other': () =>
    fc.assert(
      fc.property(ofShape(anyShape), (x) =>
        tf.tidy(() => {
          const back = toNDArray(toTensor(x));
          bitsEqual(back, makeNDArray(x.data.map(Math.fround), x.shape));
          const whole = makeNDArray(
            x.data.map((v) => Number(v > 0)),
            x.shape,
            'bool',
          );
          bitsEqual(toNDArray(toTensor(whole)), whole);
        }),
      ),
    ),
});
