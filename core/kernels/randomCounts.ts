/** The kernels of Poisson and binomial variates by key. */
import { betaincDx, gammaincDx } from '../special/density.ts';
import type { Kernel } from './kernel.ts';
import { variateKernel, type Attempts } from './random.ts';

/** Means below this are inverted by a search from 0. */
export const SEARCH_BELOW = 10;
/** With a mean below `SEARCH_BELOW` a count above this has a chance below 1e-70. */
export const SEARCH_MOST = 120;

/** The first k at which the sum of probabilities passes a uniform number; `ratio` is that of the probability of k to the one before. */
const search = (u: number, atZero: number, ratio: (k: number) => number): number => {
  let term = atZero;
  let below = term;
  let k = 0;
  while (u >= below && k < SEARCH_MOST) {
    k++;
    term *= ratio(k);
    below += term;
  }
  return k;
};

/**
 * A Poisson variate: inversion at small rates, from 10 on transformed rejection, PTRS of Hörmann, "The transformed rejection method for
 * generating Poisson random variables" (1993), with the probability by its deviance, so that nothing cancels at large rates.
 */
const poissonVariate = ({ take, uniform, coarse }: Attempts, rate: number): number => {
  if (!(rate >= 0)) return NaN;
  if (rate === Infinity) return Infinity;
  if (rate < SEARCH_BELOW) {
    take(1);
    return search(uniform(), Math.exp(-rate), (k) => rate / k);
  }
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const sure = 0.9277 - 3.6224 / (b - 2);
  for (let attempt = 1; ; attempt++) {
    take(attempt);
    const u = uniform() - 0.5;
    const v = coarse();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= sure) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (v * inverseAlpha <= (a / (us * us) + b) * gammaincDx(k + 1, rate)) return k;
  }
};

/** The same for the binomial distribution with p ≤ ½ and n p ≥ 10: BTRS of Hörmann, "The generation of binomial random variates" (1993). */
const binomialByRejection = ({ take, uniform, coarse }: Attempts, n: number, p: number): number => {
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  // The density at the mode serves every attempt that asks for it; most are sure before.
  let scale = 0;
  const sure = 0.92 - 4.2 / b;
  for (let attempt = 1; ; attempt++) {
    take(attempt);
    const u = uniform() - 0.5;
    const v = coarse();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= sure) return k;
    if (k < 0 || k > n) continue;
    if (scale === 0) {
      const mode = Math.floor((n + 1) * p);
      scale = (2.83 + 5.1 / b) * spread * betaincDx(mode + 1, n - mode + 1, p);
    }
    if (v * scale <= (a / (us * us) + b) * betaincDx(k + 1, n - k + 1, p)) return k;
  }
};

/** A binomial variate: of the rarer outcome, and turned round where that is failure. */
const binomialVariate = (attempts: Attempts, n: number, probability: number): number => {
  if (!(n >= 0 && n < Infinity && Math.floor(n) === n && probability >= 0 && probability <= 1)) return NaN;
  const p = Math.min(probability, 1 - probability);
  const rare = (): number => {
    if (n * p >= SEARCH_BELOW) return binomialByRejection(attempts, n, p);
    attempts.take(1);
    return search(attempts.uniform(), Math.exp(n * Math.log1p(-p)), (k) => ((n - k + 1) / k) * (p / (1 - p)));
  };
  return probability > 0.5 ? n - rare() : rare();
};

/** Counts of rate `rate`: 0 at rate 0, Infinity at Infinity, NaN below 0. */
export const RandomPoisson: Kernel = variateKernel('RandomPoisson', ['rate'], poissonVariate, 'zero');

/** How many of `n` trials succeed with probability `p` each; NaN where `n` is no count or `p` no probability. */
export const RandomBinomial: Kernel = variateKernel('RandomBinomial', ['n', 'p'], binomialVariate, 'zero');
