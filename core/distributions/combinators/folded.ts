/** The distribution of an absolute value. */
import { nonnegative } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { apartBy, namedParts, univariatePart } from './parts.ts';
import { tailsOf } from './tails.ts';
import { expectation, expectationNodes } from './truncationMoments.ts';

const { abs, add, exp, greater, isFinite, logAddExp, mul, neg, sub, where } = ops;

/** E[|x|; x < 0], over the quantiles of the part below 0. */
const negativePart = (base: Distribution): AnyArray => {
  const tails = tailsOf(base);
  const high = ops.zeros([]);
  const [x, w] = expectationNodes(tails, { high }, base.batchShape);
  return mul(exp(tails.logCdf(high)), neg(expectation(w, add(tails.centre, mul(tails.unit, x)))));
};

/**
 * FoldedDistribution(baseDist): the distribution of |x|, x from `baseDist`; f(y) + f(−y) on y ≥ 0.
 *
 * @param baseDist - a distribution of single numbers, with `cdf` for the cdf and `icdf` for the moments
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 7.3 (the folded normal)
 * @example
 * dist.FoldedDistribution(dist.Normal(0, 1)).logProb(0); // -0.2257913526447274
 */
export const FoldedDistribution: {
  (parts: { readonly baseDist: Distribution }): Distribution;
  (baseDist: Distribution): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const base = univariatePart('FoldedDistribution', 'baseDist', namedParts('FoldedDistribution', ['baseDist'], args)['baseDist']);
  // E|x| = E[x] + 2 E[|x|; x < 0].
  const excess = (): AnyArray => mul(2, negativePart(base));
  return makeDistribution({
    name: `FoldedDistribution(${base.name})`,
    params: { baseDist: base },
    batchShape: base.batchShape,
    eventShape: [],
    support: nonnegative,
    isReparameterized: base.isReparameterized,
    apart: apartBy(
      [{ fn: base, missing: 0 }],
      () => [],
      ([fn]) => FoldedDistribution(fn!),
    ),
    draw: (key, shape) => abs(base.expand(shape).sample(key)),
    logProb: (y) => logAddExp(base.logProb(y), base.logProb(neg(y))),
    mean: () => where(isFinite(base.mean), add(base.mean, excess()), Infinity),
    // Var|x| = Var x − (E|x| − E[x]) (E|x| + E[x]).
    variance: () => {
      const more = excess();
      return where(isFinite(base.variance), sub(base.variance, mul(more, add(more, mul(2, base.mean)))), Infinity);
    },
    cdf: (y) => {
      const inside = greater(y, 0);
      const at = where(inside, y, 1);
      return where(inside, exp(tailsOf(base).logMass(neg(at), at)), 0);
    },
  });
};
