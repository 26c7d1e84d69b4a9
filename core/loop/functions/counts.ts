/** What the probabilities of counts are made of, as code. */
import { add, and, call, defineFunction, eq, ge, gt, mul, neg, select, sub, withShortForm, type Expr, type ScalarFunction } from '../expression.ts';
import { logGammaPeakDrops, logMinusDigammaDrops } from './drops.ts';
import { lgamma1p } from './lgamma.ts';
import { log } from './log.ts';
import { poissonExponent as exponentOfPositive } from './log1pmx.ts';
import { stirlingCorrection, STIRLING_FROM } from './stirling.ts';

const LOG_TWO_PI = 1.8378770664093453;

const isCount = (a: Expr, b: Expr): Expr => and(ge(a, 0), ge(b, 0));

const peakOfLarge = (x: Expr): Expr => sub(mul(add(call(log, x), LOG_TWO_PI), -0.5), call(stirlingCorrection, x));

const peakEverywhere = defineFunction('logPoissonPeak', 1, (x) => {
  const isLarge = ge(x, STIRLING_FROM);
  const small = sub(mul(x, sub(call(log, x), 1)), call(lgamma1p, select(isLarge, 0, x)));
  return select(isLarge, peakOfLarge(x), select(gt(x, 0), small, select(eq(x, 0), 0, NaN)));
});

/** log(xˣ e⁻ˣ / Γ(x + 1)) for x ≥ 0; NaN below. */
export const logPoissonPeak: ScalarFunction = withShortForm(peakEverywhere, (x) => ({ isKnown: ge(x, STIRLING_FROM), value: peakOfLarge(x) }));

/** a log(x / a) + a − x for a, x ≥ 0; NaN for negative arguments. */
export const poissonExponent: ScalarFunction = defineFunction('poissonExponentFromZero', 2, (a, x) =>
  select(isCount(a, x), select(eq(a, 0), neg(x), select(eq(x, 0), -Infinity, call(exponentOfPositive, a, x))), NaN),
);

/** g(b) − g(b + a), g(x) = log(xˣ e⁻ˣ / Γ(x)), for b > 0 and a ≥ 0. */
export const logGammaPeakDrop: ScalarFunction = logGammaPeakDrops.drop;

/** h(b) − h(b + a), h(x) = log x − ψ(x), for b > 0 and a ≥ 0. */
export const logMinusDigammaDrop: ScalarFunction = logMinusDigammaDrops.drop;
