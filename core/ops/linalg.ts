/** Linear algebra: products, Einstein sums, linear systems, determinants and factorisations. */
import { kindlingError } from '../errors.ts';
import * as K from '../kernels/linalg.ts';
import { Eigh } from '../kernels/eigh.ts';
import * as Lu from '../kernels/lu.ts';
import { BatchMatMul } from '../kernels/matMul.ts';
import { Qr } from '../kernels/qr.ts';
import { checkOptions, describe } from '../options.ts';
import { showShape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { apply } from './apply.ts';
import { mul } from './elementwise.ts';
import { eye, reshape, split, squeeze, transposeMatrix, unstack, type OutList } from './layout.ts';
import { sum } from './reduce.ts';

/** The product of matrices, or of stacks of them that broadcast; either side transposed on request. */
export const matMul = <X extends Input, Y extends Input>(a: X, b: Y, transposeA: boolean = false, transposeB: boolean = false): Out2<X, Y> =>
  apply(BatchMatMul, [a, b], { transposeA, transposeB }) as Out2<X, Y>;

/**
 * NumPy's `dot`: the last axis of `a` against the only axis of a vector `b`, or the first of a matrix `b`; a scalar multiplies.
 *
 * @throws InvalidShape where those extents differ, or `b` has more than two axes
 * @example
 * ops.dot([[1, 2], [3, 4]], [1, 1]); // [3, 7]
 */
export const dot = <X extends Input, Y extends Input>(a: X, b: Y): Out2<X, Y> => dotArrays(asArray(a), asArray(b)) as Out2<X, Y>;

const dotArrays = (a: AnyArray, b: AnyArray): AnyArray => {
  if (a.shape.length === 0 || b.shape.length === 0) return mul(a, b);
  const inner = a.shape.at(-1)!;
  if (b.shape.length > 2 || b.shape[0] !== inner) {
    throw kindlingError('InvalidShape', {
      message: 'dot needs the last axis of the first array to fit the first axis of the second',
      given: `${showShape(a.shape)} and ${showShape(b.shape)}`,
      remedy: 'Use ops.matMul or ops.einsum for other products.',
    });
  }
  if (a.shape.length === 1 && b.shape.length === 1) return sum(mul(a, b));
  const rows = reshape(a, [-1, inner]);
  const columns = b.shape.length === 1 ? reshape(b, [inner, 1]) : b;
  return reshape(matMul(rows, columns), [...a.shape.slice(0, -1), ...b.shape.slice(1)]);
};

export const outerProduct = <X extends Input, Y extends Input>(a: X, b: Y): Out2<X, Y> =>
  mul(reshape(a, [-1, 1]) as Input, reshape(b, [1, -1]) as Input) as Out2<X, Y>;

/**
 * The product of the operands, summed over every label not in the output.
 *
 * @example
 * ops.einsum('ij,j->i', [[1, 2], [3, 4]], [1, 1]); // [3, 7]
 */
export const einsum = <X extends readonly Input[]>(equation: string, ...operands: X): OutList<X> =>
  apply(K.Einsum, operands, { equation: equationOf(equation) }) as OutList<X>;

const equationOf = (equation: unknown): string => {
  if (typeof equation === 'string') return equation;
  throw kindlingError('InvalidArgument', { message: 'einsum takes an equation first', given: describe(equation), expected: "for example 'ij,jk->ik'" });
};

/** `einsum` for outputs with labels that no operand has: their extents come from `sizes`. */
export const einsumWithSizes = <X extends readonly Input[]>(equation: string, sizes: Readonly<Record<string, number>>, ...operands: X): OutList<X> =>
  apply(K.Einsum, operands, { equation: equationOf(equation), sizes }) as OutList<X>;

/** The lower Cholesky factor of symmetric positive definite matrices `[…, n, n]`; NaN where one is not. */
export const cholesky = <X extends Input>(a: X): Out<X> => apply(K.Cholesky, [a]) as Out<X>;

export interface TriangularOptions {
  readonly lower?: boolean | undefined;
  readonly transpose?: boolean | undefined;
}

/** Solves op(A) X = B, with A `[…, n, n]` triangular and B `[…, n, k]`, or a vector `[n]`. */
export const triangularSolve = <X extends Input, Y extends Input>(a: X, b: Y, options: TriangularOptions = {}): Out2<X, Y> => {
  checkOptions('triangularSolve', options, ['lower', 'transpose']);
  const { lower = true, transpose = false } = options;
  const right = asArray(b);
  if (right.shape.length !== 1) return apply(K.TriangularSolve, [a, right], { lower, transpose }) as Out2<X, Y>;
  const column = apply(K.TriangularSolve, [a, reshape(right, [-1, 1])], { lower, transpose });
  return reshape(column, column.shape.slice(0, -1)) as Out2<X, Y>;
};

/** Solves A X = B from the lower Cholesky factor of A. */
export const choleskySolve = <X extends Input, Y extends Input>(l: X, b: Y): Out2<X, Y> =>
  triangularSolve(l, triangularSolve(l, b) as Input, { transpose: true });

export interface SolveOptions {
  readonly transpose?: boolean | undefined;
}

/** Solves op(A) X = B, with A `[…, n, n]` and B `[…, n, k]`, or a vector `[n]`; a singular A gives infinities and NaN. */
export const solve = <X extends Input, Y extends Input>(a: X, b: Y, { transpose = false }: SolveOptions = {}): Out2<X, Y> => {
  const right = asArray(b);
  if (right.shape.length !== 1) return apply(Lu.Solve, [a, right], { transpose }) as Out2<X, Y>;
  const column = apply(Lu.Solve, [a, reshape(right, [-1, 1])], { transpose });
  return reshape(column, column.shape.slice(0, -1)) as Out2<X, Y>;
};

/** The inverses of matrices `[…, n, n]`. To solve a system, `solve` takes less and loses less. */
export const inverse = <X extends Input>(a: X): Out<X> => solve(a, eye(asArray(a).shape.at(-1) ?? 0));

/** The determinants of matrices `[…, n, n]`. The gradient is defined where they are not 0. */
export const det = <X extends Input>(a: X): Out<X> => apply(Lu.Det, [a]) as Out<X>;

/**
 * `[sign, log |det A|]` of matrices `[…, n, n]`: 0 and −∞ for a singular one.
 *
 * @example
 * ops.slogdet([[0, 1], [1, 0]]); // [-1, 0]
 */
export const slogdet = <X extends Input>(a: X): readonly [sign: Out<X>, logAbsDet: Out<X>] => {
  const [sign, logAbsDet] = unstack(apply(Lu.Slogdet, [a]), -1);
  return [sign as Out<X>, logAbsDet as Out<X>];
};

/** The first rows of matrices, and the rest. */
const cutRows = (x: AnyArray, rows: number): readonly [AnyArray, AnyArray] => {
  const [first, rest] = split(x, [rows, x.shape.at(-2)! - rows], -2);
  return [first!, rest!];
};

/**
 * `[values, vectors]` of the symmetric matrices (A + Aᵀ)/2: eigenvalues ascending, and in the columns of `vectors` the eigenvectors of
 * length 1, their largest entry positive. The gradient of the vectors is defined where no two eigenvalues are equal.
 *
 * @example
 * ops.eigh([[2, 1], [1, 2]])[0]; // [1, 3]
 */
export const eigh = <X extends Input>(a: X): readonly [values: Out<X>, vectors: Out<X>] => {
  const [values, vectors] = cutRows(apply(Eigh, [a]), 1);
  return [squeeze(values, -2) as Out<X>, vectors as Out<X>];
};

/**
 * `[q, r]` with A = Q R of matrices `[…, m, n]`, reduced: k = min(m, n) orthonormal columns, and R `[…, k, n]` upper triangular, no
 * number on its diagonal negative.
 */
export const qr = <X extends Input>(a: X): readonly [q: Out<X>, r: Out<X>] => {
  const [q, r] = cutRows(apply(Qr, [a]), asArray(a).shape.at(-2) ?? 0);
  return [q as Out<X>, transposeMatrix(r) as Out<X>];
};
