/** The derivatives of the incomplete gamma and beta functions in x: the densities of the gamma and beta distributions. */
import { add, and, call, div, eq, ge, gt, le, lt, min, max, mul, neg, select, sub, type Expr, type Operand, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, when } from '../procedure.ts';
import { betaLead, logOfPart } from './betaLead.ts';
import { exp } from './exp.ts';
import { gammaScale } from './gammainc.ts';
import { lgamma1p, lgammaPositive } from './lgamma.ts';
import { log } from './log.ts';
import { pow } from './pow.ts';
import { lgammaDifference, STIRLING_FROM } from './stirling.ts';

/** From here on e^−x x⁹ is 0. */
const LARGEST = 2000;

/** What x^(a−1) is at 0, times a factor where a is 1. */
const atZero = (a: Expr, factor: Operand): Expr => select(lt(a, 1), Infinity, select(eq(a, 1), factor, 0));

const isPositive = (x: Expr): Expr => and(gt(x, 0), lt(x, Infinity));

/**
 * x^(a−1) e^−x / Γ(a) for a ≥ 0 and x ≥ 0; NaN outside. For large a by the deviance from the maximum, so that nothing cancels.
 *
 * @see C. Loader: Fast and accurate computation of binomial probabilities (2000)
 */
export const gammaincDx: ScalarFunction = defineRoutine('gammaincDx', 2, (a, x) => {
  const value = makeLocal('value');
  const half = call(exp, mul(x, -0.5));
  const constant = mul(a, call(exp, neg(call(lgamma1p, a))));
  const small = [when(le(x, LARGEST), [value.set(mul(mul(mul(call(pow, x, sub(a, 1)), half), half), constant))])];
  const isInterior = and(isPositive(a), isPositive(x));
  const steps = [when(isInterior, [when(ge(a, STIRLING_FROM), [value.set(div(mul(call(gammaScale, a, x), a), x))], small)])];
  const edge = select(and(ge(a, 0), ge(x, 0)), select(eq(x, 0), atZero(a, 1), 0), NaN);
  return { steps, result: select(isInterior, value.value, edge) };
});

/** x^(a−1) (1−x)^(b−1) / B(a, b) for a, b ≥ 0 and 0 ≤ x ≤ 1; NaN outside. Likewise. */
export const betaincDx: ScalarFunction = defineRoutine('betaincDx', 3, (a, b, x) => {
  const [value, constant] = [makeLocal('value'), makeLocal('constant')];
  const y = sub(1, x);
  const byLogarithms = [
    when(le(a, b), [constant.set(sub(call(log, a), call(lgamma1p, a)))], [constant.set(neg(call(lgammaPositive, b)))]),
    constant.set(add(call(lgammaDifference, max(a, b), min(a, b)), constant.value)),
    value.set(call(exp, add(add(mul(sub(a, 1), call(logOfPart, x, y)), mul(sub(b, 1), call(logOfPart, y, x))), constant.value))),
  ];
  const fromMean = [value.set(div(mul(call(betaLead, a, b, x, y), a), mul(x, y)))];
  const isInterior = and(and(isPositive(a), isPositive(b)), and(gt(x, 0), lt(x, 1)));
  const steps = [when(isInterior, [when(lt(min(a, b), STIRLING_FROM), byLogarithms, fromMean)])];
  const isKnown = and(and(ge(a, 0), ge(b, 0)), and(ge(x, 0), le(x, 1)));
  const edge = select(isKnown, select(eq(x, 0), atZero(a, b), select(eq(x, 1), atZero(b, a), 0)), NaN);
  return { steps, result: select(isInterior, value.value, edge) };
});
