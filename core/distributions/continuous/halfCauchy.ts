/** The half-Cauchy distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { cauchy } from '../../random/draws.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { logOnePlusSquare } from './elementary.ts';

const { abs, add, atan, div, less, log, maximum, mul, sub, tan, where } = ops;

/**
 * HalfCauchy(scale): f(x) = 2 / (π scale (1 + (x / scale)²)) on x ≥ 0. Its mean and variance are infinite.
 *
 * @param scale - positive
 * @see Gelman, "Prior distributions for variance parameters in hierarchical models" (2006)
 * @example
 * dist.HalfCauchy(1).logProb(0); // -0.45158270528945477
 */
export const HalfCauchy: Constructor<'scale'> = defineDistribution({
  name: 'HalfCauchy',
  params: { scale: { constraint: positive, default: 1 } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ scale }, key, shape) => abs(mul(scale, cauchy(key, shape))),
  logProb: ({ scale }, x) => sub(Math.log(2 / Math.PI), add(log(scale), logOnePlusSquare(div(x, scale)))),
  mean: ({ scale }) => mul(scale, Infinity),
  variance: ({ scale }) => mul(scale, Infinity),
  cdf: ({ scale }, x) => mul(2 / Math.PI, atan(div(maximum(x, 0), scale))),
  // From the median up by the cotangent of what is above.
  icdf: ({ scale }, q) => mul(scale, where(less(q, 0.5), tan(mul(Math.PI / 2, q)), div(1, tan(mul(Math.PI / 2, sub(1, q)))))),
  entropy: ({ scale }) => add(log(scale), Math.log(2 * Math.PI)),
});
