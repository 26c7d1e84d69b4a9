/** toArviz: a run as the text that ArviZ's `from_json` reads. */
import { array, type NDArray, type Nested } from '../../core/ndarray.ts';
import { checkOptions } from '../../core/options.ts';
import { toNDArray, type Input } from '../../core/value.ts';
import { drawsBySite, type DrawsBySite, type SiteDraws } from './draws.ts';

type ByName<A> = Readonly<Record<string, A>>;

export interface ArvizOptions {
  /** The labels of each dimension by its name. */
  readonly coords?: ByName<readonly (string | number)[]> | undefined;
  /** The names of the dimensions of each site. */
  readonly dims?: ByName<readonly string[]> | undefined;
  /** What `logLikelihood` gives, `[chains, draws, …]`. */
  readonly logLikelihood?: SiteDraws | undefined;
  /** What `Predictive` gives of the posterior, `[chains, draws, …]`. */
  readonly posteriorPredictive?: SiteDraws | undefined;
  /** Draws of the prior, and what `Predictive` gives of it, `[draws, …]`. */
  readonly prior?: SiteDraws | undefined;
  readonly priorPredictive?: SiteDraws | undefined;
  readonly observedData?: ByName<Input> | undefined;
  readonly constantData?: ByName<Input> | undefined;
}

/** What a run tells of its draws, by the names that ArviZ gives it. */
const STATS = {
  diverging: 'diverging',
  numSteps: 'n_steps',
  acceptProb: 'acceptance_rate',
  stepSize: 'step_size',
  energy: 'energy',
  treeDepth: 'tree_depth',
} as const;

/** Python reads NaN and Infinity without quotes, and ArviZ needs them as numbers. */
const text = (value: Nested): string => {
  if (Array.isArray(value)) return `[${(value as readonly Nested[]).map(text).join(',')}]`;
  return typeof value === 'number' && Object.is(value, -0) ? '-0.0' : String(value);
};

const group = (arrays: ByName<NDArray>): string =>
  `{${Object.entries(arrays)
    .map(([name, value]) => `${JSON.stringify(name)}:${text(value.toArray())}`)
    .join(',')}}`;

const exact = (values: ByName<Input>): ByName<NDArray> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toNDArray(value)]));

/** The statistics of a run; `lp`, the unnormalised log-density, is the potential energy with its sign turned. */
const sampleStats = (draws: DrawsBySite): ByName<NDArray> | undefined => {
  const { stats } = draws as { readonly stats?: ByName<NDArray> };
  if (stats === undefined || 'data' in stats) return undefined;
  const named = Object.entries(STATS).flatMap(([own, theirs]) => (stats[own] === undefined ? [] : [[theirs, stats[own]] as const]));
  const potential = stats['potentialEnergy'];
  return Object.fromEntries([
    ...named,
    ...(potential === undefined
      ? []
      : [
          [
            'lp',
            array(
              potential.data.map((u) => -u),
              potential.shape,
            ),
          ] as const,
        ]),
  ]);
};

/**
 * Writes a run as JSON for ArviZ: save it to a file and read that with `arviz.from_json`.
 *
 * @param draws - what MCMC gives, or arrays `[draws, …]` by site, as a guide gives them
 * @throws InvalidShape for arrays without an axis of draws
 * @see the schema of InferenceData, https://python.arviz.org/en/stable/schema/schema.html
 * @example
 * toArviz({ x: array([1, 2]) }); // {"posterior":{"x":[[1,2]]}}
 */
export const toArviz = (draws: DrawsBySite, options: ArvizOptions = {}): string => {
  checkOptions('toArviz', options, ['coords', 'dims', 'logLikelihood', 'posteriorPredictive', 'prior', 'priorPredictive', 'observedData', 'constantData']);
  const { logLikelihood, posteriorPredictive, prior, priorPredictive, observedData, constantData, coords, dims } = options;
  const chained = (values: SiteDraws | undefined): ByName<NDArray> | undefined => values && drawsBySite({ samples: values });
  const groups: ByName<ByName<NDArray> | undefined> = {
    posterior: drawsBySite(draws),
    sample_stats: sampleStats(draws),
    log_likelihood: chained(logLikelihood),
    posterior_predictive: chained(posteriorPredictive),
    prior: prior && drawsBySite(prior),
    prior_predictive: priorPredictive && drawsBySite(priorPredictive),
    observed_data: observedData && exact(observedData),
    constant_data: constantData && exact(constantData),
  };
  const written = Object.entries(groups).flatMap(([name, arrays]) => (arrays === undefined ? [] : [`${JSON.stringify(name)}:${group(arrays)}`]));
  const labels = Object.entries({ coords, dims }).flatMap(([name, value]) => (value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`]));
  return `{${[...written, ...labels].join(',')}}`;
};
