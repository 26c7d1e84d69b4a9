/** Laws of arrays where JavaScript wants a number, and of options with misspelled names: errors, never silent results. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { array, grad, jit, ops, plate, random, sample, dist, scan, seed, vmap, type Input } from '../../infer/kindling.ts';
import { laws } from '../laws.ts';

/** As JavaScript takes it, whatever TypeScript says. */
const asNumber = (x: unknown): number => x as number;

const isRefused = { _tag: 'Unsupported' };
const isUnknownOption = { _tag: 'InvalidArgument' };

laws('arrays as numbers', {
  'a tensor used as a number is an error, eagerly and under a gradient': () => {
    const t = tf.scalar(2);
    assert.throws(() => asNumber(t) > 0, isRefused);
    assert.throws(() => asNumber(t) + 1, isRefused);
    assert.throws(() => Math.exp(asNumber(t)), isRefused);
    assert.match(`${t as unknown as string}`, /Tensor/);
    t.dispose();
    assert.throws(() => grad((x: Input) => (asNumber(x) > 0 ? x : ops.neg(x)))(1), isRefused);
    assert.throws(() => seed(random.PRNGKey(0))(() => asNumber(sample('a', dist.Normal(0, 1))) > 0)(), isRefused);
  },
  'an exact array of one element compares as its number, a longer one does not': () => {
    const value = jit((x: Input) => ops.mul(x, 2))(3);
    assert.ok(asNumber(value) > 5 && asNumber(value) < 7);
    assert.equal(asNumber(ops.add(1, 2)) * 2, 6);
    assert.throws(() => asNumber(array([1, 2])) > 0, { _tag: 'InvalidShape' });
    assert.match(`${array([1, 2]) as unknown as string}`, /NDArray \[2\]/);
  },
  'eager operations on a tensor leave nothing behind but their result': () => {
    const t = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numTensors;
    const results = [ops.mul(t, 2), ops.add(t, array([1, 2, 3])), ops.where([1, 0, 1], t, 0)];
    assert.equal(tf.memory().numTensors, before + results.length);
    tf.dispose(results);
    t.dispose();
  },
  'an unknown option is an error that names it': () => {
    const add = (c: Input, x: Input): readonly [Input, Input] => [ops.add(c, x), x];
    assert.throws(() => scan(add as never, 0, [1, 2], { revers: true } as never), isUnknownOption);
    assert.throws(() => vmap((x: Input) => x, 0, { outAxis: 1 } as never), isUnknownOption);
    assert.throws(() => seed(random.PRNGKey(0))(() => plate('n', 5, { subsample_size: 2 } as never)(() => 0))(), isUnknownOption);
  },
});
