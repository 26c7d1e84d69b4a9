/** The beta-binomial distribution: binomial counts whose probability is a beta variate. */
import { integerInterval, nonnegativeInteger, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { binomial } from '../../random/counts.ts';
import { split } from '../../random/key.ts';
import { beta } from '../../random/variates.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { concentrationTerm, trials } from './countTerms.ts';
import { cdfOfCounts, entropyOfCounts, isSameCount, listedCounts, rankOf, type FiniteCounts } from './finiteCounts.ts';

const { add, div, logGammaPeakDrop, logPoissonPeak, mul, sub } = ops;

type Params = ParamsOf<'concentration1' | 'concentration0' | 'totalCount'>;

const density = ({ concentration1: a, concentration0: b, totalCount }: Params, k: AnyArray): AnyArray => {
  const [n, total] = [trials(totalCount), add(a, b)];
  const failures = sub(n, k);
  const peaks = sub(sub(add(logPoissonPeak(k), logPoissonPeak(failures)), logPoissonPeak(n)), logGammaPeakDrop(total, n));
  return add(peaks, add(concentrationTerm(k, a, n, total), concentrationTerm(failures, b, n, total)));
};

const countsOf = (name: string, params: Params): FiniteCounts => ({
  name,
  totalCount: params.totalCount,
  rank: rankOf(params.concentration1, params.concentration0, params.totalCount),
  logProb: (k) => density(params, k),
});

/**
 * BetaBinomial(concentration1, concentration0, totalCount): P(k) = C(n, k) B(k + a, n − k + b) / B(a, b), a = concentration1,
 * b = concentration0, n = totalCount, k = 0 … n. The distribution function and the entropy are sums over k, for an n that is known.
 *
 * @param concentration1 - positive, counts the successes
 * @param concentration0 - positive, counts the failures
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 6, sec. 2.2
 * @example
 * dist.BetaBinomial(1, 1, 3).logProb(2); // -1.3862943611198906
 */
export const BetaBinomial: Constructor<'concentration1' | 'concentration0' | 'totalCount'> = defineDistribution({
  name: 'BetaBinomial',
  params: {
    concentration1: { constraint: positive },
    concentration0: { constraint: positive },
    totalCount: { constraint: nonnegativeInteger, default: 1 },
  },
  support: ({ totalCount }) => integerInterval(0, totalCount),
  isReparameterized: false,
  sample: ({ concentration1, concentration0, totalCount }, key, shape) => {
    const [forProbs, forCount] = split(key);
    return binomial(forCount, totalCount, beta(forProbs, concentration1, concentration0, shape), shape);
  },
  logProb: density,
  mean: ({ concentration1: a, concentration0: b, totalCount: n }) => mul(n, div(a, add(a, b))),
  variance: ({ concentration1: a, concentration0: b, totalCount: n }) => {
    const total = add(a, b);
    return mul(mul(n, mul(div(a, total), div(b, total))), div(add(total, n), add(total, 1)));
  },
  cdf: (params, x) => cdfOfCounts(countsOf('the cdf of BetaBinomial', params), x),
  entropy: (params) => entropyOfCounts(countsOf('the entropy of BetaBinomial', params)),
  isEnumerable: ({ totalCount }) => isSameCount(totalCount),
  enumerate: ({ totalCount }) => listedCounts(totalCount),
});
