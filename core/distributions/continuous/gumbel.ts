/** The Gumbel distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { gumbel } from '../../random/draws.ts';
import { EULER_GAMMA } from '../constants.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { add, div, exp, log, minimum, mul, neg, square, sub } = ops;

/** Far before here exp(−eᵗ) is 0; beyond, its derivative would be 0 times an overflow. */
const CERTAIN = 80;

/**
 * Gumbel(loc, scale): f(x) = e^(−z − e^−z) / scale, z = (x − loc) / scale, on the real line: the limit of maxima.
 *
 * @param loc - the mode, any number
 * @param scale - positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 22
 * @example
 * dist.Gumbel(0, 1).logProb(0); // -1
 */
export const Gumbel: Constructor<'loc' | 'scale'> = defineDistribution({
  name: 'Gumbel',
  params: { loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ loc, scale }, key, shape) => add(loc, mul(scale, gumbel(key, shape))),
  logProb: ({ loc, scale }, x) => {
    const z = div(sub(x, loc), scale);
    return neg(add(add(z, exp(neg(z))), log(scale)));
  },
  mean: ({ loc, scale }) => add(loc, mul(EULER_GAMMA, scale)),
  variance: ({ scale }) => mul(Math.PI ** 2 / 6, square(scale)),
  cdf: ({ loc, scale }, x) => exp(neg(exp(minimum(div(sub(loc, x), scale), CERTAIN)))),
  icdf: ({ loc, scale }, q) => sub(loc, mul(scale, log(neg(log(q))))),
  entropy: ({ scale }) => add(log(scale), 1 + EULER_GAMMA),
});
