/** The Kumaraswamy distribution. */
import { positive, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA } from '../constants.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { cdfAbove, edgeOf, fromEdge, positiveExponential } from './elementary.ts';
import { exponentialVariance } from './exponentialMoments.ts';

const { add, digamma, div, exp, expm1, lbeta, less, log, log1mExp, log1p, maximum, mul, neg, square, sub, where } = ops;

type Params = ParamsOf<'concentration1' | 'concentration0'>;

/** From this first shape on the variance is a small difference of large moments. */
const NARROW_FROM = 2;

/** log x at the quantile 1 − e^−s. */
const logQuantile = (s: AnyArray, a: AnyArray, b: AnyArray): AnyArray => div(log1mExp(div(s, b)), a);

/** E[xⁿ] = b B(1 + n/a, b). */
const moment = ({ concentration1: a, concentration0: b }: Params, n: number): AnyArray => exp(add(log(b), lbeta(add(1, div(n, a)), b)));

/**
 * Kumaraswamy(concentration1, concentration0): f(x) = a b x^(a−1) (1 − x^a)^(b−1) on 0 ≤ x ≤ 1, a = concentration1, b = concentration0; the
 * cdf is 1 − (1 − x^a)^b.
 *
 * @param concentration1 - a, positive
 * @param concentration0 - b, positive
 * @see Jones, "Kumaraswamy’s distribution: a beta-type distribution with some tractability advantages" (2009)
 * @example
 * dist.Kumaraswamy(2, 3).cdf(0.5); // 0.578125
 */
export const Kumaraswamy: Constructor<'concentration1' | 'concentration0'> = defineDistribution({
  name: 'Kumaraswamy',
  params: { concentration1: { constraint: positive }, concentration0: { constraint: positive } },
  support: unitInterval,
  isReparameterized: true,
  sample: ({ concentration1, concentration0 }, key, shape) => exp(logQuantile(positiveExponential(key, shape), concentration1, concentration0)),
  logProb: ({ concentration1: a, concentration0: b }, x) => {
    const isEnd = ops.equal(x, 1);
    const shape = fromEdge(x, sub(a, 1), (inside) => {
      const logX = log(where(isEnd, 0.5, inside));
      return where(isEnd, edgeOf(sub(b, 1)), add(mul(sub(a, 1), logX), mul(sub(b, 1), log1mExp(neg(mul(a, logX))))));
    });
    return add(add(log(a), log(b)), shape);
  },
  mean: (params) => moment(params, 1),
  variance: (params) => {
    const { concentration1, concentration0 } = params;
    const narrow = exponentialVariance([concentration1, concentration0], (s, [a, b]) => expm1(logQuantile(s, maximum(a!, NARROW_FROM), b!)));
    return where(less(concentration1, NARROW_FROM), sub(moment(params, 2), square(moment(params, 1))), narrow);
  },
  cdf: ({ concentration1: a, concentration0: b }, x) => {
    const isBelow = less(x, 1);
    return cdfAbove(x, 0, (inside) => where(isBelow, neg(expm1(mul(b, log1mExp(neg(mul(a, log(where(isBelow, inside, 0.5)))))))), 1));
  },
  icdf: ({ concentration1, concentration0 }, q) => exp(logQuantile(neg(log1p(neg(q))), concentration1, concentration0)),
  entropy: ({ concentration1: a, concentration0: b }) =>
    sub(add(sub(1, div(1, b)), mul(sub(1, div(1, a)), add(digamma(add(b, 1)), EULER_GAMMA))), add(log(a), log(b))),
});
