/** The multinomial distribution, by probabilities or by unnormalised logs of them. */
import { multinomial as counts, nonnegativeInteger, realVector, simplex } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { multinomial } from '../../random/counts.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { classesOf } from './classes.ts';
import { exponentOfLog, logBinomial, trials } from './countTerms.ts';
import { eitherOf } from './eitherOf.ts';
import { expectedLogFactorial, rankOf } from './finiteCounts.ts';

const { add, lgamma, log, logPoissonPeak, logSoftmax, mul, mulNoNan, poissonExponent, softmax, sub, sum } = ops;

const column = (x: AnyArray): AnyArray => addAxes(x, 1);

/** log of n! / Π k!, times what the exponents leave of the powers. */
const density = (k: AnyArray, n: AnyArray, exponents: AnyArray): AnyArray => sub(sum(add(logPoissonPeak(k), exponents), -1), logPoissonPeak(n));

const spread = (n: AnyArray, probs: AnyArray): AnyArray => mul(column(n), mul(probs, sub(1, probs)));

/** −log n! − n Σ p log p + Σ E log k!, where each count is binomial. */
const entropyOf = (name: string, totalCount: AnyArray, probs: AnyArray, logProbs: AnyArray): AnyArray => {
  const n = column(totalCount);
  const logFactorials = expectedLogFactorial({ name, totalCount: n, rank: rankOf(n, probs), logProb: (k) => logBinomial(k, n, probs) });
  return sub(sum(sub(logFactorials, mul(n, mulNoNan(probs, logProbs))), -1), lgamma(add(totalCount, 1)));
};

/**
 * Multinomial of probabilities: P(k) = n! Π probs[i]^k[i] / k[i]!, on vectors of counts that sum to n = totalCount.
 *
 * @param probs - a simplex along the last axis
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35
 * @example
 * dist.MultinomialProbs([0.5, 0.5], 2).logProb([1, 1]); // -0.6931471805599453
 */
export const MultinomialProbs: Constructor<'probs' | 'totalCount'> = defineDistribution({
  name: 'MultinomialProbs',
  params: { probs: { constraint: simplex }, totalCount: { constraint: nonnegativeInteger, default: 1 } },
  support: ({ totalCount }) => counts(totalCount),
  eventShape: ({ probs }) => [classesOf(probs)],
  isReparameterized: false,
  sample: ({ probs, totalCount }, key, shape) => multinomial(key, totalCount, probs, shape),
  logProb: ({ probs, totalCount }, k) => {
    const n = trials(totalCount);
    // The exponents take n Σ p off and add n: to the derivative they must be the same.
    const excess = mul(n, sub(sum(probs, -1), 1));
    return add(density(k, n, poissonExponent(k, mul(column(n), probs))), excess);
  },
  mean: ({ probs, totalCount }) => mul(column(totalCount), probs),
  variance: ({ probs, totalCount }) => spread(totalCount, probs),
  entropy: ({ probs, totalCount }) => entropyOf('the entropy of MultinomialProbs', totalCount, probs, log(probs)),
});

/**
 * Multinomial of logits: P(k) = n! Π p[i]^k[i] / k[i]!, p ∝ exp(logits), n = totalCount.
 *
 * @param logits - any numbers along the last axis, up to a constant; −∞ for an outcome that does not occur
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35
 * @example
 * dist.MultinomialLogits([0, 0], 2).logProb([1, 1]); // -0.6931471805599453
 */
export const MultinomialLogits: Constructor<'logits' | 'totalCount'> = defineDistribution({
  name: 'MultinomialLogits',
  params: { logits: { constraint: realVector }, totalCount: { constraint: nonnegativeInteger, default: 1 } },
  support: ({ totalCount }) => counts(totalCount),
  eventShape: ({ logits }) => [classesOf(logits)],
  isReparameterized: false,
  sample: ({ logits, totalCount }, key, shape) => multinomial(key, totalCount, softmax(logits), shape),
  logProb: ({ logits, totalCount }, k) => {
    const n = trials(totalCount);
    return density(k, n, exponentOfLog(k, column(n), logSoftmax(logits)));
  },
  mean: ({ logits, totalCount }) => mul(column(totalCount), softmax(logits)),
  variance: ({ logits, totalCount }) => spread(totalCount, softmax(logits)),
  entropy: ({ logits, totalCount }) => entropyOf('the entropy of MultinomialLogits', totalCount, softmax(logits), logSoftmax(logits)),
});

/**
 * Multinomial(totalCount, probs), or Multinomial({ totalCount, logits }).
 *
 * @example
 * dist.Multinomial(10, [0.5, 0.5]).mean; // [5, 5]
 */
export const Multinomial: Constructor<'totalCount' | 'probs' | 'logits'> = eitherOf('Multinomial', MultinomialProbs, MultinomialLogits, ['totalCount']);
