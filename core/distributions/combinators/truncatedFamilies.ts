/** Families cut to an interval by name: TruncatedNormal, TruncatedCauchy, TruncatedGamma. */
import { nonnegative, positive } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import { asArray, type Input } from '../../value.ts';
import { Cauchy } from '../continuous/cauchy.ts';
import { Gamma } from '../continuous/gamma.ts';
import { Normal } from '../continuous/normal.ts';
import type { Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { arrayPart, namedParts, univariatePart } from './parts.ts';
import type { Bounds } from './supportEnds.ts';
import { truncate, TruncatedDistribution, type Truncation } from './truncated.ts';

/** How to call a truncated family: its parameters by position and the bounds in a record, or all in one record. */
interface TruncatedFamily<Names extends string> {
  (params: { readonly [Name in Names | 'low' | 'high']?: Input | undefined }): Distribution;
  (first: Input | undefined, rest: { readonly [Name in Names | 'low' | 'high']?: Input | undefined }): Distribution;
  (first?: Input | undefined, second?: Input | undefined, bounds?: { readonly low?: Input | undefined; readonly high?: Input | undefined }): Distribution;
}

/** The parameters of a family and its bounds apart. */
const split = (name: string, names: readonly string[], args: readonly unknown[]) => {
  const { low, high, ...params } = namedParts(name, [...names, 'low', 'high'], args) as Readonly<Record<string, Input>>;
  return { params, bounds: { low: arrayPart(low), high: arrayPart(high) } };
};

/**
 * TruncatedNormal(loc, scale, { low, high }): Normal(loc, scale) given that low ≤ x ≤ high; either bound may be missing.
 *
 * @param loc - the mean of the normal that is cut; 0 by default
 * @param scale - its standard deviation, positive; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 10.1
 * @example
 * dist.TruncatedNormal(0, 1, { low: 5 }).mean; // 5.186503967125842
 */
export const TruncatedNormal: TruncatedFamily<'loc' | 'scale'> = (...args: readonly unknown[]) => {
  const { params, bounds } = split('TruncatedNormal', ['loc', 'scale'], args);
  return TruncatedDistribution(Normal(params), bounds);
};

/**
 * TruncatedCauchy(loc, scale, { low, high }): Cauchy(loc, scale) given that low ≤ x ≤ high; either bound may be missing, and then the mean is infinite.
 *
 * @param loc - the median of the Cauchy that is cut; 0 by default
 * @param scale - positive; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 16
 * @example
 * dist.TruncatedCauchy(0, 1, { low: 0 }).icdf(0.5); // 1
 */
export const TruncatedCauchy: TruncatedFamily<'loc' | 'scale'> = (...args: readonly unknown[]) => {
  const { params, bounds } = split('TruncatedCauchy', ['loc', 'scale'], args);
  return TruncatedDistribution(Cauchy(params), bounds);
};

const gammaBase = (name: string, value: unknown): Distribution => {
  const base = univariatePart(name, 'baseDist', value);
  if (base.name === 'Gamma') return base;
  throw kindlingError('InvalidArgument', { message: `${name} cuts a Gamma`, given: base.name, remedy: 'Use TruncatedDistribution for others' });
};

/** A Gamma cut at bounds that lie on its half-line. */
const truncateGamma = (name: string, base: Distribution, bounds: Bounds): Distribution => {
  if (bounds.low !== undefined) checkParam(name, 'low', bounds.low, nonnegative);
  if (bounds.high !== undefined) checkParam(name, 'high', bounds.high, positive);
  return truncate(name, base, bounds);
};

/**
 * LeftTruncatedGamma(baseDist, low): a Gamma given that x ≥ low, f(x) / Q(a, rate low), a its concentration.
 *
 * @param baseDist - a Gamma
 * @param low - at least 0, which is the default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17, sec. 8.1
 * @example
 * dist.LeftTruncatedGamma(dist.Gamma(1, 2), 3).mean; // 3.5
 */
export const LeftTruncatedGamma: Truncation<'low'> = (...args: readonly unknown[]) => {
  const name = 'LeftTruncatedGamma';
  const { baseDist, low } = namedParts(name, ['baseDist', 'low'], args);
  return truncateGamma(name, gammaBase(name, baseDist), { low: arrayPart(low) ?? asArray(0) });
};

/**
 * RightTruncatedGamma(baseDist, high): a Gamma given that x ≤ high, f(x) / P(a, rate high), a its concentration.
 *
 * @param baseDist - a Gamma
 * @param high - positive; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17, sec. 8.1
 * @example
 * dist.RightTruncatedGamma(dist.Gamma(1, 2), 3).cdf(3); // 1
 */
export const RightTruncatedGamma: Truncation<'high'> = (...args: readonly unknown[]) => {
  const name = 'RightTruncatedGamma';
  const { baseDist, high } = namedParts(name, ['baseDist', 'high'], args);
  return truncateGamma(name, gammaBase(name, baseDist), { high: arrayPart(high) ?? asArray(1) });
};

/**
 * TwoSidedTruncatedGamma(baseDist, low, high): a Gamma given that low ≤ x ≤ high.
 *
 * @param baseDist - a Gamma
 * @param low - at least 0, which is the default
 * @param high - above `low`; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17, sec. 8.1
 * @example
 * dist.TwoSidedTruncatedGamma(dist.Gamma(1, 2), 30, 31).cdf(31); // 1
 */
export const TwoSidedTruncatedGamma: Truncation<'low' | 'high'> = (...args: readonly unknown[]) => {
  const name = 'TwoSidedTruncatedGamma';
  const { baseDist, low, high } = namedParts(name, ['baseDist', 'low', 'high'], args);
  return truncateGamma(name, gammaBase(name, baseDist), { low: arrayPart(low) ?? asArray(0), high: arrayPart(high) ?? asArray(1) });
};

/**
 * TruncatedGamma(concentration, rate, { low, high }): Gamma(concentration, rate) given that low ≤ x ≤ high; either bound may be missing.
 *
 * @param concentration - the shape, positive; 1 by default
 * @param rate - positive; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 17, sec. 8.1
 * @example
 * dist.TruncatedGamma(1, 2, { low: 3 }).logProb(3); // 0.6931471805599453
 */
export const TruncatedGamma: TruncatedFamily<'concentration' | 'rate'> = (...args: readonly unknown[]) => {
  const { params, bounds } = split('TruncatedGamma', ['concentration', 'rate'], args);
  const base = Gamma({ concentration: 1, rate: 1, ...params });
  const { low, high } = bounds;
  if (low === undefined && high === undefined) return base;
  return truncateGamma(low === undefined ? 'RightTruncatedGamma' : high === undefined ? 'LeftTruncatedGamma' : 'TwoSidedTruncatedGamma', base, bounds);
};
