/** Differences of functions that hardly differ at large arguments: of the peaks of gamma densities, and of log x − ψ(x). */
import { add, and, call, defineFunction, div, eq, ge, gt, lt, mul, select, sub, withShortForm, type Expr, type ScalarFunction } from '../expression.ts';
import { lgammaPositive } from './lgamma.ts';
import { log, log1p } from './log.ts';
import { digamma } from './polygamma.ts';
import { logMinusDigamma, logMinusDigammaDrop as dropOfSeries, stirlingCorrection, stirlingCorrectionDrop, STIRLING_FROM } from './stirling.ts';

const LOG_TWO_PI = 1.8378770664093453;

/** A function of x > 0 that has a series for large x. */
const byRange = (name: string, small: (x: Expr) => Expr, large: (x: Expr) => Expr): ScalarFunction => {
  const isLarge = (x: Expr): Expr => ge(x, STIRLING_FROM);
  const everywhere = defineFunction(name, 1, (x) => select(isLarge(x), large(x), small(x)));
  return withShortForm(everywhere, (x) => ({ isKnown: isLarge(x), value: large(x) }));
};

/** log(xˣ e⁻ˣ / Γ(x)) for x > 0. */
const logGammaPeak = byRange(
  'logGammaPeak',
  (x) => sub(mul(x, sub(call(log, x), 1)), call(lgammaPositive, x)),
  (x) => sub(mul(sub(call(log, x), LOG_TWO_PI), 0.5), call(stirlingCorrection, x)),
);

/** log x − ψ(x) for x > 0. */
const logMinusPsi = byRange(
  'logMinusPsi',
  (x) => sub(call(log, x), call(digamma, x)),
  (x) => call(logMinusDigamma, x),
);

/** A difference f(b) − f(b + a) for b, a ≥ 0, computed as one from b = 10 on; 0 at a = 0. */
export interface Drop {
  readonly drop: ScalarFunction;
  /** The terms, whose difference it is below b = 10: a compiler that knows b computes the first but once. */
  readonly term: ScalarFunction;
  /** The difference elsewhere, and 0 there. */
  readonly elsewhere: ScalarFunction;
}

const isSmall = (b: Expr, a: Expr): Expr => and(and(gt(b, 0), gt(a, 0)), lt(b, STIRLING_FROM));

const dropOf = (name: string, term: ScalarFunction, atZero: number, large: (b: Expr, a: Expr) => Expr): Drop => {
  const isLarge = (b: Expr, a: Expr): Expr => and(and(ge(b, STIRLING_FROM), lt(b, Infinity)), gt(a, 0));
  const elsewhere = withShortForm(
    defineFunction(`${name}Elsewhere`, 2, (b, a) => {
      const edge = select(and(ge(b, 0), ge(a, 0)), select(eq(a, 0), 0, atZero), NaN);
      return select(isSmall(b, a), 0, select(isLarge(b, a), large(b, a), edge));
    }),
    (b, a) => ({ isKnown: isSmall(b, a), value: mul(b, 0) }),
  );
  const drop = defineFunction(name, 2, (b, a) => select(isSmall(b, a), sub(call(term, b), call(term, add(b, a))), call(elsewhere, b, a)));
  return { drop, term, elsewhere };
};

/** g(b) − g(b + a), g(x) = log(xˣ e⁻ˣ / Γ(x)), for b > 0 and a ≥ 0. */
export const logGammaPeakDrops: Drop = dropOf('logGammaPeakDrop', logGammaPeak, -Infinity, (b, a) =>
  sub(mul(call(log1p, div(a, b)), -0.5), call(stirlingCorrectionDrop, b, a)),
);

/** h(b) − h(b + a), h(x) = log x − ψ(x), for b > 0 and a ≥ 0. */
export const logMinusDigammaDrops: Drop = dropOf('logMinusDigammaDrop', logMinusPsi, Infinity, (b, a) => call(dropOfSeries, b, a));
