/** NUTS on the posteriors of posteriordb: means, second moments and convergence against Stan's long reference runs. */
import assert from 'node:assert/strict';
import { MCMC, NUTS, random, type NDArray, type Posterior } from '../../../infer/kindling.ts';
import { laws } from '../../laws.ts';
import { reference } from '../../reference.ts';
import { posteriors, type PosteriorCase } from './posteriors.ts';
import { meanAndError, splitRhat } from './estimates.ts';

interface Summary {
  readonly params: Readonly<Record<string, { readonly mean: number; readonly mean_sq: number; readonly mcse_mean: number; readonly mcse_mean_sq: number }>>;
}

/** The draws of one number, by chain, under Stan's name of it. */
const chainsOf = (samples: Posterior['samples'], stanName: string): readonly Float64Array[] => {
  const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(stanName)!;
  const { data, shape } = samples[name!] as NDArray;
  const [chains, draws] = shape as [number, number];
  const size = data.length / chains / draws;
  const element = index === undefined ? 0 : Number(index) - 1;
  return Array.from({ length: chains }, (_, c) => Float64Array.from({ length: draws }, (__, d) => data[(c * draws + d) * size + element]!));
};

const check = async ({ name, model, args, isHard = false }: PosteriorCase): Promise<void> => {
  const data = reference<Readonly<Record<string, never>>>(`posteriordb/${name}/data.json`);
  const summary = reference<Summary>(`posteriordb/${name}/summary.json`);
  if (data === undefined || summary === undefined) return;
  const mcmc = MCMC(NUTS(model), { numWarmup: 1000, numSamples: 1000, numChains: 4 });
  const { samples, stats } = await mcmc.run(random.PRNGKey(1), args(data));
  const divergences = stats.diverging.data.reduce((a, b) => a + b, 0);
  if (isHard) assert.ok(divergences > 0, 'a centred funnel has divergences, and they are reported');
  for (const [param, expected] of Object.entries(summary.params)) {
    const chains = chainsOf(samples, param);
    const squares = chains.map((chain) => chain.map((x) => x * x));
    for (const [what, own, mean, error] of [
      ['mean', chains, expected.mean, expected.mcse_mean],
      ['mean of squares', squares, expected.mean_sq, expected.mcse_mean_sq],
    ] as const) {
      const found = meanAndError(own);
      const z = (found.mean - mean) / Math.hypot(found.error, error);
      // A funnel that can't be entered is missed by more than the error tells.
      if (!isHard) assert.ok(Math.abs(z) < 5, `${what} of ${param}: ${found.mean} ± ${found.error}, expected ${mean} ± ${error}: ${z} errors away`);
    }
    if (!isHard) assert.ok(splitRhat(chains) < 1.01, `R-hat of ${param} is ${splitRhat(chains)}`);
  }
};

laws('infer/mcmc: posteriordb', Object.fromEntries(posteriors.map((one) => [one.name, () => check(one)])));
