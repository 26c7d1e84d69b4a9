/** How vectors fill the lower triangles of matrices, and are taken out of them. */
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { showShape, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { cutLast, padLast, positionsOf } from './layout.ts';

/** The n with n (n + 1) / 2 = `length`. */
const triangularRoot = (length: number, shape: Shape): number => {
  const n = Math.round((Math.sqrt(8 * length + 1) - 1) / 2);
  if ((n * (n + 1)) / 2 !== length) {
    throw kindlingError('InvalidShape', {
      message: 'a triangle is filled by 1, 3, 6, 10, … numbers',
      given: `shape ${showShape(shape)}`,
      expected: 'a last axis of n (n + 1) / 2 elements',
    });
  }
  return n;
};

/** The side of the matrix whose lower triangle a vector fills: with its diagonal, or without. */
export const sideOf = (shape: Shape, withDiagonal: boolean): number => triangularRoot(shape.at(-1)!, shape) + (withDiagonal ? 0 : 1);

const requireSquare = (shape: Shape): number => {
  const [rows, columns] = shape.slice(-2);
  if (rows !== columns) throw kindlingError('InvalidShape', { message: 'a square matrix was expected', given: `shape ${showShape(shape)}` });
  return columns!;
};

/** The shape rules of a map from vectors to matrices whose lower triangle they fill. */
export const triangleShapes = (withDiagonal: boolean): { readonly forwardShape: (shape: Shape) => Shape; readonly inverseShape: (shape: Shape) => Shape } => ({
  forwardShape: (shape) => {
    const n = sideOf(shape, withDiagonal);
    return [...shape.slice(0, -1), n, n];
  },
  inverseShape: (shape) => {
    const n = requireSquare(shape);
    return [...shape.slice(0, -2), (n * (withDiagonal ? n + 1 : n - 1)) / 2];
  },
});

/** The strictly lower entries by rows, as positions in the flat matrix. */
const strictPositions = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => Array.from({ length: i }, (__, j) => i * n + j)).flat();

/** The rows in which the strictly lower entries stand. */
export const strictRows = (n: number): readonly number[] => strictPositions(n).map((at) => Math.floor(at / n));
/** The columns in which the strictly lower entries stand. */
export const strictColumns = (n: number): readonly number[] => strictPositions(n).map((at) => at % n);

/** The strictly lower entries of matrices, by rows. */
export const strictOf = (x: AnyArray): AnyArray => {
  const n = requireSquare(x.shape);
  return ops.gather(ops.reshape(x, [...x.shape.slice(0, -2), n * n]), positionsOf(strictPositions(n)), -1);
};

/** Where entry (i, j) of a matrix of side n is found in [strictly lower entries by rows, …diagonal, 0]. */
const sources = (n: number, withDiagonal: boolean): readonly number[] => {
  const strict = (n * (n - 1)) / 2;
  const zero = strict + (withDiagonal ? n : 0);
  return Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return j < i ? (i * (i - 1)) / 2 + j : j === i && withDiagonal ? strict + i : zero;
  });
};

const filled = (x: AnyArray, n: number, withDiagonal: boolean): AnyArray =>
  ops.reshape(ops.gather(padLast(x, 0, 1), positionsOf(sources(n, withDiagonal)), -1), [...x.shape.slice(0, -1), n, n]);

/** Matrices with these strictly lower entries and zeros elsewhere. */
export const strictMatrix = (strict: AnyArray): AnyArray => filled(strict, sideOf(strict.shape, false), false);
/** Matrices with these strictly lower entries and diagonal, and zeros above. */
export const lowerMatrix = (strict: AnyArray, diagonal: AnyArray): AnyArray => filled(ops.concat([strict, diagonal], -1), diagonal.shape.at(-1)!, true);

/** A vector as strictly lower entries by rows, and then a diagonal. */
export const splitTriangle = (x: AnyArray): { readonly n: number; readonly strict: AnyArray; readonly diagonal: AnyArray } => {
  const n = sideOf(x.shape, true);
  const [strict, diagonal] = cutLast(x, x.shape.at(-1)! - n);
  return { n, strict, diagonal };
};
