/** The logarithm of the beta function. */
import { add, and, call, div, ge, gt, lt, mul, pmax, pmin, select, sub, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, when } from '../procedure.ts';
import { lgammaPositive } from './lgamma.ts';
import { log, log1p } from './log.ts';
import { lgammaDifference, stirlingCorrection, stirlingCorrectionDrop, STIRLING_FROM } from './stirling.ts';

const HALF_LOG_TWO_PI = 0.9189385332046728;

/**
 * log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a, b ≥ 0, also where one of them is huge and the three terms would cancel; +Infinity
 * where one of them is 0, NaN for negative arguments.
 *
 * Absolute error below 7e-16 max(1, |log B|) for 1e-8 < a, b < 1e100 (1,200 points against mpmath).
 *
 * @see A. R. DiDonato, A. H. Morris: Algorithm 708, ACM TOMS 18 (1992), BETALN
 */
export const lbeta: ScalarFunction = defineRoutine('lbeta', 2, (a, b) => {
  const value = makeLocal('value');
  const [small, large] = [pmin(a, b), pmax(a, b)];
  const ratio = div(small, large);
  const correction = add(call(stirlingCorrection, small), call(stirlingCorrectionDrop, large, small));
  const leading = add(sub(HALF_LOG_TWO_PI, mul(call(log, large), 0.5)), correction);
  const rest = sub(mul(sub(small, 0.5), call(log, div(ratio, add(ratio, 1)))), mul(large, call(log1p, ratio)));
  const ordinary = when(
    lt(small, STIRLING_FROM),
    [value.set(sub(call(lgammaPositive, small), call(lgammaDifference, large, small)))],
    [value.set(add(leading, rest))],
  );
  const extreme = value.set(select(gt(small, 0), -Infinity, select(lt(large, Infinity), Infinity, NaN)));
  const steps = [value.set(NaN), when(and(ge(a, 0), ge(b, 0)), [when(and(gt(small, 0), lt(large, Infinity)), [ordinary], [extreme])])];
  return { steps, result: value.value };
});
