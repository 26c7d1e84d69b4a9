/** Log-probabilities of counts by their distance from the peak, so that nothing cancels at large counts (Loader 2000). */
import * as ops from '../../ops/index.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';

const {
  add,
  betainc,
  div,
  floor,
  greater,
  less,
  logGammaPeakDrop,
  logPoissonPeak,
  maximum,
  minimum,
  mul,
  mulNoNan,
  poissonExponent,
  sigmoid,
  sub,
  trialExponent,
  where,
} = ops;

/** log of λᵏ e^−λ / k!. */
export const logPoisson = (k: AnyArray, rate: AnyArray): AnyArray => add(logPoissonPeak(k), poissonExponent(k, rate));

/** log of C(n, k) less what its powers of p = k / n and of 1 − p would take. */
const binomialPeak = (k: AnyArray, failures: AnyArray, n: AnyArray): AnyArray => sub(add(logPoissonPeak(k), logPoissonPeak(failures)), logPoissonPeak(n));

/** log of C(n, k) pᵏ (1 − p)^(n − k). */
export const logBinomial = (k: AnyArray, n: AnyArray, p: AnyArray): AnyArray => {
  const failures = sub(n, k);
  return add(binomialPeak(k, failures, n), trialExponent(k, failures, p));
};

/** The same where p and q = 1 − p are both given to full precision: a ratio of Poisson probabilities of means n p, n q and n. */
export const logBinomialOf = (k: AnyArray, n: AnyArray, p: AnyArray, q: AnyArray): AnyArray => {
  const failures = sub(n, k);
  return add(binomialPeak(k, failures, n), add(poissonExponent(k, mul(n, p)), poissonExponent(failures, mul(n, q))));
};

/** log of Γ(k + r) / (k! Γ(r)) less what the powers of p = k / (k + r) and of 1 − p would take, for any r > 0. */
const negativeBinomialPeak = (k: AnyArray, r: AnyArray): AnyArray => add(logGammaPeakDrop(r, k), logPoissonPeak(k));

/** log of Γ(k + r) / (k! Γ(r)) pᵏ (1 − p)ʳ. */
export const logNegativeBinomial = (k: AnyArray, r: AnyArray, p: AnyArray): AnyArray => add(negativeBinomialPeak(k, r), trialExponent(k, r, p));

/** The same where p and q = 1 − p are both given to full precision. */
export const logNegativeBinomialOf = (k: AnyArray, r: AnyArray, p: AnyArray, q: AnyArray): AnyArray => {
  const all = add(k, r);
  return add(negativeBinomialPeak(k, r), add(poissonExponent(k, mul(all, p)), poissonExponent(r, mul(all, q))));
};

/** What the concentration a, one part of A in all, adds for k of n draws: log Γ(k + a) / Γ(a), without what cancels over the parts. */
export const concentrationTerm = (k: AnyArray, a: AnyArray, n: AnyArray, total: AnyArray): AnyArray => {
  const share = div(add(k, a), add(n, total));
  return add(logGammaPeakDrop(a, k), add(poissonExponent(k, mul(n, share)), poissonExponent(a, mul(total, share))));
};

/** Beyond these log-odds the rarer probability adds nothing to 1, and its logarithm is the log-odds; single precision still holds it. */
const SATURATED = 80;

/** A density of log-odds for k of one kind and m of the other: by probabilities where these hold it, and beyond with its straight continuation. */
export const byLogits = (logits: AnyArray, k: AnyArray, m: AnyArray, density: (p: AnyArray, q: AnyArray) => AnyArray): AnyArray => {
  // What did not occur has a power of 1, however improbable it is, and needs no logarithm.
  const held = minimum(maximum(logits, where(greater(k, 0), -SATURATED, -Infinity)), where(greater(m, 0), SATURATED, Infinity));
  const below = mulNoNan(k, minimum(add(logits, SATURATED), 0));
  const above = mulNoNan(m, maximum(sub(logits, SATURATED), 0));
  return add(density(sigmoid(held), sigmoid(ops.neg(held))), sub(below, above));
};

/** n p, to the power of k, for log-probabilities that may be −∞ or too small to be held: its Poisson exponent against k. */
export const exponentOfLog = (k: AnyArray, n: AnyArray, logP: AnyArray): AnyArray =>
  add(poissonExponent(k, mul(n, ops.exp(maximum(logP, where(greater(k, 0), -SATURATED, -Infinity))))), mulNoNan(k, minimum(add(logP, SATURATED), 0)));

/** I_p(a, b) subtracted from 1, or, where that would cancel or what is left is small, as I_q(b, a). */
const upperBeta = (a: AnyArray, b: AnyArray, p: AnyArray, q: AnyArray): AnyArray => {
  const lower = betainc(a, b, p);
  return where(less(lower, sub(1, div(1, add(b, 10)))), sub(1, lower), betainc(b, a, q));
};

const atLeastZero = (x: AnyArray): AnyArray => maximum(floor(x), 0);

/** P(K ≤ x) of a count from its distribution function on whole numbers: 0 below 0, level in between. */
export const countCdf = (x: AnyArray, below: (k: AnyArray) => AnyArray): AnyArray => where(less(x, 0), 0, below(atLeastZero(x)));

/** P(K ≤ x), K binomial. */
export const binomialCdf = (x: AnyArray, n: AnyArray, p: AnyArray, q: AnyArray): AnyArray =>
  countCdf(x, (k) => {
    const isAll = ops.greaterEqual(k, n);
    return where(isAll, 1, upperBeta(add(where(isAll, 0, k), 1), where(isAll, 1, sub(n, k)), p, q));
  });

/** P(K ≤ x), K negative binomial. */
export const negativeBinomialCdf = (x: AnyArray, r: AnyArray, p: AnyArray, q: AnyArray): AnyArray =>
  countCdf(x, (k) => where(ops.isFinite(k), upperBeta(add(where(ops.isFinite(k), k, 0), 1), r, p, q), 1));

/** A number of trials as a constant: it is whole, and has no derivative. */
export const trials = (totalCount: Input): AnyArray => ops.stopGradient<AnyArray>(asArray(totalCount));
