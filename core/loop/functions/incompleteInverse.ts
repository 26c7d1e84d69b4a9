/** The quantiles of the gamma and beta distributions: the inverses in x of the regularised incomplete functions. */
import {
  abs,
  add,
  and,
  call,
  defineFunction,
  div,
  eq,
  ge,
  gt,
  le,
  lt,
  mul,
  neg,
  not,
  or,
  pmax,
  pmin,
  select,
  sqrt,
  sub,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import { makeLocal, type Local } from '../local.ts';
import { defineRoutine, repeatWhile, when, type Step } from '../procedure.ts';
import { betaTail } from './betainc.ts';
import { betaLead } from './betaLead.ts';
import { exp, expm1 } from './exp.ts';
import { gammainc, gammaincc, gammaScale } from './gammainc.ts';
import { lbeta } from './lbeta.ts';
import { lgamma1p } from './lgamma.ts';
import { log, log1p } from './log.ts';
import { ndtri } from './normal.ts';

const MAX_STEPS = 200;
/** Halley's step cubes the error: from a tail this near to its target, in logarithms, one more step is the last. */
const LAST_STEP = 1e-6;
/** Where two bounds on the root are no further apart than this, relative, there is nothing between them. */
const RESOLUTION = 4e-16;

/** log(target / value), exact where they are close. */
const logRatio: ScalarFunction = defineFunction('logRatio', 2, (target, value) => {
  const ratio = div(target, value);
  const near = neg(call(log1p, div(sub(value, target), target)));
  return select(and(gt(ratio, 0.5), lt(ratio, 2)), near, sub(call(log, target), call(log, value)));
});

/**
 * Halley's step for a gap in log(tail), in a variable where the density is log-concave. Then both tails are, so that after at most one
 * overshoot Newton's steps go towards the root from one side. `slope` is that of log(tail), `densitySlope` that of log(density).
 */
const halleyStep = (gap: Expr, slope: Expr, densitySlope: Expr): Expr => {
  const newton = div(gap, slope);
  const shrink = add(mul(mul(newton, 0.5), sub(densitySlope, slope)), 1);
  return select(and(gt(shrink, 0.5), lt(shrink, 2)), div(newton, shrink), newton);
};

/** The side of the median on which p lies, so that the smaller tail is what is solved for. */
const sideOf = (p: Expr): { readonly isUpper: Expr; readonly up: Expr; readonly target: Expr } => {
  const isAbove = gt(p, 0.5);
  return { isUpper: select(isAbove, 1, 0), up: select(isAbove, -1, 1), target: select(isAbove, sub(1, p), p) };
};

/** Runs the body, which tries one point, until it says that it is done, or for the last time. */
const search = (isDone: Local, body: readonly Step[]): readonly Step[] => {
  const tries = makeLocal('tries');
  return [repeatWhile(and(eq(isDone.value, 0), lt(tries.value, MAX_STEPS)), [...body, tries.set(add(tries.value, 1))])];
};

/**
 * x with P(a, x) = p, for a ≥ 0 and 0 ≤ p ≤ 1: 0 at p = 0 (and for a = 0, and where the root underflows), +Infinity at p = 1; NaN outside the domain.
 *
 * Halley's method on log P or log Q in the variable log x, from Wilson and Hilferty's cube or the leading power of P, kept between bounds. Within
 * 4e-15 max(1, 1 / a) of properties/special (6,000 points, 1e-8 < a < 1e6), whose bound is 1e-14 times that.
 *
 * @see E. B. Wilson, M. M. Hilferty: The distribution of chi-square, Proc. Natl. Acad. Sci. 17 (1931)
 */
export const gammaincInv: ScalarFunction = defineRoutine('gammaincInv', 2, (a, p) => {
  const [x, low, high, isDone] = [makeLocal('x'), makeLocal('low'), makeLocal('high'), makeLocal('isDone')];
  const [floor, cube, tail, gap, next] = [makeLocal('floor'), makeLocal('cube'), makeLocal('tail'), makeLocal('gap'), makeLocal('next')];
  const { isUpper, up, target } = sideOf(p);
  const step = halleyStep(gap.value, div(mul(mul(up, a), call(gammaScale, a, x.value)), tail.value), sub(a, x.value));
  const between = select(eq(low.value, 0), mul(x.value, 0.5), mul(add(low.value, high.value), 0.5));
  const bisect = when(
    le(sub(high.value, low.value), mul(x.value, RESOLUTION)),
    [isDone.set(1)],
    [x.set(select(eq(high.value, Infinity), mul(x.value, 2), between)), isDone.set(select(gt(x.value, 0), 0, 1))],
  );
  const body = [
    when(eq(isUpper, 1), [tail.set(call(gammaincc, a, x.value))], [tail.set(call(gammainc, a, x.value))]),
    gap.set(call(logRatio, target, tail.value)),
    when(gt(mul(gap.value, up), 0), [low.set(x.value)], [high.set(x.value)]),
    next.set(add(x.value, mul(x.value, call(expm1, step)))),
    when(
      or(lt(abs(gap.value), LAST_STEP), and(gt(next.value, low.value), lt(next.value, high.value))),
      [x.set(next.value), isDone.set(select(lt(abs(gap.value), LAST_STEP), 1, 0))],
      [bisect],
    ),
  ];
  const power = call(exp, floor.value);
  const ordinary = [
    // P(a, x) ≤ x^a / Γ(a + 1), so this is below the root; it is close where the root is far below a.
    floor.set(div(add(call(log, p), call(lgamma1p, a)), a)),
    when(not(and(lt(floor.value, -746), lt(a, 1))), [
      cube.set(sub(add(div(call(ndtri, p), mul(sqrt(a), 3)), 1), div(1, mul(a, 9)))),
      x.set(select(gt(cube.value, 0.3), pmax(mul(a, mul(mul(cube.value, cube.value), cube.value)), power), power)),
      high.set(Infinity),
      isDone.set(select(gt(x.value, 0), 0, 1)),
      ...search(isDone, body),
    ]),
  ];
  const extreme = x.set(select(or(eq(p, 0), eq(a, 0)), 0, Infinity));
  const isOrdinary = and(and(gt(a, 0), lt(a, Infinity)), and(gt(p, 0), lt(p, 1)));
  const isDefined = and(ge(a, 0), and(ge(p, 0), le(p, 1)));
  return { steps: [when(isOrdinary, ordinary, [when(isDefined, [extreme], [x.set(NaN)])])], result: x.value };
});

/** 1 / (1 + e^−t). */
const logistic = (t: Expr): Expr => div(1, add(call(exp, neg(t)), 1));

/**
 * x with I_x(a, b) = p, for a, b ≥ 0 and 0 ≤ p ≤ 1: 0 at p = 0, 1 at p = 1; NaN outside the domain and where a and b are both 0 or both infinite.
 *
 * Halley's method on log I or log(1 − I) in the variable log(x / (1 − x)), from a normal or a power-law start, kept between bounds. Within
 * 1e-13 max(1, 1 / a) of properties/special for p > 1e-200 (6,000 points, 1e-8 < a, b < 1e6).
 */
export const betaincInv: ScalarFunction = defineRoutine('betaincInv', 3, (a, b, p) => {
  const [x, y, logit, low, high] = [makeLocal('x'), makeLocal('y'), makeLocal('logit'), makeLocal('low'), makeLocal('high')];
  const [logBeta, tail, gap, odds, total] = [makeLocal('logBeta'), makeLocal('tail'), makeLocal('gap'), makeLocal('odds'), makeLocal('total')];
  const [isDone, step] = [makeLocal('isDone'), makeLocal('step')];
  const { isUpper, up, target } = sideOf(p);
  const atLogit = [x.set(logistic(logit.value)), y.set(logistic(neg(logit.value)))];

  // The logit of x by the power law of either end, or by the normal limit.
  const fromZero = div(add(add(call(log, p), call(log, a)), logBeta.value), a);
  const fromOne = neg(div(add(add(call(log1p, neg(p)), call(log, b)), logBeta.value), b));
  const mean = call(log, div(a, b));
  const start = when(
    and(gt(a, 1), gt(b, 1)),
    [logit.set(add(mean, mul(call(ndtri, p), sqrt(add(div(1, a), div(1, b))))))],
    [logBeta.set(call(lbeta, a, b)), logit.set(select(eq(isUpper, 1), pmax(fromOne, mean), pmin(fromZero, mean)))],
  );
  const slope = div(mul(mul(up, a), call(betaLead, a, b, x.value, y.value)), tail.value);
  const isLast = lt(abs(gap.value), LAST_STEP);
  const next = add(logit.value, step.value);
  const isInfinite = eq(odds.value, Infinity);
  // logit x + step, within the pair (x, y) so that the smaller of them keeps its last bits.
  const move = [
    odds.set(call(exp, step.value)),
    total.set(add(y.value, mul(x.value, odds.value))),
    logit.set(next),
    x.set(select(isInfinite, 1, div(mul(x.value, odds.value), total.value))),
    y.set(select(isInfinite, 0, div(y.value, total.value))),
    isDone.set(select(isLast, 1, 0)),
  ];
  const between = select(eq(low.value, -Infinity), sub(high.value, 2), mul(add(low.value, high.value), 0.5));
  const bisect = when(
    le(sub(high.value, low.value), mul(abs(logit.value), RESOLUTION)),
    [isDone.set(1)],
    [logit.set(select(eq(high.value, Infinity), add(low.value, 2), between)), ...atLogit],
  );
  const body = [
    tail.set(call(betaTail, a, b, x.value, y.value, isUpper)),
    gap.set(call(logRatio, target, tail.value)),
    when(gt(mul(gap.value, up), 0), [low.set(logit.value)], [high.set(logit.value)]),
    step.set(halleyStep(gap.value, slope, sub(mul(a, y.value), mul(b, x.value)))),
    when(or(isLast, and(gt(next, low.value), lt(next, high.value))), move, [bisect]),
    when(or(eq(x.value, 0), eq(y.value, 0)), [isDone.set(1)]),
  ];
  const ordinary = [
    start,
    ...atLogit,
    low.set(-Infinity),
    high.set(Infinity),
    isDone.set(select(or(eq(x.value, 0), eq(y.value, 0)), 1, 0)),
    ...search(isDone, body),
  ];
  const isAtZero = or(eq(p, 0), or(eq(a, 0), eq(b, Infinity)));
  const isAtOne = or(eq(p, 1), or(eq(b, 0), eq(a, Infinity)));
  const inside = [when(isAtZero, [x.set(select(eq(p, 1), 1, 0))], [when(isAtOne, [x.set(1)], ordinary)])];
  const isDefined = and(and(ge(a, 0), ge(b, 0)), and(and(ge(p, 0), le(p, 1)), and(gt(add(a, b), 0), lt(pmin(a, b), Infinity))));
  return { steps: [when(isDefined, inside, [x.set(NaN)])], result: x.value };
});
