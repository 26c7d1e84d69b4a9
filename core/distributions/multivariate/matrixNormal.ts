/** The matrix normal distribution. */
import { lowerCholesky, realMatrix } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { checkFit, logDiagonal } from './forms.ts';

const { add, expandDims, matMul, mul, square, sub, sum, transposeMatrix, triangularSolve } = ops;

interface Factors {
  readonly scaleTrilRow: AnyArray;
  readonly scaleTrilColumn: AnyArray;
}

const rowsOf = ({ scaleTrilRow }: Factors): number => scaleTrilRow.shape.at(-1)!;
const columnsOf = ({ scaleTrilColumn }: Factors): number => scaleTrilColumn.shape.at(-1)!;

/** ½ log |det (V ⊗ U)|. */
const halfLogDet = (params: Factors): AnyArray =>
  add(mul(columnsOf(params), logDiagonal(params.scaleTrilRow)), mul(rowsOf(params), logDiagonal(params.scaleTrilColumn)));

/**
 * MatrixNormal(loc, scaleTrilRow, scaleTrilColumn): matrices loc + A Z Bᵀ of n × p, Z of independent standard normals, A = scaleTrilRow,
 * B = scaleTrilColumn: f(X) ∝ exp(−½ ‖A⁻¹ (X − loc) B⁻ᵀ‖²). Rows covary by U = A Aᵀ, columns by V = B Bᵀ.
 *
 * @param loc - the mean, `[…, n, p]`
 * @param scaleTrilRow - `[…, n, n]`, lower triangular with a positive diagonal
 * @param scaleTrilColumn - `[…, p, p]`, likewise
 * @throws InvalidShape where the factors do not fit the mean
 * @see Gupta, Nagar, Matrix Variate Distributions, ch. 2
 * @example
 * dist.MatrixNormal([[0, 0]], [[2]], [[1, 0], [0, 3]]).variance; // [[4, 36]]
 */
export const MatrixNormal: Constructor<'loc' | 'scaleTrilRow' | 'scaleTrilColumn'> = defineDistribution({
  name: 'MatrixNormal',
  params: { loc: { constraint: realMatrix }, scaleTrilRow: { constraint: lowerCholesky }, scaleTrilColumn: { constraint: lowerCholesky } },
  support: realMatrix,
  eventShape: (params) => {
    const [n, p] = [rowsOf(params), columnsOf(params)];
    checkFit('MatrixNormal', params.loc.shape.at(-2) === n && params.loc.shape.at(-1) === p, { ...params });
    return [n, p];
  },
  isReparameterized: true,
  sample: ({ loc, ...params }, key, shape) => {
    const noise = normal(key, [...shape, rowsOf(params), columnsOf(params)]);
    return add(loc, matMul(matMul(params.scaleTrilRow, noise), params.scaleTrilColumn, false, true));
  },
  logProb: ({ loc, ...params }, x) => {
    const byRows = triangularSolve(params.scaleTrilRow, sub(x, loc));
    const standard = triangularSolve(params.scaleTrilColumn, transposeMatrix(byRows));
    return sub(mul(-0.5, sum(square(standard), [-2, -1])), add(halfLogDet(params), rowsOf(params) * columnsOf(params) * HALF_LOG_2PI));
  },
  mean: ({ loc }) => loc,
  variance: ({ scaleTrilRow, scaleTrilColumn }) => mul(expandDims(sum(square(scaleTrilRow), -1), -1), expandDims(sum(square(scaleTrilColumn), -1), -2)),
  entropy: ({ loc: _, ...params }) => add(halfLogDet(params), rowsOf(params) * columnsOf(params) * (HALF_LOG_2PI + 0.5)),
});
