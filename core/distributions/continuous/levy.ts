/** The Lévy distribution. */
import { greaterThan, positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cdfAbove, positiveUniform } from './elementary.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA } from '../constants.ts';

const { add, div, erfc, erfinv, less, log, mul, ndtri, sqrt, square, sub, where } = ops;

/** 1 / z² with 2 Φ(−z) = q: near q = 1 from 1 − q, which has the digits that q has lost. */
const standardQuantile = (q: AnyArray): AnyArray => {
  const isLow = less(q, 0.5);
  return div(1, square(where(isLow, ndtri(mul(0.5, where(isLow, q, 0.5))), mul(Math.SQRT2, erfinv(where(isLow, 0.5, sub(1, q)))))));
};

/**
 * Levy(loc, scale): f(x) = √(scale / 2π) (x − loc)^(−3/2) exp(−scale / (2 (x − loc))) on x > loc: the distribution of loc + scale / z²,
 * z ~ Normal(0, 1). Its mean and variance are infinite.
 *
 * @param loc - the lower end, any number
 * @param scale - positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 15; Nolan, Univariate Stable Distributions (2020), sec. 1.3
 * @example
 * dist.Levy(0, 1).logProb(1); // -1.4189385332046727
 */
export const Levy: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Levy',
  params: { loc: { constraint: real }, scale: { constraint: positive } },
  support: ({ loc }) => greaterThan(loc),
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, standardQuantile(positiveUniform(key, shape)))),
  logProb: ({ loc, scale }, x) => {
    const distance = sub(x, loc);
    return sub(mul(0.5, sub(log(scale), add(div(scale, distance), Math.log(2 * Math.PI)))), mul(1.5, log(distance)));
  },
  mean: ({ scale }) => mul(scale, Infinity),
  variance: ({ scale }) => mul(scale, Infinity),
  cdf: ({ loc, scale }, x) => cdfAbove(x, loc, (inside) => erfc(sqrt(div(scale, mul(2, sub(inside, loc)))))),
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, standardQuantile(q))),
  entropy: ({ scale }) => add(log(scale), 0.5 + 1.5 * EULER_GAMMA + 0.5 * Math.log(16 * Math.PI)),
});
