/** Draws of example arrays from a seed, in the ranges where a function under test is smooth. */
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { drawUniform } from '../../core/random/bits.ts';
import { permutation, randint } from '../../core/random/draws.ts';
import { foldIn, PRNGKey, type Key } from '../../core/random/key.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';

export interface Draw {
  readonly uniform: (shape: Shape, low: number, high: number) => NDArray;
  /** Of either sign, at least `least` from 0. */
  readonly away: (shape: Shape, least?: number, most?: number) => NDArray;
  /** Any two elements at least 0.1 apart, those of another `phase` (0 to 1) too, and none near 0. */
  readonly distinct: (shape: Shape, phase?: number) => NDArray;
  readonly integers: (shape: Shape, low: number, high: number) => NDArray;
  readonly bools: (shape: Shape) => NDArray;
  /** Symmetric positive definite matrices, well conditioned. */
  readonly positiveDefinite: (batch: Shape, n: number) => NDArray;
  /** Square matrices with a diagonal away from 0. */
  readonly triangular: (batch: Shape, n: number) => NDArray;
}

/** Draws that follow from a seed; each call takes a key of its own. */
export const drawFrom = (seed: number): Draw => {
  let calls = 0;
  const nextKey = (): Key => foldIn(PRNGKey(seed), calls++);
  const uniform = (shape: Shape, low: number, high: number): NDArray => makeNDArray(drawUniform(nextKey(), shape, low, high, 'float64'), shape);
  const map = (x: NDArray, f: (value: number, i: number) => number): NDArray => makeNDArray(x.data.map(f), x.shape);
  const onDiagonal = (i: number, n: number): boolean => (i % (n * n)) % (n + 1) === 0;
  const triangular = (batch: Shape, n: number): NDArray => {
    const x = uniform([...batch, n, n], -1, 1);
    return map(x, (value, i) => (onDiagonal(i, n) ? 1 + Math.abs(value) : 0.6 * value));
  };
  return {
    uniform,
    away: (shape, least = 0.1, most = 2) => map(uniform(shape, -1, 1), (u) => (u < 0 ? -1 : 1) * (least + (most - least) * Math.abs(u))),
    distinct: (shape, phase = 0) => {
      const size = sizeOf(shape);
      const order = permutation(nextKey(), size);
      const jitter = uniform([size], -0.02, 0.02);
      return makeNDArray(
        Float64Array.from({ length: size }, (_, i) => 0.4 * (order.data[i]! - size / 2) + 0.13 + 0.2 * phase + jitter.data[i]!),
        shape,
      );
    },
    integers: (shape, low, high) => randint(nextKey(), shape, low, high),
    bools: (shape) =>
      makeNDArray(
        uniform(shape, 0, 1).data.map((u) => Number(u < 0.5)),
        shape,
        'bool',
      ),
    positiveDefinite: (batch, n) => {
      const a = triangular(batch, n);
      const out = new Float64Array(a.data.length);
      for (let m = 0; m < out.length; m += n * n)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) out[m + i * n + j]! += a.data[m + i * n + k]! * a.data[m + j * n + k]!;
      return makeNDArray(out, a.shape);
    },
    triangular,
  };
};
