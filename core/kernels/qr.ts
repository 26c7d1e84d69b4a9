/** The kernel of the QR factorisation. */
import type * as Ops from '../ops/index.ts';
import { kindlingError } from '../errors.ts';
import { showShape, sizeOf } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { defineKernel, type Kernel } from './kernel.ts';
import { batchOf, matrixOf } from './matMul.ts';
import { scaleOf } from './scale.ts';

/**
 * A = Q R by reflections: of the n columns of A, in the rows of `columns`, the k columns of Q, in the rows of `q`. What is on and above
 * the diagonal of R is left in `columns`, but for the diagonal itself, which is in `diagonal`.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithms 5.2.1 and, for Q from its end, section 5.1.6
 */
const reflect = (columns: Float64Array, m: number, n: number): { readonly q: Float64Array; readonly diagonal: Float64Array } => {
  const k = Math.min(m, n);
  const [q, diagonal, betas] = [new Float64Array(k * m), new Float64Array(k), new Float64Array(k)];
  /** Applies reflection j to a row of numbers from their j-th on. */
  const apply = (j: number, numbers: Float64Array, first: number): void => {
    let sum = 0;
    for (let i = j; i < m; i++) sum -= columns[j * m + i]! * numbers[first + i]!;
    sum *= betas[j]!;
    for (let i = j; i < m; i++) numbers[first + i]! += sum * columns[j * m + i]!;
  };
  for (let j = 0; j < k; j++) {
    let beyond = 0;
    for (let i = j + 1; i < m; i++) beyond += columns[j * m + i]! * columns[j * m + i]!;
    const head = columns[j * m + j]!;
    diagonal[j] = head;
    if (beyond === 0) continue;
    const length = head < 0 ? -Math.sqrt(head * head + beyond) : Math.sqrt(head * head + beyond);
    diagonal[j] = -length;
    columns[j * m + j] = head + length;
    betas[j] = 1 / (length * (head + length));
    for (let c = j + 1; c < n; c++) apply(j, columns, c * m);
  }
  for (let j = 0; j < k; j++) q[j * m + j] = 1;
  for (let j = k - 1; j >= 0; j--) if (betas[j] !== 0) for (let c = j; c < k; c++) apply(j, q, c * m);
  return { q, diagonal };
};

/** The symmetric matrix with this lower triangle. */
const mirrored = (ops: typeof Ops, x: AnyArray): AnyArray => ops.add(ops.tril(x), ops.transposeMatrix(ops.tril(x, -1)));

/**
 * A = Q R, reduced: the k = min(m, n) columns of Q, and below them the columns of Rᵀ; no number on the diagonal of R is negative.
 * NaN all over where A is not finite.
 * Gradient, for A of full rank: Walter and Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
 * experimental design" (2010), in the form of Seeger et al., "Auto-differentiating linear algebra" (2017); where A has more
 * columns than rows, Roberts and Roberts, "QR and LQ decomposition matrix backpropagation algorithms for square, wide, and deep matrices"
 * (2020).
 */
export const Qr: Kernel = defineKernel({
  name: 'Qr',
  inputs: ['a'],
  shape: ([a]) => {
    if (a!.shape.length < 2) throw kindlingError('InvalidShape', { message: 'a QR factorisation needs matrices', given: `shape ${showShape(a!.shape)}` });
    const [m, n] = matrixOf(a!.shape) as [number, number];
    return { shape: [...batchOf(a!.shape), m + n, Math.min(m, n)], dtype: 'float' };
  },
  cast: () => ['float'],
  run: (out, [a]) => {
    const [m, n] = matrixOf(a!.shape) as [number, number];
    const k = Math.min(m, n);
    const columns = new Float64Array(n * m);
    const scales = new Float64Array(n);
    for (let matrix = 0; matrix < sizeOf(batchOf(a!.shape)); matrix++) {
      const [from, to] = [matrix * m * n, matrix * (m + n) * k];
      let overall = 0;
      for (let j = 0; j < n; j++) {
        let largest = 0;
        for (let i = 0; i < m; i++) largest = Math.max(largest, Math.abs(a!.data[from + i * n + j]!));
        overall = Math.max(overall, largest);
        scales[j] = scaleOf(largest);
        for (let i = 0; i < m; i++) columns[j * m + i] = scales[j]! * a!.data[from + i * n + j]!;
      }
      if (!(overall < Infinity)) {
        out.data.fill(NaN, to, to + (m + n) * k);
        continue;
      }
      const { q, diagonal } = reflect(columns, m, n);
      for (let r = 0; r < k; r++) {
        const sign = diagonal[r]! < 0 ? -1 : 1;
        for (let i = 0; i < m; i++) out.data[to + i * k + r] = sign * q[r * m + i]!;
        for (let j = 0; j < n; j++) out.data[to + (m + j) * k + r] = j < r ? 0 : (sign * (j === r ? diagonal[r]! : columns[j * m + r]!)) / scales[j]!;
      }
    }
  },
  saves: { inputs: true, output: true },
  vjp: (ops, { dy, inputs, output }) => [
    () => {
      const a = inputs[0]!;
      const [m, n] = matrixOf(a.shape) as [number, number];
      const k = Math.min(m, n);
      const [q, r] = ops.split(output, [m, k, n - k], -2) as [AnyArray, AnyArray, AnyArray];
      const [ofQ, dr, ofRest] = ops.split(dy, [m, k, n - k], -2) as [AnyArray, AnyArray, AnyArray];
      // Beyond the first k columns of A, those of R are Qᵀ times them.
      const [, rest] = ops.split(a, [k, n - k], -1) as [AnyArray, AnyArray];
      const dq = n > k ? ops.add(ofQ, ops.matMul(rest, ofRest)) : ofQ;
      const middle = ops.sub(ops.matMul(r, dr, true, false), ops.matMul(dq, q, true, false));
      const right = ops.add(dq, ops.matMul(q, mirrored(ops, middle)));
      // X Rᵀ = the right-hand side, with Rᵀ at hand.
      const first = ops.transposeMatrix(ops.triangularSolve(r, ops.transposeMatrix(right), { transpose: true }));
      return n > k ? ops.concat([first, ops.matMul(q, ofRest, false, true)], -1) : first;
    },
  ],
});
