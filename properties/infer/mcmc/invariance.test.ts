/** Transitions leave the posterior as it is: from exact draws to exact draws, and jointly with the data. */
import assert from 'node:assert/strict';
import { dist, random, sample } from '../../../infer/kindling.ts';
import type { ChainSettings } from '../../../infer/mcmc/settings.ts';
import { laws } from '../../laws.ts';
import { chainOf, numbers, problemOf } from './gaussians.ts';

const normals = (): void => {
  sample('x', dist.Normal(1, 2));
  sample('y', dist.Normal(-1, 0.5).expand([2]));
};

const kernels: Readonly<Record<string, Partial<ChainSettings>>> = {
  NUTS: {},
  'NUTS, shallow': { maxTreeDepth: [2, 2] },
  'NUTS, coarse': { stepSize: 0.9 },
  'NUTS, extra checks': { extraTurningChecks: true },
  'HMC, a length': { algorithm: 'HMC', trajectoryLength: 1 },
  'HMC, steps': { algorithm: 'HMC', numSteps: 3, stepSize: 0.6 },
};

/** Holds the mean of numbers of known mean and variance against them. */
const check = (what: string, xs: readonly number[], mean: number, variance: number): void => {
  const found = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const error = Math.sqrt(variance / xs.length);
  assert.ok(Math.abs(found - mean) < 4.5 * error, `${what}: ${found}, expected ${mean} ± ${error}`);
};

laws('infer/mcmc: invariance', {
  'exact draws of a Gaussian stay exact draws after two transitions': () => {
    for (const dense of [false, true]) {
      const problem = problemOf(normals, dense);
      for (const [name, own] of Object.entries(kernels)) {
        const chain = chainOf(problem, { stepSize: 0.5, ...own });
        const inverseMass = dense ? Float64Array.of(3, 0.4, 0, 0.4, 0.5, 0.1, 0, 0.1, 0.2) : Float64Array.of(2, 0.3, 1);
        const after = Array.from({ length: 4000 }, (_, i) => {
          const [a, b, c] = numbers(i, 3) as unknown as [number, number, number];
          chain.start([17, i], 0, [1 + 2 * a, -1 + 0.5 * b, -1 + 0.5 * c], inverseMass);
          chain.step();
          chain.step();
          const [x, y, z] = chain.current.q as unknown as [number, number, number];
          return [(x - 1) / 2, (y + 1) / 0.5, (z + 1) / 0.5] as const;
        });
        for (const k of [0, 1, 2]) {
          const xs = after.map((at) => at[k]!);
          check(`${name}: mean ${k}`, xs, 0, 1);
          check(
            `${name}: square ${k}`,
            xs.map((x) => x * x),
            1,
            2,
          );
          check(
            `${name}: cube ${k}`,
            xs.map((x) => x ** 3),
            0,
            15,
          );
        }
        check(
          `${name}: covariance`,
          after.map(([x, y]) => x * y),
          0,
          1,
        );
        check(
          `${name}: covariance of a site`,
          after.map(([, y, z]) => y * z),
          0,
          1,
        );
      }
    }
  },

  'Geweke’s joint test: data drawn anew at the parameters, then all moved by the kernel, stay in the joint distribution': () => {
    const joint = (): void => {
      const mu = sample('mu', dist.Normal(0, 1));
      const sigma = sample('sigma', dist.Gamma(4, 4));
      sample('y', dist.Normal(mu, sigma).expand([3]));
    };
    const problem = problemOf(joint);
    // E y² = E (μ² + σ²) at each of the three.
    const moments = (mu: number, sigma: number, y: Float64Array): readonly number[] => [
      mu,
      mu * mu,
      sigma,
      sigma * sigma,
      mu * sigma,
      mu * y[0]!,
      y[1]! * y[2]!,
    ];
    const expected = [0, 1, 1, 1.25, 0, 1, 1];
    for (const own of [{}, { algorithm: 'HMC', trajectoryLength: 1.5 }] as const) {
      const chain = chainOf(problem, { stepSize: 0.4, ...own });
      const [runs, length] = [400, 30];
      // Means of runs that begin with exact draws: independent of each other, whatever the correlation within.
      const means = Array.from({ length: runs }, (_, run) => {
        let mu = numbers(run, 1)[0]!;
        let sigma = random.gamma(random.PRNGKey(run), 4).item() / 4;
        const sums = expected.map(() => 0);
        for (let t = 0; t < length; t++) {
          const y = numbers(10_000 + run * length + t, 3).map((e) => mu + sigma * e);
          chain.start([run, t], 0, [mu, Math.log(sigma), ...y]);
          chain.step();
          [mu, sigma] = [chain.current.q[0]!, Math.exp(chain.current.q[1]!)];
          moments(mu, sigma, chain.current.q.slice(2)).forEach((x, k) => (sums[k]! += x / length));
        }
        return sums;
      });
      expected.forEach((mean, k) => {
        const xs = means.map((one) => one[k]!);
        const average = xs.reduce((a, b) => a + b) / runs;
        check(`moment ${k}`, xs, mean, xs.reduce((sum, x) => sum + (x - average) ** 2, 0) / (runs - 1));
      });
    }
  },
});
