/** The log-uniform distribution. */
import { interval, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { checkBounds } from './bounds.ts';
import { logRatio, polynomial } from './elementary.ts';

const { add, clipByValue, div, exp, expm1, less, log, minimum, mul, neg, square, sub, where } = ops;

/** Up to this width the series serves. */
const NARROW = 1;
/** 2j / (2j + 2)! from j = 1. */
const SPREAD: readonly number[] = Array.from({ length: 9 }, (_, i) => 2 * (i + 1)).map(
  (n) => n / Array.from({ length: n + 2 }, (_, k) => k + 1).reduce((a, b) => a * b),
);

/**
 * The variance of e^(wu) for u uniform on [0, 1], over e^w: sinh w / w − (sinh ½w / ½w)² = Σ 2j w²ʲ / (2j + 2)!, whose terms are all positive.
 */
const spread = (w: AnyArray): AnyArray => {
  const square2 = square(w);
  const near = mul(square2, polynomial(SPREAD, where(less(w, NARROW), square2, 0)));
  const mean = div(neg(expm1(neg(w))), w);
  const far = sub(div(neg(expm1(mul(-2, w))), mul(2, w)), square(mean));
  return where(less(w, NARROW), near, mul(exp(w), far));
};

const width = ({ low, high }: ParamsOf<'low' | 'high'>): AnyArray => logRatio(high, low);

/**
 * LogUniform(low, high): f(x) = 1 / (x log(high / low)) on low ≤ x ≤ high: log x is uniform.
 *
 * @param low - positive
 * @param high - above `low`
 * @see Hamming, "On the distribution of numbers" (1970)
 * @example
 * dist.LogUniform(1, 100).cdf(10); // 0.5
 */
export const LogUniform: Constructor<'low' | 'high'> = defineDistribution({
  name: 'LogUniform',
  params: { low: { constraint: positive }, high: { constraint: positive } },
  support: ({ low, high }) => {
    checkBounds('LogUniform', { low, high });
    return interval(low, high);
  },
  isReparameterized: true,
  sample: (p, key, shape) => minimum(mul(p.low, exp(mul(uniform(key, shape), width(p)))), p.high),
  logProb: (p, x) => neg(add(log(x), log(width(p)))),
  mean: (p) => div(sub(p.high, p.low), width(p)),
  variance: (p) => mul(mul(p.low, p.high), spread(width(p))),
  cdf: (p, x) => clipByValue(div(logRatio(x, p.low), width(p)), 0, 1),
  icdf: (p, q) => mul(p.low, exp(mul(q, width(p)))),
  entropy: (p) => add(mul(0.5, add(log(p.low), log(p.high))), log(width(p))),
});
