/** The tails of Student's t distribution in standard form, to full relative precision. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';
import { logShortIntegral, turned } from './normalTails.ts';
import type { Standard } from './standardTails.ts';

const { abs, add, div, exp, expm1, greater, less, lessEqual, log, log1mExp, log1p, mul, neg, sqrt, square, stopGradient, sub, where } = ops;

/** Probabilities below are found in logs; single precision has lost them before. */
const SMALLEST = 1e-290;

const TERMS = 24;

/** log 2F1(a + ½, 1; a + 1; w) by Gauss's continued fraction for the incomplete beta function, a = df / 2 (DLMF 8.17.22). */
const logFraction = (a: AnyArray, w: AnyArray): AnyArray =>
  Array.from({ length: TERMS }, (_, i) => TERMS - i)
    .map((n) => {
      const m = Math.floor(n / 2);
      const numerator = n % 2 === 0 ? mul(m * (0.5 - m), w) : mul(mul(neg(add(a, m)), add(a, m + 0.5)), w);
      return div(numerator, mul(add(a, n - 1), add(a, n)));
    })
    .reduce<AnyArray>((rest, d) => sub(0, log1p(mul(d, exp(rest)))), ops.zeros([]));

/** log F(z): where F itself is too small to be a number, F(z) = f(z) |z| / df · 2F1(a + ½, 1; a + 1; df / (df + z²)). */
const logCdfOf =
  (df: AnyArray, standard: Distribution) =>
  (z: AnyArray): AnyArray => {
    const p = standard.cdf(z);
    const isDeep = ops.logicalAnd(lessEqual(p, SMALLEST), ops.logicalAnd(less(z, -1), greater(z, -Infinity)));
    const at = where(isDeep, z, -1);
    const deep = add(add(standard.logProb(at), log(div(neg(at), df))), logFraction(mul(0.5, df), div(df, add(df, square(at)))));
    return where(isDeep, deep, log(where(isDeep, 1, p)));
  };

/** The z with log F(z) = logP far in the tail, by Newton's method for log |z|; the last step carries the derivative. */
const deepQuantile = (df: AnyArray, standard: Distribution, logCdf: (z: AnyArray) => AnyArray, logP: AnyArray): AnyArray => {
  const target = stopGradient(logP);
  const step = (s: AnyArray, goal: AnyArray): AnyArray => {
    const z = neg(exp(s));
    const below = logCdf(z);
    // d log F / d log |z| = −|z| f / F.
    const slope = neg(exp(sub(add(s, standard.logProb(z)), below)));
    return sub(s, div(sub(below, goal), slope));
  };
  // F(z) is below (df / (df + z²))^(df/2).
  const start = mul(0.5, add(log(df), log(expm1(div(mul(-2, target), df)))));
  const near = [0, 1, 2, 3, 4].reduce<AnyArray>((s) => step(s, target), start);
  return neg(exp(step(stopGradient(near), logP)));
};

/** Student's t of `df` degrees of freedom, by its own distribution function and quantiles, which keep the digits of the lower tail. */
export const studentT = (df: AnyArray, standard: Distribution): Standard => {
  const logCdf = logCdfOf(df, standard);
  return {
    logCdf,
    logMass: (a, b, width) => {
      const [low, high] = turned(a, b);
      const middle = sub(high, mul(0.5, width));
      // The length over which the density changes: its second derivative in the centre, its logarithmic slope in the tail.
      const spread = div(add(df, 1), add(df, square(middle)));
      const isShort = less(mul(width, add(sqrt(spread), mul(spread, abs(middle)))), 0.5);
      const edge = standard.logProb(high);
      const short = logShortIntegral(
        (t) => mul(mul(-0.5, add(df, 1)), log1p(div(mul(t, sub(t, mul(2, high))), add(df, square(high))))),
        where(isShort, width, 0.25),
        spread.shape.length,
      );
      const [small, large] = [logCdf(low), logCdf(high)];
      return where(isShort, add(edge, short), add(large, log1mExp(where(isShort, 1, sub(large, small)))));
    },
    quantile: (logP) => {
      const isDeep = ops.logicalAnd(lessEqual(exp(logP), SMALLEST), greater(logP, -1e300));
      return where(isDeep, deepQuantile(df, standard, logCdf, where(isDeep, logP, -700)), standard.icdf(exp(where(isDeep, -1, logP))));
    },
  };
};
