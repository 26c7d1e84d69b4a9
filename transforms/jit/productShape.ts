/** A matrix product as plain numbers: what a BatchMatMul computes, and the plainest product that gives the same. */
import type { Attrs } from '../../core/kernels/kernel.ts';
import { broadcastStrides, sizeOf, type Shape } from '../../core/shape.ts';
import type { Aval } from '../../core/value.ts';
import { DOUBLE, type Steps } from './productTile.ts';

/** A batch of products C = op(A) · op(B) of row-major matrices. */
export interface Product {
  /** Extents of the batch, with the strides of A and B along them in doubles, 0 where they are broadcast. C is contiguous. */
  readonly batch: readonly BatchAxis[];
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly precision: 'float64' | 'float32';
}

export interface BatchAxis {
  readonly extent: number;
  readonly a: number;
  readonly b: number;
}

const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** The product that a BatchMatMul computes. */
export const productOf = (inputs: readonly Aval[], output: Aval, attrs: Attrs, precision: Product['precision']): Product => {
  const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
  const batch = batchOf(output.shape);
  const stridesOf = (shape: Shape): readonly number[] => broadcastStrides(batchOf(shape), batch).map((stride) => stride * sizeOf(shape.slice(-2)));
  const [strideA, strideB] = [stridesOf(a), stridesOf(b)];
  const transposeA = attrs['transposeA'] === true;
  return {
    batch: batch.map((extent, i) => ({ extent, a: strideA[i]!, b: strideB[i]! })),
    rows: output.shape.at(-2)!,
    inner: a.at(transposeA ? -2 : -1)!,
    columns: output.shape.at(-1)!,
    transposeA,
    transposeB: attrs['transposeB'] === true,
    precision,
  };
};

/** Drops axes of one matrix, and joins neighbours along which both operands move on evenly. */
const joinBatch = (batch: readonly BatchAxis[]): readonly BatchAxis[] =>
  batch
    .filter(({ extent }) => extent !== 1)
    .reduce<readonly BatchAxis[]>((joined, axis) => {
      const last = joined.at(-1);
      const isEven = last !== undefined && last.a === axis.a * axis.extent && last.b === axis.b * axis.extent;
      return isEven ? [...joined.slice(0, -1), { ...axis, extent: last.extent * axis.extent }] : [...joined, axis];
    }, []);

/** A product in its plainest form, in which the operands may have changed places. */
export interface PlainProduct extends Product {
  readonly isSwapped: boolean;
}

/** Matrices that all meet the same B are one with all their rows. */
const stacked = (product: Product): Product => {
  const last = product.batch.at(-1);
  if (last === undefined || product.transposeA || last.b !== 0 || last.a !== product.rows * product.inner) return product;
  return { ...product, batch: product.batch.slice(0, -1), rows: product.rows * last.extent };
};

/** The same product with as few axes and transpositions as there can be; one with a single column is one with a single row. */
export const plainProduct = (given: Product): PlainProduct => {
  const isLine = given.inner === 1;
  const product = stacked({ ...given, batch: joinBatch(given.batch), transposeA: given.transposeA && given.rows > 1 && !isLine });
  const { batch, rows, columns, transposeA, transposeB } = product;
  if (columns !== 1) return { ...product, transposeB: transposeB && !isLine, isSwapped: false };
  return {
    ...product,
    batch: batch.map(({ extent, a, b }) => ({ extent, a: b, b: a })),
    rows: 1,
    columns: rows,
    transposeA: false,
    transposeB: !transposeA && !isLine,
    isSwapped: true,
  };
};

/** Whether there is nothing to compute. */
export const isEmpty = ({ batch, rows, columns }: Product): boolean => rows * columns === 0 || batch.some(({ extent }) => extent === 0);

/** The steps of both operands where they lie. */
export const stepsOf = ({ rows, inner, columns, transposeA, transposeB }: Product): readonly [a: Steps, b: Steps] => [
  transposeA ? { outer: DOUBLE, inner: DOUBLE * rows } : { outer: DOUBLE * inner, inner: DOUBLE },
  transposeB ? { outer: DOUBLE * inner, inner: DOUBLE } : { outer: DOUBLE, inner: DOUBLE * columns },
];
