/** Predictive accuracy from one fit: leave-one-out cross-validation by smoothed importance weights, and WAIC. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { array, makeNDArray, type NDArray, type Nested } from '../../core/ndarray.ts';
import { isArray } from '../../core/value.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { variance } from './chains.ts';
import { logSumExp, paretoSmoothed } from './psis.ts';

/** The log-likelihood of each observation at each draw, `[chains, draws, …observations]`. */
export type PointwiseLogLikelihood = NDArray | Nested;

export interface Loo {
  /** The expected log pointwise predictive density for new data. */
  readonly elpd: number;
  /** Its standard error. */
  readonly se: number;
  /** The effective number of parameters. */
  readonly pLoo: number;
  /** k̂ of each observation: above 0.7, the fit without it is too far from the fit with it. */
  readonly khat: NDArray;
  readonly pointwise: NDArray;
}

export interface Waic {
  readonly elpd: number;
  readonly se: number;
  readonly pWaic: number;
  readonly pointwise: NDArray;
}

interface Columns {
  readonly columns: readonly Float64Array[];
  readonly shape: readonly number[];
}

/** One NaN would make every sum NaN, and not say where it came from. −∞ is a density of 0, which is one. */
const checkNumbers = ({ data, shape }: NDArray): void => {
  const count = data.reduce((sum, x) => sum + Number(Number.isNaN(x)), 0);
  if (count === 0) return;
  const size = sizeOf(shape.slice(2));
  const first = data.findIndex(Number.isNaN);
  const observations = new Set(Array.from(data, (x, i) => (Number.isNaN(x) ? i % size : -1)).filter((i) => i >= 0)).size;
  throw kindlingError('NonFinite', {
    message: 'the log-likelihood holds NaN',
    given: `${count} of ${data.length} values, in ${observations} of ${size} observations; the first at observation ${first % size} in draw ${Math.floor(first / size)}`,
    remedy: 'Look at what logLikelihood(model, posterior, …) is at that draw: parameters or data that are NaN or infinite, or 0 · ∞ in the model',
  });
};

/** The draws of each observation, all chains together. */
const columnsOf = (logLikelihood: PointwiseLogLikelihood): Columns => {
  const given: unknown = logLikelihood;
  if (typeof given !== 'object' || given === null || !(Array.isArray(given) || isArray(given))) {
    throw kindlingError('InvalidArgument', {
      message: 'the log-likelihood of one site was expected',
      given: typeof given === 'object' && given !== null ? `a record of ${Object.keys(given).join(', ')}` : String(given),
      expected: 'an array [chains, draws, …observations]',
      remedy: 'Take that of a site, logLikelihood(model, posterior, …).y',
    });
  }
  const values = array(logLikelihood);
  const { data, shape } = values;
  const [chains = 0, draws = 0] = shape;
  const count = data.length / (chains * draws);
  if (shape.length < 2 || data.length === 0) {
    throw kindlingError('InvalidShape', {
      message: 'the log-likelihood has a value for each chain, draw and observation',
      given: showShape(shape),
      expected: '[chains, draws, …observations]',
    });
  }
  checkNumbers(values);
  return {
    columns: Array.from({ length: count }, (_, i) => Float64Array.from({ length: chains * draws }, (__, s) => data[s * count + i]!)),
    shape: shape.slice(2),
  };
};

const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);

/** The log of the mean density of an observation over the draws. */
const logMeanExp = (x: Float64Array): number => logSumExp(x) - Math.log(x.length);

/** √(n Var) of pointwise values: the standard error of their sum. */
const standardError = (pointwise: Float64Array): number => Math.sqrt(pointwise.length * variance(pointwise, 0));

/**
 * Leave-one-out cross-validation by Pareto-smoothed importance sampling, as ArviZ's `loo`.
 *
 * @param logLikelihood - `[chains, draws, …observations]`, as `logLikelihood` gives it for one site
 * @param options - `reff`: the relative efficiency of the draws, 1 by default
 * @throws InvalidShape for an array without axes of chains and draws; NonFinite for NaN
 * @see Vehtari, Gelman, Gabry (2017), Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC, eq. 10
 */
export const loo = (logLikelihood: PointwiseLogLikelihood, options: { readonly reff?: number | undefined } = {}): Loo => {
  checkOptions('loo', options, ['reff']);
  const { reff = 1 } = options;
  const { columns, shape } = columnsOf(logLikelihood);
  const each = columns.map((column) => {
    const { logWeights, khat } = paretoSmoothed(
      column.map((value) => -value),
      reff,
    );
    return { elpd: logSumExp(logWeights.map((weight, s) => weight + column[s]!)), khat, lpd: logMeanExp(column) };
  });
  const pointwise = Float64Array.from(each, ({ elpd }) => elpd);
  const elpd = sum(pointwise);
  return {
    elpd,
    se: standardError(pointwise),
    pLoo: sum(Float64Array.from(each, ({ lpd }) => lpd)) - elpd,
    khat: makeNDArray(
      Float64Array.from(each, ({ khat }) => khat),
      shape,
    ),
    pointwise: makeNDArray(pointwise, shape),
  };
};

/**
 * The widely applicable information criterion on the scale of the log-density, as ArviZ's `waic`.
 *
 * @param logLikelihood - `[chains, draws, …observations]`
 * @throws InvalidShape for an array without axes of chains and draws; NonFinite for NaN
 * @see Watanabe (2010), Asymptotic equivalence of Bayes cross validation and WAIC; Vehtari, Gelman, Gabry (2017), eq. 12
 */
export const waic = (logLikelihood: PointwiseLogLikelihood): Waic => {
  const { columns, shape } = columnsOf(logLikelihood);
  const penalties = columns.map((column) => variance(column, 0));
  const pointwise = Float64Array.from(columns, (column, i) => logMeanExp(column) - penalties[i]!);
  return { elpd: sum(pointwise), se: standardError(pointwise), pWaic: penalties.reduce((a, b) => a + b, 0), pointwise: makeNDArray(pointwise, shape) };
};
