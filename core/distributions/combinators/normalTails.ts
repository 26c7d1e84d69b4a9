/** The tails of the standard normal distribution, to full relative precision. */
import * as ops from '../../ops/index.ts';
import { makeNDArray } from '../../ndarray.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { addAxes } from '../axes.ts';
import type { Standard } from './standardTails.ts';

const { abs, add, div, erfcx, exp, greater, less, log, log1mExp, logNdtr, logSumExp, maximum, mul, ndtri, neg, sqrt, square, stopGradient, sub, where } = ops;

const LOG_SQRT_HALF_PI = 0.5 * Math.log(Math.PI / 2);

/** The Gauss–Legendre rule of eight points on (0, 1). */
const halves = [
  [0.18343464249564980494, 0.36268378337836198297],
  [0.52553240991632898582, 0.31370664587788728734],
  [0.7966664774136267396, 0.22238103445337447054],
  [0.96028985649753623168, 0.10122853629037625915],
] as const;
const rule = halves.flatMap(([x, w]) => [[(1 - x) / 2, w / 2] as const, [(1 + x) / 2, w / 2] as const]);
const NODES = makeNDArray(
  Float64Array.from(rule, ([x]) => x),
  [rule.length],
);
const LOG_WEIGHTS = makeNDArray(
  Float64Array.from(rule, ([, w]) => Math.log(w)),
  [rule.length],
);

/** log ∫₀^width eᶠ⁽ᵗ⁾ dt over an interval so short that f is nearly a line on it; points lie along a new first axis, before `rank` others. */
export const logShortIntegral = (f: (t: AnyArray) => AnyArray, width: AnyArray, rank: number): AnyArray =>
  add(log(width), logSumExp(add(f(mul(width, addAxes(NODES, rank))), addAxes(LOG_WEIGHTS, rank)), 0));

/** Both bounds turned about 0 so that the upper one is nearer to it, or the lower one beyond it. */
export const turned = (a: AnyArray, b: AnyArray): readonly [low: AnyArray, high: AnyArray] => {
  const flip = greater(add(a, b), 0);
  return [where(flip, neg(b), a), where(flip, neg(a), b)];
};

/** log ((F(high) − F(low)) / φ(min(high, 0))) √(2π)⁻¹: what divides the density when it is taken relative to the point of the interval nearest to 0. */
const relativeMass = (low: AnyArray, high: AnyArray, width: AnyArray): AnyArray => {
  const anchor = ops.minimum(high, 0);
  const isShort = less(mul(width, add(1, abs(high))), 0.5);
  const short = logShortIntegral(
    // (high² − z²)/2 at z = high − t, and the anchor for high where the interval reaches over 0.
    (t) => add(mul(t, sub(high, mul(0.5, t))), mul(0.5, sub(square(anchor), square(high)))),
    where(isShort, width, 0.25),
    high.shape.length,
  );
  const inTail = less(high, 0);
  const tail = relativeTail(where(inTail, high, -1), where(inTail, low, -2), where(inTail, width, 1));
  const centre = add(HALF_LOG_2PI, wideMass(where(inTail, -1, low), where(inTail, 1, high)));
  return where(isShort, short, where(inTail, tail, centre));
};

/** log √(π/2) (erfcx(−high/√2) − φ(low)/φ(high) erfcx(−low/√2)), high below 0. */
const relativeTail = (high: AnyArray, low: AnyArray, width: AnyArray): AnyArray => {
  const near = log(erfcx(mul(-Math.SQRT1_2, high)));
  const far = add(log(erfcx(mul(-Math.SQRT1_2, low))), mul(mul(0.5, width), add(low, high)));
  return add(LOG_SQRT_HALF_PI, add(near, log1mExp(maximum(sub(near, far), 1e-300))));
};

/** log (Φ(high) − Φ(low)) where the interval holds 0. */
const wideMass = (low: AnyArray, high: AnyArray): AnyArray => {
  const [small, large] = [logNdtr(low), logNdtr(high)];
  return add(large, log1mExp(maximum(sub(large, small), 1e-300)));
};

/** Below this log-probability the quantile is found in logs. */
const DEEP = -80;

/** The z with log Φ(z) = logP far in the tail, by Newton's method in the concave log Φ; the last step carries the derivative. */
const deepQuantile = (logP: AnyArray): AnyArray => {
  const target = stopGradient(logP);
  const step = (z: AnyArray, goal: AnyArray): AnyArray => {
    const below = logNdtr(z);
    const slope = exp(sub(sub(mul(-0.5, square(z)), HALF_LOG_2PI), below));
    return sub(z, div(sub(below, goal), slope));
  };
  const start = neg(sqrt(mul(-2, target)));
  const near = [0, 1, 2, 3].reduce<AnyArray>((z) => step(z, target), start);
  return step(stopGradient(near), logP);
};

export const normal: Standard = {
  logCdf: logNdtr,
  logMass: (a, b, width) => {
    const [low, high] = turned(a, b);
    return sub(relativeMass(low, high, width), add(HALF_LOG_2PI, mul(0.5, square(ops.minimum(high, 0)))));
  },
  quantile: (logP) => {
    const isDeep = less(logP, DEEP);
    const finite = ops.logicalAnd(isDeep, greater(logP, -1e300));
    return where(finite, deepQuantile(where(finite, logP, -2 * Math.abs(DEEP))), ndtri(where(finite, 0.5, exp(logP))));
  },
  logTruncated: (cut) => {
    const { z, low, high, width } = cut;
    if (low !== undefined && high !== undefined && width !== undefined) {
      const [from, to] = turned(low.at, high.at);
      // From the bound nearer to 0, unless 0 is inside.
      const anchor = ops.minimum(to, 0);
      const flip = greater(add(low.at, high.at), 0);
      const offset = where(flip, neg(low.distance), high.distance);
      const oriented = where(flip, neg(z), z);
      return sub(relativeDensity(oriented, where(less(to, 0), offset, oriented), anchor), relativeMass(from, to, width));
    }
    // One bound, turned to be the upper one.
    const bound = high ?? { at: neg(low!.at), distance: neg(low!.distance) };
    const oriented = high === undefined ? neg(z) : z;
    const inTail = less(bound.at, 0);
    const anchor = ops.minimum(bound.at, 0);
    const mass = where(inTail, add(LOG_SQRT_HALF_PI, log(erfcx(mul(-Math.SQRT1_2, anchor)))), add(HALF_LOG_2PI, logNdtr(maximum(bound.at, 0))));
    return sub(relativeDensity(oriented, where(inTail, bound.distance, oriented), anchor), mass);
  },
};

/** log φ(z) − log φ(anchor), z = anchor + offset. */
const relativeDensity = (z: AnyArray, offset: AnyArray, anchor: AnyArray): AnyArray => mul(-0.5, mul(offset, add(z, anchor)));
