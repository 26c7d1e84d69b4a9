/** The tails of symmetric distributions in standard form, centre 0 and scale 1, to full relative precision: Cauchy, Laplace, Logistic, SoftLaplace. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';

const { abs, add, atan, atan2, exp, expm1, less, log, log1mExp, log1p, logCosh, logSigmoid, maximum, minimum, mul, neg, reciprocal, sub, tan, where } = ops;

/** A symmetric density on the real line, of centre 0. By symmetry the mass above z is F(−z). */
export interface Standard {
  /** log F(z). */
  readonly logCdf: (z: AnyArray) => AnyArray;
  /** log (F(b) − F(a)), where `width` is b − a to more digits than the two have. */
  readonly logMass: (a: AnyArray, b: AnyArray, width: AnyArray) => AnyArray;
  /** The z with log F(z) = `logP`, for probabilities up to ½. */
  readonly quantile: (logP: AnyArray) => AnyArray;
  /** The log-density cut to (a, b), at `a + fromLow` = `b − toHigh`, where densities and masses so small would lose digits in being divided. */
  readonly logTruncated?: ((at: Cut) => AnyArray) | undefined;
}

/** A point between bounds, in units of the scale, with its distances from them; either bound may be missing. */
export interface Cut {
  readonly z: AnyArray;
  readonly low?: { readonly at: AnyArray; readonly distance: AnyArray } | undefined;
  readonly high?: { readonly at: AnyArray; readonly distance: AnyArray } | undefined;
  readonly width?: AnyArray | undefined;
}

/** log ½ e^z below 0, log(1 − ½ e^−z) above. */
export const laplace: Standard = {
  logCdf: (z) => where(less(z, 0), sub(minimum(z, 0), Math.LN2), log1p(mul(-0.5, exp(neg(maximum(z, 0)))))),
  logMass: (a, b, width) => {
    const straddles = ops.logicalAnd(less(a, 0), ops.greater(b, 0));
    const both = mul(-0.5, add(expm1(minimum(a, 0)), expm1(neg(maximum(b, 0)))));
    const nearest = neg(minimum(abs(a), abs(b)));
    return where(straddles, log(where(straddles, both, 1)), sub(add(nearest, log1mExp(where(straddles, 1, width))), Math.LN2));
  },
  quantile: (logP) => add(logP, Math.LN2),
};

/** F(z) = σ(z), so that F(b) − F(a) = σ(b) σ(−a) (1 − e^(a − b)). */
export const logistic: Standard = {
  logCdf: logSigmoid,
  logMass: (a, b, width) => add(add(logSigmoid(b), logSigmoid(neg(a))), log1mExp(width)),
  quantile: (logP) => sub(logP, log1mExp(neg(logP))),
};

const LOG_TWO_OVER_PI = Math.log(2 / Math.PI);

/** log (2/π) atan eʳ, below −20 by atan t ≈ t. */
const logAtanExp = (r: AnyArray): AnyArray => {
  const tiny = less(r, -20);
  return add(LOG_TWO_OVER_PI, where(tiny, r, log(atan(exp(where(tiny, 0, r))))));
};

/** F(z) = (2/π) atan e^z; a difference of two angles is one angle, of tangent sinh((b − a)/2) / cosh((a + b)/2). */
export const softLaplace: Standard = {
  logCdf: logAtanExp,
  logMass: (a, b, width) => {
    const logSinh = sub(add(mul(0.5, width), log1mExp(width)), Math.LN2);
    return logAtanExp(sub(logSinh, logCosh(mul(0.5, add(a, b)))));
  },
  quantile: (logP) => {
    const tiny = less(logP, -20);
    return where(tiny, sub(logP, LOG_TWO_OVER_PI), log(tan(mul(Math.PI / 2, exp(where(tiny, -1, logP))))));
  },
};

/** F(z) = atan2(1, −z) / π; a difference of two angles is one angle. */
export const cauchy: Standard = {
  logCdf: (z) => log(mul(1 / Math.PI, atan2(1, neg(z)))),
  logMass: (a, b, width) => log(mul(1 / Math.PI, atan2(width, add(1, mul(a, b))))),
  quantile: (logP) => neg(reciprocal(tan(mul(Math.PI, exp(logP))))),
};
