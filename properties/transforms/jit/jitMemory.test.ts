/** Memory of compiled functions: what is no longer reachable is freed, tensors and WebAssembly memories too. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../../../core/ops/index.ts';
import { toTensor, type Input } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { runCompiled } from '../../../transforms/jit/portable.ts';
import { laws } from '../../laws.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Compiles functions that close over data of their own; gives references by which no one holds them. */
const compileMany = (count: number): readonly WeakRef<object>[] =>
  Array.from({ length: count }, (_, i) => {
    const data = Float64Array.from({ length: 1000 }, (_, k) => k + i);
    const f = (x: Input): Input => ops.sum(ops.mul(x, data));
    const compiled = jit(f);
    compiled(i);
    if (i % 10 === 0) {
      grad(compiled)(i);
      runCompiled(compiled.compile(i), i);
    }
    return new WeakRef(f);
  });

const alive = (refs: readonly WeakRef<object>[]): number => refs.filter((ref) => ref.deref() !== undefined).length;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const settle = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await pause();
  }
};

laws('memory of compiled functions', {
  'a thousand compiles leave no function, no tensor and no memory behind': async () => {
    compileMany(50);
    await settle();
    const before = { tensors: tf.memory().numTensors, bytes: process.memoryUsage() };
    const refs = compileMany(1000);
    await settle();
    const after = process.memoryUsage();
    assert.ok(alive(refs) < 20, `${alive(refs)} functions are held`);
    assert.equal(tf.memory().numTensors, before.tensors);
    // Each module has 64 KiB of its own, and 8 KB of data are its constants.
    const grown = after.external - before.bytes.external;
    assert.ok(grown < 5e6, `${grown} bytes more outside of the heap`);
  },

  'calls leave no tensors but those of the result': () => {
    const f = jit(({ x }: { readonly x: Input }) => [ops.exp(x), ops.sum(x)] as const);
    const x = toTensor([1, 2, 3]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 100; i++) f({ x }).forEach((tensor) => tensor.dispose());
    for (let i = 0; i < 100; i++) f({ x: [1, i] });
    assert.equal(tf.memory().numTensors, before);
    x.dispose();
  },
});
