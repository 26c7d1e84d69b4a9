/** Batching rules of linear algebra: the lanes are one more batch axis, or more rows of a product with a matrix that all lanes share. */
import { kindlingError } from '../../core/errors.ts';
import { parseEquation } from '../../core/kernels/linalg.ts';
import { apply } from '../../core/ops/apply.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf } from '../../core/shape.ts';
import type { AnyArray } from '../../core/value.ts';
import { laneShape, moveAxis, withRank, type BatchRule, type Operand } from './lanes.ts';

/** Kernels of matrices whose axes before the last two broadcast. */
const matrices: BatchRule = ({ kernel, attrs, operands, lane }) =>
  apply(
    kernel,
    operands.map((operand) => withRank(operand, Math.max(lane.shape.length, ...operands.map((x) => laneShape(x).length)))),
    attrs,
  );

/** The last two axes exchanged; no numbers move where one of them has extent 1. */
const swapped = (x: AnyArray): AnyArray => {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return rows === 1 || columns === 1 ? ops.reshape(x, [...x.shape.slice(0, -2), columns, rows]) : ops.transposeMatrix(x);
};

const isShared = ({ x, isBatched }: Operand): boolean => !isBatched && x.shape.length === 2;

/** One row for each row of each matrix. */
const rowsOf = (x: AnyArray): AnyArray => ops.reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);

/** Against a matrix that the lanes share, the rows of all lanes make one product. */
const matMul: BatchRule = (application) => {
  const { attrs, operands, lane, size } = application;
  const [a, b] = operands as [Operand, Operand];
  const [ta, tb] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
  if (isShared(b)) return ops.reshape(ops.matMul(rowsOf(ta ? swapped(a.x) : a.x), b.x, false, tb), [size, ...lane.shape]);
  if (!isShared(a)) return matrices(application);
  const [rows, columns] = lane.shape.slice(-2) as [number, number];
  const product = ops.matMul(rowsOf(tb ? b.x : swapped(b.x)), a.x, false, !ta);
  return swapped(ops.reshape(product, [size, ...lane.shape.slice(0, -2), columns, rows]));
};

/** With a matrix that the lanes share, the right-hand sides of all lanes are columns of one. */
const solve: BatchRule = (application) => {
  const { kernel, attrs, operands, size } = application;
  const [a, b] = operands as [Operand, Operand];
  if (!isShared(a) || laneShape(b).length !== 2) return matrices(application);
  const [rows, columns] = laneShape(b) as [number, number];
  const solved = apply(kernel, [a.x, ops.reshape(moveAxis(b.x, 0, 1), [rows, size * columns])], attrs);
  return moveAxis(ops.reshape(solved, [rows, size, columns]), 1, 0);
};

const LETTERS = 'zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA';

/** One more label, of the lanes. */
const einsum: BatchRule = ({ kernel, attrs, operands }) => {
  const { inputs, output } = parseEquation(attrs['equation'] as string);
  const label = [...LETTERS].find((letter) => ![...inputs, output].some((labels) => labels.includes(letter)));
  if (label === undefined) throw kindlingError('Unsupported', { message: 'an Einstein sum with every letter has none left for the lanes of vmap' });
  const batched = inputs.map((labels, i) => (operands[i]!.isBatched ? label + labels : labels));
  return apply(
    kernel,
    operands.map(({ x }) => x),
    { ...attrs, equation: `${batched.join(',')}->${label}${output}` },
  );
};

export const linalgRules: Readonly<Record<string, BatchRule>> = {
  BatchMatMul: matMul,
  Einsum: einsum,
  TriangularSolve: solve,
  Solve: solve,
  ...Object.fromEntries(['Cholesky', 'Det', 'Slogdet', 'Eigh', 'Qr'].map((name) => [name, matrices])),
};
