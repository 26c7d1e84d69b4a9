/** grad and valueAndGrad: trees, lists of arguments, nesting, forms of results, what is left behind, and what is refused. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../core/distributions/index.ts';
import { array, isNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { param, sample } from '../../core/primitives.ts';
import { tensorsWithin } from '../../core/tree.ts';
import { isTensor, toTensor, type Input, type Value } from '../../core/value.ts';
import { grad, valueAndGrad } from '../../transforms/grad.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace } from '../../transforms/handlers/trace.ts';
import { logDensity, traceLogDensity } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { assertNear, numberOf, plainArray } from '../laws/traces.ts';

const data = (x: unknown): readonly number[] => plainArray(x as Input).data;

const cube = (x: Input): Input => ops.mul(x, ops.mul(x, x));

laws('grad', {
  'value and gradient of a polynomial': () =>
    fc.assert(
      fc.property(fc.integer({ min: -8, max: 8 }), (x) => {
        const [value, gradient] = valueAndGrad(cube)(x);
        assert.deepEqual([numberOf(value), numberOf(gradient)], [x ** 3, 3 * x ** 2]);
      }),
    ),

  'the gradient of a tree is a tree like it, whatever its arrays are': () => {
    const point = { a: [1, 2], b: { c: 3, d: array([4, 5]) }, e: [toTensor(6), { f: Float64Array.of(7) }] as const };
    const f = (p: typeof point): Input => ops.add(ops.add(ops.sum(ops.mul(p.a, p.b.d)), ops.mul(p.b.c, p.e[0])), ops.sum(ops.square(p.e[1].f)));
    const g = grad(f)(point);
    assert.deepEqual([g.a, g.b.c, g.b.d, g.e[0], g.e[1].f].map(data), [[4, 5], [6], [1, 2], [3], [14]]);
    assert.deepEqual(Object.keys(g), ['a', 'b', 'e']);
    assert.deepEqual(plainArray(g.a).shape, [2]);
  },

  'argnums: one gives a gradient, a list a list, in its order': () => {
    const f = (a: Input, b: Input, c: Input): Input => ops.mul(a, ops.add(b, ops.mul(2, c)));
    assert.equal(numberOf(grad(f, 2)(3, 4, 5)), 6);
    assert.deepEqual(grad(f, [2, 0] as const)(3, 4, 5).map(numberOf), [6, 14]);
    assert.deepEqual(grad(f, [1] as const)(3, 4, 5).map(numberOf), [3]);
  },

  'arguments of different shapes, and some that are no arrays': () => {
    const f = (x: readonly number[], power: string, y: number): Input => ops.mul(power === 'square' ? ops.sum(ops.square(x)) : 0, y);
    const [gx, gy] = grad(f, [0, 2] as const)([1, 2], 'square', 3);
    assert.deepEqual([data(gx), data(gy)], [[6, 12], [5]]);
  },

  'what is not used has gradient zero, of its shape; a constant function has no slope': () => {
    const [a, b] = grad((_: Input, y: Input) => ops.square(y), [0, 1] as const)([[1, 2]], 3);
    assert.deepEqual(
      [plainArray(a), plainArray(b)],
      [
        { shape: [1, 2], data: [0, 0] },
        { shape: [], data: [6] },
      ],
    );
    assert.equal(numberOf(grad((_: number) => 5)(3)), 0);
    assert.deepEqual(valueAndGrad((_: object) => 5)({})[1], {});
  },

  'without tensors among the arguments the results are NDArrays, with one they are tensors': () => {
    const f = (p: { readonly a: Input }, b: Input): Input => ops.mul(p.a, b);
    for (const results of [valueAndGrad(f)({ a: 2 }, 3), valueAndGrad(f)({ a: array(2) }, [3].map(Number)[0]!)]) {
      assert.ok(isNDArray(results[0]) && isNDArray(results[1].a));
    }
    for (const results of [valueAndGrad(f)({ a: toTensor(2) }, 3), valueAndGrad(f)({ a: 2 }, toTensor(3))]) {
      assert.ok(isTensor(results[0]) && isTensor(results[1].a));
    }
  },

  'gradients nest, each by its own variable': () => {
    assert.equal(numberOf(grad(grad(cube))(2)), 12);
    assert.equal(numberOf(grad(grad(grad(cube)))(2)), 6);
    const confusing = grad((x: Input) => ops.mul(x, grad((y: Input) => ops.mul(x, y))(x)));
    assert.equal(numberOf(confusing(3)), 6);
    const through = grad((x: Input) => ops.sum(grad((y: Input) => ops.sum(ops.mul(x, ops.square(y))))([1, 2])));
    assert.deepEqual(data(through([5, 7])), [2, 4]);
  },

  'one tensor as two arguments is two variables': () => {
    const x = toTensor(3);
    assert.deepEqual(grad((a: Value, b: Value) => ops.mul(a, ops.square(b)), [0, 1] as const)(x, x).map(numberOf), [9, 18]);
    assert.ok(!x.isDisposed);
  },

  'integers are differentiated by as numbers': () => {
    assert.deepEqual(data(grad((x: Input) => ops.sum(ops.square(x)))(Int32Array.of(1, 2))), [2, 4]);
    assert.deepEqual(data(grad((x: Value) => ops.square(x))(tf.scalar(3, 'int32'))), [6]);
  },

  'a call leaves the tensors of its result, and nothing else, nested or not, returned from or not': () => {
    const before = tf.memory().numTensors;
    grad(grad(cube))(2);
    valueAndGrad((p: { readonly a: Input; readonly b: Input }) => ops.add(cube(p.a), 1))({ a: 2, b: [1, 2] });
    assert.throws(() =>
      grad((x: Input) => {
        ops.exp(cube(x));
        throw new Error('thrown on purpose');
      })(1),
    );
    assert.throws(() => grad(grad((x: Input) => ops.reshape(cube(x), [1])))(1));
    assert.equal(tf.memory().numTensors, before);
    const x = toTensor(2);
    const results = valueAndGrad(cube)(x);
    assert.equal(tf.memory().numTensors, before + 3);
    tensorsWithin([...results, x]).forEach((tensor) => tensor.dispose());
    assert.equal(tf.memory().numTensors, before);
  },

  'the gradient of a log-density, by hand': () => {
    const y = [1, 2, 4];
    const model = (): unknown => {
      const mu = sample('mu', dist.Normal(0, 10));
      const sigma = param('sigma', 1);
      return plate('n', 3)(() => sample('y', dist.Normal(mu, sigma), { obs: y }));
    };
    const g = grad((p: { readonly mu: Input; readonly sigma: Input }) => logDensity(model, [], p).logDensity)({ mu: 0.5, sigma: 2 });
    assertNear(numberOf(g.mu), -0.5 / 100 + y.reduce((sum, v) => sum + (v - 0.5) / 4, 0));
    assertNear(
      numberOf(g.sigma),
      y.reduce((sum, v) => sum + (v - 0.5) ** 2 / 8 - 1 / 2, 0),
    );
  },

  'draws are differentiated along their path, with the key of the site fixed': () => {
    const f = (loc: Input): Input => traceLogDensity(trace(seed(3)(() => sample('y', dist.Normal(0, 1), { obs: sample('x', dist.Normal(loc, 1)) })))());
    const draw = numberOf(seed(3)(() => sample('x', dist.Normal(2, 1)))());
    assertNear(numberOf(grad(f)(2)), -draw);
  },

  'a statement is answered once by the handlers around the gradient': () => {
    let runs = 0;
    const slope = (): unknown =>
      grad((loc: Input) => {
        runs++;
        return ops.square(sample('x', dist.Normal(loc, 1)));
      })(2);
    const draw = numberOf(seed(3)(() => sample('x', dist.Normal(2, 1)))());
    const { value, sites } = trace(seed(3)(slope))();
    assertNear(numberOf(value as NDArray), 2 * draw);
    assert.deepEqual([[...sites.keys()], runs], [['x'], 2]);
  },

  'what can’t be differentiated is refused with the reason': () => {
    assert.throws(() => grad((x: Input) => x)([1, 2]), { _tag: 'InvalidShape', message: /scalar result.*shape \[2\].*ops\.sum/ });
    assert.throws(() => grad((x: Input) => x)([1]), { _tag: 'InvalidShape' });
    assert.throws(() => grad((x: Input) => x)(true), { _tag: 'InvalidArgument', message: /boolean/ });
    assert.throws(() => grad((x: Input) => x, 1)(2), { _tag: 'InvalidArgument', message: /no argument 1 .*1 arguments/ });
    assert.throws(() => grad((x: Input) => x, -1)(2), { _tag: 'InvalidArgument' });
    assert.throws(() => grad((p: { readonly a: number; readonly b: string }) => p.a)({ a: 1, b: 's' }), {
      _tag: 'InvalidArgument',
      message: /string.*argnums/,
    });
    assert.throws(() => grad((_: Input) => undefined as unknown as Input)(2), { _tag: 'InvalidArgument', message: /scalar result.*undefined/ });
  },
});
