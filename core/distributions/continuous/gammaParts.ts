/** What the gamma and beta densities are made of, without the cancellation that large parameters bring. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { fromEdge } from './elementary.ts';

const { add, greaterEqual, less, lgamma, log, log1p, logMinusDigammaDrop, logPoissonPeak, mul, neg, poissonExponent, sub, where } = ops;

/** From here on the density is measured against its peak. */
const PEAKED_FROM = 2;
/** So far above every parameter that log x − ψ(x) is 0 there. */
const FAR = 1e30;

/** log a − ψ(a), which is 1 / (2a) and a little more. */
export const logMinusDigamma = (a: AnyArray): AnyArray => logMinusDigammaDrop(a, FAR);

/** log(y^(a−1) e^−y / Γ(a)), the log-density of Gamma(a, 1) at y ≥ 0. */
export const logGammaDensity = (a: AnyArray, y: AnyArray): AnyArray => {
  const isFlat = less(a, PEAKED_FROM);
  const count = where(isFlat, 1, sub(a, 1));
  const peaked = fromEdge(y, count, (inside) => add(logPoissonPeak(count), poissonExponent(count, inside)));
  const power = fromEdge(y, sub(a, 1), (inside) => mul(sub(a, 1), log(inside)));
  return where(isFlat, sub(sub(power, y), lgamma(a)), peaked);
};

/** log(y^a e^−y / Γ(a)), the log-density of log y. */
export const logGammaMass = (a: AnyArray, y: AnyArray, logY: AnyArray): AnyArray => {
  const isFlat = less(a, PEAKED_FROM);
  const count = where(isFlat, 1, a);
  // Where y overflows the exponent would be ∞ − ∞.
  const exponent = where(ops.isInf(y), -Infinity, poissonExponent(count, where(ops.isInf(y), 1, y)));
  return where(isFlat, sub(sub(mul(a, logY), y), lgamma(a)), add(log(count), add(logPoissonPeak(count), exponent)));
};

/** Where Newton's steps for the upper quantile start, at most, and how many they are. */
const [START, STEPS] = [1e-6, 5];

/** The y with Q(a, y) = q: of a small q by Newton's steps on log Q, which is nearly linear there; 1 − q has lost its digits. */
export const gammaQuantileAbove = (a: AnyArray, q: AnyArray): AnyArray => {
  const isSmall = ops.logicalAnd(less(q, 0.1), ops.greater(q, 0));
  const tail = where(isSmall, q, 0.1);
  let y = ops.gammaincInv(a, sub(1, ops.maximum(tail, START)));
  for (let i = 0; i < STEPS; i++) {
    const above = ops.gammaincc(a, y);
    y = add(y, mul(sub(log(above), log(tail)), ops.div(above, ops.gammaincDx(a, y))));
  }
  return where(isSmall, y, ops.gammaincInv(a, sub(1, q)));
};

/** log(x^(a−1) y^(b−1) / B(a, b)), the log-density of Beta(a, b) at x = 1 − y. */
export const logBetaDensity = (a: AnyArray, b: AnyArray, x: AnyArray, y: AnyArray): AnyArray => {
  const isPeaked = ops.logicalAnd(greaterEqual(a, PEAKED_FROM), greaterEqual(b, PEAKED_FROM));
  const [ones, zeros] = [where(isPeaked, sub(a, 1), 1), where(isPeaked, sub(b, 1), 1)];
  const count = add(ones, zeros);
  const peak = add(sub(add(logPoissonPeak(ones), logPoissonPeak(zeros)), logPoissonPeak(count)), log(add(count, 1)));
  const exponentOf = (k: AnyArray, part: AnyArray): AnyArray => fromEdge(part, k, (inside) => poissonExponent(k, mul(count, inside)));
  const exponent = add(exponentOf(ones, x), exponentOf(zeros, y));
  // The logarithm of a part, from the other where that is the smaller one.
  const power = (k: AnyArray, part: AnyArray, other: AnyArray): AnyArray =>
    fromEdge(part, k, (inside) => mul(k, where(less(other, 0.5), log1p(neg(where(less(other, 0.5), other, 0))), log(inside))));
  const flat = sub(add(power(sub(a, 1), x, y), power(sub(b, 1), y, x)), ops.lbeta(a, b));
  return where(isPeaked, add(peak, exponent), flat);
};

/** The entropy of Gamma(a, 1): a + log Γ(a) + (1 − a) ψ(a). */
export const gammaEntropy = (a: AnyArray): AnyArray => sub(mul(sub(a, 1), logMinusDigamma(a)), logPoissonPeak(a));

/** The entropy of Beta(a, b): log B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b). */
export const betaEntropy = (a: AnyArray, b: AnyArray): AnyArray => {
  const total = add(a, b);
  const parts = add(gammaEntropy(a), gammaEntropy(b));
  return sub(add(parts, sub(logPoissonPeak(total), mul(sub(total, 2), logMinusDigamma(total)))), log(total));
};
