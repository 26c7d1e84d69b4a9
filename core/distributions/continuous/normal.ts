/** The normal distribution and those made of it: Normal, LogNormal, HalfNormal. */
import { nonnegative, positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cdfAbove } from './elementary.ts';

const { abs, add, div, erf, erfc, erfinv, exp, expm1, log, maximum, mul, ndtri, neg, square, sub } = ops;

/**
 * Normal(loc, scale): f(x) = exp(−(x − loc)² / 2 scale²) / (scale √2π) on the real line.
 *
 * @param loc - the mean, any number
 * @param scale - the standard deviation, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13
 * @example
 * dist.Normal(0, 1).logProb(0); // -0.9189385332046728
 */
export const Normal: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Normal',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, normal(key, shape))),
  logProb: ({ loc, scale }, x) => sub(mul(-0.5, square(div(sub(x, loc), scale))), add(log(scale), HALF_LOG_2PI)),
  mean: ({ loc }) => loc,
  variance: ({ scale }) => square(scale),
  cdf: ({ loc, scale }, x) => mul(0.5, erfc(div(sub(loc, x), mul(scale, Math.SQRT2)))),
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, ndtri(q))),
  entropy: ({ scale }) => add(log(scale), HALF_LOG_2PI + 0.5),
});

/**
 * LogNormal(loc, scale): the distribution of eᶻ, z ~ Normal(loc, scale), on the positive numbers.
 *
 * @param loc - the mean of log x, any number
 * @param scale - the standard deviation of log x, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 14
 * @example
 * dist.LogNormal(0, 1).logProb(1); // -0.9189385332046728
 */
export const LogNormal: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'LogNormal',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: positive,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => exp(add(loc, mul(scale, normal(key, shape)))),
  logProb: ({ loc, scale }, x) => sub(sub(mul(-0.5, square(div(sub(log(x), loc), scale))), add(log(scale), HALF_LOG_2PI)), log(x)),
  mean: ({ loc, scale }) => exp(add(loc, mul(0.5, square(scale)))),
  variance: ({ loc, scale }) => mul(expm1(square(scale)), exp(add(mul(2, loc), square(scale)))),
  cdf: ({ loc, scale }, x) => cdfAbove(x, 0, (inside) => mul(0.5, erfc(div(sub(loc, log(inside)), mul(scale, Math.SQRT2))))),
  icdf: ({ loc, scale }, q) => exp(add(loc, mul(scale, ndtri(q)))),
  entropy: ({ loc, scale }) => add(add(loc, log(scale)), HALF_LOG_2PI + 0.5),
});

/**
 * HalfNormal(scale): the distribution of |z|, z ~ Normal(0, scale), on x ≥ 0.
 *
 * @param scale - positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 10.3
 * @example
 * dist.HalfNormal(1).logProb(0); // -0.2257913526447275
 */
export const HalfNormal: Constructor<'scale'> = defineDistribution({
  name: 'HalfNormal',
  params: { scale: { constraint: positive, default: 1 } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ scale }, key, shape) => abs(mul(scale, normal(key, shape))),
  logProb: ({ scale }, x) => sub(mul(-0.5, square(div(x, scale))), add(log(scale), HALF_LOG_2PI - Math.LN2)),
  mean: ({ scale }) => mul(scale, Math.sqrt(2 / Math.PI)),
  variance: ({ scale }) => mul(square(scale), 1 - 2 / Math.PI),
  cdf: ({ scale }, x) => erf(div(maximum(x, 0), mul(scale, Math.SQRT2))),
  // In the upper tail 1 − q has the digits that q has lost.
  icdf: ({ scale }, q) => mul(scale, ops.where(ops.less(q, 0.5), mul(Math.SQRT2, erfinv(q)), neg(ndtri(mul(0.5, sub(1, q)))))),
  entropy: ({ scale }) => add(log(scale), HALF_LOG_2PI + 0.5 - Math.LN2),
});
