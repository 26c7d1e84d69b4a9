/** Gamma variates, in logs. */
import { abs, add, and, call, div, eq, ge, gt, lt, mul, neg, select, sqrt, sub, withShortForm, type Expr, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, repeatWhile, when } from '../procedure.ts';
import { erfinv, ERFINV_CENTRAL, erfinvOfCentral, erfinvOfTail } from './erfinv.ts';
import { withSignOf } from './hyperbolic.ts';
import { log } from './log.ts';
import { packedCoarse, packedUniform, threefryPacked } from './threefry.ts';

const attemptOf = (packed: Expr): { readonly signed: Expr; readonly coarse: Expr } => ({
  signed: sub(mul(packedUniform(packed), 2), 1),
  coarse: packedCoarse(packed),
});

/** Marsaglia and Tsang’s bound that takes no logarithm, from the square of the normal number. */
const sureBelow = (square: Expr): Expr => sub(1, mul(mul(square, square), 0.0331));

const byAttempts = defineRoutine('logGammaVariate', 4, (key0, key1, index, a) => {
  const [packed, attempt, isDone, boost] = [makeLocal('packed'), makeLocal('attempt'), makeLocal('isDone'), makeLocal('boost')];
  const [x, v, cube] = [makeLocal('x'), makeLocal('v'), makeLocal('cube')];
  const [d, c] = [makeLocal('d'), makeLocal('c')];
  const { signed, coarse } = attemptOf(packed.value);
  const tail = withSignOf(erfinvOfTail(sqrt(neg(call(log, sub(1, abs(signed)))))), signed);
  const square = mul(x.value, x.value);
  const bound = add(mul(square, 0.5), mul(d.value, add(sub(1, cube.value), call(log, cube.value))));
  const take = packed.set(call(threefryPacked, key0, key1, attempt.value, index));
  const tries = [
    attempt.set(add(attempt.value, 1)),
    take,
    when(lt(abs(signed), ERFINV_CENTRAL), [x.set(erfinvOfCentral(signed))], [x.set(tail)]),
    x.set(mul(x.value, Math.SQRT2)),
    v.set(add(mul(c.value, x.value), 1)),
    when(gt(v.value, 0), [
      cube.set(mul(mul(v.value, v.value), v.value)),
      when(lt(coarse, sureBelow(square)), [isDone.set(1)], [when(lt(call(log, coarse), bound), [isDone.set(1)])]),
    ]),
  ];
  const steps = [
    when(and(gt(a, 0), lt(a, Infinity)), [
      d.set(sub(a, 1 / 3)),
      when(lt(a, 1), [take, boost.set(div(call(log, packedUniform(packed.value)), a)), d.set(sub(add(a, 1), 1 / 3))]),
      c.set(div(1, sqrt(mul(d.value, 9)))),
      repeatWhile(eq(isDone.value, 0), tries),
    ]),
  ];
  const variate = add(call(log, mul(d.value, cube.value)), boost.value);
  return { steps, result: select(gt(a, 0), select(lt(a, Infinity), variate, a), select(eq(a, 0), -Infinity, NaN)) };
});

/**
 * log x for x ~ Gamma(a, 1), the element at `index` of an array of variates: −Infinity at a = 0, NaN below, Infinity at Infinity. The key
 * is two words of 32 bits, with or without a sign.
 *
 * Block [0, index] of the key gives the boost of shapes below 1, for a variate of shape a is one of shape a + 1 times U^(1/a); blocks
 * [1, index], [2, index] … a normal and a uniform number for an attempt each. Most attempts pass Marsaglia and Tsang’s bound that takes no
 * logarithm.
 *
 * @see G. Marsaglia, W. W. Tsang: A simple method for generating gamma variables, ACM TOMS 26 (2000)
 */
export const logGammaVariate: ScalarFunction = withShortForm(byAttempts, (key0, key1, index, a) => {
  const { signed, coarse } = attemptOf(call(threefryPacked, key0, key1, 1, index));
  const x = mul(call(erfinv, signed), Math.SQRT2);
  const square = mul(x, x);
  const d = sub(a, 1 / 3);
  const v = add(mul(div(1, sqrt(mul(d, 9))), x), 1);
  return {
    isKnown: and(and(ge(a, 1), lt(a, Infinity)), and(gt(v, 0), lt(coarse, sureBelow(square)))),
    value: add(call(log, mul(d, mul(mul(v, v), v))), 0),
  };
});
