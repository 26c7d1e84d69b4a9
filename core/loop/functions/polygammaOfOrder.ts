/** The higher derivatives of the logarithm of the gamma function, one function for each order. */
import { add, and, call, defineFunction, div, eq, floor, gt, lt, mul, neg, select, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { defineRoutine, numberOf, repeat, repeatWhile, when, type Step } from '../procedure.ts';
import { exp } from './exp.ts';
import { log } from './log.ts';
import { digamma, trigamma } from './polygamma.ts';
import { pow } from './pow.ts';
import { stirlingCorrection } from './stirling.ts';

/** B₂ⱼ / (2j)!, for the Euler–Maclaurin sum of DLMF 25.11.7. */
export const EULER_MACLAURIN: readonly number[] = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
  43867 / 5109094217170944000,
  -174611 / 802857662698291200000,
];

/** From n plus this on the sum of Euler and Maclaurin serves. */
const FAR = 10;
/** The terms of ζ fall like exp(−k n / (x + k)): so many are enough for any n. */
const MAX_TERMS = 500;
/** Orders from which factors could over- and underflow one by one. */
const LARGE_ORDER = 300;
/** The largest power that is computed by multiplications. */
const MAX_MULTIPLIED = 64;

/** xⁿ for n ≥ 1. */
const power = (x: Expr, n: number): Expr => {
  if (n > MAX_MULTIPLIED) return call(pow, x, n);
  if (n === 1) return x;
  const half = power(x, Math.floor(n / 2));
  const square = mul(half, half);
  return n % 2 === 0 ? square : mul(square, x);
};

/** |ψ⁽ⁿ⁾(x)| = n! ζ(n + 1, x) for x > 0. */
const magnitudeOf = (n: number): ScalarFunction =>
  defineRoutine(`polygammaMagnitude${n}`, 1, (x) => {
    const [scale, sum, from, term] = [makeLocal('scale'), makeLocal('sum'), makeLocal('from'), makeLocal('term')];
    const [isDone, terms] = [makeLocal('isDone'), makeLocal('terms')];
    // (n − 1)! / xⁿ, with the factors interleaved so that neither part overflows alone.
    const factors: readonly Step[] =
      n > LARGE_ORDER
        ? [scale.set(mul(call(exp, add(mul(sub(call(log, div(n, x)), 1), n), call(stirlingCorrection, n))), Math.sqrt((2 * Math.PI) / n)))]
        : [scale.set(div(1, x)), repeat('j', 1, n, (j) => [scale.set(mul(scale.value, div(numberOf(j), x)))])];
    const isLast = lt(mul(term.value, add(div(from.value, n), 1)), mul(sum.value, 1e-18));
    const steps = [
      ...factors,
      from.set(x),
      repeatWhile(and(and(eq(isDone.value, 0), lt(from.value, n + FAR)), lt(terms.value, MAX_TERMS)), [
        terms.set(add(terms.value, 1)),
        term.set(power(div(x, from.value), n + 1)),
        sum.set(add(sum.value, term.value)),
        from.set(add(from.value, 1)),
        isDone.set(select(isLast, 1, 0)),
      ]),
    ];
    const inverse = div(1, from.value);
    let tail = add(mul(inverse, n / 2), 1);
    let factor: Expr | number = 1;
    for (const [j, coefficient] of EULER_MACLAURIN.entries()) {
      factor = mul(factor, mul(mul(inverse, n + 2 * j), mul(inverse, n + 2 * j + 1)));
      tail = add(tail, mul(factor, coefficient));
    }
    const rest = select(eq(isDone.value, 0), mul(power(div(x, from.value), n), tail), 0);
    return { steps, result: select(lt(x, Infinity), mul(scale.value, add(mul(div(n, x), sum.value), rest)), 0) };
  });

const ofOrder = (n: number): ScalarFunction => {
  const magnitude = magnitudeOf(n);
  const isOdd = n % 2 === 1;
  return defineRoutine(`polygamma${n}`, 1, (x) => {
    const value = makeLocal('value');
    const isRight = gt(x, 0);
    const g = sub(neg(x), floor(neg(x)));
    // The terms of ζ left of the origin are those of ζ(s, g) − ζ(s, 1 − x), up to sign.
    const left = sub(call(magnitude, g), call(magnitude, sub(1, x)));
    const right = call(magnitude, sub(1, g));
    const steps = [
      value.set(isOdd ? Infinity : NaN),
      when(
        isRight,
        [value.set(isOdd ? call(magnitude, x) : neg(call(magnitude, x)))],
        [when(gt(g, 0), [value.set(isOdd ? add(right, left) : sub(left, right))])],
      ),
    ];
    const ordinary = select(gt(x, -Infinity), value.value, NaN);
    return { steps, result: isOdd ? ordinary : select(eq(x, 0), neg(div(1, x)), ordinary) };
  });
};

const undefinedEverywhere: ScalarFunction = defineFunction('polygammaOfNone', 1, (x) => mul(x, NaN));

/** The functions made so far; there are as many as programs name orders. */
const made = new Map<number, ScalarFunction>([
  [0, digamma],
  [1, trigamma],
]);

/**
 * ψ⁽ⁿ⁾, for an integer n ≥ 0; NaN everywhere for other n. At 0, −1, −2, … it is +Infinity for odd n, and NaN for even n (∓Infinity at ±0).
 *
 * ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x) (DLMF 25.11.12), the Hurwitz zeta function by Euler and Maclaurin's sum (DLMF 25.11.7), and the reflection
 * below 0. Relative error below 1e-15 for 2 ≤ n ≤ 5, 2e-14 for n ≤ 300 and 2e-13 for n ≤ 400,
 * 1e-4 < x < 1e5 (1,000 points against mpmath); below 0 relative to the larger terms.
 *
 * @see NIST Digital Library of Mathematical Functions, 5.15.1, 25.11.7 and 25.11.12
 */
export const polygammaOfOrder = (n: number): ScalarFunction => {
  if (!Number.isInteger(n) || n < 0) return undefinedEverywhere;
  const known = made.get(n) ?? ofOrder(n);
  made.set(n, known);
  return known;
};
