/** SVI finds known posteriors and maximum-likelihood estimates: means over independent fits, within their Monte-Carlo error. */
import assert from 'node:assert/strict';
import {
  adam,
  array,
  AutoDiagonalNormal,
  constraints,
  dist,
  ops,
  param,
  plate,
  random,
  sample,
  SVI,
  TraceELBO,
  type Model,
  type NDArray,
  type Params,
} from '../../infer/kindling.ts';
import { toNumber } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { assertMean, variance } from '../laws/statistics.ts';
import { coin, coinGuide, throws } from './problems.ts';

const FITS = 6;

interface FitOptions {
  readonly count?: number;
  readonly rate?: number;
  readonly steps?: number;
}

/** The parameters of independent fits: of each, the average over its second half, at a rate that falls to nothing. */
const fits = (model: Model<[]>, guide: Model<[]>, { count = FITS, rate = 0.1, steps = 400 }: FitOptions = {}): readonly Params[] => {
  const falling = adam((step) => ops.mul(rate, ops.pow(0.02, ops.div(step, steps))));
  const svi = SVI(model, guide, falling, TraceELBO());
  return random.split(random.PRNGKey(31), count).map((key) => {
    let state = svi.init(key);
    const sums = new Map<string, NDArray>();
    for (let i = 0; i < steps; i++) {
      [state] = svi.update(state);
      if (i < steps / 2) continue;
      for (const [name, value] of Object.entries(state.params)) sums.set(name, ops.add(sums.get(name) ?? array(0), ops.div(value, steps / 2)));
    }
    return svi.getParams({ ...state, params: Object.fromEntries(sums) });
  });
};

/** What a function of the parameters is on average, over the fits. */
const assertFits = (all: readonly Params[], f: (params: Params) => number, expected: number, label: string): void => {
  const estimates = all.map(f);
  assertMean(estimates, expected, label);
  // An error that no bound could exceed would prove nothing.
  assert.ok(Math.sqrt(variance(estimates)) < 0.1 * Math.max(1, Math.abs(expected)), `${label}: the fits vary by ${Math.sqrt(variance(estimates))}`);
};

const at = (params: Params, name: string, i: number = 0): number => params[name]!.data[i]!;

/** Observations of three means, each with a prior of its own. */
const observed = array(
  Array.from({ length: 30 }, (_, i) => (i % 3) + Math.sin(11 * i)),
  [10, 3],
);
const priorScales = [0.5, 1, 3];
const noise = 2;

const conjugate = (): void => {
  const mu = sample('mu', dist.Normal(0, priorScales));
  sample('y', dist.Normal(mu, noise), { obs: observed });
};

/** Mean and standard deviation of the posterior of each mean: precisions add. */
const exactPosterior = priorScales.map((prior, j) => {
  const precision = 1 / prior ** 2 + 10 / noise ** 2;
  const sum = observed.data.filter((_, i) => i % 3 === j).reduce((a, b) => a + b);
  return { mean: sum / noise ** 2 / precision, sd: 1 / Math.sqrt(precision) };
});

laws('infer/svi: recovery', {
  'AutoDiagonalNormal finds the posterior of a conjugate normal model': () => {
    const all = fits(conjugate, AutoDiagonalNormal(conjugate));
    exactPosterior.forEach(({ mean, sd }, j) => {
      assertFits(all, (params) => at(params, 'auto_loc', j), mean, `loc ${j}`);
      assertFits(all, (params) => Math.log(at(params, 'auto_scale', j)), Math.log(sd), `log scale ${j}`);
    });
  },

  'minibatches find the same posterior': () => {
    const subsampled = (): void => {
      const mu = sample('mu', dist.Normal(0, priorScales));
      plate('rows', 10, { subsampleSize: 5, dim: -2 })((indices) => sample('y', dist.Normal(mu, noise), { obs: ops.gather(observed, indices) }));
    };
    const all = fits(subsampled, AutoDiagonalNormal(subsampled), { rate: 0.05, steps: 600 });
    exactPosterior.forEach(({ mean }, j) => assertFits(all, (params) => at(params, 'auto_loc', j), mean, `loc ${j}`));
  },

  // The ELBO is flat along a + b, where the noise of the gradient leaves more than Monte-Carlo error: elbo.test.ts has the exact part.
  'a Beta guide finds the posterior of a coin': () => {
    const model = (): void => void coin(throws);
    const exact = dist.Beta(9, 5);
    const [mean, sd] = [toNumber(exact.mean), Math.sqrt(toNumber(exact.variance))];
    for (const params of fits(model, () => coinGuide(), { count: 2, steps: 1500, rate: 0.05 })) {
      const found = dist.Beta(params['a'], params['b']);
      assert.ok(Math.abs(toNumber(found.mean) - mean) < 0.1 * sd, `mean ${toNumber(found.mean)}, expected ${mean}`);
      assert.ok(Math.abs(Math.sqrt(toNumber(found.variance)) / sd - 1) < 0.15, `sd ${Math.sqrt(toNumber(found.variance))}, expected ${sd}`);
    }
  },

  'a parameter of a model without latents becomes its maximum-likelihood estimate': () => {
    const data = [1, -2, 0.5, 3, -1.5];
    const model = (): void => void sample('y', dist.Normal(param('loc', 0), param('scale', 1, { constraint: constraints.positive })), { obs: data });
    const params = fits(model, () => undefined, { count: 1, steps: 1000 })[0]!;
    const mean = data.reduce((a, b) => a + b) / data.length;
    const sd = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    // Without draws there is no Monte-Carlo error: what is left is that of float32 gradients.
    assert.ok(Math.abs(at(params, 'loc') - mean) < 1e-4 && Math.abs(at(params, 'scale') - sd) < 1e-4, `${String(params['loc'])}, ${String(params['scale'])}`);
  },

  'empirical Bayes: the scale of a prior becomes that of the marginal likelihood': () => {
    const data = Array.from({ length: 20 }, (_, i) => 3 * Math.sin(5 * i + 1));
    const model = (): void => {
      const tau = param('tau', 1, { constraint: constraints.positive });
      plate(
        'groups',
        20,
      )(() => {
        const z = sample('z', dist.Normal(0, tau));
        sample('y', dist.Normal(z, 1), { obs: data });
      });
    };
    // y ~ N(0, τ² + 1), so the estimate of τ² is the mean square less 1.
    const expected = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / 20 - 1);
    assertFits(fits(model, AutoDiagonalNormal(model), { rate: 0.05, steps: 1000 }), (params) => Math.log(at(params, 'tau')), Math.log(expected), 'log tau');
  },
});
