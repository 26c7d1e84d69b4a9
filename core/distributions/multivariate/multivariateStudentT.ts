/** The multivariate Student t distribution. */
import { lowerCholesky, positive, realVector, type Constraint } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { split } from '../../random/key.ts';
import { logGamma } from '../../random/variates.ts';
import { asArray, type AnyArray } from '../../value.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, checkFit, isOfSize, logDiagonal, solveVector, timesVector, vectorOrNumber } from './forms.ts';

const { add, digamma, div, exp, expandDims, greater, lbeta, lgamma, lessEqual, log, log1p, mul, square, sub, sum, where } = ops;

/** −log of the density's constant but for the scale: n/2 · log(π ν) − log Γ((ν + n)/2) + log Γ(ν/2), by a beta function for the difference. */
const logConstant = (df: AnyArray, n: number): AnyArray =>
  add(add(mul(0.5 * n, log(df)), 0.5 * n * Math.log(Math.PI)), sub(lbeta(mul(0.5, df), 0.5 * n), lgamma(asArray(0.5 * n))));

const row = (ofLoc: Constraint): Constructor<'df' | 'loc' | 'scaleTril'> =>
  defineDistribution({
    name: 'MultivariateStudentT',
    params: { df: { constraint: positive }, loc: { constraint: ofLoc }, scaleTril: { constraint: lowerCholesky } },
    support: realVector,
    eventShape: ({ loc, scaleTril }) => {
      const n = scaleTril.shape.at(-1)!;
      checkFit('MultivariateStudentT', scaleTril.shape.at(-2) === n && isOfSize(loc, n), { loc, scaleTril });
      return [n];
    },
    isReparameterized: true,
    sample: ({ df, loc, scaleTril }, key, shape) => {
      const [forNormal, forScale] = split(key);
      const half = mul(0.5, df);
      // √(ν / χ²) in logs, so that no χ² of few degrees of freedom is 0.
      const stretch = exp(mul(0.5, sub(log(half), logGamma(forScale, half, shape))));
      return add(loc, mul(expandDims(stretch, -1), timesVector(scaleTril, normal(forNormal, [...shape, scaleTril.shape.at(-1)!]))));
    },
    logProb: ({ df, loc, scaleTril }, x) => {
      const n = scaleTril.shape.at(-1)!;
      const distance = sum(square(solveVector(scaleTril, sub(x, loc))), -1);
      return sub(mul(mul(-0.5, add(df, n)), log1p(div(distance, df))), add(logDiagonal(scaleTril), logConstant(df, n)));
    },
    mean: ({ df, loc }) => where(lessEqual(expandDims(df, -1), 1), Infinity, loc),
    variance: ({ df, scaleTril }) => {
      const isFinite = greater(df, 2);
      const safe = where(isFinite, df, 3);
      const stretch = where(isFinite, div(safe, sub(safe, 2)), where(lessEqual(df, 1), NaN, Infinity));
      return mul(expandDims(stretch, -1), sum(square(scaleTril), -1));
    },
    entropy: ({ df, scaleTril }) => {
      const n = scaleTril.shape.at(-1)!;
      const all = mul(0.5, add(df, n));
      return add(add(logDiagonal(scaleTril), logConstant(df, n)), mul(all, sub(digamma(all), digamma(mul(0.5, df)))));
    },
  });

/**
 * MultivariateStudentT(df, loc, scaleTril): f(x) ∝ (1 + (x − loc)ᵀ Σ⁻¹ (x − loc) / ν)^(−(ν + n)/2) on vectors of n numbers, ν = df,
 * Σ = L Lᵀ, L = scaleTril. Its covariance is ν / (ν − 2) · Σ for ν > 2.
 *
 * @param df - degrees of freedom, positive
 * @param loc - `[…, n]`, or a number for all; 0 by default
 * @param scaleTril - L, `[…, n, n]`, lower triangular with a positive diagonal
 * @throws InvalidShape where loc and scaleTril do not agree on n
 * @see Kotz, Nadarajah, Multivariate t Distributions and Their Applications, ch. 1
 * @example
 * dist.MultivariateStudentT(3, [0, 0], [[1, 0], [0, 1]]).variance; // [3, 3]
 */
export const MultivariateStudentT: Constructor<'df' | 'loc' | 'scaleTril'> = (...args: readonly unknown[]): Distribution => {
  const given = arraysOf(namedParts('MultivariateStudentT', ['df', 'loc', 'scaleTril'], args));
  const loc = given['loc'] ?? asArray(0);
  return row(vectorOrNumber(loc))({ ...given, loc });
};
