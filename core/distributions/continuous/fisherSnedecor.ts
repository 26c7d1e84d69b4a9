/** The F distribution of Fisher and Snedecor. */
import { nonnegative, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { split } from '../../random/key.ts';
import { logGamma } from '../../random/variates.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { cdfAbove } from './elementary.ts';
import { betaEntropy, logBetaDensity } from './gammaParts.ts';

const { add, betainc, betaincInv, digamma, div, exp, greater, less, log, mul, square, sub, where } = ops;

type Params = ParamsOf<'df1' | 'df2'>;

/** df1 x / (df1 x + df2) has the distribution Beta(df1 / 2, df2 / 2). */
const shapes = ({ df1, df2 }: Params): readonly [AnyArray, AnyArray] => [mul(0.5, df1), mul(0.5, df2)];

/** That variate, and 1 less it, also where df1 x overflows. */
const partsOf = ({ df1, df2 }: Params, x: AnyArray): readonly [AnyArray, AnyArray] => {
  const ratio = mul(div(df1, df2), x);
  const isLow = less(ratio, 1);
  const share = div(1, add(1, where(isLow, ratio, div(1, ratio))));
  return [where(isLow, mul(ratio, share), share), where(isLow, share, div(share, ratio))];
};

/**
 * FisherSnedecor(df1, df2): f(x) = (df1 / df2)^(df1/2) x^(df1/2 − 1) (1 + df1 x / df2)^(−(df1 + df2)/2) / B(df1 / 2, df2 / 2) on x ≥ 0: the
 * distribution of the ratio of two chi-square variates, each over its degrees of freedom. Its mean is infinite for df2 ≤ 2, its variance for
 * df2 ≤ 4. Pyro’s name; SciPy calls it f.
 *
 * @param df1 - the degrees of freedom of the numerator, positive
 * @param df2 - the degrees of freedom of the denominator, positive
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, ch. 27
 * @example
 * dist.FisherSnedecor(2, 2).logProb(1); // -1.3862943611198906
 */
export const FisherSnedecor: Constructor<'df1' | 'df2'> = defineDistribution({
  name: 'FisherSnedecor',
  params: { df1: { constraint: positive }, df2: { constraint: positive } },
  support: nonnegative,
  isReparameterized: true,
  sample: (params, key, shape) => {
    const [above, below] = split(key);
    const [a, b] = shapes(params);
    return mul(div(params.df2, params.df1), exp(sub(logGamma(above, a, shape), logGamma(below, b, shape))));
  },
  logProb: (params, x) => {
    const [y, rest] = partsOf(params, x);
    return add(logBetaDensity(...shapes(params), y, rest), add(log(div(params.df1, params.df2)), mul(2, log(rest))));
  },
  mean: ({ df2 }) => where(greater(df2, 2), div(df2, sub(df2, 2)), Infinity),
  variance: ({ df1, df2 }) => {
    const rest = sub(df2, 2);
    return where(greater(df2, 4), div(mul(2, mul(square(div(df2, rest)), add(df1, rest))), mul(df1, sub(df2, 4))), Infinity);
  },
  cdf: (params, x) => cdfAbove(x, 0, (inside) => betainc(...shapes(params), partsOf(params, inside)[0])),
  // From the smaller of the two parts of the beta variate.
  icdf: (params, q) => {
    const [a, b] = shapes(params);
    const [y, rest] = [betaincInv(a, b, q), betaincInv(b, a, sub(1, q))];
    return mul(div(params.df2, params.df1), where(less(y, 0.5), div(y, sub(1, y)), div(sub(1, rest), rest)));
  },
  entropy: (params) => {
    const [a, b] = shapes(params);
    return add(add(betaEntropy(a, b), mul(2, sub(digamma(add(a, b)), digamma(b)))), log(div(params.df2, params.df1)));
  },
});
