/** whileLoop, foriLoop and map: as plain loops, eagerly and compiled. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { sample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import { toNDArray, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { seed } from '../../../transforms/handlers/index.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { foriLoop, map, whileLoop } from '../../../transforms/scan/whileLoop.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';

const exactly = { relative: 1e-12 } as const;

const refusal = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

/** Newton's steps to a square root, and how many there were. */
const newton = (a: Input): AnyArray => {
  const { x, steps } = whileLoop(
    ({ x: at }) => ops.greater(ops.abs(ops.sub(ops.square(at), a)), 1e-9),
    ({ x: at, steps: count }) => ({ x: ops.mul(0.5, ops.add(at, ops.div(a, at))), steps: ops.add(count, 1) }),
    { x: 1, steps: 0 },
  );
  return ops.stack([x, steps]);
};

const plainNewton = (a: number): readonly [number, number] => {
  let [x, steps] = [1, 0];
  for (; Math.abs(x * x - a) > 1e-9; steps++) x = 0.5 * (x + a / x);
  return [x, steps];
};

const factorial = (from: Input, to: Input): AnyArray => foriLoop(from, to, (i, product) => ops.mul(product, ops.cast(i, 'float32')), 1);

laws('whileLoop, foriLoop and map', {
  'repeat as long as the condition holds': () =>
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (a) => {
        assertClose(newton(a), [...plainNewton(a)], exactly);
        assertClose(jit(newton)(a), [...plainNewton(a)], exactly);
      }),
      { numRuns: 15 },
    ),

  'need not run at all, and carry keys': () => {
    const f = (x: Input): AnyArray =>
      whileLoop(
        (c) => ops.less(c, 10),
        (c) => ops.add(c, 4),
        x,
      );
    for (const run of [f, jit(f) as typeof f])
      for (const x of [12, 10, 9, 0]) assert.equal(toNDArray(run(x)).item(), x < 10 ? x + 4 * Math.ceil((10 - x) / 4) : x);
    assert.equal(toNDArray(tf.tidy(() => f(tf.scalar(9)) as Value)).item(), 13);
    const key = random.PRNGKey(2);
    const keys = (k: random.Key, n: Input): random.Key =>
      (
        whileLoop(
          ([, i]) => ops.less(i, n),
          ([own, i]) => [random.split(own)[0], ops.add(i, 1)],
          [k, 0] as const,
        ) as unknown as readonly [random.Key]
      )[0];
    const expected = random.split(random.split(key)[0])[0];
    for (const run of [keys(key, 2), jit(keys)(key, 2)]) assert.equal(JSON.stringify(run), JSON.stringify(expected));
  },

  'count from one bound to another, known or not': () => {
    for (const [from, to] of [
      [1, 6],
      [3, 3],
      [5, 2],
    ] as const) {
      const expected = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).reduce((product, i) => product * i, 1);
      assertClose(factorial(from, to), expected, exactly);
      assertClose(jit(factorial)(from, to), expected, exactly);
    }
    const power = (x: Input): AnyArray => foriLoop(0, 4, (_, p) => ops.mul(p, x), 1);
    assertClose(grad(power)(2), 32, exactly);
    assertClose(jit(grad(power))(2), 32, exactly);
  },

  'map a function over slices': () => {
    const f = (xs: Input): AnyArray => map((x) => ({ sum: ops.sum(x) }), xs).sum;
    for (const run of [f, jit(f) as typeof f])
      assertClose(
        run([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        [3, 7, 11],
        exactly,
      );
  },

  'refuse gradients, statements, and what changes': () => {
    const twice = (x: Input): AnyArray =>
      whileLoop(
        (c) => ops.less(c, 100),
        (c) => ops.mul(c, 2),
        x,
      );
    assert.match(
      refusal(() => grad(twice)(3)),
      /whileLoop has no gradient/,
    );
    assert.match(
      refusal(() => jit(grad(twice))(3)),
      /whileLoop has no gradient/,
    );
    assert.match(
      refusal(() => tf.tidy(() => grad(twice)(tf.scalar(3)) as unknown as Value)),
      /whileLoop has no gradient/,
    );
    // Where its result does not count, there is none to refuse.
    assertClose(grad((x: Input) => ops.add(ops.mul(x, 2), ops.mul(0, twice(5))))(3), 2, exactly);
    const stating = seed(random.PRNGKey(0))(() =>
      whileLoop(
        (c) => ops.less(c, 1),
        () => sample('a', dist.Normal(0, 1)),
        0,
      ),
    );
    assert.match(refusal(stating), /"a".*sampled or stated/s);
    assert.match(
      refusal(() =>
        whileLoop(
          () => true,
          (c) => ops.stack([c, c]),
          0,
        ),
      ),
      /float\[\], then float\[2\]/,
    );
    assert.match(
      refusal(() =>
        whileLoop(
          () => [true, false],
          (c) => c,
          0,
        ),
      ),
      /one boolean/,
    );
    assert.match(
      refusal(() => foriLoop(0, 1.5, (_, c) => c, 0)),
      /whole numbers/,
    );
  },
});
