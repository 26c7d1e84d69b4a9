/** Rank normalisation: draws replaced by the normal quantiles of their ranks, which have moments however heavy the tails of the draws are. */
import { makeNDArray } from '../../core/ndarray.ts';
import { ndtri } from '../../core/ops/index.ts';
import { pooled, type Chains } from './chains.ts';

/** How many of sorted numbers are below x, or at most x. */
const countBelow = (sorted: Float64Array, x: number, orEqual: boolean): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x || (orEqual && sorted[middle] === x)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Ranks from 1, equal draws sharing the mean of theirs. Numbers sorted without a comparator, and a search for each, are cheaper than indices sorted by one. */
const ranksOf = (x: Float64Array): Float64Array => {
  const sorted = x.slice().sort();
  const ranks = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const below = countBelow(sorted, x[i]!, false);
    const isAlone = sorted[below + 1] !== x[i];
    ranks[i] = isAlone ? below + 1 : (below + 1 + countBelow(sorted, x[i]!, true)) / 2;
  }
  return ranks;
};

/** Φ⁻¹((rank − 3/8) / (S + 1/4)) for the ranks first, first + 1, … below S + 1: Vehtari et al. (2021), Rank-normalization, folding, and localization, eq. 14. */
const scoresFrom = (first: number, S: number): Float64Array => {
  const shares = Float64Array.from({ length: Math.floor(S - first) + 1 }, (_, i) => (first + i - 3 / 8) / (S + 1 / 4));
  return ndtri(makeNDArray(shares, [shares.length])).data;
};

/** The score of each rank among S. */
export type Scores = (S: number) => (rank: number) => number;

/** Makes scores that keep those of the last S: a summary normalises the ranks of many numbers, and all have the same ones. */
export const makeScores = (): Scores => {
  let kept: { readonly S: number; readonly whole: Float64Array; halves: Float64Array | undefined } | undefined;
  return (S) => {
    const own = kept?.S === S ? kept : (kept = { S, whole: scoresFrom(1, S), halves: undefined });
    return (rank) => (Number.isInteger(rank) ? own.whole[rank - 1]! : (own.halves ??= scoresFrom(1.5, S))[rank - 1.5]!);
  };
};

/** The draws of all chains replaced by the scores of their ranks. */
export const rankNormalized = (chains: Chains, scores: Scores = makeScores()): Chains => {
  const ranks = ranksOf(pooled(chains));
  const draws = chains[0]!.length;
  const z = ranks.map(scores(ranks.length));
  return chains.map((_, i) => z.subarray(i * draws, (i + 1) * draws));
};
