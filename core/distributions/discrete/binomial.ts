/** The binomial distribution, by probability or by log-odds. */
import { integerInterval, nonnegativeInteger, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { binomial } from '../../random/counts.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { binomialCdf, byLogits, logBinomial, logBinomialOf, trials } from './countTerms.ts';
import { eitherOf } from './eitherOf.ts';
import { entropyOfCounts, isSameCount, listedCounts, rankOf, type FiniteCounts } from './finiteCounts.ts';
import type { AnyArray } from '../../value.ts';

const { mul, neg, sigmoid, sub } = ops;

const probsDensity = ({ probs, totalCount }: ParamsOf<'probs' | 'totalCount'>, k: AnyArray): AnyArray => logBinomial(k, trials(totalCount), probs);

const logitsDensity = ({ logits, totalCount }: ParamsOf<'logits' | 'totalCount'>, k: AnyArray): AnyArray => {
  const n = trials(totalCount);
  return byLogits(logits, k, sub(n, k), (p, q) => logBinomialOf(k, n, p, q));
};

const countsOf = (name: string, odds: AnyArray, totalCount: AnyArray, logProb: (k: AnyArray) => AnyArray): FiniteCounts => ({
  name,
  totalCount,
  rank: rankOf(odds, totalCount),
  logProb,
});

/**
 * Binomial of a probability: P(k) = C(n, k) pᵏ (1 − p)^(n − k), k = 0 … n, p = probs, n = totalCount.
 *
 * @param probs - from 0 to 1
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 3; Loader, "Fast and accurate computation of binomial probabilities" (2000)
 * @example
 * dist.BinomialProbs(0.5, 2).logProb(1); // -0.6931471805599453
 */
export const BinomialProbs: Constructor<'probs' | 'totalCount'> = defineDistribution({
  name: 'BinomialProbs',
  params: { probs: { constraint: unitInterval }, totalCount: { constraint: nonnegativeInteger, default: 1 } },
  support: ({ totalCount }) => integerInterval(0, totalCount),
  isReparameterized: false,
  sample: ({ probs, totalCount }, key, shape) => binomial(key, totalCount, probs, shape),
  logProb: probsDensity,
  mean: ({ probs, totalCount }) => mul(totalCount, probs),
  variance: ({ probs, totalCount }) => mul(totalCount, mul(probs, sub(1, probs))),
  cdf: ({ probs, totalCount }, x) => binomialCdf(x, totalCount, probs, sub(1, probs)),
  entropy: (params) => entropyOfCounts(countsOf('the entropy of BinomialProbs', params.probs, params.totalCount, (k) => probsDensity(params, k))),
  isEnumerable: ({ totalCount }) => isSameCount(totalCount),
  enumerate: ({ totalCount }) => listedCounts(totalCount),
});

/**
 * Binomial of log-odds: P(k) = C(n, k) pᵏ (1 − p)^(n − k), p = 1 / (1 + e^(−logits)), n = totalCount. Infinite logits are allowed.
 *
 * @param logits - log(p / (1 − p)), any number
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 3
 * @example
 * dist.BinomialLogits(0, 2).logProb(1); // -0.6931471805599453
 */
export const BinomialLogits: Constructor<'logits' | 'totalCount'> = defineDistribution({
  name: 'BinomialLogits',
  params: { logits: { constraint: real }, totalCount: { constraint: nonnegativeInteger, default: 1 } },
  support: ({ totalCount }) => integerInterval(0, totalCount),
  isReparameterized: false,
  sample: ({ logits, totalCount }, key, shape) => binomial(key, totalCount, sigmoid(logits), shape),
  logProb: logitsDensity,
  mean: ({ logits, totalCount }) => mul(totalCount, sigmoid(logits)),
  variance: ({ logits, totalCount }) => mul(totalCount, mul(sigmoid(logits), sigmoid(neg(logits)))),
  cdf: ({ logits, totalCount }, x) => binomialCdf(x, totalCount, sigmoid(logits), sigmoid(neg(logits))),
  entropy: (params) => entropyOfCounts(countsOf('the entropy of BinomialLogits', params.logits, params.totalCount, (k) => logitsDensity(params, k))),
  isEnumerable: ({ totalCount }) => isSameCount(totalCount),
  enumerate: ({ totalCount }) => listedCounts(totalCount),
});

/**
 * Binomial(totalCount, probs), or Binomial({ totalCount, logits }).
 *
 * @example
 * dist.Binomial(10, 0.5).mean; // 5
 */
export const Binomial: Constructor<'totalCount' | 'probs' | 'logits'> = eitherOf('Binomial', BinomialProbs, BinomialLogits, ['totalCount']);
