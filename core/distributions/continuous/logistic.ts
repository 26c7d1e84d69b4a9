/** The logistic distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { logistic } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { add, div, log, logit, mul, neg, sigmoid, softplus, square, sub } = ops;

/**
 * Logistic(loc, scale): f(x) = e^−z / (scale (1 + e^−z)²), z = (x − loc) / scale, on the real line.
 *
 * @param loc - the mean, any number
 * @param scale - positive; the standard deviation is π scale / √3
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 23
 * @example
 * dist.Logistic(0, 1).logProb(0); // -1.3862943611198906
 */
export const Logistic: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Logistic',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, logistic(key, shape))),
  logProb: ({ loc, scale }, x) => {
    const z = div(sub(x, loc), scale);
    return neg(add(add(z, mul(2, softplus(neg(z)))), log(scale)));
  },
  mean: ({ loc }) => loc,
  variance: ({ scale }) => mul(Math.PI ** 2 / 3, square(scale)),
  cdf: ({ loc, scale }, x) => sigmoid(div(sub(x, loc), scale)),
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, logit(q))),
  entropy: ({ scale }) => add(log(scale), 2),
});
