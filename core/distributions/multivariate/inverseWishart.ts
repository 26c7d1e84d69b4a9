/** The inverse Wishart distribution of covariance matrices, and that of their Cholesky factors. */
import { lowerCholesky, positive, positiveDefinite } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { logDiagonal } from './forms.ts';
import { bartlett, byScale, gramian, logConstant, logJacobian, scaleForms, steps, type ScaleForm } from './wishart.ts';

const { add, diag, diagPart, div, exp, expandDims, eye, greater, lgamma, log, matMul, mul, reciprocal, square, sub, sum, tril, triangularSolve, where } = ops;

type Params = Readonly<Record<string, AnyArray>>;

/** The log-density of the Cholesky factor l of a matrix of InverseWishart(ν, S Sᵀ). */
const logProbOfFactor = (concentration: AnyArray, scale: AnyArray, l: AnyArray): AnyArray => {
  const p = scale.shape.at(-1)!;
  const powers = mul(add(expandDims(concentration, -1), steps(p, 1, 1)), log(diagPart(l)));
  const standard = triangularSolve(l, scale);
  const exponent = add(sum(powers, -1), mul(0.5, sum(square(standard), [-2, -1])));
  return add(sub(mul(concentration, logDiagonal(scale)), exponent), logConstant(concentration, p));
};

/** ν − p + 1 … ν: the degrees of freedom along the diagonal of Bartlett's factor of the inverse. */
const degrees = (concentration: AnyArray, p: number): AnyArray => add(expandDims(concentration, -1), steps(p, 1 - p, 1));

/** f(x) where x > bound, element by element, NaN elsewhere, with gradients that are numbers. */
const above = (x: AnyArray, bound: number, f: (x: AnyArray) => AnyArray): AnyArray => {
  const exists = greater(x, bound);
  return where(exists, f(where(exists, x, bound + 1)), NaN);
};

/** The factors L = S T⁻¹ of draws, T of Bartlett's kind. */
const drawFactor = (concentration: AnyArray, scale: AnyArray, key: Parameters<typeof bartlett>[1], shape: readonly number[]): AnyArray => {
  const p = scale.shape.at(-1)!;
  return matMul(scale, triangularSolve(bartlett(degrees(concentration, p), key, shape), eye(p)));
};

const row = (form: string): { readonly factor: (params: Params) => AnyArray; readonly size: (params: Params) => number } => ({
  factor: (params) => scaleForms[form]!.factor(params[form]!),
  size: (params) => params[form]!.shape.at(-1)!,
});

const paramsOf = (form: string): Readonly<Record<string, { readonly constraint: typeof positive }>> => ({
  concentration: { constraint: positive },
  [form]: { constraint: scaleForms[form]!.constraint },
});

/**
 * InverseWishartCholesky(concentration, scaleMatrix): the distribution of the lower Cholesky factor L of X ~ InverseWishart:
 * f(L) ∝ ∏ L_ii^(−ν − i) exp(−½ tr(Ψ (L Lᵀ)⁻¹)), i = 1 … p. Its mean exists for ν > p, its variance for ν > p + 1; they are NaN elsewhere.
 *
 * @param concentration - the degrees of freedom ν, above p − 1
 * @param scaleMatrix - Ψ, `[…, p, p]`, symmetric positive definite; or
 * @param rateMatrix - Ψ⁻¹; or
 * @param scaleTril - the lower Cholesky factor of Ψ; exactly one of the three
 * @throws InvalidParameter for a concentration of p − 1 or less
 * @see Anderson, An Introduction to Multivariate Statistical Analysis, sec. 7.7
 * @example
 * dist.InverseWishartCholesky({ concentration: 3, scaleTril: [[1, 0], [0, 1]] }).logProb([[1, 0], [0, 1]]); // -2.1447298858494
 */
export const InverseWishartCholesky: Constructor<'concentration' | ScaleForm> = byScale('InverseWishartCholesky', (form) => {
  const { factor, size } = row(form);
  // E[1/√χ²], the mean of the diagonal of T⁻¹; below it the signs of T make the mean 0.
  const meanInverse = (df: AnyArray): AnyArray => {
    const half = mul(0.5, df);
    return mul(Math.SQRT1_2, exp(sub(lgamma(sub(half, 0.5)), lgamma(half))));
  };
  return defineDistribution<string>({
    name: 'InverseWishartCholesky',
    params: paramsOf(form),
    support: lowerCholesky,
    eventShape: (params) => [size(params), size(params)],
    isReparameterized: true,
    sample: (params, key, shape) => drawFactor(params['concentration']!, factor(params), key, shape),
    logProb: (params, l) => logProbOfFactor(params['concentration']!, factor(params), l),
    mean: (params) => tril(mul(factor(params), expandDims(above(degrees(params['concentration']!, size(params)), 1, meanInverse), -2))),
    variance: (params) => {
      const p = size(params);
      const df = degrees(params['concentration']!, p);
      // E[(T⁻¹)²] is 1/(d − 2) on the diagonal and 1/((d − 2)(d − 1)) below it in the column of d degrees of freedom, uncorrelated along it.
      const own = above(df, 2, (d) => sub(reciprocal(sub(d, 2)), square(meanInverse(d))));
      const below = above(df, 2, (d) => reciprocal(mul(sub(d, 2), sub(d, 1))));
      const each = add(diag(own), mul(expandDims(below, -2), tril(ops.ones([p, p]), -1)));
      return tril(matMul(square(factor(params)), each));
    },
  });
});

/**
 * InverseWishart(concentration, scaleMatrix): f(X) ∝ |det X|^(−(ν + p + 1)/2) exp(−½ tr(Ψ X⁻¹)) on symmetric positive definite matrices:
 * the distribution of the inverse of a Wishart(ν, Ψ⁻¹) matrix. Its mean exists for ν > p + 1, its variance for ν > p + 3; they are NaN elsewhere.
 *
 * @param concentration - the degrees of freedom ν, above p − 1
 * @param scaleMatrix - Ψ, `[…, p, p]`, symmetric positive definite; or
 * @param rateMatrix - Ψ⁻¹; or
 * @param scaleTril - the lower Cholesky factor of Ψ; exactly one of the three
 * @throws InvalidParameter for a concentration of p − 1 or less
 * @see Anderson, An Introduction to Multivariate Statistical Analysis, sec. 7.7; von Rosen, Moments for the inverted Wishart distribution (1988)
 * @example
 * dist.InverseWishart({ concentration: 5, scaleTril: [[1, 0], [0, 1]] }).mean; // [[0.5, 0], [0, 0.5]]
 */
export const InverseWishart: Constructor<'concentration' | ScaleForm> = byScale('InverseWishart', (form) => {
  const { factor, size } = row(form);
  const matrices = (x: AnyArray): AnyArray => addAxes(x, 2);
  return defineDistribution<string>({
    name: 'InverseWishart',
    params: paramsOf(form),
    support: positiveDefinite,
    eventShape: (params) => [size(params), size(params)],
    isReparameterized: true,
    sample: (params, key, shape) => gramian(drawFactor(params['concentration']!, factor(params), key, shape)),
    logProb: (params, x) => {
      const l = ops.cholesky(x);
      return sub(logProbOfFactor(params['concentration']!, factor(params), l), logJacobian(l));
    },
    mean: (params) => {
      const p = size(params);
      return mul(matrices(above(params['concentration']!, p + 1, (nu) => reciprocal(sub(nu, p + 1)))), gramian(factor(params)));
    },
    variance: (params) => {
      const p = size(params);
      const scale = gramian(factor(params));
      const diagonal = diagPart(scale);
      const products = mul(expandDims(diagonal, -1), expandDims(diagonal, -2));
      const factorOf = (f: (rest: AnyArray) => AnyArray): AnyArray => matrices(above(params['concentration']!, p + 3, (nu) => f(sub(nu, p))));
      // With m = ν − p: ((m + 1) Ψ_ij² + (m − 1) Ψ_ii Ψ_jj) / (m (m − 1)² (m − 3)).
      const common = (m: AnyArray): AnyArray => mul(mul(m, sub(m, 1)), sub(m, 3));
      const own = factorOf((m) => div(add(m, 1), mul(common(m), sub(m, 1))));
      return add(
        mul(own, square(scale)),
        mul(
          factorOf((m) => reciprocal(common(m))),
          products,
        ),
      );
    },
  });
});
