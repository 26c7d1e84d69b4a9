/** Draws of counts given that they are not 0. */
import { isKindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { poisson } from '../../random/counts.ts';
import { categorical, uniform } from '../../random/draws.ts';
import { split, type Key } from '../../random/key.ts';
import { gamma } from '../../random/variates.ts';
import type { Shape } from '../../shape.ts';
import { asArray, isConcrete, toNDArray, type AnyArray, type Input } from '../../value.ts';
import { ones } from '../axes.ts';
import type { Distribution } from '../distribution.ts';
import { membersOf } from './zeroMixture.ts';

const { add, div, equal, expm1, floor, less, lessEqual, log, log1p, maximum, mul, neg, sub, where } = ops;

/** When the first event of a Poisson process of rate 1 comes, given that one comes before `end`. */
const firstArrival = (key: Key, end: AnyArray, shape: Shape): AnyArray => neg(log1p(mul(uniform(key, shape), expm1(neg(end)))));

/** Poisson counts above 0: the first event, and those that come after it. */
export const positivePoisson = (key: Key, rate: AnyArray, shape: Shape): AnyArray => {
  const [forFirst, forRest] = split(key);
  return add(1, poisson(forRest, maximum(sub(rate, firstArrival(forFirst, rate, shape)), 0), shape));
};

/** Logarithmic counts 1, 2, 3 … of 1 − p = e^−scale: Kemp, "Efficient generation of logarithmically distributed pseudo-random variables" (1981). */
const logarithmic = (key: Key, scale: AnyArray, shape: Shape): AnyArray => {
  const [forShare, forSize] = split(key);
  const logShare = log(neg(expm1(neg(mul(uniform(forShare, shape), scale)))));
  return floor(add(1, div(log1p(neg(uniform(forSize, shape))), logShare)));
};

/**
 * Negative binomial counts above 0, by mean and concentration: they are sums of logarithmic counts at the events of a Poisson process that runs
 * for `concentration`. The first event, and what comes after it.
 */
export const positiveNegativeBinomial2 = (key: Key, mean: AnyArray, concentration: AnyArray, shape: Shape): AnyArray => {
  const [forFirst, forSize, forRate, forRest] = split(key, 4);
  const odds = div(mean, concentration);
  const rate = log1p(odds);
  const left = maximum(sub(concentration, div(firstArrival(forFirst!, mul(concentration, rate), shape), rate)), 0);
  return add(logarithmic(forSize!, rate, shape), poisson(forRest!, mul(gamma(forRate!, left, shape), odds), shape));
};

/** A member of a finite support in proportion to its probability, 0 left out. */
const listed = (base: Distribution, key: Key, shape: Shape): AnyArray => {
  const members = membersOf(base);
  const rank = base.batchShape.length;
  const logProbs = base.logProb(ops.reshape(members, [members.shape[0], ...ones(rank)]));
  const last = ops.transpose(logProbs, [...Array.from({ length: rank }, (_, i) => i + 1), 0]);
  return ops.gather(members, categorical(key, where(equal(members, 0), -Infinity, last), shape));
};

/** The range of a support without known bounds is below 2 to this power. */
const BITS = 52;

/** The least number of a support of whole numbers, and how many bits its range takes. */
const rangeOf = ({ support: { params } }: Distribution): readonly [low: Input, bits: number] => {
  const [low = 0, high] = [params['low'], params['high']];
  const isKnown = high !== undefined && isConcrete(asArray(low)) && isConcrete(asArray(high));
  if (!isKnown) return [low, BITS];
  const widest = sub(toNDArray(high), toNDArray(low)).data.reduce((a, b) => Math.max(a, b), 0);
  return [low, Math.ceil(Math.log2(widest + 1))];
};

/** The least number whose distribution function exceeds a uniform number outside the step at 0, bit by bit from the highest. */
const inverted = (base: Distribution, key: Key, shape: Shape): AnyArray => {
  const [low, bits] = rangeOf(base);
  const below = base.cdf(-1);
  const step = sub(base.cdf(0), below);
  const share = mul(uniform(key, shape), sub(1, step));
  const u = where(less(share, below), share, add(share, step));
  const found = Array.from({ length: bits }, (_, i) => 2 ** (bits - 1 - i)).reduce<AnyArray>(
    (k, by) => where(lessEqual(base.cdf(add(k, by - 1)), u), add(k, by), k),
    add(ops.zerosLike(u), low),
  );
  // Rounding may put the sum just below the step.
  return where(equal(found, 0), 1, found);
};

/** Whether the distribution function of the base is there to be inverted. */
const hasCdf = (base: Distribution): boolean => {
  try {
    base.cdf(0);
    return true;
  } catch (error) {
    if (isKindlingError(error) && error._tag === 'Unsupported' && base.hasEnumerateSupport) return false;
    throw error;
  }
};

/** Draws other than 0 of any distribution of whole numbers that has a distribution function, or whose support is finite. */
export const otherThanZero = (base: Distribution, key: Key, shape: Shape): AnyArray => (hasCdf(base) ? inverted : listed)(base, key, shape);
