/** The Cauchy distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { cauchy } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { cauchyCdf, cauchyQuantile, logOnePlusSquare } from './elementary.ts';

const { add, div, log, mul, neg, sub } = ops;

/**
 * Cauchy(loc, scale): f(x) = 1 / (π scale (1 + ((x − loc) / scale)²)) on the real line. It has neither mean nor variance: both are NaN.
 *
 * @param loc - the median, any number
 * @param scale - half the distance between the quartiles, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 16
 * @example
 * dist.Cauchy(0, 1).logProb(1); // -1.8378770664093453
 */
export const Cauchy: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Cauchy',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, cauchy(key, shape))),
  logProb: ({ loc, scale }, x) => neg(add(logOnePlusSquare(div(sub(x, loc), scale)), add(log(scale), Math.log(Math.PI)))),
  mean: () => ops.fill([], NaN),
  variance: () => ops.fill([], NaN),
  cdf: ({ loc, scale }, x) => cauchyCdf(div(sub(x, loc), scale)),
  icdf: ({ loc, scale }, q) => add(loc, mul(scale, cauchyQuantile(q))),
  entropy: ({ scale }) => add(log(scale), Math.log(4 * Math.PI)),
});
