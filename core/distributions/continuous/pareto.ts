/** The Pareto distribution, and as a power law cut off below. */
import { greaterThanEq, lessThan, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { positiveExponential } from './elementary.ts';

const { add, div, exp, expm1, greater, log, log1p, maximum, mul, neg, square, sub, where } = ops;

/** A tail (low / x)^alpha. */
interface Tail {
  readonly low: AnyArray;
  readonly alpha: AnyArray;
}

/** log(x / low) for x ≥ low, exact near low too. */
const logExcess = (x: AnyArray, low: AnyArray): AnyArray => log1p(div(sub(x, low), low));

const draw = ({ low, alpha }: Tail, key: Key, shape: Shape): AnyArray => mul(low, exp(div(positiveExponential(key, shape), alpha)));
const logProb = ({ low, alpha }: Tail, x: AnyArray): AnyArray => sub(sub(log(alpha), log(low)), mul(add(alpha, 1), logExcess(x, low)));
const mean = ({ low, alpha }: Tail): AnyArray => where(greater(alpha, 1), div(mul(alpha, low), sub(alpha, 1)), Infinity);
const variance = ({ low, alpha }: Tail): AnyArray => where(greater(alpha, 2), mul(square(div(low, sub(alpha, 1))), div(alpha, sub(alpha, 2))), Infinity);
const cdf = ({ low, alpha }: Tail, x: AnyArray): AnyArray => neg(expm1(neg(mul(alpha, logExcess(maximum(x, low), low)))));
const icdf = ({ low, alpha }: Tail, q: AnyArray): AnyArray => mul(low, exp(neg(div(log1p(neg(q)), alpha))));
const entropy = ({ low, alpha }: Tail): AnyArray => add(sub(log(low), log(alpha)), add(1, div(1, alpha)));

/**
 * Pareto(scale, alpha): f(x) = alpha scale^alpha / x^(alpha + 1) on x ≥ scale. Its mean is infinite for alpha ≤ 1, its variance for alpha ≤ 2.
 *
 * @param scale - the least value, positive
 * @param alpha - positive: the mass above x is (scale / x)^alpha
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 20
 * @example
 * dist.Pareto(1, 2).logProb(2); // -1.3862943611198908
 */
export const Pareto: Constructor<'scale' | 'alpha'> = defineDistribution({
  name: 'Pareto',
  params: { scale: { constraint: positive }, alpha: { constraint: positive } },
  support: ({ scale }) => greaterThanEq(scale),
  isReparameterized: true,
  sample: ({ scale, alpha }, key, shape) => draw({ low: scale, alpha }, key, shape),
  logProb: ({ scale, alpha }, x) => logProb({ low: scale, alpha }, x),
  mean: ({ scale, alpha }) => mean({ low: scale, alpha }),
  variance: ({ scale, alpha }) => variance({ low: scale, alpha }),
  cdf: ({ scale, alpha }, x) => cdf({ low: scale, alpha }, x),
  icdf: ({ scale, alpha }, q) => icdf({ low: scale, alpha }, q),
  entropy: ({ scale, alpha }) => entropy({ low: scale, alpha }),
});

/** The exponent of the tail of a density x^alpha. */
const tailOf = ({ alpha, low }: Tail): Tail => ({ low, alpha: neg(add(alpha, 1)) });

/**
 * LowerTruncatedPowerLaw(alpha, low): f(x) = −(1 + alpha) / low (x / low)^alpha on x ≥ low: Pareto(low, −1 − alpha). Its mean is infinite for
 * alpha ≥ −2, its variance for alpha ≥ −3.
 *
 * @param alpha - the exponent, below −1
 * @param low - the least value, positive
 * @see Clauset, Shalizi, Newman, "Power-law distributions in empirical data" (2009), table 2.1
 * @example
 * dist.LowerTruncatedPowerLaw(-3, 1).logProb(2); // -1.3862943611198908
 */
export const LowerTruncatedPowerLaw: Constructor<'alpha' | 'low'> = defineDistribution({
  name: 'LowerTruncatedPowerLaw',
  params: { alpha: { constraint: lessThan(-1) }, low: { constraint: positive } },
  support: ({ low }) => greaterThanEq(low),
  isReparameterized: true,
  sample: (p, key, shape) => draw(tailOf(p), key, shape),
  logProb: (p, x) => logProb(tailOf(p), x),
  mean: (p) => mean(tailOf(p)),
  variance: (p) => variance(tailOf(p)),
  cdf: (p, x) => cdf(tailOf(p), x),
  icdf: (p, q) => icdf(tailOf(p), q),
  entropy: (p) => entropy(tailOf(p)),
});
