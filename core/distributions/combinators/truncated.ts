/** Distributions cut to an interval: LeftTruncatedDistribution, RightTruncatedDistribution, TwoSidedTruncatedDistribution, TruncatedDistribution. */
import { greaterThanEq, interval, lessThanEq, real, type Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import { asArray, drawPrecision, isConcrete, toNDArray, type AnyArray, type Input } from '../../value.ts';
import { widened, withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { apartBy, arrayPart, commonBatch, namedParts, univariatePart } from './parts.ts';
import { endsOf, type Bounds } from './supportEnds.ts';
import { asTail, logMassOf, tailsOf, type Tails } from './tails.ts';
import { expectation, expectationNodes, momentsOf } from './truncationMoments.ts';

const { add, exp, greaterEqual, isFinite, lessEqual, log, log1p, logAddExp, logicalAnd, maximum, minimum, mul, neg, square, sub, where } = ops;

/** The smallest number from which a uniform is drawn, so that its logarithm is finite. */
const SMALLEST = { float64: 2 ** -1022, float32: 2 ** -126 } as const;

/** How to call a truncation: the base and its bounds by position, or what is left in one record. */
export interface Truncation<Bound extends 'low' | 'high'> {
  (parts: { readonly baseDist: Distribution } & { readonly [Name in Bound]?: Input | undefined }): Distribution;
  (baseDist: Distribution, bounds: { readonly [Name in Bound]?: Input | undefined }): Distribution;
  (baseDist: Distribution, ...bounds: readonly (Input | undefined)[]): Distribution;
}

/** The larger or smaller of two ends; of numbers that can be seen outside tfjs, so that a constructor leaves no tensor. */
const meet = (pick: typeof maximum, a: AnyArray | undefined, b: AnyArray | undefined): AnyArray | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return isConcrete(a) && isConcrete(b) ? pick(toNDArray(a), toNDArray(b)) : pick(a, b);
};

const supportOf = (base: Distribution, { low, high }: Bounds): Constraint => {
  const ends = endsOf(base.support);
  const [from, to] = [meet(maximum, low, ends.low), meet(minimum, high, ends.high)];
  if (from === undefined) return lessThanEq(to!);
  return to === undefined ? greaterThanEq(from) : interval(from, to);
};

const checkBounds = (name: string, { low, high }: Bounds): void => {
  if (low !== undefined) checkParam(name, 'low', low, real);
  if (high !== undefined) checkParam(name, 'high', high, real);
  if (low === undefined || high === undefined || !isConcrete(low) || !isConcrete(high)) return;
  if (lessEqual(toNDArray(high), toNDArray(low)).data.every((wrong) => wrong === 0)) return;
  throw kindlingError('InvalidParameter', {
    message: `parameter high of ${name} is invalid`,
    given: `low ${toNDArray(low).toString()}, high ${toNDArray(high).toString()}`,
    expected: 'high above low',
  });
};

/** A point from its place in units of the base. */
const placed = ({ centre, unit }: Tails, z: AnyArray): AnyArray => add(centre, mul(unit, z));

/** log F(x) of the base where x is log of a share `logQ` of the mass above the bound of log-probability `start`. */
const logShare = (start: AnyArray | undefined, logMass: AnyArray, logQ: AnyArray): AnyArray =>
  start === undefined ? add(logQ, logMass) : logAddExp(start, add(logQ, logMass));

/** Quantiles, each from the tail of the base in which it lies. */
const quantiles = (tails: Tails, { low, high }: Bounds, q: AnyArray): AnyArray => {
  const logMass = logMassOf(tails, { low, high });
  const below = logShare(low && tails.logCdf(low), logMass, log(q));
  const above = logShare(high && tails.logSurvival(high), logMass, log1p(neg(q)));
  const x = where(lessEqual(below, above), tails.quantile(asTail(below)), tails.upperQuantile(asTail(above)));
  const value = placed(tails, x);
  const raised = low === undefined ? value : maximum(value, low);
  return where(logicalAnd(greaterEqual(q, 0), lessEqual(q, 1)), high === undefined ? raised : minimum(raised, high), NaN);
};

const cdfOf = (tails: Tails, { low, high }: Bounds, feasible: (x: AnyArray) => AnyArray, x: AnyArray): AnyArray => {
  const isBelow = low === undefined ? undefined : lessEqual(x, low);
  const isAbove = high === undefined ? undefined : greaterEqual(x, high);
  const isOut = isBelow && isAbove ? ops.logicalOr(isBelow, isAbove) : (isBelow ?? isAbove)!;
  const inside = where(isOut, feasible(x), x);
  const logBelow = low === undefined ? tails.logCdf(inside) : tails.logMass(low, inside);
  const p = minimum(exp(sub(logBelow, logMassOf(tails, { low, high }))), 1);
  const raised = isBelow ? where(isBelow, 0, p) : p;
  return isAbove ? where(isAbove, 1, raised) : raised;
};

/** A finite moment where the base has it or both ends are cut off, else that of the tail that is left. */
const whereFinite = (ofBase: AnyArray, { low, high }: Bounds, moment: AnyArray, otherwise: number): AnyArray =>
  low !== undefined && high !== undefined ? moment : where(isFinite(ofBase), moment, otherwise);

export const truncate = (name: string, base: Distribution, bounds: Bounds): Distribution => {
  checkBounds(name, bounds);
  const { low, high } = bounds;
  const batchShape = commonBatch(name, { baseDist: base.batchShape, low: low?.shape ?? [], high: high?.shape ?? [] });
  // Made anew at each call: what it computes of the parameters is the asking method's, and goes with it.
  const tails = (): Tails => tailsOf(base);
  const support = supportOf(base, bounds);
  const nodes = () => expectationNodes(tails(), bounds, batchShape);
  const limits = [low, high].filter((bound) => bound !== undefined);
  return makeDistribution({
    name: `${name}(${base.name})`,
    params: { baseDist: base, ...(low && { low }), ...(high && { high }) },
    batchShape,
    eventShape: [],
    support,
    isReparameterized: base.isReparameterized,
    apart: apartBy(
      [{ fn: base, missing: batchShape.length - base.batchShape.length }],
      () => limits.map((bound) => withRank(bound, batchShape.length)),
      ([fn], given, lead) => widened(truncate(name, fn!, { low: low && given[0], high: high && given.at(-1) }), [...lead, ...batchShape]),
    ),
    draw: (key, shape) => quantiles(tails(), bounds, uniform(key, shape, { minval: SMALLEST[drawPrecision()] })),
    logProb: (x) => tails().logTruncated(x, bounds),
    mean: () => whereFinite(base.mean, bounds, placed(tails(), momentsOf(nodes())[0]), low === undefined ? -Infinity : Infinity),
    variance: () => whereFinite(base.variance, bounds, mul(square(tails().unit), momentsOf(nodes())[1]), Infinity),
    cdf: (x) => cdfOf(tails(), bounds, (at) => support.feasible(ops.broadcastTo(at, commonBatch(name, { value: at.shape, batchShape })).shape), x),
    icdf: (q) => quantiles(tails(), bounds, q),
    entropy: () => {
      const [x, w] = nodes();
      return neg(expectation(w, tails().logTruncated(placed(tails(), x), bounds)));
    },
  });
};

/**
 * LeftTruncatedDistribution(baseDist, low): `baseDist` given that x ≥ low, f(x) / (1 − F(low)).
 *
 * @param baseDist - a distribution of single numbers with `cdf` and `icdf`; exact however far in its tail `low` lies for Normal, Cauchy, Laplace,
 *   Logistic, SoftLaplace and StudentT
 * @param low - any number; 0 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 10.1
 * @example
 * dist.LeftTruncatedDistribution(dist.Normal(0, 1), 0).logProb(0); // -0.2257913526447274
 */
export const LeftTruncatedDistribution: Truncation<'low'> = (...args: readonly unknown[]) => {
  const name = 'LeftTruncatedDistribution';
  const { baseDist, low } = namedParts(name, ['baseDist', 'low'], args);
  return truncate(name, univariatePart(name, 'baseDist', baseDist), { low: arrayPart(low) ?? asArray(0) });
};

/**
 * RightTruncatedDistribution(baseDist, high): `baseDist` given that x ≤ high, f(x) / F(high).
 *
 * @param baseDist - as of LeftTruncatedDistribution
 * @param high - any number; 0 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 10.1
 * @example
 * dist.RightTruncatedDistribution(dist.Normal(0, 1), 0).cdf(-1); // 0.31731050786291
 */
export const RightTruncatedDistribution: Truncation<'high'> = (...args: readonly unknown[]) => {
  const name = 'RightTruncatedDistribution';
  const { baseDist, high } = namedParts(name, ['baseDist', 'high'], args);
  return truncate(name, univariatePart(name, 'baseDist', baseDist), { high: arrayPart(high) ?? asArray(0) });
};

/**
 * TwoSidedTruncatedDistribution(baseDist, low, high): `baseDist` given that low ≤ x ≤ high, f(x) / (F(high) − F(low)).
 *
 * @param baseDist - as of LeftTruncatedDistribution
 * @param low - any number; 0 by default
 * @param high - above `low`; 1 by default
 * @see Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 13, sec. 10.1
 * @example
 * dist.TwoSidedTruncatedDistribution(dist.Normal(0, 1), 20, 21).mean; // 20.04975306733975
 */
export const TwoSidedTruncatedDistribution: Truncation<'low' | 'high'> = (...args: readonly unknown[]) => {
  const name = 'TwoSidedTruncatedDistribution';
  const { baseDist, low, high } = namedParts(name, ['baseDist', 'low', 'high'], args);
  return truncate(name, univariatePart(name, 'baseDist', baseDist), { low: arrayPart(low) ?? asArray(0), high: arrayPart(high) ?? asArray(1) });
};

/**
 * TruncatedDistribution(baseDist, { low, high }): `baseDist` cut at `low`, at `high`, or at both; itself without either.
 *
 * @param baseDist - as of LeftTruncatedDistribution
 * @example
 * dist.TruncatedDistribution(dist.Normal(0, 1), { low: -1, high: 1 }).mean; // 0
 */
export const TruncatedDistribution: Truncation<'low' | 'high'> = (...args: readonly unknown[]) => {
  const { baseDist, low, high } = namedParts('TruncatedDistribution', ['baseDist', 'low', 'high'], args);
  const base = univariatePart('TruncatedDistribution', 'baseDist', baseDist);
  const bounds = { low: arrayPart(low), high: arrayPart(high) };
  if (bounds.low === undefined) return bounds.high === undefined ? base : truncate('RightTruncatedDistribution', base, bounds);
  return truncate(bounds.high === undefined ? 'LeftTruncatedDistribution' : 'TwoSidedTruncatedDistribution', base, bounds);
};
