/** Simulation-based calibration: parameters from the prior, data at them, and the rank of the truth among posterior draws is uniform. */
import assert from 'node:assert/strict';
import { dist, MCMC, NUTS, ops, plate, random, sample, seed, trace, type Input, type Model } from '../../../infer/kindling.ts';
import { toNDArray } from '../../../core/value.ts';
import { laws } from '../../laws.ts';

const normal = (y?: Input): void => {
  const mu = sample('mu', dist.Normal(0, 2));
  const sigma = sample('sigma', dist.Gamma(3, 2));
  plate('N', 6)(() => sample('y', dist.Normal(mu, sigma), { obs: y }));
};

const coin = (y?: Input): void => {
  const p = sample('p', dist.Beta(2, 2));
  plate('N', 8)(() => sample('y', dist.Bernoulli(p), { obs: y }));
};

const partialPooling = (y?: Input): void => {
  const tau = sample('tau', dist.HalfNormal(1));
  plate(
    'J',
    4,
  )(() => {
    const z = sample('z', dist.Normal(0, 1));
    sample('y', dist.Normal(ops.mul(tau, z), 1), { obs: y });
  });
};

/** Thinned draws: of nearly independent ones, ranks are uniform. */
const DRAWS = 31;
const BINS = 8;
const SIMULATIONS = 160;

const ranksOf = async (model: (y?: Input) => void, name: string): Promise<readonly number[]> => {
  const ranks: number[] = [];
  for (let s = 0; s < SIMULATIONS; s++) {
    const { sites } = trace(seed(random.PRNGKey(s))(model as Model))();
    const value = (site: string): readonly number[] => [...toNDArray((sites.get(site) as { readonly value: Input }).value).data];
    const kernel = NUTS(model as Model);
    const { samples } = await MCMC(kernel, { numWarmup: 200, numSamples: DRAWS * 6, thinning: 6 }).run(random.PRNGKey(1000 + s), [value('y')]);
    const [truth, draws] = [value(name)[0]!, samples[name]!];
    const size = draws.data.length / DRAWS;
    ranks.push(Array.from({ length: DRAWS }, (_, d) => draws.data[d * size]!).filter((x) => x < truth).length);
  }
  return ranks;
};

const law =
  (model: (y?: Input) => void, names: readonly string[]): (() => Promise<void>) =>
  async () => {
    for (const name of names) {
      const ranks = await ranksOf(model, name);
      const bins = new Float64Array(BINS);
      for (const rank of ranks) bins[Math.floor((rank * BINS) / (DRAWS + 1))]!++;
      const expected = SIMULATIONS / BINS;
      const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
      // With 7 degrees of freedom, 40.5 is exceeded with probability 1e-6.
      assert.ok(chiSquare < 40.5, `${name}: ${[...bins].join(', ')}`);
      const mean = ranks.reduce((a, b) => a + b) / SIMULATIONS;
      const error = Math.sqrt(((DRAWS + 1) ** 2 - 1) / 12 / SIMULATIONS);
      assert.ok(Math.abs(mean - DRAWS / 2) < 4.5 * error, `${name}: mean rank ${mean}`);
    }
  };

laws('infer/mcmc: calibration', {
  'a normal of unknown mean and scale': law(normal, ['sigma']),
  'a coin': law(coin, ['p']),
  'partial pooling': law(partialPooling, ['tau']),
});
