/** cond: the branch that is taken, eagerly and compiled, its gradient alone, and the statements of both as one. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { deterministic, factor, sample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import type { SampleSite } from '../../../core/site.ts';
import { toNDArray, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { cond } from '../../../transforms/cond/cond.ts';
import { grad } from '../../../transforms/grad.ts';
import { condition, seed, trace } from '../../../transforms/handlers/index.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { logDensity } from '../../../transforms/logDensity.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';

const closely = { relative: 1e-5, absolute: 1e-6 } as const;
const exactly = { relative: 1e-12, absolute: 1e-13 } as const;

/** √x on both sides of 0: off its own side, each branch and its derivative are NaN or infinite. */
const root = (x: Input): AnyArray =>
  cond(
    ops.greater(x, 0),
    (v: Input): AnyArray => ops.sqrt(v),
    (v) => ops.neg(ops.sqrt(ops.neg(v))),
    x,
  );

/** Two branches that state the same sites otherwise. */
const model = (x: Input): Readonly<Record<string, AnyArray>> => {
  const m = sample('m', dist.Normal(0, 1));
  return cond(
    ops.greater(x, 0),
    () => {
      const z = sample('z', dist.Normal(m, 1).expand([2]));
      factor('f', ops.neg(ops.sum(z)));
      return { z: deterministic('d', z) };
    },
    () => {
      const z = sample('z', dist.Normal([0, 1], 2));
      factor('f', ops.sum(z));
      return { z: deterministic('d', ops.mul(z, 2)) };
    },
  );
};

const refusal = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

const key = random.PRNGKey(3);

laws('cond', {
  'gives what the branch taken gives, with its gradient and no trace of the other': () =>
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100 }), fc.boolean(), (size, isPositive) => {
        const x = isPositive ? size : -size;
        const value = Math.sign(x) * Math.sqrt(size);
        for (const f of [root, jit(root) as typeof root]) assertClose(f(x), value, exactly);
        for (const f of [grad(root), jit(grad(root)) as typeof root]) assertClose(f(x), 0.5 / Math.sqrt(size), exactly);
        tf.tidy(() => assertClose(grad(root)(tf.scalar(x)), 0.5 / Math.sqrt(size), closely));
      }),
      { numRuns: 10 },
    ),

  'runs only the branch taken where its predicate is known': () => {
    const never = (): number => {
      throw new Error('this branch was not to run');
    };
    assert.equal(
      cond(true, () => 1, never),
      1,
    );
    assert.equal(
      cond(ops.less(2, 1), never, () => 2),
      2,
    );
    assert.equal(
      tf.tidy(() => cond(tf.scalar(0), never, () => 3)),
      3,
    );
  },

  'chooses between trees and keys': () => {
    const choose = (x: Input, k: random.Key): unknown =>
      cond(
        ops.greater(x, 0),
        (own: random.Key) => ({ key: random.split(own)[0], list: [ops.add(x, 1), ops.greater(1, 0)] as const }),
        (own) => ({ key: random.split(own)[1], list: [ops.mul(x, 2), ops.less(1, 0)] as const }),
        k,
      );
    for (const x of [1, -1]) {
      const { key: chosen, list } = jit(choose)(x, key) as { readonly key: random.Key; readonly list: readonly [AnyArray, AnyArray] };
      assert.equal(JSON.stringify(chosen), JSON.stringify(random.split(key)[x > 0 ? 0 : 1]));
      assert.deepEqual(
        list.map((leaf) => toNDArray(leaf).item()),
        x > 0 ? [2, 1] : [-2, 0],
      );
    }
  },

  'states each site once, with the distribution, value and term of the branch taken': () => {
    const density = (x: Input, params: Readonly<Record<string, Input>>): Value => logDensity(model, [x], params).logDensity;
    const params = { m: 0.3, z: [0.5, -0.2] };
    for (const x of [1, -1]) {
      const expected = density(x, params);
      assertClose(jit(density)(x, params), expected, closely);
      const [own, other] = [jit(grad(density, 1))(x, params), grad(density, 1)(x, params)] as unknown as Readonly<Record<string, Input>>[];
      for (const name of ['m', 'z']) assertClose(own![name]!, other![name]!, exactly, name);
      const draw = (at: Input): Value => trace(seed(key)(model))(at).sites.get('z')!.value;
      assertClose(jit(draw)(x), draw(x), closely);
      const names = jit((at: Input) => ({ names: [...trace(seed(key)(model))(at).sites.keys()].join() }))(x);
      assert.equal(names.names, 'm,z,f,d');
      const seen = jit((at: Input) => {
        const site = trace(seed(key)(condition({ z: [1, 2] })(model)))(at).sites.get('z') as SampleSite;
        return { value: site.value, mean: site.fn.mean, isObserved: site.isObserved };
      })(x) as unknown as { readonly value: Input; readonly mean: Input; readonly isObserved: boolean };
      assertClose(seen.value, [1, 2], exactly);
      assert.equal(seen.isObserved, true);
      if (x < 0) assertClose(seen.mean, [0, 1], exactly);
    }
  },

  'works within scan, where the predicate is never known': () => {
    const f = (xs: Input): AnyArray =>
      scan(
        (c, x) => [
          cond(
            ops.greater(x, 0),
            (v: Value) => ops.add(c, ops.log(v)),
            () => ops.mul(c, 0.5),
            x,
          ),
          undefined,
        ],
        1,
        xs,
      )[0];
    const xs = [2, -3, 0.5, 0];
    const expected = ((1 + Math.log(2)) * 0.5 + Math.log(0.5)) * 0.5;
    for (const run of [f, jit(f) as typeof f]) assertClose(run(xs), expected, exactly);
    const slopes = [0.25 / 2, 0, 0.5 / 0.5, 0];
    for (const run of [grad(f), jit(grad(f)) as typeof f]) assertClose(run(xs), slopes, exactly);
  },

  'refuses branches that differ, saying in what': () => {
    const chosen = (f: () => unknown, g: () => unknown) => (): unknown => jit((x: Input) => trace(seed(key)(() => cond(ops.greater(x, 0), f, g)))().value)(1);
    const at = (name: string, fn: dist.Distribution, obs?: number) => () => sample(name, fn, { obs });
    const normal = dist.Normal(0, 1);
    assert.match(refusal(chosen(at('a', normal), at('b', normal))), /"b": one branch of cond/);
    assert.match(refusal(chosen(at('a', normal), () => 0)), /"a": one branch of cond/);
    assert.match(refusal(chosen(at('a', normal), at('a', dist.Exponential(1)))), /"a".*family.*Normal and Exponential/s);
    assert.match(refusal(chosen(at('a', normal), at('a', normal.expand([2])))), /"a".*shape/s);
    assert.match(refusal(chosen(at('a', normal, 1), at('a', normal))), /"a".*observed/s);
    assert.match(
      refusal(
        chosen(
          () => ({ a: 1 }),
          () => ({ a: [1, 2] }),
        ),
      ),
      /at \.a.*float\[\], then float\[2\]/s,
    );
    assert.match(
      refusal(
        chosen(
          () => ({ a: 1 }),
          () => ({ b: 1 }),
        ),
      ),
      /structure/,
    );
    assert.match(
      refusal(() =>
        cond(
          [true, false],
          () => 1,
          () => 2,
        ),
      ),
      /one boolean/,
    );
  },
});
