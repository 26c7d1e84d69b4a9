/** The kernels that rest on LU factors: linear systems and determinants. */
import { kindlingError } from '../errors.ts';
import type * as Ops from '../ops/index.ts';
import { broadcastShapes, showShape, sizeOf } from '../shape.ts';
import type { AnyArray, Aval } from '../value.ts';
import { unbroadcast } from './elementwise.ts';
import { defineKernel, type Buffer, type Kernel } from './kernel.ts';
import { requireSquare } from './linalg.ts';
import { batchOf, eachMatrix, matrixOf } from './matMul.ts';

const saveInputs = { inputs: true, output: false };

/** P A = L U of a stack of n × n matrices: the unit lower L below the diagonals, U on and above them. */
interface Factors {
  readonly lu: Float64Array;
  /** By matrix and row: which row of A it was. */
  readonly rows: Int32Array;
  /** By matrix: the determinant of P. */
  readonly parities: readonly number[];
}

/**
 * The row with the largest pivot goes first. Where all are 0 nothing is divided, and U is singular.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithm 3.4.1
 */
const factorise = ({ shape, data }: Buffer): Factors => {
  const n = shape.at(-1)!;
  const lu = Float64Array.from(data);
  const rows = new Int32Array(lu.length / Math.max(n, 1)).map((_, i) => i % n);
  const parities = Array.from({ length: sizeOf(batchOf(shape)) }, (_, matrix) => {
    let parity = 1;
    const at = (i: number, j: number): number => (matrix * n + i) * n + j;
    for (let k = 0; k < n; k++) {
      let best = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(lu[at(i, k)]!) > Math.abs(lu[at(best, k)]!)) best = i;
      if (best !== k) {
        parity = -parity;
        const [first, second] = [matrix * n + k, matrix * n + best];
        [rows[first], rows[second]] = [rows[second]!, rows[first]!];
        for (let j = 0; j < n; j++) [lu[at(k, j)], lu[at(best, j)]] = [lu[at(best, j)]!, lu[at(k, j)]!];
      }
      const pivot = lu[at(k, k)]!;
      for (let i = k + 1; i < n; i++) {
        const factor = pivot === 0 ? lu[at(i, k)]! : lu[at(i, k)]! / pivot;
        lu[at(i, k)] = factor;
        for (let j = k + 1; j < n; j++) lu[at(i, j)]! -= factor * lu[at(k, j)]!;
      }
    }
    return parity;
  });
  return { lu, rows, parities };
};

/** Solves op(A) X = B for square matrices A; batch axes broadcast. A singular A gives infinities and NaN. */
export const Solve: Kernel = defineKernel({
  name: 'Solve',
  inputs: ['a', 'b'],
  shape: ([a, b]) => {
    requireSquare('a linear system', a!);
    if (b!.shape.length < 2 || b!.shape.at(-2) !== a!.shape.at(-1)) {
      throw kindlingError('InvalidShape', {
        message: 'the right-hand side of a linear system does not fit',
        given: `${showShape(a!.shape)} and ${showShape(b!.shape)}`,
      });
    }
    return { shape: [...broadcastShapes(batchOf(a!.shape), batchOf(b!.shape)), ...matrixOf(b!.shape)], dtype: 'float' };
  },
  cast: () => ['float', 'float'],
  run: (out, inputs, { transpose }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [n, columns] = matrixOf(out.shape) as [number, number];
    const { lu, rows } = factorise(a);
    const isTransposed = transpose === true;
    const x = new Float64Array(n);
    eachMatrix(batchOf(out.shape), inputs, (at, [ofA, ofB]) => {
      const factor = (i: number, k: number): number => lu[ofA! + (isTransposed ? k * n + i : i * n + k)]!;
      const rowOf = (i: number): number => rows[ofA! / n + i]!;
      for (let c = 0; c < columns; c++) {
        for (let i = 0; i < n; i++) {
          let rest = b.data[ofB! + (isTransposed ? i : rowOf(i)) * columns + c]!;
          for (let k = 0; k < i; k++) rest -= factor(i, k) * x[k]!;
          x[i] = isTransposed ? rest / factor(i, i) : rest;
        }
        for (let i = n - 1; i >= 0; i--) {
          let rest = x[i]!;
          for (let k = n - 1; k > i; k--) rest -= factor(i, k) * x[k]!;
          x[i] = isTransposed ? rest : rest / factor(i, i);
          out.data[(at * n + (isTransposed ? rowOf(i) : i)) * columns + c] = x[i]!;
        }
      }
    });
  },
  saves: { inputs: true, output: true },
  // Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), matrix inverse product.
  vjp: (ops, { dy, inputs, output: x, attrs }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const transpose = attrs['transpose'] === true;
    const full = (): AnyArray => ops.solve(a, dy, { transpose: !transpose });
    const da = (): AnyArray => unbroadcast(ops, ops.neg(transpose ? ops.matMul(x, full(), false, true) : ops.matMul(full(), x, false, true)), a.shape);
    return [da, () => unbroadcast(ops, full(), b.shape)];
  },
});

const inverseTransposed = (ops: typeof Ops, a: AnyArray): AnyArray => ops.solve(a, ops.eye(a.shape.at(-1)!), { transpose: true });

/** One number for each matrix, to multiply it with. */
const scalars = (ops: typeof Ops, x: AnyArray, a: AnyArray): AnyArray => ops.reshape(x, [...batchOf(a.shape), 1, 1]);

const requireMatrices = (a: Aval): void => requireSquare('a determinant', a);

/** The sign of the determinant, and the logarithm of its absolute value, in a last axis of 2: 0 and −∞ for a singular matrix. */
export const Slogdet: Kernel = defineKernel({
  name: 'Slogdet',
  inputs: ['a'],
  shape: ([a]) => {
    requireMatrices(a!);
    return { shape: [...batchOf(a!.shape), 2], dtype: 'float' };
  },
  cast: () => ['float'],
  run: (out, [a]) => {
    const n = a!.shape.at(-1)!;
    const { lu, parities } = factorise(a!);
    parities.forEach((parity, matrix) => {
      let [sign, sum] = [parity, 0];
      for (let i = 0; i < n; i++) {
        const pivot = lu[(matrix * n + i) * n + i]!;
        sign *= Math.sign(pivot);
        sum += Math.log(Math.abs(pivot));
      }
      // Not −0.
      out.data[2 * matrix] = sign + 0;
      out.data[2 * matrix + 1] = sum;
    });
  },
  saves: saveInputs,
  // Giles (2008), determinant.
  vjp: (ops, { dy, inputs }) => [() => ops.mul(scalars(ops, ops.unstack(dy, -1)[1]!, inputs[0]!), inverseTransposed(ops, inputs[0]!))],
});

/** The determinant, as the product of the pivots. */
export const Det: Kernel = defineKernel({
  name: 'Det',
  inputs: ['a'],
  shape: ([a]) => {
    requireMatrices(a!);
    return { shape: batchOf(a!.shape), dtype: 'float' };
  },
  cast: () => ['float'],
  run: (out, [a]) => {
    const n = a!.shape.at(-1)!;
    const { lu, parities } = factorise(a!);
    parities.forEach((parity, matrix) => {
      let product = parity;
      for (let i = 0; i < n; i++) product *= lu[(matrix * n + i) * n + i]!;
      // Not −0.
      out.data[matrix] = product + 0;
    });
  },
  saves: { inputs: true, output: true },
  // Giles (2008), determinant.
  vjp: (ops, { dy, inputs, output }) => [() => ops.mul(scalars(ops, ops.mul(dy, output), inputs[0]!), inverseTransposed(ops, inputs[0]!))],
});
