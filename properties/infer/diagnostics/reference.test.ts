/** Diagnostics against ArviZ's and NumPyro's. */
import assert from 'node:assert/strict';
import * as diagnostics from '../../../infer/diagnostics/index.ts';
import { laws } from '../../laws.ts';
import { assertClose, forEachEntry } from '../../laws/numeric.ts';
import { reference } from '../../reference.ts';

type Maybe = number | null;

interface ChainCase {
  readonly kind?: undefined;
  readonly name: string;
  readonly x: readonly (readonly number[])[];
  readonly quantiles: Readonly<Record<string, number>>;
  readonly hdi_50: readonly number[];
  readonly hdi_94: readonly number[];
  readonly numpyro_hpdi_90: readonly number[];
  readonly arviz_autocorr_chain0?: readonly number[];
  readonly numpyro_autocovariance_chain0?: readonly number[];
  readonly bfmi_as_energy?: readonly number[];
  readonly [field: string]: unknown;
}

interface LooCase {
  readonly kind: 'loo';
  readonly name: string;
  readonly log_likelihood: readonly (readonly (readonly number[])[])[];
  readonly [field: string]: unknown;
}

interface FitCase {
  readonly kind: 'gpdfit';
  readonly x: readonly number[];
  readonly khat: number;
  readonly sigmahat: number;
}

const numbers: Readonly<Record<string, (x: ChainCase['x']) => number>> = {
  ess_bulk: diagnostics.ess,
  ess_tail: diagnostics.essTail,
  ess_mean: diagnostics.essMean,
  ess_sd: diagnostics.essSd,
  ess_median: (x) => diagnostics.essQuantile(x, 0.5),
  ess_q10: (x) => diagnostics.essQuantile(x, 0.1),
  rhat_rank: diagnostics.rhat,
  mcse_mean: diagnostics.mcse,
  mcse_sd: diagnostics.mcseSd,
  mcse_median: diagnostics.mcseMedian,
  mcse_q05: (x) => diagnostics.mcseQuantile(x, 0.05),
  numpyro_effective_sample_size: diagnostics.effectiveSampleSize,
  numpyro_split_gelman_rubin: diagnostics.splitRhat,
  numpyro_gelman_rubin: diagnostics.gelmanRubin,
};

const tolerance = { relative: 1e-6 } as const;

const ofChains = (c: ChainCase): void => {
  for (const [field, of] of Object.entries(numbers)) {
    const expected = c[field] as Maybe | undefined;
    if (expected !== undefined && expected !== null) assertClose(of(c.x), expected, tolerance, field);
  }
  for (const [field, prob] of [
    ['hdi_50', 0.5],
    ['hdi_94', 0.94],
    ['numpyro_hpdi_90', 0.9],
  ] as const)
    assertClose([...diagnostics.hpdi(c.x, prob)], c[field], tolerance, field);
  const [first] = c.x;
  if (c.arviz_autocorr_chain0 !== undefined) {
    const lags = c.arviz_autocorr_chain0.length;
    assertClose([...diagnostics.autocorrelation(first!).data.slice(0, lags)], c.arviz_autocorr_chain0, { relative: 1e-6, absolute: 1e-12 }, 'autocorrelation');
    assertClose(
      [...diagnostics.autocovariance(first!).data.slice(0, lags)],
      c.numpyro_autocovariance_chain0!,
      { relative: 1e-6, absolute: 1e-9 },
      'autocovariance',
    );
  }
  if (c.bfmi_as_energy !== undefined) assertClose([...diagnostics.bfmi(c.x)], c.bfmi_as_energy, tolerance, 'bfmi');
};

const ofLikelihoods = (c: LooCase): void => {
  const close = { relative: 1e-6 } as const;
  const loo = diagnostics.loo(c.log_likelihood);
  const waic = diagnostics.waic(c.log_likelihood);
  for (const [actual, field] of [
    [loo.elpd, 'elpd_loo'],
    [loo.se, 'se'],
    [loo.pLoo, 'p_loo'],
    [loo.pointwise, 'loo_i'],
    [loo.khat, 'pareto_k'],
    [waic.elpd, 'elpd_waic'],
    [waic.se, 'waic_se'],
    [waic.pWaic, 'p_waic'],
    [waic.pointwise, 'waic_i'],
  ] as const)
    assertClose(actual, c[field] as number | readonly number[], close, field);
  const first = Float64Array.from(c.log_likelihood.flat(), (draw) => -draw[0]!);
  const expected = c['psis_log_weights_obs0_first10'] as readonly number[];
  assertClose([...diagnostics.paretoSmoothed(first).logWeights.slice(0, 10)], expected, close, 'log-weights');
};

const ofFit = (c: FitCase): void => {
  const { k, sigma } = diagnostics.fitPareto(Float64Array.from(c.x));
  assertClose([k, sigma], [c.khat, c.sigmahat], tolerance);
};

const cases = reference<{ readonly cases: readonly (ChainCase | LooCase | FitCase)[] }>('diagnostics.json')?.cases;

if (cases !== undefined) {
  const named = <C extends ChainCase | LooCase | FitCase>(keep: (c: ChainCase | LooCase | FitCase) => c is C): Readonly<Record<string, C>> =>
    Object.fromEntries(cases.filter(keep).map((c, i) => [`${i} ${'name' in c ? c.name : ''}`, c]));
  const chains = named((c): c is ChainCase => c.kind === undefined);
  laws('diagnostics, reference', {
    'there are cases': () => assert.ok(Object.keys(chains).length > 10),
    'of chains': () => forEachEntry(chains, ofChains),
    'of pointwise likelihoods': () =>
      forEachEntry(
        named((c): c is LooCase => c.kind === 'loo'),
        ofLikelihoods,
      ),
    'of Pareto fits': () =>
      forEachEntry(
        named((c): c is FitCase => c.kind === 'gpdfit'),
        ofFit,
      ),
  });
}
