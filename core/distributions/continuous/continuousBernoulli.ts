/** The continuous Bernoulli distribution, by probability or by log-odds. */
import { openInterval, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { eitherOf } from '../discrete/eitherOf.ts';
import { defineDistribution, type Constructor, type Family, type ParamsOf } from '../family.ts';
import * as core from './truncatedExponential.ts';

const clipped = (x: AnyArray): core.Point => {
  const u = ops.clipByValue(x, 0, 1);
  return { u, rest: ops.sub(1, u) };
};

/** A family from the slope of its log-density. */
const ofSlope = <Name extends string>(name: string, params: Family<Name>['params'], slope: (p: ParamsOf<Name>) => AnyArray): Constructor<Name> =>
  defineDistribution<Name>({
    name,
    params,
    support: unitInterval,
    isReparameterized: true,
    sample: (p, key, shape) => ops.clipByValue(core.quantile(slope(p), uniform(key, shape)).u, 0, 1),
    logProb: (p, x) => core.logDensity(slope(p), { u: x, rest: ops.sub(1, x) }),
    mean: (p) => core.mean(slope(p)),
    variance: (p) => core.variance(slope(p)),
    cdf: (p, x) => core.cdf(slope(p), clipped(x)),
    icdf: (p, q) => core.quantile(slope(p), q).u,
    entropy: (p) => core.entropy(slope(p)),
  });

/**
 * ContinuousBernoulli of a probability: f(x) = C(p) p^x (1 − p)^(1−x) on 0 ≤ x ≤ 1, with C(p) = 2 atanh(1 − 2p) / (1 − 2p), 2 at p = ½.
 *
 * @param probs - p, strictly between 0 and 1; not the mean
 * @see Loaiza-Ganem, Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders" (2019)
 * @example
 * dist.ContinuousBernoulliProbs(0.5).logProb(0.3); // 0
 */
export const ContinuousBernoulliProbs: Constructor<'probs'> = ofSlope('ContinuousBernoulliProbs', { probs: { constraint: openInterval(0, 1) } }, ({ probs }) =>
  ops.logit(probs),
);

/**
 * ContinuousBernoulli of log-odds: f(x) = v e^(vx) / (e^v − 1) on 0 ≤ x ≤ 1, v = logits; uniform at v = 0.
 *
 * @param logits - log(p / (1 − p)), any number
 * @see Loaiza-Ganem, Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders" (2019)
 * @example
 * dist.ContinuousBernoulliLogits(0).mean; // 0.5
 */
export const ContinuousBernoulliLogits: Constructor<'logits'> = ofSlope('ContinuousBernoulliLogits', { logits: { constraint: real } }, ({ logits }) => logits);

/**
 * ContinuousBernoulli(probs), or ContinuousBernoulli({ logits }).
 *
 * @example
 * dist.ContinuousBernoulli({ logits: 0 }).variance; // 0.08333333333333333
 */
export const ContinuousBernoulli: Constructor<'probs' | 'logits'> = eitherOf('ContinuousBernoulli', ContinuousBernoulliProbs, ContinuousBernoulliLogits);
