/** The power law between two bounds. */
import { greaterThanEq, interval, positive, real } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { checkBounds } from './bounds.ts';
import { edgeOf, logRatio } from './elementary.ts';
import { exponentialVariance } from './exponentialMoments.ts';
import * as core from './truncatedExponential.ts';

const { add, div, exp, expm1, greater, log, maximum, minimum, mul, neg, square, sub, where } = ops;

type Params = ParamsOf<'alpha' | 'low' | 'high'>;

/** log(high / low) of a lower bound of 0, as good as infinite. */
const ENDLESS = 1e30;

const width = ({ low, high }: Params): AnyArray => {
  const isOpen = ops.equal(low, 0);
  return where(isOpen, ENDLESS, logRatio(high, where(isOpen, high, low)));
};

/** From this ratio to the squared mean on, the variance is a harmless difference of moments. */
const WIDE = 1e-3;

/** log x is, on [log low, log high], a truncated exponential variate of this slope. */
const slope = (params: Params): AnyArray => mul(add(params.alpha, 1), width(params));

/** Where x stands between the bounds, and log(high / x). */
const placeOf = (params: Params, x: AnyArray): core.Point & { readonly below: AnyArray } => {
  const { low, high } = params;
  const whole = width(params);
  const below = minimum(neg(logRatio(x, high)), ENDLESS);
  const rest = div(below, whole);
  const isOpen = ops.equal(low, 0);
  return { u: where(isOpen, sub(1, rest), div(logRatio(x, where(isOpen, high, low)), whole)), rest, below };
};

/** The x of a point, from the nearer bound. */
const valueAt = (params: Params, { u, rest }: core.Point): AnyArray => {
  const { low, high } = params;
  const whole = width(params);
  const isLow = ops.logicalAnd(ops.less(u, rest), greater(low, 0));
  return where(isLow, mul(low, exp(mul(whole, where(isLow, u, 0)))), mul(high, exp(neg(mul(whole, rest)))));
};

/** log E[(x / high)ⁿ]: of the integrals of x^alpha and of x^(alpha + n), over their values at the upper bound. */
const logMoment = (params: Params, n: number): AnyArray => {
  const raised = slope({ ...params, alpha: add(params.alpha, n) });
  return sub(core.logNormalizer(neg(raised)), core.logNormalizer(neg(slope(params))));
};

const checkMass = ({ alpha, low }: Params): void => {
  if (!isConcrete(alpha) || !isConcrete(low)) return;
  const isImproper = ops.logicalAnd(ops.equal(toNDArray(low), 0), ops.lessEqual(toNDArray(alpha), -1));
  if (isImproper.data.every((wrong) => wrong === 0)) return;
  throw kindlingError('InvalidParameter', {
    message: 'parameter alpha of DoublyTruncatedPowerLaw is invalid where low is 0: the density has no finite integral',
    given: toNDArray(alpha).toString(),
    expected: 'greaterThan(-1), or low above 0',
  });
};

/**
 * DoublyTruncatedPowerLaw(alpha, low, high): f(x) ∝ x^alpha on low ≤ x ≤ high: (1 + alpha) x^alpha / (high^(1+alpha) − low^(1+alpha)), and
 * 1 / (x log(high / low)) at alpha = −1.
 *
 * @param alpha - the exponent, any number; above −1 where low is 0
 * @param low - 0 or more
 * @param high - above `low`
 * @see Clauset, Shalizi, Newman, "Power-law distributions in empirical data" (2009), table 2.1
 * @example
 * dist.DoublyTruncatedPowerLaw(-1, 1, 100).cdf(10); // 0.5
 */
export const DoublyTruncatedPowerLaw: Constructor<'alpha' | 'low' | 'high'> = defineDistribution({
  name: 'DoublyTruncatedPowerLaw',
  params: { alpha: { constraint: real }, low: { constraint: greaterThanEq(0) }, high: { constraint: positive } },
  support: (params) => {
    checkBounds('DoublyTruncatedPowerLaw', params);
    checkMass(params);
    return interval(params.low, params.high);
  },
  isReparameterized: true,
  sample: (params, key, shape) => {
    const x = valueAt(params, core.quantile(slope(params), uniform(key, shape)));
    return maximum(minimum(x, params.high), params.low);
  },
  logProb: (params, x) => {
    const isEdge = ops.equal(x, 0);
    const place = placeOf(params, where(isEdge, params.high, x));
    const inside = sub(add(core.logDensity(slope(params), place), place.below), log(width(params)));
    return sub(where(isEdge, edgeOf(params.alpha), inside), log(params.high));
  },
  mean: (params) => mul(params.high, exp(logMoment(params, 1))),
  variance: (params) => {
    const { alpha, low, high } = params;
    // In units of the bound at which the density of log x is largest.
    const deviations = exponentialVariance([slope(params), width(params)], (s, [v, whole]) => {
      const { u, rest } = core.quantile(v!, neg(expm1(neg(s))), exp(neg(s)));
      return expm1(mul(whole!, where(greater(v!, 0), neg(rest), u)));
    });
    const unit = where(greater(alpha, -1), high, low);
    const squaredMean = exp(mul(2, logMoment(params, 1)));
    const difference = sub(exp(logMoment(params, 2)), squaredMean);
    const isWide = ops.logicalOr(ops.equal(low, 0), greater(difference, mul(WIDE, squaredMean)));
    return where(isWide, mul(square(high), difference), mul(square(unit), deviations));
  },
  cdf: (params, x) => core.cdf(slope(params), placeOf(params, maximum(minimum(x, params.high), params.low))),
  icdf: (params, q) => valueAt(params, core.quantile(slope(params), q)),
  // The entropy of log x, and E[log x].
  entropy: (params) => {
    const v = slope(params);
    const whole = width(params);
    const fromHigh = mul(whole, core.mean(neg(v)));
    return sub(add(core.entropy(v), add(log(whole), log(params.high))), fromHigh);
  },
});
