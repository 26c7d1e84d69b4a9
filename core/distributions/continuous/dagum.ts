/** The Dagum distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA } from '../constants.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { cdfAbove, fromEdge, logRatio, minusAbs, positiveUniform } from './elementary.ts';
import { exponentialVariance } from './exponentialMoments.ts';

const { add, digamma, div, exp, expm1, greater, lbeta, less, log, log1p, maximum, mul, neg, softplus, softplusInverse, square, sub, where } = ops;

type Params = ParamsOf<'concentration' | 'sharpness' | 'scale'>;

/** From this sharpness on the variance is a small difference of large moments. */
const NARROW_FROM = 8;

/** a log(x / scale) at the quantile q = e^−s. */
const logitAt = (s: AnyArray, concentration: AnyArray): AnyArray => neg(softplusInverse(div(s, concentration)));

const quantile = ({ concentration, sharpness, scale }: Params, q: AnyArray): AnyArray => mul(scale, exp(div(logitAt(neg(log(q)), concentration), sharpness)));

/** E[(x / scale)ⁿ] = p B(1 − n/a, p + n/a), for a > n. */
const moment = ({ concentration: p, sharpness: a }: Params, n: number): AnyArray => {
  const power = div(n, where(greater(a, n), a, n + 1));
  return where(greater(a, n), mul(p, exp(lbeta(sub(1, power), add(p, power)))), Infinity);
};

/**
 * Dagum(concentration, sharpness, scale): f(x) = a p / x · t^p / (1 + t)^(p + 1), t = (x / scale)^a, p = concentration, a = sharpness, on x ≥ 0:
 * the cdf is (1 + 1/t)^−p. Its mean is infinite for a ≤ 1, its variance for a ≤ 2.
 *
 * @param concentration - p, positive
 * @param sharpness - a, positive: the mass above x falls like x^−a
 * @param scale - positive
 * @see Kleiber, "A guide to the Dagum distributions" (2008)
 * @example
 * dist.Dagum(1, 1, 1).logProb(1); // -1.3862943611198906
 */
export const Dagum: Constructor<'concentration' | 'sharpness' | 'scale'> = defineDistribution({
  name: 'Dagum',
  params: { concentration: { constraint: positive }, sharpness: { constraint: positive }, scale: { constraint: positive } },
  support: nonnegative,
  isReparameterized: true,
  sample: (params, key, shape) => quantile(params, positiveUniform(key, shape)),
  logProb: ({ concentration: p, sharpness: a, scale }, x) => {
    const constant = sub(add(log(a), log(p)), log(scale));
    const rise = sub(mul(p, a), 1);
    const shape = fromEdge(x, rise, (inside) => {
      const logZ = logRatio(inside, scale);
      const logT = mul(a, logZ);
      const power = where(less(logT, 0), mul(rise, logZ), neg(mul(add(a, 1), logZ)));
      return sub(power, mul(add(p, 1), log1p(exp(minusAbs(logT)))));
    });
    return add(constant, shape);
  },
  mean: (params) => mul(params.scale, moment(params, 1)),
  variance: (params) => {
    const { concentration, sharpness, scale } = params;
    const narrow = exponentialVariance([concentration, sharpness], (s, [p, a]) => expm1(div(logitAt(s, p!), maximum(a!, NARROW_FROM))));
    const isFinite = greater(sharpness, 2);
    const wide = where(isFinite, sub(where(isFinite, moment(params, 2), 0), square(where(isFinite, moment(params, 1), 0))), Infinity);
    return mul(square(scale), where(less(sharpness, NARROW_FROM), wide, narrow));
  },
  cdf: ({ concentration, sharpness, scale }, x) =>
    cdfAbove(x, 0, (inside) => exp(neg(mul(concentration, softplus(neg(mul(sharpness, logRatio(inside, scale)))))))),
  icdf: quantile,
  // E[log t] = ψ(p) + γ and E[log(1 + 1/t)] = 1/p; ψ(p) = ψ(p + 1) − 1/p.
  entropy: ({ concentration: p, sharpness: a, scale }) => {
    const excess = mul(add(1, div(1, a)), add(digamma(add(p, 1)), EULER_GAMMA));
    return add(sub(log(scale), add(log(a), log(p))), add(excess, sub(1, div(1, mul(a, p)))));
  },
});
