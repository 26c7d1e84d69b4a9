/** Monte-Carlo standard errors: how far an estimate from these draws may be off. */
import { betaincInv } from '../../core/ops/special.ts';
import { toNDArray } from '../../core/value.ts';
import { checkLevel, diagnosed, mapChains, mean, pooled, sortedDraws, variance, type Draws } from './chains.ts';
import { essMean, essQuantile } from './ess.ts';

/**
 * The standard error of the mean, sd / √ESS, as ArviZ's `mcse`.
 *
 * @see Vehtari et al. (2021), Rank-normalization, folding, and localization, sec. 4.4
 * @example
 * mcse([[1, 2, 3, 4], [1, 2, 3, 4]]); // 0.44467270567448464
 */
export const mcse = (x: Draws): number => diagnosed(x, (chains) => Math.sqrt(variance(pooled(chains)) / essMean(chains)));

/** The standard error of the standard deviation, by the variance of the squares. Kenney, Keeping (1951), p. 141. */
export const mcseSd = (x: Draws): number =>
  diagnosed(x, (chains) => {
    const all = pooled(chains);
    const centre = mean(all);
    const squares = all.map((value) => (value - centre) ** 2);
    const ofVariance = variance(squares, 0) / essMean(mapChains(chains, (value) => (value - centre) ** 2));
    return Math.sqrt(ofVariance / mean(squares) / 4);
  });

/** Levels one standard deviation to either side of a normal mean, as ArviZ writes them. */
const ONE_SD = [0.1586553, 0.8413447] as const;

/** The standard error of a quantile: half the distance of the order statistics at one standard deviation of its level, a beta variate. */
export const mcseQuantile = (x: Draws, q: number): number => {
  checkLevel(q);
  return diagnosed(x, (chains) => {
    const size = essQuantile(chains, q);
    const sorted = sortedDraws(chains);
    const at = (level: number): number => toNDArray(betaincInv(size * q + 1, size * (1 - q) + 1, level)).item() * sorted.length - 1;
    const [low, high] = [Math.floor(Math.max(at(ONE_SD[0]), 0)), Math.ceil(Math.min(at(ONE_SD[1]), sorted.length - 1))];
    return (sorted[high]! - sorted[low]!) / 2;
  });
};

/** The standard error of the median. */
export const mcseMedian = (x: Draws): number => mcseQuantile(x, 0.5);
