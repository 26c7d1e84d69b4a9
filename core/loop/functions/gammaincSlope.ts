/** The derivative of the incomplete gamma functions in the shape, and the gradients of gamma draws that follow from it. */
import { abs, add, and, call, div, ge, gt, lt, mul, ne, neg, or, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, repeatWhile, when } from '../procedure.ts';
import { exp } from './exp.ts';
import { gammaScale, isSeries, type Computed } from './gammainc.ts';
import { isUniform, minusHalfSquareOfEta, uniformGammaSlope } from './gammaincUniform.ts';
import { log } from './log.ts';
import { digamma } from './polygamma.ts';

const EPSILON = 1e-17;
const MAX_TERMS = 2000;

/** log x − ψ(a + 1). */
const logLessDigamma = (a: Expr, x: Expr): Expr => sub(call(log, x), call(digamma, add(a, 1)));

/** The power series of P, differentiated termwise. */
const series = (a: Expr, x: Expr): Computed => {
  const [term, sum, harmonic, weighted, n] = [makeLocal('term'), makeLocal('sum'), makeLocal('harmonic'), makeLocal('weighted'), makeLocal('n')];
  const isLarge = ge(mul(term.value, add(harmonic.value, 1)), mul(sum.value, EPSILON));
  const inverse = div(1, add(a, n.value));
  const body = [
    n.set(add(n.value, 1)),
    term.set(mul(term.value, mul(x, inverse))),
    harmonic.set(add(harmonic.value, inverse)),
    sum.set(add(sum.value, term.value)),
    weighted.set(add(weighted.value, mul(term.value, harmonic.value))),
  ];
  const steps = [term.set(1), sum.set(1), harmonic.set(0), weighted.set(0), n.set(0), repeatWhile(and(isLarge, lt(n.value, MAX_TERMS)), body)];
  return { steps, value: sub(weighted.value, mul(logLessDigamma(a, x), sum.value)) };
};

/** The continued fraction of Q by Lentz's algorithm, with the derivatives of its ratios carried along. */
const continuedFraction = (a: Expr, x: Expr): Computed => {
  const [b, c, d, k] = [makeLocal('b'), makeLocal('c'), makeLocal('d'), makeLocal('k')];
  const [cSlope, dSlope, logSlope, fraction] = [makeLocal('cSlope'), makeLocal('dSlope'), makeLocal('logSlope'), makeLocal('fraction')];
  const [ratio, change] = [makeLocal('ratio'), makeLocal('change')];
  const numerator = mul(k.value, sub(a, k.value));
  const body = [
    k.set(add(k.value, 1)),
    b.set(add(b.value, 2)),
    dSlope.set(add(sub(mul(k.value, d.value), 1), mul(numerator, dSlope.value))),
    d.set(div(1, add(b.value, mul(numerator, d.value)))),
    dSlope.set(neg(mul(dSlope.value, mul(d.value, d.value)))),
    cSlope.set(sub(div(sub(k.value, div(mul(numerator, cSlope.value), c.value)), c.value), 1)),
    c.set(add(b.value, div(numerator, c.value))),
    ratio.set(mul(c.value, d.value)),
    change.set(add(div(cSlope.value, c.value), div(dSlope.value, d.value))),
    fraction.set(mul(fraction.value, ratio.value)),
    logSlope.set(add(logSlope.value, change.value)),
  ];
  const isMoving = or(ge(abs(sub(ratio.value, 1)), 2e-16), ge(abs(change.value), mul(abs(logSlope.value), 1e-16)));
  const first = sub(add(x, 1), a);
  const start = [b, c, fraction].map((local) => local.set(first));
  const zeros = [d, dSlope, k, ratio].map((local) => local.set(0));
  const steps = [...start, ...zeros, cSlope.set(-1), logSlope.set(div(-1, first)), change.set(1), repeatWhile(and(isMoving, lt(k.value, MAX_TERMS)), body)];
  // a ψ(a) = a ψ(a + 1) − 1 keeps small a finite.
  return { steps, value: div(add(mul(a, sub(logLessDigamma(a, x), logSlope.value)), 1), fraction.value) };
};

/** −(∂P/∂a) / (x^a e^−x / Γ(a + 1)), for finite a ≥ 0 and x > 0. */
const gammaSlope: ScalarFunction = defineRoutine('gammaSlope', 2, (a, x) => {
  const [slope, minusHalf] = [makeLocal('slope'), makeLocal('minusHalf')];
  const [below, above] = [series(a, x), continuedFraction(a, x)];
  const steps = [
    minusHalf.set(minusHalfSquareOfEta(a, x)),
    when(
      isUniform(a, minusHalf.value),
      [slope.set(call(uniformGammaSlope, a, x, minusHalf.value))],
      [when(isSeries(a, x), [...below.steps, slope.set(below.value)], [...above.steps, slope.set(above.value)])],
    ),
  ];
  return { steps, result: slope.value };
});

/**
 * ∂P(a, x) / ∂a for a ≥ 0 and x ≥ 0: 0 at x = 0, x = ∞ and a = ∞, and where the density underflows; NaN outside the domain.
 *
 * The methods of `gammainc`, differentiated termwise.
 *
 * Within 2e-13 of `properties/special` wherever the value exceeds 1e-300 (4,000 points, 1e-6 < a < 1e10).
 */
export const gammaincDa: ScalarFunction = defineRoutine('gammaincDa', 2, (a, x) => {
  const [scale, value] = [makeLocal('scale'), makeLocal('value')];
  const isInside = and(and(ge(a, 0), lt(a, Infinity)), and(gt(x, 0), lt(x, Infinity)));
  const steps = [when(isInside, [scale.set(call(gammaScale, a, x)), when(ne(scale.value, 0), [value.set(neg(mul(scale.value, call(gammaSlope, a, x))))])])];
  const isKnown = and(and(ge(a, 0), ge(x, 0)), or(isInside, ne(a, x)));
  return { steps, result: select(isKnown, value.value, NaN) };
});

/**
 * −(∂P/∂a) / (∂P/∂x), the implicit reparameterisation gradient of a draw x from Gamma(a, 1), for a > 0 and x ≥ 0: 0 at 0, +Infinity at
 * Infinity. The density is divided out in closed form, so that no x in the tails over- or underflows. Within 1e-14 of `properties/special` on the
 * range of `gammaincDa`.
 *
 * @see M. Figurnov, S. Mohamed, A. Mnih: Implicit reparameterization gradients, NeurIPS 2018, section 3
 */
export const randomGammaGrad: ScalarFunction = defineRoutine('randomGammaGrad', 2, (a, x) => {
  const slope = makeLocal('slope');
  const isShape = and(gt(a, 0), lt(a, Infinity));
  const isInside = and(isShape, and(gt(x, 0), lt(x, Infinity)));
  const steps = [when(isInside, [slope.set(call(gammaSlope, a, x))])];
  return { steps, result: select(isInside, mul(slope.value, div(x, a)), select(and(isShape, ge(x, 0)), x, NaN)) };
});

/** Below this the incomplete gamma function is its leading term to double precision. */
const LEADING_TERM_BELOW = -40;

/**
 * d log x / da at a fixed quantile, for x ~ Gamma(a, 1) and log x given: far to the left P(a, x) ≈ x^a / Γ(a + 1), so that
 * log x = (log P + log Γ(a + 1)) / a.
 *
 * @see M. Figurnov, S. Mohamed, A. Mnih: Implicit reparameterization gradients, NeurIPS 2018, equation 5
 */
export const logGammaVariateGrad: ScalarFunction = defineRoutine('logGammaVariateGrad', 2, (a, logX) => {
  const [value, x] = [makeLocal('value'), makeLocal('x')];
  const steps = [
    when(
      lt(logX, LEADING_TERM_BELOW),
      [value.set(div(sub(call(digamma, add(a, 1)), logX), a))],
      [x.set(call(exp, logX)), value.set(div(call(randomGammaGrad, a, x.value), x.value))],
    ),
  ];
  return { steps, result: value.value };
});
