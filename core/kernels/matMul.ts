/** The kernel of matrix products. */
import { kindlingError } from '../errors.ts';
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { eachBroadcast, unbroadcast } from './elementwise.ts';
import { defineKernel, type Buffer, type Kernel } from './kernel.ts';

export const matrixOf = (shape: Shape): Shape => shape.slice(-2);
export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** Calls `visit` with the offsets of the matrices of each input, their batch shapes broadcast. */
export const eachMatrix = (batch: Shape, inputs: readonly Buffer[], visit: (at: number, offsets: readonly number[]) => void): void =>
  eachBroadcast(
    batch,
    inputs.map(({ shape }) => batchOf(shape)),
    (at, offsets) =>
      visit(
        at,
        offsets.map((offset, i) => offset * sizeOf(matrixOf(inputs[i]!.shape))),
      ),
  );

/** Whether walking round and round a batch gives the matrices to which it broadcasts. */
const repeats = (batch: Shape, out: Shape): boolean => {
  const own = batch.slice(batch.findIndex((extent) => extent !== 1));
  return sizeOf(batch) === 1 || sameShape(own, out.slice(out.length - own.length));
};

/** The extents of a product, and the strides of its operands. */
interface Extents {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly aRow: number;
  readonly aInner: number;
  readonly bInner: number;
  readonly bColumn: number;
}

type Numbers = Buffer['data'];

/** Σ a[from + k·step] b[…]: a function of its own, as engines make a short one fast soonest. */
const dot = (a: Numbers, ofA: number, stepA: number, b: Numbers, ofB: number, stepB: number, count: number): number => {
  let sum = 0;
  let [i, j] = [ofA, ofB];
  for (let k = 0; k < count; k++) {
    sum += a[i]! * b[j]!;
    i += stepA;
    j += stepB;
  }
  return sum;
};

const multiply = (out: Numbers, at: number, a: Numbers, ofA: number, b: Numbers, ofB: number, extents: Extents): void => {
  const { rows, columns, inner, aRow, aInner, bInner, bColumn } = extents;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[at + i * columns + j] = dot(a, ofA + i * aRow, aInner, b, ofB + j * bColumn, bInner, inner);
  }
};

/** tfjs's matrix product: the last two axes multiply, those before broadcast. */
export const BatchMatMul: Kernel = defineKernel({
  name: 'BatchMatMul',
  inputs: ['a', 'b'],
  shape: ([a, b], { transposeA, transposeB }) => {
    if (a!.shape.length < 2 || b!.shape.length < 2) {
      throw kindlingError('InvalidShape', {
        message: 'a matrix product needs matrices',
        given: `${showShape(a!.shape)} and ${showShape(b!.shape)}`,
        remedy: 'Use ops.dot where one side is a vector.',
      });
    }
    const [[m, k], [l, n]] = [matrixOf(a!.shape) as [number, number], matrixOf(b!.shape) as [number, number]];
    if ((transposeA === true ? m : k) !== (transposeB === true ? n : l)) {
      throw kindlingError('InvalidShape', {
        message: 'the inner extents of a matrix product differ',
        given: `${showShape(a!.shape)}${transposeA === true ? ' transposed' : ''} times ${showShape(b!.shape)}${transposeB === true ? ' transposed' : ''}`,
      });
    }
    return { shape: [...broadcastShapes(batchOf(a!.shape), batchOf(b!.shape)), transposeA === true ? k : m, transposeB === true ? l : n], dtype: 'float' };
  },
  cast: () => ['float', 'float'],
  // It takes both batches round and round, as many times as the larger has matrices.
  tfjsFails: ([a, b]) => {
    const [ofA, ofB] = [batchOf(a!.shape), batchOf(b!.shape)];
    const out = broadcastShapes(ofA, ofB);
    return !(repeats(ofA, out) && repeats(ofB, out) && Math.max(sizeOf(ofA), sizeOf(ofB)) === sizeOf(out));
  },
  run: (out, inputs, { transposeA, transposeB }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [rows, columns] = matrixOf(out.shape) as [number, number];
    const [, width] = matrixOf(a.shape) as [number, number];
    const [, span] = matrixOf(b.shape) as [number, number];
    const inner = transposeA === true ? matrixOf(a.shape)[0]! : width;
    const [aRow, aInner] = transposeA === true ? [1, width] : [width, 1];
    const [bInner, bColumn] = transposeB === true ? [1, span] : [span, 1];
    const product = { rows, columns, inner, aRow, aInner, bInner, bColumn };
    eachMatrix(batchOf(out.shape), inputs, (at, [ofA, ofB]) => multiply(out.data, at * rows * columns, a.data, ofA!, b.data, ofB!, product));
  },
  saves: { inputs: true, output: false },
  vjp: (ops, { dy, inputs, attrs }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [ta, tb] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
    const da = (): AnyArray => (ta ? ops.matMul(b, dy, tb, true) : ops.matMul(dy, b, false, !tb));
    const db = (): AnyArray => (tb ? ops.matMul(dy, a, true, ta) : ops.matMul(a, dy, !ta, false));
    return [() => unbroadcast(ops, da(), a.shape), () => unbroadcast(ops, db(), b.shape)];
  },
});
