/** What the incomplete beta function begins with: x^a y^b / (a B(a, b)), and its logarithmic derivatives in the parameters. */
import { add, call, defineFunction, div, eq, le, lt, mul, neg, pmax, pmin, select, sqrt, sub, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, when } from '../procedure.ts';
import { betaExcess, betaExponent } from './betaExponent.ts';
import { exp } from './exp.ts';
import { lgamma1p, lgammaPositive } from './lgamma.ts';
import { log, log1p } from './log.ts';
import { digammaDifference, lgammaDifference, stirlingCorrection, STIRLING_FROM } from './stirling.ts';

/** log x, from y = 1 − x where x is near 1. */
export const logOfPart: ScalarFunction = defineFunction('logOfPart', 2, (x, y) => select(lt(x, 0.5), call(log, x), call(log1p, neg(y))));

/** x^a y^b / (a B(a, b)) for a, b > 0 and x + y = 1, neither 0. */
export const betaLead: ScalarFunction = defineRoutine('betaLead', 4, (a, b, x, y) => {
  const [value, constant] = [makeLocal('value'), makeLocal('constant')];
  // 1 / (a B(a, b)) = Γ(a + b) / (Γ(a + 1) Γ(b)) has no pole at a = 0.
  const byLogarithms = [
    when(le(a, b), [constant.set(call(lgamma1p, a))], [constant.set(add(call(lgammaPositive, b), call(log, a)))]),
    constant.set(sub(call(lgammaDifference, pmax(a, b), pmin(a, b)), constant.value)),
    value.set(call(exp, add(add(mul(a, call(logOfPart, x, y)), mul(b, call(logOfPart, y, x))), constant.value))),
  ];
  const r = add(a, b);
  const correction = sub(sub(call(stirlingCorrection, r), call(stirlingCorrection, a)), call(stirlingCorrection, b));
  const exponent = call(betaExponent, a, b, x, y, call(betaExcess, a, b, x, y));
  const fromMean = value.set(mul(call(exp, add(exponent, correction)), sqrt(div(div(div(b, r), a), 2 * Math.PI))));
  return { steps: [when(lt(pmin(a, b), STIRLING_FROM), byLogarithms, [fromMean])], result: value.value };
});

/** The derivative of log betaLead − a log x − b log y in a, or in b where `inB` is 1. */
export const betaLeadSlope: ScalarFunction = defineFunction('betaLeadSlope', 3, (a, b, inB) => {
  const isInB = eq(inB, 1);
  // ψ(a + b) − ψ(a + 1) without the poles of its terms at a = 0, or ψ(a + b) − ψ(b).
  const difference = call(digammaDifference, select(isInB, b, add(a, 1)), select(isInB, a, b));
  return sub(difference, select(isInB, 0, div(1, add(a, b))));
});
