/** The Wishart distribution of covariance matrices, and that of their Cholesky factors. */
import { greaterThan, lowerCholesky, positive, positiveDefinite } from '../../constraints/index.ts';
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { split, type Key } from '../../random/key.ts';
import { logGamma } from '../../random/variates.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { checkParam, defineDistribution, type Constructor } from '../family.ts';
import { byFactor, byForm, byInverse, byMatrix, logDiagonal, type CovarianceForm } from './forms.ts';

const { add, diag, diagPart, digamma, exp, expandDims, lgamma, log, matMul, mul, square, sub, sum, tril, triangularSolve } = ops;

/** The forms of the scale matrix, and what makes a constructor of a row for each: the concentration must exceed p − 1. */
export const scaleForms: Readonly<Record<string, CovarianceForm>> = { scaleMatrix: byMatrix, rateMatrix: byInverse, scaleTril: byFactor };
export type ScaleForm = 'scaleMatrix' | 'rateMatrix' | 'scaleTril';

export const byScale = (name: string, row: (form: string) => Constructor<string>): Constructor<'concentration' | ScaleForm> =>
  byForm(
    name,
    ['concentration', 'scaleMatrix', 'rateMatrix', 'scaleTril'],
    Object.fromEntries(Object.keys(scaleForms).map((form) => [form, row(form)])),
    (given, form) => {
      const { concentration } = given;
      if (concentration !== undefined) checkParam(name, 'concentration', concentration, greaterThan((given[form]!.shape.at(-1) ?? 1) - 1));
      return given;
    },
  );

/** start, start + step … */
export const steps = (count: number, start: number, step: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: count }, (_, i) => start + i * step),
    [count],
  );

/** Lower triangles of standard normals with √χ² of these degrees of freedom on the diagonal. */
export const bartlett = (df: AnyArray, key: Key, shape: Shape): AnyArray => {
  const p = df.shape.at(-1)!;
  const [forDiagonal, forRest] = split(key);
  const diagonal = exp(mul(0.5, add(logGamma(forDiagonal, mul(0.5, df), [...shape, p]), Math.LN2)));
  return add(diag(diagonal), tril(normal(forRest, [...shape, p, p]), -1));
};

/** ν, ν − 1 … ν − p + 1: the degrees of freedom along Bartlett's diagonal. */
const degrees = (concentration: AnyArray, p: number): AnyArray => add(expandDims(concentration, -1), steps(p, 0, -1));

/** log of the constant in which the Wishart and the inverse Wishart agree: −p (ν/2 − 1) log 2 − log Γ_p(ν/2). */
export const logConstant = (concentration: AnyArray, p: number): AnyArray => {
  const half = mul(0.5, degrees(concentration, p));
  return sub(mul(p * Math.LN2, sub(1, mul(0.5, concentration))), add(sum(lgamma(half), -1), 0.25 * p * (p - 1) * Math.log(Math.PI)));
};

/** The log-density of the Cholesky factor l of a matrix of Wishart(ν, S Sᵀ). */
const logProbOfFactor = (concentration: AnyArray, scale: AnyArray, l: AnyArray): AnyArray => {
  const p = scale.shape.at(-1)!;
  // l_ii^(ν − i), i = 1 … p, against the scale's in one sum, so that a common factor cancels.
  const powers = mul(degrees(sub(concentration, 1), p), log(diagPart(l)));
  const standard = triangularSolve(scale, l);
  const exponent = sub(sum(powers, -1), mul(0.5, sum(square(standard), [-2, -1])));
  return add(sub(exponent, mul(concentration, logDiagonal(scale))), logConstant(concentration, p));
};

/** log |det ∂(L Lᵀ)/∂L| = p log 2 + Σ (p − i) log l_ii, i from 0. */
export const logJacobian = (l: AnyArray): AnyArray => {
  const p = l.shape.at(-1)!;
  return add(p * Math.LN2, sum(mul(steps(p, p, -1), log(diagPart(l))), -1));
};

export const gramian = (l: AnyArray): AnyArray => matMul(l, l, false, true);

/** E[√χ²] of these degrees of freedom. */
const meanChi = (df: AnyArray): AnyArray => {
  const half = mul(0.5, df);
  return mul(Math.SQRT2, exp(sub(lgamma(add(half, 0.5)), lgamma(half))));
};

const sizeOf = (params: Readonly<Record<string, AnyArray>>, form: string): Shape => params[form]!.shape.slice(-2);
const paramsOf = (form: string): Readonly<Record<string, { readonly constraint: typeof positive }>> => ({
  concentration: { constraint: positive },
  [form]: { constraint: scaleForms[form]!.constraint },
});

/**
 * WishartCholesky(concentration, scaleMatrix): the distribution of the lower Cholesky factor L of X ~ Wishart(concentration, scaleMatrix):
 * f(L) ∝ ∏ L_ii^(ν − i) exp(−½ tr(V⁻¹ L Lᵀ)), i = 1 … p.
 *
 * @param concentration - the degrees of freedom ν, above p − 1
 * @param scaleMatrix - V, `[…, p, p]`, symmetric positive definite; or
 * @param rateMatrix - V⁻¹; or
 * @param scaleTril - the lower Cholesky factor of V; exactly one of the three
 * @throws InvalidParameter for a concentration of p − 1 or less
 * @see Anderson, An Introduction to Multivariate Statistical Analysis, sec. 7.2; Bartlett, On the theory of statistical regression (1933)
 * @example
 * dist.WishartCholesky({ concentration: 3, scaleTril: [[1, 0], [0, 1]] }).logProb([[1, 0], [0, 1]]); // -2.1447298858494
 */
export const WishartCholesky: Constructor<'concentration' | ScaleForm> = byScale('WishartCholesky', (form) => {
  const factor = (params: Readonly<Record<string, AnyArray>>): AnyArray => scaleForms[form]!.factor(params[form]!);
  return defineDistribution<string>({
    name: 'WishartCholesky',
    params: paramsOf(form),
    support: lowerCholesky,
    eventShape: (params) => sizeOf(params, form),
    isReparameterized: true,
    sample: (params, key, shape) => matMul(factor(params), bartlett(degrees(params['concentration']!, sizeOf(params, form)[0]!), key, shape)),
    logProb: (params, l) => logProbOfFactor(params['concentration']!, factor(params), l),
    mean: (params) => mul(factor(params), expandDims(meanChi(degrees(params['concentration']!, sizeOf(params, form)[0]!)), -2)),
    variance: (params) => {
      const df = degrees(params['concentration']!, sizeOf(params, form)[0]!);
      // The entries of a column are independent: variances 1 below the diagonal.
      const each = add(diag(sub(df, square(meanChi(df)))), tril(ops.ones(sizeOf(params, form)), -1));
      return matMul(square(factor(params)), each);
    },
  });
});

/**
 * Wishart(concentration, scaleMatrix): f(X) ∝ |det X|^((ν − p − 1)/2) exp(−½ tr(V⁻¹ X)) on symmetric positive definite matrices, the
 * distribution of a sum of ν outer products of Normal(0, V) vectors.
 *
 * @param concentration - the degrees of freedom ν, above p − 1; the mean is ν V
 * @param scaleMatrix - V, `[…, p, p]`, symmetric positive definite; or
 * @param rateMatrix - V⁻¹; or
 * @param scaleTril - the lower Cholesky factor of V; exactly one of the three
 * @throws InvalidParameter for a concentration of p − 1 or less
 * @see Anderson, An Introduction to Multivariate Statistical Analysis, ch. 7
 * @example
 * dist.Wishart({ concentration: 3, scaleTril: [[1, 0], [0, 1]] }).logProb([[1, 0], [0, 1]]); // -3.53102424696929
 */
export const Wishart: Constructor<'concentration' | ScaleForm> = byScale('Wishart', (form) => {
  const factor = (params: Readonly<Record<string, AnyArray>>): AnyArray => scaleForms[form]!.factor(params[form]!);
  const times = (params: Readonly<Record<string, AnyArray>>, matrix: AnyArray): AnyArray => mul(addAxes(params['concentration']!, 2), matrix);
  return defineDistribution<string>({
    name: 'Wishart',
    params: paramsOf(form),
    support: positiveDefinite,
    eventShape: (params) => sizeOf(params, form),
    isReparameterized: true,
    sample: (params, key, shape) => gramian(matMul(factor(params), bartlett(degrees(params['concentration']!, sizeOf(params, form)[0]!), key, shape))),
    logProb: (params, x) => {
      const l = ops.cholesky(x);
      return sub(logProbOfFactor(params['concentration']!, factor(params), l), logJacobian(l));
    },
    mean: (params) => times(params, gramian(factor(params))),
    variance: (params) => {
      const scale = gramian(factor(params));
      const diagonal = diagPart(scale);
      return times(params, add(square(scale), mul(expandDims(diagonal, -1), expandDims(diagonal, -2))));
    },
    entropy: (params) => {
      const { concentration } = params as { readonly concentration: AnyArray };
      const p = sizeOf(params, form)[0]!;
      const half = mul(0.5, degrees(concentration, p));
      const slopes = mul(mul(0.5, sub(concentration, p + 1)), sum(digamma(half), -1));
      const exponent = sub(mul(0.5 * p, concentration), slopes);
      return add(sub(exponent, logConstant(concentration, p)), add(mul(p + 1, logDiagonal(factor(params))), entropyOffset(concentration, p)));
    },
  });
});

/** What the entropy adds to −log of the constant in powers of 2: p (p + 1)/2 · log 2, less those of the constant. */
const entropyOffset = (concentration: AnyArray, p: number): AnyArray => add(mul(p * Math.LN2, sub(1, mul(0.5, concentration))), 0.5 * p * (p + 1) * Math.LN2);
