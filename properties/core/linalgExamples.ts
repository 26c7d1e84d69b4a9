/** Where each kernel of linear algebra is tested. */
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import type { Shape } from '../../core/shape.ts';
import type { Draw } from '../laws/draw.ts';
import type { KernelExamples } from '../laws/kernelLaws.ts';

const cases = (make: KernelExamples['make'], options: Omit<KernelExamples, 'make'> = {}): KernelExamples => ({ ...options, make });

const transposes = [false, true].flatMap((a) => [false, true].map((b) => [a, b] as const));

/** Stacks of matrices whose diagonals rise in steps of 3: their eigenvalues are well apart, and their columns independent. */
const rising = (draw: Draw, shape: Shape): NDArray => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const noise = draw.uniform(shape, -0.4, 0.4);
  const row = (i: number): number => Math.floor(i / columns) % rows;
  return makeNDArray(
    noise.data.map((u, i) => (row(i) === i % columns ? u + 2 + 3 * row(i) : u)),
    shape,
  );
};

export const linalgExamples: Readonly<Record<string, KernelExamples>> = {
  BatchMatMul: cases((d) => [
    ...transposes.map(([transposeA, transposeB]) => ({
      inputs: [d.away(transposeA ? [3, 2] : [2, 3]), d.away(transposeB ? [4, 3] : [3, 4])],
      attrs: { transposeA, transposeB },
    })),
    { inputs: [d.away([2, 2, 3]), d.away([1, 3, 2])], attrs: { transposeA: false, transposeB: false } },
    { inputs: [d.away([2, 1, 2, 3]), d.away([3, 3, 2])], attrs: { transposeA: false, transposeB: false } },
  ]),
  Einsum: cases((d) => [
    { inputs: [d.away([2, 3]), d.away([3, 2])], attrs: { equation: 'ij,jk->ik' } },
    { inputs: [d.away([3, 3])], attrs: { equation: 'ii->i' } },
    { inputs: [d.away([2, 3]), d.away([3]), d.away([2])], attrs: { equation: 'ij,j,i->' } },
    { inputs: [d.away([2, 3])], attrs: { equation: 'ij->ji' } },
  ]),
  Cholesky: cases((d) => [{ inputs: [d.positiveDefinite([], 3)] }, { inputs: [d.positiveDefinite([2], 2)] }], { integers: false }),
  TriangularSolve: cases(
    (d) => [
      ...transposes.map(([lower, transpose]) => ({ inputs: [d.triangular([], 3), d.away([3, 2])], attrs: { lower, transpose } })),
      { inputs: [d.triangular([2, 1], 2), d.away([3, 2, 1])], attrs: { lower: true, transpose: false } },
    ],
    { integers: false },
  ),
  Solve: cases(
    (d) => [
      ...[false, true].map((transpose) => ({ inputs: [d.triangular([], 3), d.away([3, 2])], attrs: { transpose } })),
      { inputs: [d.triangular([2, 1], 2), d.away([3, 2, 1])], attrs: { transpose: false } },
      { inputs: [d.triangular([2], 2), d.away([2, 6])], attrs: { transpose: true } },
    ],
    { integers: false },
  ),
  ...Object.fromEntries(
    ['Slogdet', 'Det'].map((name) => [name, cases((d) => [{ inputs: [d.triangular([], 3)] }, { inputs: [d.triangular([2], 2)] }], { integers: false })]),
  ),
  Eigh: cases((d) => [{ inputs: [rising(d, [3, 3])] }, { inputs: [rising(d, [2, 2, 2])] }], { integers: false }),
  Qr: cases((d) => [{ inputs: [rising(d, [3, 3])] }, { inputs: [rising(d, [2, 4, 2])] }, { inputs: [rising(d, [2, 3])] }], { integers: false }),
};
