/** The constants, distribution function and quantiles of Student’s t distribution, at any number of degrees of freedom. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { polynomial } from './elementary.ts';

const {
  abs,
  add,
  betainc,
  betaincInv,
  digamma,
  div,
  equal,
  exp,
  expm1,
  greater,
  lbeta,
  less,
  log,
  log1p,
  minimum,
  mul,
  ndtr,
  ndtri,
  sign,
  sqrt,
  square,
  sub,
  where,
} = ops;

const HALF_LOG_PI = 0.57236494292470008707;
/** From here on the series of the constants are exact to double precision. */
const SERIES_FROM = 16;
/** log Γ(x + ½) − log Γ(x) − ½ log x in odd powers of 1/x: 2 (2^−m − 1) Bₘ / (m (m − 1)), m = 2, 4 … (DLMF 5.11.8). */
const HALF_STEP: readonly number[] = [-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224];
/** Its derivative, in even powers. */
const HALF_STEP_SLOPE: readonly number[] = HALF_STEP.map((c, k) => -(2 * k + 1) * c);

/** As many degrees of freedom as make no difference to infinitely many. */
const ENDLESS = 2 ** 100;

/** The degrees of freedom as a number to compute with, where they are infinite too. */
export const finite = (df: AnyArray): AnyArray => where(equal(df, Infinity), ENDLESS, df);

/** Either formula for x = df / 2, the other at an x at which it is well behaved. */
const byShape = (df: AnyArray, small: (x: AnyArray) => AnyArray, large: (inverse: AnyArray) => AnyArray): AnyArray => {
  const x = mul(0.5, df);
  const isSmall = less(x, SERIES_FROM);
  return where(isSmall, small(where(isSmall, x, SERIES_FROM)), large(div(1, where(isSmall, SERIES_FROM, x))));
};

/** log Γ(x + ½) − log Γ(x) − ½ log x, x = df / 2: the logarithm of the density at its peak, over that of a normal one. */
const logPeakRatio = (df: AnyArray): AnyArray =>
  byShape(
    df,
    (x) => sub(HALF_LOG_PI, add(lbeta(x, 0.5), mul(0.5, log(x)))),
    (inverse) => mul(inverse, polynomial(HALF_STEP, square(inverse))),
  );

/** The log-density of the standard distribution at 0. */
export const logPeak = (df: AnyArray): AnyArray => sub(logPeakRatio(finite(df)), HALF_LOG_2PI);

/** ψ(x + ½) − ψ(x), x = df / 2, times x + ½. */
const scaledDigammaStep = (df: AnyArray): AnyArray =>
  byShape(
    df,
    (x) => mul(add(x, 0.5), sub(digamma(add(x, 0.5)), digamma(x))),
    (inverse) => mul(add(1, mul(0.5, inverse)), add(0.5, mul(inverse, polynomial(HALF_STEP_SLOPE, square(inverse))))),
  );

/** The entropy of the standard distribution: (x + ½) (ψ(x + ½) − ψ(x)) less the log-density at 0. */
export const standardEntropy = (df: AnyArray): AnyArray => sub(scaledDigammaStep(finite(df)), logPeak(df));

/** From so many degrees of freedom on the expansions from the normal distribution are exact to double precision. */
const NORMAL_FROM = 1e4;

/** (eʷ − 1) / w or log(1 + w) / w. */
const ratio = (f: (w: AnyArray) => AnyArray, w: AnyArray, half: number): AnyArray => {
  const isSmall = less(w, 1e-9);
  return where(isSmall, add(1, mul(half, w)), div(f(where(isSmall, 1, w)), where(isSmall, 1, w)));
};

/** y (1 + (c₁ + …) / a² + …), an expansion in 1 / a² whose coefficients are polynomials in y². */
const expansion = (coefficients: readonly (readonly number[])[], y: AnyArray, a: AnyArray): AnyArray => {
  const s = square(y);
  const inverse = square(div(1, a));
  return mul(
    y,
    add(
      1,
      mul(
        inverse,
        coefficients.map((c) => polynomial(c, s)).reduceRight((sum, c) => add(mul(sum, inverse), c)),
      ),
    ),
  );
};

/**
 * The normal deviate of the same mass as y, y² = a log(1 + z² / df), a = df − ½, and back: Hill, "Student’s t-distribution", Algorithm 395, and
 * "Student’s t-quantiles", Algorithm 396 (1970), eq. 1; the coefficients follow from equating densities.
 */
const TO_NORMAL: readonly (readonly number[])[] = [
  [3 / 48, 1 / 48],
  [855, 240, 33, 4].map((c) => -c / 23040),
  [1788885, 543375, 89775, 9801, 788, 64].map((c) => c / 23224320),
];
const FROM_NORMAL: readonly (readonly number[])[] = [
  [-3 / 48, -1 / 48],
  [945, 360, 63, 4].map((c) => c / 23040),
  [1902285, 694575, 145719, 19881, 1628, 64].map((c) => -c / 23224320),
];

const nearNormalCdf = (df: AnyArray, z: AnyArray): AnyArray => {
  const a = sub(df, 0.5);
  const y = mul(z, sqrt(mul(div(a, df), ratio(log1p, div(square(z), df), -0.5))));
  return ndtr(expansion(TO_NORMAL, y, a));
};

const nearNormalQuantile = (df: AnyArray, q: AnyArray): AnyArray => {
  const a = sub(df, 0.5);
  const y = expansion(FROM_NORMAL, ndtri(q), a);
  return mul(y, sqrt(mul(div(df, a), ratio(expm1, div(square(y), a), 0.5))));
};

/** So near the centre the distribution function is linear. */
const CENTRE = 1e-9;

/** By the beta distributions of df / (df + z²) in the tails and of z² / (df + z²) between. */
const betaCdf = (df: AnyArray, z: AnyArray): AnyArray => {
  const half = mul(0.5, df);
  const squared = square(z);
  const total = add(df, squared);
  const isTail = greater(squared, 1);
  const tail = where(isTail, mul(0.5, betainc(half, 0.5, div(df, total))), sub(0.5, mul(0.5, betainc(0.5, half, div(squared, total)))));
  const linear = add(0.5, mul(z, exp(logPeak(df))));
  return where(less(abs(z), CENTRE), linear, where(less(z, 0), tail, sub(1, tail)));
};

const betaQuantile = (df: AnyArray, q: AnyArray): AnyArray => {
  const half = mul(0.5, df);
  const centred = sub(q, 0.5);
  const mass = mul(2, minimum(q, sub(1, q)));
  const x = betaincInv(half, 0.5, mass);
  const y = betaincInv(0.5, half, mul(2, abs(centred)));
  // 1 − x has its digits where x is not near 1; else z² / (df + z²) has them.
  const isTail = ops.logicalOr(less(mass, 0.4), less(x, 0.5));
  const size = sqrt(mul(df, where(isTail, div(sub(1, x), x), div(y, sub(1, y)))));
  return where(less(abs(centred), CENTRE), div(centred, exp(logPeak(df))), mul(sign(centred), size));
};

/** The distribution function of the standard distribution. */
export const standardCdf = (df: AnyArray, z: AnyArray): AnyArray => {
  const isNormal = greater(df, NORMAL_FROM);
  return where(isNormal, nearNormalCdf(where(isNormal, finite(df), NORMAL_FROM), z), betaCdf(where(isNormal, NORMAL_FROM, df), z));
};

/** Its inverse. */
export const standardQuantile = (df: AnyArray, q: AnyArray): AnyArray => {
  const isNormal = greater(df, NORMAL_FROM);
  return where(isNormal, nearNormalQuantile(where(isNormal, finite(df), NORMAL_FROM), q), betaQuantile(where(isNormal, NORMAL_FROM, df), q));
};
