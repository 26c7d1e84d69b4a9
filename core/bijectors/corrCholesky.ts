/** The bijector onto Cholesky factors of correlation matrices: each row a point of a half-sphere, by signed stick breaking. */
import { corrCholesky as corrCholeskySet } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { vectorOf } from './layout.ts';
import { sideOf, strictColumns, strictMatrix, strictOf, strictRows, triangleShapes } from './triangle.ts';

const { add, mul, sum } = ops;

/** log √(1 − tanh² x) = −log cosh x. */
const logRest = (x: AnyArray): AnyArray => ops.neg(ops.logCosh(x));

const rowsOf = (x: AnyArray, rest: AnyArray): AnyArray => {
  const lengths = ops.exp(ops.cumsum(strictMatrix(rest), -1, true));
  const n = lengths.shape.at(-1)!;
  return mul(add(strictMatrix(ops.tanh(x)), ops.eye(n)), lengths);
};

/** tanh scales by 1 − tanh², the square of the rest; entry (i, j) is scaled by each rest to its left, so that the one at k counts for i − 1 − k entries. */
const volume = (rest: AnyArray, n: number): AnyArray => {
  const [rows, columns] = [strictRows(n), strictColumns(n)];
  return sum(
    mul(
      vectorOf(rows.length, (m) => 2 + rows[m]! - 1 - columns[m]!),
      rest,
    ),
    -1,
  );
};

/**
 * From n(n − 1)/2 numbers, the strictly lower entries by rows, to the Cholesky factor of a correlation matrix:
 * L_ij = tanh x_ij · Π_{k<j} √(1 − tanh² x_ik), and L_ii what makes the row of length 1. Stan Reference Manual, "Cholesky factors of
 * correlation matrices". The log-determinant is of the strictly lower entries.
 *
 * @throws InvalidShape for a vector that does not fill a triangle
 * @example
 * bijectors.corrCholesky.forward([0.5]); // [[1, 0], [0.4621171573, 0.8868188840]]
 */
export const corrCholesky: Bijector = makeBijector('corrCholesky', {
  domainDim: 1,
  codomainDim: 2,
  forward: (x) => rowsOf(x, logRest(x)),
  inverse: (y) => {
    // The entries to the right of each, squared: their sum is what the entry left of the row, without cancellation; sinh x = L_ij / √ of it.
    const right = strictOf(ops.cumsum(ops.square(y), -1, true, true));
    return ops.asinh(ops.div(strictOf(y), ops.sqrt(right)));
  },
  logDet: (x) => volume(logRest(x), sideOf(x.shape, false)),
  forwardAndLogDet: (x) => {
    const rest = logRest(x);
    return [rowsOf(x, rest), volume(rest, sideOf(x.shape, false))];
  },
  ...triangleShapes(false),
  codomain: () => corrCholeskySet,
});
