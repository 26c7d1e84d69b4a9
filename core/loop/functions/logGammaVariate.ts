/** Gamma variates, in logs. */
import { add, and, call, div, eq, gt, lt, mul, select, sqrt, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, repeatWhile, when } from '../procedure.ts';
import { erfinv } from './erfinv.ts';
import { log } from './log.ts';
import { threefryHigh, threefryLow, threefryUniform } from './threefry.ts';

/** A word that comes as an int32, or as what it is without a sign. */
const unsigned = (word: Expr): Expr => select(lt(word, 0), add(word, 2 ** 32), word);

/**
 * log x for x ~ Gamma(a, 1), the element at `index` of an array of variates: −Infinity at a = 0, NaN below, Infinity at Infinity. The key
 * is two words of 32 bits, with or without a sign.
 *
 * The key of the element is block `index` of the key; each of its own blocks gives one uniform number: block 0 the boost of shapes below 1,
 * for a variate of shape a is one of shape a + 1 times U^(1/a); then a normal and a uniform for each try. The variates are those of the
 * kernel RandomLogGamma, within 1e-12 max(1, |log x|).
 *
 * @see G. Marsaglia, W. W. Tsang: A simple method for generating gamma variables, ACM TOMS 26 (2000)
 */
export const logGammaVariate: ScalarFunction = defineRoutine('logGammaVariate', 4, (key0, key1, index, a) => {
  const [high, low, block] = [makeLocal('high'), makeLocal('low'), makeLocal('block')];
  const [x, v, logV, isDone] = [makeLocal('x'), makeLocal('v'), makeLocal('logV'), makeLocal('isDone')];
  const boost = makeLocal('boost');
  const [word0, word1] = [unsigned(key0), unsigned(key1)];
  const uniform = (at: Expr | number): Expr => call(threefryUniform, high.value, low.value, 0, at);
  const d = sub(select(lt(a, 1), add(a, 1), a), 1 / 3);
  const c = div(1, sqrt(mul(d, 9)));
  const cube = mul(mul(v.value, v.value), v.value);
  const bound = add(mul(mul(x.value, x.value), 0.5), mul(d, add(sub(1, cube), logV.value)));
  const attempt = [
    x.set(mul(call(erfinv, sub(mul(uniform(block.value), 2), 1)), Math.SQRT2)),
    v.set(add(mul(c, x.value), 1)),
    when(gt(v.value, 0), [logV.set(mul(call(log, v.value), 3)), when(lt(call(log, uniform(add(block.value, 1))), bound), [isDone.set(1)])]),
    block.set(add(block.value, 2)),
  ];
  const steps = [
    when(and(gt(a, 0), lt(a, Infinity)), [
      high.set(call(threefryHigh, word0, word1, 0, index)),
      low.set(call(threefryLow, word0, word1, 0, index)),
      when(lt(a, 1), [boost.set(div(call(log, uniform(0)), a))]),
      block.set(1),
      repeatWhile(eq(isDone.value, 0), attempt),
    ]),
  ];
  const variate = add(add(call(log, d), logV.value), boost.value);
  return { steps, result: select(gt(a, 0), select(lt(a, Infinity), variate, a), select(eq(a, 0), -Infinity, NaN)) };
});
