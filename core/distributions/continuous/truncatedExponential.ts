/** The distribution on [0, 1] with the density v e^(vu) / (e^v − 1), for any slope v: the common core of cut-off power laws and ContinuousBernoulli. */
import * as ops from '../../ops/index.ts';
import { EULER_MACLAURIN } from '../../loop/functions/polygammaOfOrder.ts';
import type { AnyArray } from '../../value.ts';
import { polynomial } from './elementary.ts';

const { abs, add, div, exp, expm1, greater, less, log, log1p, minimum, mul, neg, square, sub, where } = ops;

/** A point u of [0, 1], and 1 − u. */
export interface Point {
  readonly u: AnyArray;
  readonly rest: AnyArray;
}

/** Up to this slope the series serve. */
const NEAR = 1;

/** Either formula where it holds; the other is asked at a slope at which it is well behaved. */
const bySlope = (v: AnyArray, near: (v: AnyArray) => AnyArray, far: (v: AnyArray) => AnyArray): AnyArray => {
  const isNear = less(abs(v), NEAR);
  return where(isNear, near(where(isNear, v, 0)), far(where(isNear, 2, v)));
};

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** sinh t / t − 1 in powers of t², from t² on. */
const SINHC: readonly number[] = Array.from({ length: 8 }, (_, k) => 1 / factorial(2 * k + 3));
/** log(sinh t / t), |t| ≤ ½ at least. */
const logSinhc = (t: AnyArray): AnyArray => log1p(mul(square(t), polynomial(SINHC, square(t))));

/** log((1 − e^−|v|) / |v|). */
const logDecay = (v: AnyArray): AnyArray => sub(log1p(neg(exp(neg(abs(v))))), log(abs(v)));

/** log((e^v − 1) / v). */
export const logNormalizer = (v: AnyArray): AnyArray =>
  bySlope(
    v,
    (t) => add(mul(0.5, t), logSinhc(mul(0.5, t))),
    (t) => add(ops.relu(t), logDecay(t)),
  );

/** The log-density at a point. */
export const logDensity = (v: AnyArray, { u, rest }: Point): AnyArray =>
  bySlope(
    v,
    (t) => sub(mul(mul(0.5, t), sub(u, rest)), logSinhc(mul(0.5, t))),
    // Against the end where the density is largest, so that nothing cancels.
    (t) => sub(where(greater(t, 0), neg(mul(t, rest)), mul(t, u)), logDecay(t)),
  );

/** (e^(vu) − 1) / (e^v − 1). */
export const cdf = (v: AnyArray, { u, rest }: Point): AnyArray =>
  bySlope(
    v,
    (t) => mul(mul(u, exp(mul(-0.5, mul(t, rest)))), exp(sub(logSinhc(mul(0.5, mul(t, u))), logSinhc(mul(0.5, t))))),
    (t) => mul(exp(neg(mul(ops.relu(t), rest))), div(expm1(neg(mul(abs(t), u))), expm1(neg(abs(t))))),
  );

/** The cumulants of a Bernoulli variate of probability q, over factorials: log(1 − q + q e^v) / v in powers of v. */
const cumulants = (q: AnyArray, rest: AnyArray): readonly AnyArray[] => {
  const [k, skew] = [mul(q, rest), sub(rest, q)];
  return [
    q,
    mul(0.5, k),
    div(mul(k, skew), 6),
    div(mul(k, sub(1, mul(6, k))), 24),
    div(mul(mul(k, skew), sub(1, mul(12, k))), 120),
    div(mul(k, add(1, mul(k, sub(mul(120, k), 30)))), 720),
  ];
};

/** Up to this slope a quantile is its series: the next term is v⁶ / 5040 or less. */
const LEVEL = 5e-3;

/** Beyond this slope a quantile is measured from the end at which the density is largest alone. */
const STEEP = 60;

/** log(rest + q e^v), for q + rest = 1. */
const logMixture = (v: AnyArray, q: AnyArray, rest: AnyArray): AnyArray => {
  const excess = mul(q, expm1(v));
  return where(less(abs(excess), 0.5), log1p(excess), log(add(rest, mul(q, exp(v)))));
};

/** The u below which lies the mass q of rest = 1 − q: log(rest + q e^v) / v. Near u = 0 it keeps its digits. */
const below = (v: AnyArray, q: AnyArray, rest: AnyArray): AnyArray => {
  const [isLevel, isSteep] = [less(abs(v), LEVEL), greater(abs(v), STEEP)];
  const [flat, sloped, steep] = [where(isLevel, v, 0), where(ops.logicalOr(isLevel, isSteep), 1, v), where(isSteep, v, STEEP)];
  const series = cumulants(q, rest).reduceRight((sum, c) => add(mul(sum, flat), c));
  const fromLow = minimum(div(logMixture(neg(abs(steep)), q, rest), neg(abs(steep))), 1);
  const fromHigh = minimum(div(logMixture(neg(abs(steep)), rest, q), neg(abs(steep))), 1);
  const ofSteep = where(greater(steep, 0), sub(1, fromHigh), fromLow);
  return where(isLevel, series, where(isSteep, ofSteep, div(logMixture(sloped, q, rest), sloped)));
};

/** The point below which lies the mass q, and above it 1 − q. */
export const quantile = (v: AnyArray, q: AnyArray, above: AnyArray = sub(1, q)): Point => ({ u: below(v, q, above), rest: below(neg(v), above, q) });

/** ½ + Σ B₂ₖ v^(2k−1) / (2k)!, and at a steep slope 1 / |v| − 1 / (e^|v| − 1) from the end at which the density is largest. */
export const mean = (v: AnyArray): AnyArray =>
  bySlope(
    v,
    (t) => add(0.5, mul(t, polynomial(EULER_MACLAURIN, square(t)))),
    (t) => {
      const distance = sub(div(1, abs(t)), div(1, expm1(abs(t))));
      return where(greater(t, 0), sub(1, distance), distance);
    },
  );

const VARIANCE: readonly number[] = EULER_MACLAURIN.map((c, k) => (2 * k + 1) * c);

/** 1 / v² − 1 / (2 sinh ½v)². */
export const variance = (v: AnyArray): AnyArray =>
  bySlope(
    v,
    (t) => polynomial(VARIANCE, square(t)),
    (t) => sub(div(1, square(t)), div(exp(neg(abs(t))), square(expm1(neg(abs(t)))))),
  );

/** log((e^v − 1) / v) − v E[u], from the end at which the density is largest. */
export const entropy = (v: AnyArray): AnyArray =>
  bySlope(
    v,
    (t) => sub(logNormalizer(t), mul(t, mean(t))),
    (t) => add(logDecay(t), mul(abs(t), mean(neg(abs(t))))),
  );
