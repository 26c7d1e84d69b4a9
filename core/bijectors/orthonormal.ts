/** The bijectors that turn vectors to another orthonormal basis: discrete cosines, and the wavelets of Haar. */
import { realVector } from '../constraints/index.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { makeBijector, noVolume, type Bijector } from './bijector.ts';

/** y = B x for a matrix B of orthonormal rows; x = Bᵀ y. */
const turn = (name: string, basis: (n: number) => NDArray): Bijector => {
  const product = (x: AnyArray, transposed: boolean): AnyArray => {
    const matrix = basis(x.shape.at(-1)!);
    return ops.dot(x, transposed ? matrix : ops.transpose(matrix));
  };
  return makeBijector(name, {
    domainDim: 1,
    forward: (x) => product(x, false),
    inverse: (y) => product(y, true),
    logDet: (x) => noVolume(x, 1),
    codomain: () => realVector,
  });
};

const cosineBasis = (n: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: n * n }, (_, i) => {
      const [k, j] = [Math.floor(i / n), i % n];
      return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * n));
    }),
    [n, n],
  );

/**
 * The orthonormal discrete cosine transform, type II, of the last axis: y_k = √((2 − δ_k0) / n) Σ_j x_j cos(π k (2j + 1) / 2n). Ahmed, Natarajan
 * and Rao, "Discrete Cosine Transform" (1974). A smooth series has few large coefficients. As Pyro's DiscreteCosineTransform.
 *
 * @example
 * bijectors.discreteCosine.forward([1, 1, 1, 1]); // [2, 0, 0, 0]
 */
export const discreteCosine: Bijector = turn('discreteCosine', cosineBasis);

/** The coefficients of one vector: halves of pairs, their sums again halved, down to one. */
const haarOf = (x: readonly number[]): readonly number[] => {
  if (x.length < 2) return x;
  const pairs = Array.from({ length: Math.floor(x.length / 2) }, (_, i) => [x[2 * i]!, x[2 * i + 1]!] as const);
  const sums = pairs.map(([a, b]) => (a + b) * Math.SQRT1_2);
  const differences = pairs.map(([a, b]) => (a - b) * Math.SQRT1_2);
  return [...haarOf([...sums, ...x.slice(2 * pairs.length)]), ...differences];
};

const haarBasis = (n: number): NDArray => {
  const columns = Array.from({ length: n }, (_, j) => haarOf(Array.from({ length: n }, (__, i) => Number(i === j))));
  return makeNDArray(
    Float64Array.from({ length: n * n }, (_, i) => columns[i % n]![Math.floor(i / n)]!),
    [n, n],
  );
};

/**
 * The orthonormal Haar wavelet transform of the last axis, of any length: coarse coefficients first, then the differences of ever
 * smaller neighbourhoods. As Pyro's HaarTransform.
 *
 * @example
 * bijectors.haar.forward([3, 1, 0, 0]); // [2, 2, 1.41421356237, 0]
 */
export const haar: Bijector = turn('haar', haarBasis);
