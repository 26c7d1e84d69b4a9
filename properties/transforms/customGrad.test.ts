/** customGrad and stopGradient: other derivatives than those of the function, under every transform. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../../core/ops/index.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { customGrad } from '../../transforms/derivatives/customGrad.ts';
import { hessian } from '../../transforms/derivatives/jacobian.ts';
import { jvp } from '../../transforms/derivatives/jvp.ts';
import { stopGradient } from '../../transforms/derivatives/stopGradient.ts';
import { vjp } from '../../transforms/derivatives/vjp.ts';
import { grad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { scan } from '../../transforms/scan/scan.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import { laws } from '../laws.ts';
import { assertClose, type Tolerance } from '../laws/numeric.ts';

const double: Tolerance = { relative: 1e-10, absolute: 1e-12, scaled: true };

const both = (actual: readonly Input[], expected: readonly Input[]): void => expected.forEach((x, i) => assertClose(actual[i]!, x, double, `gradient ${i}`));

/** log(1 + eˣ), of which the plain derivative overflows; its own one says so by being 1 too great. */
const tagged = customGrad((x: Input): AnyArray => ops.log1p(ops.exp(x)), { backward: ([x], dy) => [ops.mul(dy, ops.add(1, ops.sigmoid(x)))] });
const slope = (x: number): number => 1 + 1 / (1 + Math.exp(-x));

laws('customGrad', {
  'its own pullback is taken, wherever it is called': () => {
    const xs = [0.5, -1, 2];
    const expected = makeNDArray(Float64Array.from(xs, slope), [3]);
    const total = (x: Input): AnyArray => ops.sum(tagged(x));
    const scanned = (x: Input): AnyArray => scan((c: AnyArray, own: AnyArray) => [ops.add(c, tagged(own)), own] as const, 0, x)[0];
    const mapped = (x: Input): AnyArray => ops.sum(vmap(tagged)(x));
    for (const [i, f] of [total, scanned, mapped].entries()) {
      assertClose(grad(f)(xs), expected, double, `grad of ${i}`);
      assertClose(jit(grad(f))(xs), expected, double, `jit of grad of ${i}`);
      assertClose(grad(jit(f))(xs), expected, double, `grad of jit of ${i}`);
      assertClose(vjp(f, xs)[1](1)[0], expected, double, `vjp of ${i}`);
      assertClose(
        f(xs),
        xs.reduce((sum, x) => sum + Math.log1p(Math.exp(x)), 0),
        double,
        `value of ${i}`,
      );
    }
    assertClose(vmap(grad(tagged))(xs), expected, double, 'vmap of grad');
    // The rate is the same in every lane: its gradient is the sum over them.
    const scaled = customGrad((x: Input, rate: Input): AnyArray => ops.mul(x, rate), {
      backward: ([x, rate], dy) => [ops.mul(dy, rate), ops.mul(10, ops.mul(dy, x))],
    });
    const byRate = grad((rate: Input) => ops.sum(vmap((x: Input) => scaled(x, rate))(xs)));
    assertClose(byRate(2), 10 * xs.reduce((a, b) => a + b), double, 'gradient by what is not mapped');
    const tensor = toTensor(xs);
    const gradient = grad(total)(tensor);
    assertClose(gradient, expected, { relative: 1e-6 }, 'on tensors');
    [tensor, gradient].forEach((x) => (x as Value).dispose());
  },

  'on tensors, by several arguments, with nothing left behind': () => {
    const f = customGrad((x: Input, y: Input): AnyArray => ops.mul(x, y), {
      forward: (x, y) => [ops.mul(x, y), [ops.mul(x, 2), ops.mul(y, 3)] as const] as const,
      backward: ([x2, y3], dy) => [ops.mul(dy, y3), ops.mul(dy, x2)],
    });
    const [x, y] = [toTensor([1, 2]), toTensor([5, 7])];
    const before = tf.memory().numTensors;
    const gradients = grad((a: Value, b: Value) => ops.sum(f(a, b)), [0, 1] as const)(x, y);
    assert.equal(tf.memory().numTensors, before + 2);
    both(gradients, [
      [15, 21],
      [2, 4],
    ]);
    [x, y, ...gradients].forEach((tensor) => tensor.dispose());
  },

  'second derivatives are those of the pullback and of its residuals': () => {
    const second = (x: number): number => Math.exp(-x) / (1 + Math.exp(-x)) ** 2;
    assertClose(grad(grad(tagged))(0.5), second(0.5), double);
    assertClose(jit(hessian(tagged))(0.5), second(0.5), double);
    const sevenfold = customGrad((x: Input): AnyArray => ops.square(x), {
      forward: (x) => [ops.square(x), ops.mul(7, ops.square(x))] as const,
      backward: (residual, dy) => [ops.mul(dy, residual)],
    });
    assertClose(grad(sevenfold)(3), 63, double);
    assertClose(grad(grad(sevenfold))(3), 42, double);
    assertClose(grad(grad(jit(sevenfold)))(3), 42, double);
  },

  'trees, results of several arrays, and arguments that are no arrays': () => {
    const f = customGrad(
      (p: { readonly x: Input; readonly y: Input }, mode: string): { readonly sum: AnyArray; readonly parts: readonly [AnyArray, AnyArray] } => ({
        sum: ops.add(ops.sum(p.x), p.y),
        parts: [ops.mul(p.x, mode === 'twice' ? 2 : 1), ops.greater(p.x, 0)],
      }),
      {
        backward: ([p, mode], { sum, parts }) => [{ x: ops.add(ops.mul(parts[0], mode === 'twice' ? 20 : 1), ops.mul(0, p.x)), y: ops.mul(sum, 5) }, undefined],
      },
    );
    const loss = (p: { readonly x: Input; readonly y: Input }): AnyArray => {
      const { sum, parts } = f(p, 'twice');
      return ops.add(ops.mul(3, sum), ops.sum(parts[0]));
    };
    for (const g of [grad(loss), jit(grad(loss)), grad(jit(loss))]) {
      const { x, y } = g({ x: [1, 2], y: 4 });
      both([x, y], [[20, 20], 15]);
    }
  },

  'stopGradient takes a tree as constants and leaves what is no array': () => {
    const f = (p: { readonly a: Input; readonly b: readonly [Input, string] }): AnyArray => {
      const { a, b } = stopGradient(p) as typeof p;
      assert.equal(b[1], 'label');
      return ops.add(ops.mul(a, p.a), ops.mul(b[0], 3));
    };
    const g = (a: Input, b: Input): AnyArray => f({ a, b: [b, 'label'] });
    both(grad(g, [0, 1] as const)(5, 7), [5, 0]);
    both(jit(grad(g, [0, 1] as const))(5, 7), [5, 0]);
    assertClose(jvp(g, [5, 7], [1, 1])[1], 5, double);
  },

  'gradients that do not go with the arguments are refused': () => {
    const wrong = (backward: () => unknown): void => void grad(customGrad((x: Input): AnyArray => ops.mul(x, 1), { backward: backward as never }))(1);
    assert.throws(() => wrong(() => [[1, 2]]), { _tag: 'InvalidShape', message: /gradient of argument 0 / });
    assert.throws(() => wrong(() => 3), { _tag: 'InvalidArgument', message: /list of gradients.*number/ });
  },
});
