/** Potentials for the laws of the sampler: models whose posterior is known, and their modules. */
import { array, dist, factor, ops, random, sample } from '../../../infer/kindling.ts';
import { makeChain, type Chain } from '../../../infer/mcmc/chain.ts';
import type { Metric } from '../../../infer/mcmc/metric.ts';
import { makeProblem, type DenseMass, type Problem } from '../../../infer/mcmc/problem.ts';
import type { ChainSettings } from '../../../infer/mcmc/settings.ts';
import type { TreeOptions } from '../../../infer/mcmc/tree.ts';

/** A Gaussian of three coordinates in two sites, of which the last two are correlated. */
export const gaussian = (): void => {
  const x = sample('x', dist.Normal(1, 2));
  const y = sample('y', dist.Normal(0, 1).expand([2]));
  factor('tie', ops.reshape(ops.mul(0.8, ops.mul(ops.slice(y, [0], [1]), ops.slice(y, [1], [1]))), []));
  factor('tilt', ops.mul(0.1, x));
};

/** The same with a curvature that no Gaussian has. */
export const banana = (): void => {
  const x = sample('x', dist.Normal(0, 1));
  sample('y', dist.Normal(ops.mul(x, x), 0.5));
};

/** The model of eight schools, non-centred. */
export const schools = (): void => {
  const mu = sample('mu', dist.Normal(0, 5));
  const tau = sample('tau', dist.HalfCauchy(5));
  const eta = sample('eta', dist.Normal(0, 1).expand([8]));
  sample('y', dist.Normal(ops.add(mu, ops.mul(tau, eta)), [15, 10, 16, 11, 9, 11, 10, 18]), { obs: [28, 8, -3, 7, -1, 1, 18, 12] });
};

export const settingsFor = (problem: Problem, own: Partial<ChainSettings> = {}): ChainSettings => ({
  algorithm: 'NUTS',
  metric: problem.metric,
  precision: 'float64',
  stepSize: 0.3,
  targetAcceptProb: 0.8,
  adaptStepSize: true,
  adaptMassMatrix: true,
  findHeuristicStepSize: false,
  regularizeMassMatrix: true,
  maxTreeDepth: [10, 10],
  extraTurningChecks: false,
  trajectoryLength: 2 * Math.PI,
  numSteps: undefined,
  ...own,
});

/** A problem, made once for each model and metric. */
export const problemOf = (model: () => void, dense: DenseMass = false, tree: Partial<TreeOptions> = {}): Problem =>
  makeProblem(model, [], dense, 'float64', { depthLimit: 10, extraChecks: false, ...tree });

export const chainOf = (problem: Problem, own: Partial<ChainSettings> = {}): Chain => makeChain(problem.step, settingsFor(problem, own));

/** M⁻¹ p by its definition. */
export const velocityOf = ({ inverseMass, shape: { dim, blocks } }: Metric, p: Float64Array): Float64Array =>
  p.map((x, i) => (blocks.length === 0 ? inverseMass[i]! * x : p.reduce((sum, y, j) => sum + inverseMass[i * dim + j]! * y, 0)));

/** Numbers that look random, the same for the same seed. */
export const numbers = (seed: number, count: number): Float64Array => random.normal(random.PRNGKey(seed), [count]).data;

/** A positive definite matrix. */
export const covarianceOf = (seed: number, n: number): Float64Array => {
  const a = array(numbers(seed, n * n), [n, n]);
  return ops.add(ops.matMul(a, ops.transpose(a)), ops.mul(0.5, ops.eye(n))).data;
};
