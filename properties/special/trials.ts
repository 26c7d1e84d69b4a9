/** Trials of one probability: k successes, m failures, and how far they are from what is expected, without cancellation. */
import { poissonExponent } from './counts.ts';

/** 2²⁷ + 1, by which Dekker's product splits a double in halves. */
const SPLITTER = 134217729;

const leading = (x: number): number => {
  const scaled = SPLITTER * x;
  return scaled - (scaled - x);
};

/** What a b, rounded, lacks. */
const productError = (a: number, b: number, product: number): number => {
  const [p, q] = [leading(a), leading(b)];
  return p * q - product + p * (b - q) + (a - p) * q + (a - p) * (b - q);
};

/** What a + b, rounded, lacks. */
const sumError = (a: number, b: number, sum: number): number => {
  const other = sum - a;
  return a - (sum - other) + (b - other);
};

/** k (1 − p) − m p as if it were rounded once: k less the (k + m) p that are expected. */
export const trialExcess = (k: number, m: number, p: number): number => {
  const [ofK, ofM] = [k * p, m * p];
  const first = k - ofK;
  const second = first - ofM;
  const rest = sumError(k, -ofK, first) + sumError(first, -ofM, second) - productError(k, p, ofK) - productError(m, p, ofM);
  return Number.isFinite(rest) ? second + rest : second;
};

/** k log p + m log(1 − p), where 0 of either outcome counts 0. */
export const logTrials = (k: number, m: number, p: number): number => (k === 0 ? 0 : k * Math.log(p)) + (m === 0 ? 0 : m * Math.log1p(-p));

/** k log(n p / k) + m log(n (1 − p) / m), n = k + m: `logTrials` against its maximum at p = k / n. */
export const trialExponent = (k: number, m: number, p: number): number => poissonExponent(k, (k + m) * p) + poissonExponent(m, (k + m) * (1 - p));
