/** Rank normalisation: draws replaced by the normal quantiles of their ranks, which have moments however heavy the tails of the draws are. */
import { ndtri } from '../../core/special/erf.ts';
import { pooled, type Chains } from './chains.ts';

/** Ranks from 1, equal draws sharing the mean of theirs. */
const ranksOf = (x: Float64Array): Float64Array => {
  const order = Uint32Array.from(x, (_, i) => i).sort((i, j) => x[i]! - x[j]!);
  const ranks = new Float64Array(x.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && x[order[to]!] === x[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
};

/** Φ⁻¹((rank − 3/8) / (S + 1/4)) over all S draws: Vehtari et al. (2021), Rank-normalization, folding, and localization, eq. 14. */
export const rankNormalized = (chains: Chains): Chains => {
  const ranks = ranksOf(pooled(chains));
  const draws = chains[0]!.length;
  const z = ranks.map((rank) => ndtri((rank - 3 / 8) / (ranks.length + 1 / 4)));
  return chains.map((_, i) => z.subarray(i * draws, (i + 1) * draws));
};
