/** The effective sample size: how many independent draws would tell as much, as ArviZ counts it and as NumPyro does. */
import { lagged } from './autocovariance.ts';
import {
  chainsOf,
  checkLevel,
  diagnosed,
  mapChains,
  mean,
  pooled,
  quantileOfSorted,
  sortedDraws,
  splitChains,
  variance,
  type Chains,
  type Draws,
} from './chains.ts';
import { rankNormalized } from './ranks.ts';

const spread = (chains: Chains): number => {
  let [low, high] = [Infinity, -Infinity];
  for (const chain of chains) {
    for (const x of chain) {
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return high - low;
};

/** The autocorrelation at a lag that chains have together: 1 − (W − mean autocovariance) / var⁺. Vehtari et al. (2021), eq. 10. */
const jointCorrelation = (chains: Chains, within: number, total: number): ((lag: number) => number) => {
  const covariances = chains.map(lagged);
  return (lag) => 1 - (within - mean(covariances.map((at) => at(lag)))) / total;
};

/**
 * Of chains as they are: Geyer's initial positive sequence of pairs of autocorrelations, made monotone, with the last positive even term,
 * and at most S log₁₀ S for S draws. Vehtari et al. (2021), sec. 3.2; Geyer (2011), sec. 1.10.2.
 */
const essOf = (chains: Chains): number => {
  const draws = chains[0]!.length;
  const total = chains.length * draws;
  if (spread(chains) < 1e-15) return total;
  const within = mean(chains.map((chain) => variance(chain)));
  const joint = (within * (draws - 1)) / draws + (chains.length > 1 ? variance(chains.map(mean)) : 0);
  const rho = jointCorrelation(chains, within, joint);
  let [even, odd] = [1, rho(1)];
  let [bound, sum] = [Infinity, 0];
  for (let lag = 2; even + odd > 0 && lag < draws - 2; lag += 2) {
    bound = Math.min(bound, even + odd);
    sum += bound;
    [even, odd] = [rho(lag), rho(lag + 1)];
  }
  // Of the pair at which the sequence ends the even term counts, once.
  const last = even > 0 || even + odd >= 0 ? even : 0;
  const tau = Math.max(-1 + 2 * sum + last, 1 / Math.log10(total));
  return total / tau;
};

const essOfQuantile = (chains: Chains, at: number): number => essOf(splitChains(mapChains(chains, (value) => Number(value <= at))));

/** @internal Of the halves of chains, which are enough, rank-normalised or as they are: the bulk's effective sample size, or the mean's. */
export const essOfHalves: (halves: Chains) => number = essOf;

/** @internal That of the tails, of draws that are sorted already. */
export const essTailOf = (chains: Chains, sorted: Float64Array): number =>
  Math.min(essOfQuantile(chains, quantileOfSorted(sorted, 0.05)), essOfQuantile(chains, quantileOfSorted(sorted, 0.95)));

/**
 * The bulk effective sample size of `[chains][draws]`, rank-normalised and split, as ArviZ's `ess(method="bulk")`: how well the centre of the
 * distribution is known. NaN for fewer than 4 draws a chain.
 *
 * @see Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), Rank-normalization, folding, and localization: an improved R-hat, sec. 4
 * @example
 * ess([[1, 2, 3, 4], [1, 2, 3, 4]]); // 7.224719895935548
 */
export const ess = (x: Draws): number => diagnosed(x, (chains) => essOf(rankNormalized(splitChains(chains))));

/** The smaller of the effective sample sizes of the 5% and 95% quantiles, as ArviZ's `ess(method="tail")`: how well the tails are known. */
export const essTail = (x: Draws): number => diagnosed(x, (chains) => essTailOf(chains, sortedDraws(chains)));

/** The effective sample size for the mean, split but not rank-normalised, as ArviZ's `ess(method="mean")`. */
export const essMean = (x: Draws): number => diagnosed(x, (chains) => essOf(splitChains(chains)));

/** The effective sample size for the standard deviation, as ArviZ's `ess(method="sd")`. */
export const essSd = (x: Draws): number =>
  diagnosed(x, (chains) => {
    const centre = mean(pooled(chains));
    return essOf(splitChains(mapChains(chains, (value) => (value - centre) ** 2)));
  });

/** The effective sample size for a quantile, as ArviZ's `ess(method="quantile", prob=q)`. */
export const essQuantile = (x: Draws, q: number): number => {
  checkLevel(q);
  return diagnosed(x, (chains) => essOfQuantile(chains, quantileOfSorted(sortedDraws(chains), q)));
};

/**
 * NumPyro's `effective_sample_size`: of the chains whole, without ranks; it may exceed the number of draws.
 *
 * @see Geyer (2011), Introduction to Markov Chain Monte Carlo, sec. 1.10.2
 */
export const effectiveSampleSize = (x: Draws): number => {
  const chains = chainsOf(x);
  const draws = chains[0]!.length;
  const within = mean(chains.map((chain) => variance(chain)));
  const joint = (within * (draws - 1)) / draws + (chains.length > 1 ? variance(chains.map(mean)) : 0);
  // Of one chain NumPyro divides by the biased variance throughout.
  const rho = jointCorrelation(chains, chains.length > 1 ? within : joint, joint);
  let [bound, sum] = [Infinity, 1 + rho(1)];
  // A sequence that falls and is not negative stays 0 once it is.
  for (let lag = 2; lag + 1 < draws && bound > 0; lag += 2) {
    bound = Math.min(bound, Math.max(rho(lag) + rho(lag + 1), 0));
    sum += bound;
  }
  return (chains.length * draws) / (-1 + 2 * sum);
};
