/** The moments of a truncated distribution, as integrals over its quantiles. */
import * as ops from '../../ops/index.ts';
import { broadcastShapes, type Shape } from '../../shape.ts';
import { asArray, type AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { unitNodes } from '../quadrature.ts';
import type { Bounds } from './supportEnds.ts';
import { logMassOf, type Tails } from './tails.ts';

const { add, concat, div, exp, expm1, log, minimum, mul, mulNoNan, neg, square, sub, sum, where } = ops;

/** Nodes that crowd at 0, as a quantile does that grows without bound; at 1 it is smooth. */
const { at: U, weights: WEIGHTS, count: COUNT } = unitNodes(-6, 3, 1 / 14);

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
  const full = [COUNT, ...logMass.shape];
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
