/** The distribution of values that are known by an interval. */
import { boolean } from '../../constraints/index.ts';
import { constraint, type Constraint } from '../../constraints/constraint.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray, Input } from '../../value.ts';
import { widened, withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';
import { apartBy, arrayPart, commonBatch, namedParts, univariatePart } from './parts.ts';
import { tailsOf } from './tails.ts';

const { abs, add, lessEqual, logAddExp, logicalAnd: and, logicalNot: not, logicalOr: or, mul, sub, where } = ops;

interface Flags {
  readonly left: AnyArray;
  readonly right: AnyArray;
}

const ends = (value: AnyArray): readonly [lower: AnyArray, upper: AnyArray] => {
  const [lower, upper] = ops.unstack(value, value.shape.length - 1);
  return [lower!, upper!];
};

/** Both ends equal up to rounding, by NumPy's `isclose`: a value that is known. */
const isPoint = (lower: AnyArray, upper: AnyArray): AnyArray => lessEqual(abs(sub(lower, upper)), add(1e-8, mul(1e-5, abs(upper))));

/** Pairs of which the ends that count lie in the support of the base, in order. */
const intervals = (base: Constraint, { left, right }: Flags): Constraint =>
  constraint('censoredInterval', {
    name: `pairs of ${base.name}`,
    eventDim: 1,
    params: { left, right },
    check: (value) => {
      const [lower, upper] = ends(value);
      const [isLow, isHigh] = [base.check(lower), base.check(upper)];
      const inOrder = or(ops.less(lower, upper), and(not(or(left, right)), isPoint(lower, upper)));
      const oneEnded = where(left, isHigh, isLow);
      return where(ops.logicalXor(left, right), oneEnded, and(and(isLow, isHigh), inOrder));
    },
    feasible: (shape) => {
      const lower = base.feasible(shape.slice(0, -1));
      return ops.broadcastTo(ops.stack([lower, lower], shape.length - 1), shape);
    },
  });

const NAME = 'IntervalCensoredDistribution';

/**
 * IntervalCensoredDistribution(baseDist, leftCensored, rightCensored): of pairs (lower, upper) between which a value lies. A pair counts
 * log (F(upper) − F(lower)), or log f where the two are equal; log F(upper) where it is left-censored, log (1 − F(lower)) where it is
 * right-censored, and where it is both, the value being outside, log (F(lower) + 1 − F(upper)). The end that does not count may be anything.
 *
 * @param baseDist - a distribution of single numbers that has a `cdf`; a draw is the pair of a draw of it with itself
 * @param leftCensored - 0 or 1, for each observation; 0 by default
 * @param rightCensored - 0 or 1, for each observation; 0 by default
 * @see Klein, Moeschberger, Survival Analysis, sec. 3.5
 * @example
 * dist.IntervalCensoredDistribution(dist.Exponential(1), 0, [0, 1]).logProb([1, 2]); // [-1.4586751453870819, -1]
 */
export const IntervalCensoredDistribution: {
  (parts: { readonly baseDist: Distribution; readonly leftCensored?: Input | undefined; readonly rightCensored?: Input | undefined }): Distribution;
  (baseDist: Distribution, leftCensored?: Input | undefined, rightCensored?: Input | undefined): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const given = namedParts(NAME, ['baseDist', 'leftCensored', 'rightCensored'], args);
  const base = univariatePart(NAME, 'baseDist', given['baseDist']);
  if (base.isDiscrete) {
    throw kindlingError('InvalidArgument', {
      message: `baseDist of ${NAME} must be continuous`,
      given: base.name,
      remedy: 'Of counts, F(upper) − F(lower) leaves the lower one out: add the masses instead',
    });
  }
  const left = arrayPart(given['leftCensored']) ?? ops.zeros([]);
  const right = arrayPart(given['rightCensored']) ?? ops.zeros([]);
  checkParam(NAME, 'leftCensored', left, boolean);
  checkParam(NAME, 'rightCensored', right, boolean);
  const batchShape = commonBatch(NAME, { baseDist: base.batchShape, leftCensored: left.shape, rightCensored: right.shape });
  const pair = (x: AnyArray): AnyArray => ops.stack([x, x], x.shape.length);
  return makeDistribution({
    name: `${NAME}(${base.name})`,
    params: { baseDist: base, leftCensored: left, rightCensored: right },
    batchShape,
    eventShape: [2],
    support: intervals(base.support, { left, right }),
    isReparameterized: base.isReparameterized,
    apart: apartBy(
      [{ fn: base, missing: batchShape.length - base.batchShape.length }],
      () => [withRank(left, batchShape.length), withRank(right, batchShape.length)],
      ([fn], [l, r], lead) => widened(IntervalCensoredDistribution(fn!, l, r), [...lead, ...batchShape]),
    ),
    draw: (key, shape) => pair(base.expand(shape).sample(key)),
    logProb: (value) => {
      const tails = tailsOf(base);
      const [lower, upper] = ends(value);
      // Each end is looked at where it counts alone; elsewhere a point of the support stands for it.
      const inside = (x: AnyArray, counts: AnyArray): AnyArray => where(counts, x, base.support.feasible(x.shape));
      const [usesLower, usesUpper] = [or(not(left), right), or(not(right), left)];
      const [from, to] = [inside(lower, usesLower), inside(upper, usesUpper)];
      const isBetween = not(or(left, right));
      const isKnown = and(isBetween, isPoint(lower, upper));
      const [start, end] = apartBounds(and(isBetween, not(isKnown)), from, to);
      const oneEnded = where(left, tails.logCdf(to), tails.logSurvival(from));
      const between = where(isKnown, base.logProb(from), tails.logMass(start, end));
      const outside = logAddExp(tails.logCdf(from), tails.logSurvival(to));
      return where(ops.logicalXor(left, right), oneEnded, where(and(left, right), outside, between));
    },
    mean: () => pair(base.mean),
    variance: () => pair(base.variance),
  });
};

/** The bounds of an interval where it is one, and others apart from each other elsewhere, so that no gradient there is NaN. */
const apartBounds = (isInterval: AnyArray, from: AnyArray, to: AnyArray): readonly [AnyArray, AnyArray] => [
  where(isInterval, from, sub(from, 1)),
  where(isInterval, to, add(from, 1)),
];
