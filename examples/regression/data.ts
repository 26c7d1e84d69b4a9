/** The data of the regression: synthetic ones from a key by the published recipe, or a user's table, as it is or standardised. */
import { array, random, type Key, type NDArray } from 'kindling';
import type { Table } from './csv.ts';

export interface Truth {
  readonly alpha: number;
  readonly beta: readonly number[];
  readonly sigma: number;
}

export interface RegressionData {
  /** [N, P]. */
  readonly x: NDArray;
  /** [N]. */
  readonly y: NDArray;
  /** What the P coefficients are called in a report. */
  readonly coefficients: readonly string[];
  /** Known where the data are synthetic. */
  readonly truth: Truth | undefined;
}

/** Mean and sd of a column. */
export interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** What standardising took away, by column. */
export interface Scaling {
  readonly x: readonly Moments[];
  readonly y: Moments;
}

/**
 * Draws data by the recipe: alpha ~ N(42, 10), beta ~ N(0, 10) for each column, sigma ~ Exponential(1), x ~ N(0, 1), y ~ N(alpha + x·beta, sigma).
 * The same key gives the same data, to the bit of the draws.
 */
export const simulate = (key: Key, rows: number = 2500, columns: number = 8): RegressionData => {
  const [keyAlpha, keyBeta, keySigma, keyX, keyNoise] = [...random.split(key, 5)] as [Key, Key, Key, Key, Key];
  const alpha = 42 + 10 * random.normal(keyAlpha, []).item();
  const beta = Array.from(random.normal(keyBeta, [columns]).data, (z) => 10 * z);
  const sigma = -Math.log1p(-random.uniform(keySigma, []).item());
  const x = random.normal(keyX, [rows, columns]);
  const noise = random.normal(keyNoise, [rows]).data;
  const y = noise.map((z, i) => beta.reduce((sum, slope, j) => sum + slope * x.data[i * columns + j]!, alpha) + sigma * z);
  return { x, y: array(y), coefficients: beta.map((_, j) => `beta[${j}]`), truth: { alpha, beta, sigma } };
};

/** A user's table as data; coefficients are called by the names of their columns. */
export const fromTable = ({ names, x, y }: Table): RegressionData => ({
  x: array(Float64Array.from(x.flat()), [x.length, names.length]),
  y: array(Float64Array.from(y)),
  coefficients: names.map((name) => `beta[${name}]`),
  truth: undefined,
});

/** Mean and sd (with n − 1) of numbers, in two passes: one pass loses the digits of a column far from zero. */
export const momentsOf = (numbers: Float64Array): Moments => {
  const mean = numbers.reduce((sum, value) => sum + value / numbers.length, 0);
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (numbers.length - 1)) };
};

/** Column j of numbers that lie row by row. */
export const columnOf = (rows: Float64Array, columns: number, j: number): Float64Array => {
  const column = new Float64Array(rows.length / columns);
  for (let i = 0; i < column.length; i++) column[i] = rows[i * columns + j]!;
  return column;
};

/** The moments of each column of x and of y. */
export const scalingOf = ({ x, y }: RegressionData): Scaling => {
  const columns = x.shape[1]!;
  return { x: Array.from({ length: columns }, (_, j) => momentsOf(columnOf(x.data, columns, j))), y: momentsOf(y.data) };
};

/** The data with mean 0 and sd 1 in every column of x and in y. */
export const standardize = (data: RegressionData, scaling: Scaling): RegressionData => {
  const columns = scaling.x.length;
  const apply = ({ mean, sd }: Moments, value: number): number => (value - mean) / sd;
  return {
    ...data,
    x: array(
      data.x.data.map((value, i) => apply(scaling.x[i % columns]!, value)),
      data.x.shape,
    ),
    y: array(data.y.data.map((value) => apply(scaling.y, value))),
  };
};

/**
 * Whether the priors and a guide of independent normals suit data as they are: one sentence of advice, or `undefined`.
 * Priors of one width for all slopes and steps of one size for all parameters want columns of like scale; a column far from zero
 * ties its slope to the intercept, which independent normals cannot follow.
 */
export const scaleHint = (scaling: Scaling): string | undefined => {
  const sds = [...scaling.x, scaling.y].map(({ sd }) => sd);
  const isUneven = Math.max(...sds) >= 10 * Math.min(...sds);
  const isFar = scaling.x.some(({ mean, sd }) => Math.abs(mean) >= 5 * sd) || Math.abs(scaling.y.mean) >= 200;
  if (!isUneven && !isFar) return undefined;
  return `The columns ${isUneven ? 'have very different scales' : 'lie far from zero'}, which the priors and the learning rate do not suit: consider --standardize.`;
};
