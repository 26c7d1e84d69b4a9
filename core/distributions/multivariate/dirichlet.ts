/** The Dirichlet distribution. */
import { independent, positive, simplex } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { dirichlet } from '../../random/variates.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';

const { add, any, cumsum, digamma, div, equal, greater, lbeta, log, logicalAnd, mul, mulNoNan, square, sub, sum, where } = ops;

/** log B(a) = Σ_k log B(a_0 + … + a_{k−1}, a_k), in which nothing cancels where the a_k are large. */
const logMultivariateBeta = (a: AnyArray): AnyArray => {
  const k = a.shape.at(-1)!;
  if (k === 1) return ops.zeros(a.shape.slice(0, -1));
  const [, before] = ops.split(cumsum(a, -1, true), [1, k - 1], -1);
  const [, own] = ops.split(a, [1, k - 1], -1);
  return sum(lbeta(before!, own!), -1);
};

/**
 * Dirichlet(concentration): f(x) = ∏ x_k^(a_k − 1) / B(a), a = concentration, on nonnegative vectors that sum to 1.
 *
 * Where some x_k is 0 it is 0 if a_k > 1 for one of these, else ∞ if a_k < 1 for one.
 *
 * @param concentration - `[…, K]`, positive; the mean is proportional to it
 * @see Kotz, Balakrishnan, Johnson, Continuous Multivariate Distributions 1, ch. 49
 * @example
 * dist.Dirichlet([1, 1, 1]).logProb([0.2, 0.3, 0.5]); // 0.693147180560
 */
export const Dirichlet: Constructor<'concentration'> = defineDistribution({
  name: 'Dirichlet',
  params: { concentration: { constraint: independent(positive, 1) } },
  support: simplex,
  eventShape: ({ concentration }) => concentration.shape.slice(-1),
  isReparameterized: true,
  sample: ({ concentration }, key, shape) => dirichlet(key, concentration, shape),
  logProb: ({ concentration: a }, x) => {
    const kernel = sum(mulNoNan(sub(a, 1), log(x)), -1);
    // In a corner powers of 0 may be 0 and ∞ at once: their product is 0.
    const isNone = any(logicalAnd(equal(x, 0), greater(a, 1)), -1);
    return sub(where(isNone, -Infinity, kernel), logMultivariateBeta(a));
  },
  mean: ({ concentration: a }) => div(a, sum(a, -1, true)),
  variance: ({ concentration: a }) => {
    const total = sum(a, -1, true);
    // What the others sum to, which total − a would lose beside a large one.
    const others = add(cumsum(a, -1, true), cumsum(a, -1, true, true));
    return div(mul(a, others), mul(square(total), add(total, 1)));
  },
  entropy: ({ concentration: a }) => {
    const total = sum(a, -1);
    const spread = sub(mul(sub(total, a.shape.at(-1)!), digamma(total)), sum(mul(sub(a, 1), digamma(a)), -1));
    return add(logMultivariateBeta(a), spread);
  },
});
