/** The soft Laplace distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cauchyQuantile, minusAbs, positiveUniform } from './elementary.ts';

const { add, asinh, atan, div, exp, less, log, logCosh, mul, neg, square, sub, where } = ops;

/** log tan(πq / 2): the inverse hyperbolic sine of a Cauchy quantile. */
const standardQuantile = (q: AnyArray): AnyArray => asinh(cauchyQuantile(q));

/**
 * SoftLaplace(loc, scale): f(x) = 1 / (π scale cosh((x − loc) / scale)) on the real line: smooth, with the tails of a Laplace distribution. It
 * is the hyperbolic secant distribution.
 *
 * @param loc - the mean, any number
 * @param scale - positive; the standard deviation is π scale / 2
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 23, sec. 11
 * @example
 * dist.SoftLaplace(0, 1).logProb(0); // -1.1447298858494002
 */
export const SoftLaplace: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'SoftLaplace',
  params: { loc: { constraint: real }, scale: { constraint: positive } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, standardQuantile(positiveUniform(key, shape)))),
  logProb: ({ loc, scale }, x) => neg(add(logCosh(div(sub(x, loc), scale)), add(log(scale), Math.log(Math.PI)))),
  mean: ({ loc }) => loc,
  variance: ({ scale }) => square(mul(Math.PI / 2, scale)),
  cdf: ({ loc, scale }, x) => {
    const z = div(sub(x, loc), scale);
    const tail = mul(2 / Math.PI, atan(exp(minusAbs(z))));
    return where(less(z, 0), tail, sub(1, tail));
  },
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, standardQuantile(q))),
  entropy: ({ scale }) => add(log(scale), Math.log(2 * Math.PI)),
});
