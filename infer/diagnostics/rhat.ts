/** R-hat: how much chains disagree, as the ratio of the spread of all draws to the spread within chains; 1 where they agree. */
import { chainsOf, isEnough, mapChains, mean, medianOfSorted, sortedDraws, splitChains, variance, type Chains, type Draws } from './chains.ts';
import { rankNormalized, type Scores } from './ranks.ts';

/** √(((n − 1)/n W + B/n) / W). Gelman, Rubin (1992). */
const ratio = (chains: Chains): number => {
  const draws = chains[0]!.length;
  const within = mean(chains.map((chain) => variance(chain)));
  return Math.sqrt((draws - 1) / draws + variance(chains.map(mean)) / within);
};

/** @internal The rank-normalised R-hat of the halves of chains that are enough, and of the halves rank-normalised. */
export const rhatOf = (halves: Chains, ranked: Chains, scores?: Scores): number => {
  const middle = medianOfSorted(sortedDraws(halves));
  return Math.max(
    ratio(ranked),
    ratio(
      rankNormalized(
        mapChains(halves, (x) => Math.abs(x - middle)),
        scores,
      ),
    ),
  );
};

/**
 * The rank-normalised split R-hat of `[chains][draws]`, as ArviZ's: the larger of that of the draws and that of their distances from the
 * median, so that it sees chains that differ in spread too. Above 1.01 chains have not mixed. NaN for one chain.
 *
 * @see Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), Rank-normalization, folding, and localization: an improved R-hat, sec. 4
 * @example
 * rhat([[1, 2, 3, 4], [1, 2, 3, 4]]); // 1.618658569695271
 */
export const rhat = (x: Draws): number => {
  const chains = chainsOf(x);
  if (!isEnough(chains, 2)) return NaN;
  const halves = splitChains(chains);
  return rhatOf(halves, rankNormalized(halves));
};

/** NumPyro's `split_gelman_rubin`: R-hat of half chains, without ranks. Of one chain it compares its halves. */
export const splitRhat = (x: Draws): number => ratio(splitChains(chainsOf(x)));

/** NumPyro's `gelman_rubin`: R-hat of the chains as they are; NaN for one. */
export const gelmanRubin = (x: Draws): number => ratio(chainsOf(x));
