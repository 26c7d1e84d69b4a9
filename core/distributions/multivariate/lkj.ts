/** The LKJ distribution of correlation matrices, and that of their Cholesky factors. */
import { corrCholesky, corrMatrix, positive } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { split, type Key } from '../../random/key.ts';
import { logBeta } from '../../random/variates.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray, Input } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, logDiagonal, sizePart } from './forms.ts';

const { add, concat, cumsum, diag, diagPart, div, exp, expandDims, eye, lbeta, lgamma, log, matMul, mul, norm, pad, square, sub, sum, tril } = ops;

const counting = (count: number, f: (i: number) => number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: count }, (_, i) => f(i)),
    [count],
  );

/**
 * −log of the density's constant, Σ_k log(π^(k/2) Γ(η + (D − 1 − k)/2) / Γ(η + (D − 1)/2)) over k = 1 … D − 1 (Lewandowski, Kurowicka,
 * Joe, p. 1999), each quotient of gamma functions by a beta function.
 */
const logNormaliser = (concentration: AnyArray, dimension: number): AnyArray => {
  const half = counting(dimension - 1, (i) => 0.5 * (i + 1));
  const top = expandDims(add(concentration, 0.5 * (dimension - 1)), -1);
  return sum(add(lbeta(sub(top, half), half), sub(mul(Math.log(Math.PI), half), lgamma(half))), -1);
};

/** The logs of l² and 1 − l² of the diagonal below its first entry, which are beta variates. */
const squaredDiagonal = (concentration: AnyArray, dimension: number, key: Key, shape: Shape): readonly [AnyArray, AnyArray] => {
  const top = expandDims(add(concentration, 0.5 * (dimension - 2)), -1);
  const [rest, own] = logBeta(
    key,
    counting(dimension - 1, (i) => 0.5 * (i + 1)),
    sub(
      top,
      counting(dimension - 1, (i) => 0.5 * i),
    ),
    [...shape, dimension - 1],
  );
  return [own, rest];
};

/** The axes of a shape left as they are, but for `before` rows and `after` columns of zeros. */
const padded = (x: AnyArray, before: number, after: number): AnyArray =>
  pad(
    x,
    x.shape.map((_, axis) => (axis === x.shape.length - 2 ? ([before, 0] as const) : axis === x.shape.length - 1 ? ([0, after] as const) : ([0, 0] as const))),
  );

/** Algorithm 3.2 of Lewandowski, Kurowicka and Joe: each row a point of a sphere of random radius. */
const onion = (concentration: AnyArray, dimension: number, key: Key, shape: Shape): AnyArray => {
  const [forRadius, forDirection] = split(key);
  const [logSquare, logRest] = squaredDiagonal(concentration, dimension, forRadius, shape);
  const directions = tril(normal(forDirection, [...shape, dimension - 1, dimension - 1]));
  const rows = mul(expandDims(exp(mul(0.5, logRest)), -1), div(directions, norm(directions, -1, true)));
  const diagonal = concat([ops.ones([...shape, 1]), exp(mul(0.5, logSquare))], -1);
  return add(padded(rows, 1, 1), diag(diagonal));
};

/** Section 2.4 of the same: independent partial correlations, which break a stick of squared length 1 in each row. */
const cvine = (concentration: AnyArray, dimension: number, key: Key, shape: Shape): AnyArray => {
  const n = dimension - 1;
  const shapes = sub(
    expandDims(add(concentration, 0.5 * (dimension - 2)), -1),
    counting(n, (j) => 0.5 * j),
  );
  const each = expandDims(shapes, -2);
  const [above, below] = logBeta(key, each, each, [...shape, n, n]);
  const partial = tril(sub(exp(above), exp(below)));
  // 1 − p² = 4 b (1 − b) for the correlation p = 2b − 1.
  const logLeft = tril(mul(0.5, add(add(above, below), 2 * Math.LN2)));
  const left = exp(cumsum(logLeft, -1, true));
  const diagonal = concat([ops.ones([...shape, 1]), exp(sum(logLeft, -1))], -1);
  return add(padded(mul(partial, left), 1, 1), diag(diagonal));
};

const methods = { onion, cvine } as const;

const methodOf = (distribution: string, name: unknown): typeof onion => {
  if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name as keyof typeof methods];
  throw kindlingError('InvalidArgument', {
    message: `${distribution} draws by another sampleMethod`,
    given: String(name),
    expected: Object.keys(methods).join(' or '),
  });
};

/** How `LKJ` and `LKJCholesky` are called. */
export interface LKJConstructor {
  (params: { readonly dimension: Input; readonly concentration?: Input | undefined; readonly sampleMethod?: 'onion' | 'cvine' | undefined }): Distribution;
  (dimension: Input, concentration?: Input, sampleMethod?: 'onion' | 'cvine'): Distribution;
}

const ofDimension =
  (name: string, row: (dimension: number, draw: typeof onion) => Constructor<'concentration'>): LKJConstructor =>
  (...args: readonly unknown[]): Distribution => {
    const { dimension, sampleMethod = 'onion', ...given } = namedParts(name, ['dimension', 'concentration', 'sampleMethod'], args);
    return row(sizePart(name, 'dimension', dimension, 2), methodOf(name, sampleMethod))(arraysOf(given));
  };

/** E[l] of the diagonal, where l² ~ Beta(η + (D − 1 − i)/2, i/2). */
const meanDiagonal = (concentration: AnyArray, dimension: number): AnyArray => {
  const rest = counting(dimension - 1, (i) => 0.5 * (i + 1));
  const own = sub(expandDims(add(concentration, 0.5 * (dimension - 1)), -1), rest);
  return exp(sub(lbeta(add(own, 0.5), rest), lbeta(own, rest)));
};

const withFirst = (x: AnyArray, first: number): AnyArray => concat([ops.fill([...x.shape.slice(0, -1), 1], first), x], -1);

/**
 * LKJCholesky(dimension, concentration): the distribution of the Cholesky factor L of an LKJ correlation matrix,
 * f(L) ∝ ∏ L_ii^(2η − 2 + D − i), i = 2 … D, η = concentration, with respect to the entries below the diagonal.
 *
 * @param dimension - D, a whole number, at least 2
 * @param concentration - η, positive; 1, by default, is uniform over correlation matrices, larger values favour weak correlations
 * @param sampleMethod - `'onion'`, by default, or `'cvine'`: two ways to the same distribution
 * @throws InvalidArgument for another dimension or method
 * @see Lewandowski, Kurowicka, Joe, Generating random correlation matrices based on vines and extended onion method (2009)
 * @example
 * dist.LKJCholesky(2, 1).logProb([[1, 0], [0.6, 0.8]]); // -0.693147180560
 */
export const LKJCholesky: LKJConstructor = ofDimension('LKJCholesky', (dimension, draw) =>
  defineDistribution({
    name: 'LKJCholesky',
    params: { concentration: { constraint: positive, default: 1 } },
    support: corrCholesky,
    eventShape: () => [dimension, dimension],
    isReparameterized: true,
    sample: ({ concentration }, key, shape) => draw(concentration, dimension, key, shape),
    logProb: ({ concentration }, l) => {
      // The first entry of the diagonal is 1, whatever its order.
      const order = add(
        mul(2, expandDims(concentration, -1)),
        counting(dimension, (i) => (i === 0 ? 0 : dimension - 3 - i)),
      );
      const weights = mul(
        order,
        counting(dimension, (i) => Number(i > 0)),
      );
      return sub(sum(mul(weights, log(diagPart(l))), -1), logNormaliser(concentration, dimension));
    },
    mean: ({ concentration }) => diag(withFirst(meanDiagonal(concentration, dimension), 1)),
    variance: ({ concentration }) => {
      const total = expandDims(add(concentration, 0.5 * (dimension - 1)), -1);
      const rest = counting(dimension - 1, (i) => 0.5 * (i + 1));
      const diagonal = sub(div(sub(total, rest), total), square(meanDiagonal(concentration, dimension)));
      // The squares left of the diagonal share what it leaves: (i/2) / total among i of them.
      const below = tril(ops.ones([dimension, dimension]), -1);
      return add(mul(expandDims(div(0.5, total), -1), below), diag(withFirst(diagonal, 0)));
    },
  }),
);

/**
 * LKJ(dimension, concentration): f(R) ∝ |det R|^(η − 1) on correlation matrices of D rows, η = concentration, with respect to the entries
 * below the diagonal.
 *
 * @param dimension - D, a whole number, at least 2
 * @param concentration - η, positive; 1, by default, is uniform
 * @param sampleMethod - `'onion'`, by default, or `'cvine'`
 * @throws InvalidArgument for another dimension or method
 * @see Lewandowski, Kurowicka, Joe, Generating random correlation matrices based on vines and extended onion method (2009)
 * @example
 * dist.LKJ(2, 1).logProb([[1, 0.6], [0.6, 1]]); // -0.693147180560
 */
export const LKJ: LKJConstructor = ofDimension('LKJ', (dimension, draw) =>
  defineDistribution({
    name: 'LKJ',
    params: { concentration: { constraint: positive, default: 1 } },
    support: corrMatrix,
    eventShape: () => [dimension, dimension],
    isReparameterized: true,
    sample: ({ concentration }, key, shape) => {
      const l = draw(concentration, dimension, key, shape);
      // Ones on the diagonal, where the product has them but for rounding.
      return add(mul(matMul(l, l, false, true), sub(1, eye(dimension))), eye(dimension));
    },
    logProb: ({ concentration }, r) => sub(mul(mul(2, sub(concentration, 1)), logDiagonal(ops.cholesky(r))), logNormaliser(concentration, dimension)),
    mean: ({ concentration }) => add(addAxes(mul(0, concentration), 2), eye(dimension)),
    // An entry off the diagonal is 2b − 1, b ~ Beta(η + D/2 − 1, η + D/2 − 1).
    variance: ({ concentration }) => mul(addAxes(div(1, add(mul(2, concentration), dimension - 1)), 2), sub(1, eye(dimension))),
  }),
);
