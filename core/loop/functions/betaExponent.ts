/** Where a point stands against the mean of a beta distribution, without the cancellation that large parameters bring. */
import { abs, add, call, defineFunction, div, lt, mul, neg, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { twoProduct } from './doubleDouble.ts';
import { log } from './log.ts';
import { log1pmx } from './log1pmx.ts';

/** (a + b) t − c without the rounding of the sum and of the product, which a large a or b would magnify. */
const weighed = (a: Expr, b: Expr, t: Expr, c: Expr): Expr => {
  const r = add(a, b);
  const { high, low } = twoProduct(r, t);
  const isTurned = lt(a, b);
  const sumRest = sub(select(isTurned, a, b), sub(r, select(isTurned, b, a)));
  return add(sub(high, c), add(low, mul(sumRest, t)));
};

/** (a + b) x − a, from the smaller of x and y = 1 − x. */
export const betaExcess: ScalarFunction = defineFunction('betaExcess', 4, (a, b, x, y) => {
  const isLow = lt(x, y);
  const value = weighed(a, b, select(isLow, x, y), select(isLow, a, b));
  return select(isLow, value, neg(value));
});

/** log(r) − (r − 1), with r − 1 = u given exactly enough where r is near 1. */
const logExcess = (u: Expr, r: Expr): Expr => select(lt(abs(u), 0.6), call(log1pmx, u), sub(call(log, r), u));

/**
 * a log(x/p) + b log(y/q) ≤ 0 for p = a / (a + b) and q = 1 − p: the exponent of x^a y^b against its maximum, from `betaExcess`. The parts
 * that are linear in x/p − 1 and y/q − 1 cancel exactly and are left out.
 */
export const betaExponent: ScalarFunction = defineFunction('betaExponent', 5, (a, b, x, y, excess) => {
  const r = add(a, b);
  const lower = mul(a, logExcess(div(excess, a), mul(x, div(r, a))));
  return add(lower, mul(b, logExcess(neg(div(excess, b)), mul(y, div(r, b)))));
});
