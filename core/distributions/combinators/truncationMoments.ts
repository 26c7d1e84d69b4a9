/** The moments of a truncated distribution, as integrals over its quantiles. */
import { makeNDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { broadcastShapes, type Shape } from '../../shape.ts';
import { asArray, type AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import type { Bounds } from './supportEnds.ts';
import { logMassOf, type Tails } from './tails.ts';

const { add, concat, div, exp, expm1, log, minimum, mul, mulNoNan, neg, square, sub, sum, where } = ops;

/**
 * The double exponential rule on (0, 1) (Takahasi, Mori, "Double exponential formulas for numerical integration", 1974): u = σ(π sinh s), whose
 * nodes crowd at 0 as a quantile does that grows without bound; at 1 it is smooth.
 */
const STEP = 1 / 14;
const nodes = Array.from({ length: Math.round(9 / STEP) + 1 }, (_, i) => {
  const s = -6 + i * STEP;
  const at = Math.PI * Math.sinh(s);
  const u = 1 / (1 + Math.exp(-at));
  return { u, weight: (STEP * Math.PI * Math.cosh(s)) / (1 + Math.exp(-at)) / (1 + Math.exp(at)) };
});
const U = makeNDArray(
  Float64Array.from(nodes, ({ u }) => u),
  [nodes.length],
);
const WEIGHTS = makeNDArray(
  Float64Array.from(nodes, ({ weight }) => weight),
  [nodes.length],
);

/** Points and weights of a tail's probabilities, from e^`bottom` to the smaller of e^`top` and ½. */
const overTail = (
  quantile: (logP: AnyArray) => AnyArray,
  bottom: AnyArray | undefined,
  top: AnyArray | undefined,
  logMass: AnyArray,
): readonly [x: AnyArray, w: AnyArray] => {
  const end = top === undefined ? asArray(-Math.LN2) : minimum(top, -Math.LN2);
  const gap = bottom === undefined ? undefined : minimum(sub(bottom, end), 0);
  // How much of the tail's probability lies below the bottom, and how much above.
  const [rest, share] = gap === undefined ? [0, 1] : [exp(gap), neg(expm1(gap))];
  const rank = logMass.shape.length;
  const x = quantile(add(end, log(add(rest, mul(share, addAxes(U, rank))))));
  const full = [nodes.length, ...logMass.shape];
  // Where a probability is below all numbers its point may be infinite; it weighs nothing.
  return [
    ops.broadcastTo(where(ops.isFinite(x), x, 0), broadcastShapes(x.shape, full)),
    ops.broadcastTo(mul(mulNoNan(share, exp(sub(end, logMass))), addAxes(WEIGHTS, rank)), broadcastShapes(x.shape, full)),
  ];
};

/** Points (x − centre) / unit along a new first axis before the batch axes, and weights whose sums are expectations. */
export const expectationNodes = (tails: Tails, { low, high }: Bounds, batchShape: Shape): readonly [x: AnyArray, w: AnyArray] => {
  const logMass = ops.broadcastTo(logMassOf(tails, { low, high }), batchShape);
  const [below, beneath] = overTail(tails.quantile, low && tails.logCdf(low), high && tails.logCdf(high), logMass);
  const [above, beyond] = overTail(tails.upperQuantile, high && tails.logSurvival(high), low && tails.logSurvival(low), logMass);
  const weights = concat([beneath, beyond], 0);
  return [concat([below, above], 0), div(weights, sum(weights, 0, true))];
};

/** The mean of values at points by weights; a point that rounding has put beyond the support weighs nothing. */
export const expectation = (w: AnyArray, f: AnyArray): AnyArray => sum(mulNoNan(w, where(ops.isFinite(f), f, 0)), 0);

/** Mean and variance of points by weights. */
export const momentsOf = ([x, w]: readonly [AnyArray, AnyArray]): readonly [mean: AnyArray, variance: AnyArray] => {
  const mean = expectation(w, x);
  return [mean, expectation(w, square(sub(x, mean)))];
};
