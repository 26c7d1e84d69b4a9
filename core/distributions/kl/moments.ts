/** Divergences from any distribution whose entropy and moments are known to a normal or an exponential one. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import type { Distribution } from '../distribution.ts';
import { arraysOf, type KLRule } from './rule.ts';

const { add, div, log, mul, square, sub } = ops;

/** −H(p) + log σ √2π + (Var x + (E x − μ)²) / 2σ². */
const toNormal = (p: Distribution, q: Distribution): AnyArray => {
  const { loc, scale } = arraysOf(q);
  const spread = add(p.variance, square(sub(p.mean, loc!)));
  return sub(add(add(log(scale!), HALF_LOG_2PI), mul(0.5, div(spread, square(scale!)))), p.entropy());
};

/** −H(p) − log λ + λ E x. */
const toExponential = (p: Distribution, q: Distribution): AnyArray => {
  const rate = arraysOf(q)['rate']!;
  return sub(sub(mul(rate, p.mean), log(rate)), p.entropy());
};

const nonnegative = ['HalfNormal', 'LogNormal', 'Beta', 'InverseGamma', 'Pareto'];
const real = ['Uniform', 'Laplace', 'Logistic', 'Gumbel', 'StudentT', 'Gamma', 'Exponential', 'Chi2', 'Weibull', ...nonnegative];

export const moments: readonly KLRule[] = [
  ...real.map((p) => ({ p, q: 'Normal', kl: toNormal })),
  ...nonnegative.map((p) => ({ p, q: 'Exponential', kl: toExponential })),
];
