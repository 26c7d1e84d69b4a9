/** The posteriors of posteriordb as models of ours, restated from the densities that their info files give. */
import { Beta, HalfCauchy, HalfNormal, Normal, Gamma, Exponential, MultivariateNormal, Uniform } from '../../../core/distributions/index.ts';
import type { Shape } from '../../../core/shape.ts';
import { toTensor } from '../../../core/value.ts';
import { deterministic, factor, ops, plate, sample, scan, type Input, type Model, type Value } from '../../../infer/kindling.ts';

/** A model, its arguments from the data, and what it reports. */
export interface PosteriorCase {
  readonly name: string;
  readonly model: Model;
  readonly args: (data: Readonly<Record<string, never>>) => readonly unknown[];
  /** Whether divergences are to be expected, and the sampler's error with them. */
  readonly isHard?: boolean;
}

/** A flat density on all real numbers: that of a normal, undone. */
const flat = (name: string, shape: Shape = []): Value => {
  const x = sample(name, Normal(0, 10).expand(shape));
  factor(`${name}_flat`, ops.sum(ops.mul(0.005, ops.mul(x, x))));
  return x;
};

/** A flat density on the positive numbers. */
const flatPositive = (name: string): Value => {
  const x = sample(name, Exponential(1));
  factor(`${name}_flat`, x);
  return x;
};

const observe = (name: string, loc: Input, scale: Input, y: Input): Value => sample(name, Normal(loc, scale), { obs: y });

const kernelMatrix = (x: Input, alpha: Value, rho: Value, diagonal: Input): Value => {
  const n = (x as Value).shape[0];
  const gaps = ops.sub(ops.reshape(x, [n, 1]), ops.reshape(x, [1, n]));
  const covariance = ops.mul(ops.mul(alpha, alpha), ops.exp(ops.div(ops.mul(-0.5, ops.mul(gaps, gaps)), ops.mul(rho, rho))));
  return toTensor(ops.add(covariance, ops.mul(diagonal, ops.eye(n))));
};

const autoregression = (lags: Value, y: Value): void => {
  const alpha = sample('alpha', Normal(0, 10));
  const beta = sample('beta', Normal(0, 10).expand([5]));
  const sigma = sample('sigma', HalfCauchy(2.5));
  observe('y', ops.add(alpha, ops.dot(lags, beta)), sigma, y);
};

const regression = (x: Value, y: Value): void => {
  const beta = flat('beta', [x.shape[1]!]);
  observe('y', ops.dot(x, beta), flatPositive('sigma'), y);
};

const interaction = (x: Value, y: Value): void => {
  const sigma = sample('sigma', HalfCauchy(2.5));
  observe('y', ops.dot(x, flat('beta', [4])), sigma, y);
};

const schools =
  (isCentered: boolean) =>
  (y: Value, sigma: Value): void => {
    const mu = sample('mu', Normal(0, 5));
    const tau = sample('tau', HalfCauchy(5));
    plate(
      'J',
      8,
    )(() => {
      const theta = isCentered ? sample('theta', Normal(mu, tau)) : deterministic('theta', ops.add(mu, ops.mul(tau, sample('z', Normal(0, 1)))));
      observe('y', theta, sigma, y);
    });
  };

const gaussianProcess = (x: Value, y: Value): void => {
  const rho = sample('rho', Gamma(25, 4));
  const alpha = sample('alpha', HalfNormal(2));
  const sigma = sample('sigma', HalfNormal(1));
  sample('y', MultivariateNormal({ loc: ops.zeros([11]), covarianceMatrix: kernelMatrix(x, alpha, rho, sigma) }), { obs: y });
};

const poissonProcess = (x: Value, k: Value): void => {
  const rho = sample('rho', Gamma(25, 4));
  const alpha = sample('alpha', HalfNormal(2));
  const z = sample('z', Normal(0, 1).expand([11]));
  const f = deterministic('f', ops.dot(ops.cholesky(kernelMatrix(x, alpha, rho, 1e-10)), z));
  factor('k', ops.sum(ops.sub(ops.mul(k, f), ops.exp(f))));
};

/** Two numbers in order, with a flat density over such pairs. */
const orderedPair = (name: string): readonly [Value, Value] => {
  const low = flat(`${name}_low`);
  return [low, ops.add(low, flatPositive(`${name}_gap`))];
};

const hiddenMarkov = (y: Value): void => {
  const theta = [1, 2].map((row) => {
    const p = sample(`p${row}`, Uniform(0, 1));
    return deterministic(`theta${row}`, ops.stack([p, ops.sub(1, p)]));
  });
  const [low, high] = orderedPair('mu');
  const mu = deterministic('mu', ops.stack([low, high]));
  factor('prior', ops.add(Normal(3, 1).logProb(low), Normal(10, 1).logProb(high)));
  const transition = ops.log(ops.stack(theta));
  const emission = (at: Input): Value => Normal(mu, 1).logProb(at) as Value;
  const first = emission(ops.slice(y, [0], [1]));
  const [last] = scan(
    (weights: Value, at: Value): [Value, Value] => {
      const next = toTensor(ops.add(ops.logSumExp(ops.add(ops.reshape(weights, [2, 1]), transition), 0), emission(at)));
      return [next, ops.sum(next)];
    },
    first,
    ops.slice(y, [1], [99]),
  ) as [Value, unknown];
  factor('y', ops.logSumExp(last, 0));
};

const mixture = (y: Value): void => {
  const [low, high] = orderedPair('mu');
  deterministic('mu', ops.stack([low, high]));
  factor('prior', ops.add(Normal(0, 2).logProb(low), Normal(0, 2).logProb(high)));
  const sigma = sample('sigma', HalfNormal(2).expand([2]));
  const theta = sample('theta', Beta(5, 5));
  const at = (i: number): Value => toTensor(ops.reshape(ops.slice(sigma, [i], [1]), []));
  const first = ops.add(ops.log(theta), Normal(low, at(0)).logProb(y));
  const second = ops.add(ops.log1p(ops.neg(theta)), Normal(high, at(1)).logProb(y));
  factor('y', ops.sum(ops.logAddExp(first, second)));
};

type Numbers = readonly number[];
const rowsOf = (...columns: readonly Numbers[]): number[][] => columns[0]!.map((_, i) => columns.map((column) => column[i]!));
const ones = ({ length }: Numbers): Numbers => Array.from({ length }, () => 1);

/** All that are in the reference, by name. */
export const posteriors: readonly PosteriorCase[] = [
  {
    name: 'arK-arK',
    model: autoregression as Model,
    args: ({ y }: Readonly<Record<string, number[]>>) => [rowsOf(...[1, 2, 3, 4, 5].map((k) => y!.slice(5 - k, y!.length - k))), y!.slice(5)],
  },
  {
    name: 'earnings-logearn_height',
    model: regression as Model,
    args: ({ earn, height }: Readonly<Record<string, number[]>>) => [rowsOf(ones(earn!), height!), earn!.map(Math.log)],
  },
  { name: 'eight_schools-eight_schools_centered', model: schools(true) as Model, args: ({ y, sigma }) => [y, sigma], isHard: true },
  { name: 'eight_schools-eight_schools_noncentered', model: schools(false) as Model, args: ({ y, sigma }) => [y, sigma] },
  { name: 'gp_pois_regr-gp_pois_regr', model: poissonProcess as Model, args: ({ x, k }) => [x, k] },
  { name: 'gp_pois_regr-gp_regr', model: gaussianProcess as Model, args: ({ x, y }) => [x, y] },
  { name: 'hmm_example-hmm_example', model: hiddenMarkov as Model, args: ({ y }) => [y] },
  {
    name: 'kidiq-kidscore_interaction',
    model: interaction as Model,
    args: ({ mom_hs: hs, mom_iq: iq, kid_score: y }: Readonly<Record<string, number[]>>) => [
      rowsOf(
        ones(y!),
        hs!,
        iq!,
        hs!.map((x, i) => x * iq![i]!),
      ),
      y,
    ],
  },
  { name: 'low_dim_gauss_mix-low_dim_gauss_mix', model: mixture as Model, args: ({ y }) => [y] },
  {
    name: 'nes1996-nes',
    model: regression as Model,
    args: (d: Readonly<Record<string, number[]>>) => {
      const age = (k: number): Numbers => d['age_discrete']!.map((x) => Number(x === k));
      const { real_ideo: ideo, race_adj: race, educ1: educ, gender, income, partyid7: y } = d;
      return [rowsOf(ones(y!), ideo!, race!, age(2), age(3), age(4), educ!, gender!, income!), y];
    },
  },
];
