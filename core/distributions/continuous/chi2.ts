/** The chi-square distribution. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { chisquare } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { gammaEntropy, logGammaDensity } from './gammaParts.ts';

const { add, gammainc, gammaincInv, maximum, mul, sub } = ops;

/**
 * Chi2(df): f(x) = x^(df/2 − 1) e^(−x/2) / (2^(df/2) Γ(df/2)) on x ≥ 0: the distribution of a sum of df squares of standard normal numbers.
 *
 * @param df - the degrees of freedom, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 18
 * @example
 * dist.Chi2(2).logProb(2); // -1.6931471805599454
 */
export const Chi2: Constructor<'df'> = defineDistribution({
  name: 'Chi2',
  params: { df: { constraint: positive } },
  support: nonnegative,
  isReparameterized: true,
  sample: ({ df }, key, shape) => chisquare(key, df, shape),
  logProb: ({ df }, x) => sub(logGammaDensity(mul(0.5, df), mul(0.5, x)), Math.LN2),
  mean: ({ df }) => df,
  variance: ({ df }) => mul(2, df),
  cdf: ({ df }, x) => gammainc(mul(0.5, df), mul(0.5, maximum(x, 0))),
  icdf: ({ df }, q) => mul(2, gammaincInv(mul(0.5, df), q)),
  entropy: ({ df }) => add(gammaEntropy(mul(0.5, df)), Math.LN2),
});
