/** Trials of one probability, as code. */
import { abs, add, call, defineFunction, eq, lt, mul, neg, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { poissonExponent } from './counts.ts';
import { twoProduct } from './doubleDouble.ts';
import { log, log1p } from './log.ts';

/** a − b and its rounding error, whichever is larger. */
const difference = (a: Expr, b: Expr): readonly [high: Expr, low: Expr] => {
  const high = sub(a, b);
  const other = sub(high, a);
  return [high, sub(sub(a, sub(high, other)), add(b, other))];
};

/** k (1 − p) − m p as if it were rounded once. */
export const trialExcess: ScalarFunction = defineFunction('trialExcess', 3, (k, m, p) => {
  const [ofK, ofM] = [twoProduct(k, p), twoProduct(m, p)];
  const [first, firstRest] = difference(k, ofK.high);
  const [second, secondRest] = difference(first, ofM.high);
  const rest = sub(sub(add(firstRest, secondRest), ofK.low), ofM.low);
  return select(lt(abs(rest), Infinity), add(second, rest), second);
});

const timesLog = (k: Expr, logarithm: Expr): Expr => select(eq(k, 0), 0, mul(k, logarithm));

/** k log p + m log(1 − p), where 0 of either outcome counts 0. */
export const logTrials: ScalarFunction = defineFunction('logTrials', 3, (k, m, p) => add(timesLog(k, call(log, p)), timesLog(m, call(log1p, neg(p)))));

/** k log(n p / k) + m log(n (1 − p) / m), n = k + m. */
export const trialExponent: ScalarFunction = defineFunction('trialExponent', 3, (k, m, p) => {
  const n = add(k, m);
  return add(call(poissonExponent, k, mul(n, p)), call(poissonExponent, m, mul(n, sub(1, p))));
});
