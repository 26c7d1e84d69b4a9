/** Student’s t distribution. */
import { positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { studentT } from '../../random/variates.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { logOnePlusSquare } from './elementary.ts';
import { finite, logPeak, standardCdf, standardEntropy, standardQuantile } from './studentTTails.ts';

const { add, div, greater, log, mul, sqrt, square, sub, where } = ops;

/**
 * StudentT(df, loc, scale): f(x) = Γ((df + 1) / 2) / (Γ(df / 2) √(π df) scale) (1 + z² / df)^(−(df + 1) / 2), z = (x − loc) / scale, on the real
 * line. Its mean is NaN for df ≤ 1; its variance is infinite for df ≤ 2 and NaN for df ≤ 1.
 *
 * @param df - the degrees of freedom, positive: Cauchy at 1, normal at Infinity
 * @param loc - the median, any number
 * @param scale - positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 28
 * @example
 * dist.StudentT(1, 0, 1).logProb(1); // -1.8378770664093453
 */
export const StudentT: Constructor<'df' | 'loc' | 'scale'> = defineDistribution({
  name: 'StudentT',
  params: { df: { constraint: positive }, loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  support: real,
  isReparameterized: true,
  sample: ({ df, loc, scale }, key, shape) => add(loc, mul(scale, studentT(key, df, shape))),
  logProb: ({ df, loc, scale }, x) => {
    const nu = finite(df);
    const fall = mul(mul(0.5, add(nu, 1)), logOnePlusSquare(div(sub(x, loc), mul(scale, sqrt(nu)))));
    return sub(sub(logPeak(df), log(scale)), fall);
  },
  mean: ({ df, loc }) => where(greater(df, 1), loc, NaN),
  variance: ({ df, scale }) => {
    const nu = finite(df);
    return where(greater(df, 2), mul(square(scale), div(nu, sub(nu, 2))), where(greater(df, 1), Infinity, NaN));
  },
  cdf: ({ df, loc, scale }, x) => standardCdf(df, div(sub(x, loc), scale)),
  icdf: ({ df, loc, scale }, q) => add(loc, mul(scale, standardQuantile(df, q))),
  entropy: ({ df, scale }) => add(standardEntropy(df), log(scale)),
});
