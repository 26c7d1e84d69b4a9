/** The Dirichlet-multinomial distribution: multinomial counts whose probabilities are a Dirichlet variate. */
import { independent, multinomial as counts, nonnegativeInteger, positive } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { multinomial } from '../../random/counts.ts';
import { split } from '../../random/key.ts';
import { dirichlet } from '../../random/variates.ts';
import { addAxes } from '../axes.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { classesOf } from './classes.ts';
import { concentrationTerm, trials } from './countTerms.ts';

const { add, div, logGammaPeakDrop, logPoissonPeak, mul, sub, sum } = ops;

/**
 * DirichletMultinomial(concentration, totalCount): P(k) = n! Γ(A) / Γ(n + A) · Π Γ(k[i] + a[i]) / (k[i]! Γ(a[i])), a = concentration,
 * A = Σ a, on vectors of counts that sum to n = totalCount.
 *
 * @param concentration - positive numbers along the last axis
 * @param totalCount - the number of trials, 0, 1, 2 …; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Discrete Multivariate Distributions, ch. 35, sec. 13.1
 * @example
 * dist.DirichletMultinomial([1, 1], 3).logProb([2, 1]); // -1.3862943611198906
 */
export const DirichletMultinomial: Constructor<'concentration' | 'totalCount'> = defineDistribution({
  name: 'DirichletMultinomial',
  params: { concentration: { constraint: independent(positive, 1) }, totalCount: { constraint: nonnegativeInteger, default: 1 } },
  support: ({ totalCount }) => counts(totalCount),
  eventShape: ({ concentration }) => [classesOf(concentration)],
  isReparameterized: false,
  sample: ({ concentration, totalCount }, key, shape) => {
    const [forProbs, forCounts] = split(key);
    return multinomial(forCounts, totalCount, dirichlet(forProbs, concentration, shape), shape);
  },
  logProb: ({ concentration, totalCount }, k) => {
    const n = trials(totalCount);
    const total = sum(concentration, -1);
    const parts = add(logPoissonPeak(k), concentrationTerm(k, concentration, addAxes(n, 1), addAxes(total, 1)));
    return sub(sum(parts, -1), add(logPoissonPeak(n), logGammaPeakDrop(total, n)));
  },
  mean: ({ concentration, totalCount }) => mul(addAxes(totalCount, 1), div(concentration, sum(concentration, -1, true))),
  variance: ({ concentration, totalCount }) => {
    const [n, total] = [addAxes(totalCount, 1), sum(concentration, -1, true)];
    const share = div(concentration, total);
    return mul(mul(n, mul(share, div(sub(total, concentration), total))), div(add(n, total), add(total, 1)));
  },
});
