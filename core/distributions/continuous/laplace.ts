/** The Laplace distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { laplace } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { minusAbs } from './elementary.ts';

const { abs, add, div, exp, less, log, mul, neg, square, sub, where } = ops;

/**
 * Laplace(loc, scale): f(x) = e^(−|x − loc| / scale) / (2 scale) on the real line.
 *
 * @param loc - the mean, any number
 * @param scale - the mean distance from `loc`, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 24
 * @example
 * dist.Laplace(0, 0.5).logProb(1); // -2
 */
export const Laplace: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Laplace',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, laplace(key, shape))),
  logProb: ({ loc, scale }, x) => neg(add(abs(div(sub(x, loc), scale)), add(log(scale), Math.LN2))),
  mean: ({ loc }) => loc,
  variance: ({ scale }) => mul(2, square(scale)),
  cdf: ({ loc, scale }, x) => {
    const z = div(sub(x, loc), scale);
    const tail = mul(0.5, exp(minusAbs(z)));
    return where(less(z, 0), tail, sub(1, tail));
  },
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, where(less(q, 0.5), log(mul(2, q)), neg(log(mul(2, sub(1, q))))))),
  entropy: ({ scale }) => add(log(scale), 1 + Math.LN2),
});
