/** Parameters that come in several forms or are sizes: a covariance, its inverse or its factor; how many steps, how many rows. */
import { lowerCholesky, positiveDefinite, real, realVector, type Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { showShape } from '../../shape.ts';
import { asArray, toNumber, type AnyArray, type Input } from '../../value.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import type { Constructor } from '../family.ts';

const { diagPart, expandDims, eye, log, matMul, reverse, squeeze, sum, transposeMatrix, triangularSolve } = ops;

/** One way to give a covariance, and the way from it to the lower Cholesky factor of the covariance. */
export interface CovarianceForm {
  readonly constraint: Constraint;
  readonly factor: (matrix: AnyArray) => AnyArray;
}

/** The lower factor of P⁻¹: with the flip F of both axes, F P F = M Mᵀ, and L = (F M F)⁻ᵀ, as in NumPyro. */
const factorOfInverse = (precision: AnyArray): AnyArray => {
  const flipped = ops.cholesky(reverse(precision, [-2, -1]));
  return triangularSolve(transposeMatrix(reverse(flipped, [-2, -1])), eye(precision.shape.at(-1)!));
};

export const byMatrix: CovarianceForm = { constraint: positiveDefinite, factor: ops.cholesky };
export const byInverse: CovarianceForm = { constraint: positiveDefinite, factor: factorOfInverse };
export const byFactor: CovarianceForm = { constraint: lowerCholesky, factor: (matrix) => matrix };

/** log |det L| of lower triangular factors. */
export const logDiagonal = (factor: AnyArray): AnyArray => sum(log(diagPart(factor)), -1);

/** A x for stacks of matrices and of vectors that broadcast. */
export const timesVector = (matrix: AnyArray, vector: AnyArray): AnyArray => squeeze(matMul(matrix, expandDims(vector, -1)), -1);

/** L⁻¹ x for stacks of factors and of vectors that broadcast. */
export const solveVector = (factor: AnyArray, vector: AnyArray): AnyArray => squeeze(triangularSolve(factor, expandDims(vector, -1)), -1);

/** The one of some parameters that is given. */
export const exactlyOne = <Name extends string>(distribution: string, names: readonly Name[], given: Readonly<Record<string, unknown>>): Name => {
  const found = names.filter((name) => given[name] !== undefined);
  const [name] = found;
  if (name !== undefined && found.length === 1) return name;
  throw kindlingError('InvalidArgument', {
    message: `${distribution} takes exactly one of ${names.join(', ')}`,
    given: found.length === 0 ? 'none' : found.join(', '),
  });
};

type Arrays = Readonly<Record<string, AnyArray>>;

/** What is given of some parameters, as arrays. */
export const arraysOf = (given: Readonly<Record<string, unknown>>): Arrays =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asArray(value as Input)]));

/** A family with a row for each form of one of its parameters; `prepare` widens or checks what is given before its row sees it. */
export const byForm =
  <Names extends string>(
    distribution: string,
    names: readonly Names[],
    rows: Readonly<Record<string, Constructor<string>>>,
    prepare: (given: Arrays, form: string) => Arrays = (given) => given,
  ): Constructor<Names> =>
  (...args: readonly unknown[]): Distribution => {
    const given = arraysOf(namedParts(distribution, names, args));
    const form = exactlyOne(distribution, Object.keys(rows), given);
    return rows[form]!(prepare(given, form));
  };

/** The constraint of a mean that is a vector, or a number for all its elements. */
export const vectorOrNumber = (x: AnyArray | undefined): Constraint => (x === undefined || x.shape.length > 0 ? realVector : real);

/** Whether a vector, or a number for all its elements, fits vectors of n. */
export const isOfSize = (x: AnyArray, n: number): boolean => x.shape.length === 0 || [1, n].includes(x.shape.at(-1)!);

/** A parameter that gives a shape: a whole number that is known when the distribution is made. */
export const sizePart = (distribution: string, name: string, value: unknown, least: number): number => {
  const size = value === undefined ? undefined : toNumber(value as Input);
  if (size !== undefined && Number.isInteger(size) && size >= least) return size;
  throw kindlingError('InvalidArgument', {
    message: `${name} of ${distribution} must be a whole number, at least ${least}`,
    given: size === undefined ? 'nothing' : String(size),
  });
};

/** Refuses parameters whose shapes do not fit one another. */
export const checkFit = (distribution: string, fits: boolean, given: Arrays): void => {
  if (fits) return;
  throw kindlingError('InvalidShape', {
    message: `the parameters of ${distribution} do not fit together`,
    given: Object.entries(given)
      .map(([name, x]) => `${name} ${showShape(x.shape)}`)
      .join(', '),
  });
};
