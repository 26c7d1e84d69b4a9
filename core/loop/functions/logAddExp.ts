/** The logarithm of a sum of two exponentials. */
import { abs, add, call, defineFunction, eq, max, neg, select, sub, type ScalarFunction } from '../expression.ts';
import { exp } from './exp.ts';
import { log1p } from './log.ts';

/** log(eᵃ + eᵇ) = max(a, b) + log(1 + e^−|a − b|). */
export const logAddExp: ScalarFunction = defineFunction('logAddExp', 2, (a, b) => {
  // Equal infinities have no difference.
  const gap = select(eq(a, b), 0, sub(a, b));
  return add(max(a, b), call(log1p, call(exp, neg(abs(gap)))));
});
