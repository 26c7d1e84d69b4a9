/** E-BFMI: whether momenta are drawn anew widely enough to cross all energies of the posterior. */
import { chainsOf, mean, variance, type Draws } from './chains.ts';

/**
 * For each chain the mean squared change of the energy over its variance; below 0.3 the tails are explored too slowly.
 *
 * @param energy - U + K at each draw, `[chains][draws]`
 * @see Betancourt (2016), Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo, eq. 7
 * @example
 * bfmi([1, 2, 1, 2]); // [3]
 */
export const bfmi = (energy: Draws): readonly number[] =>
  chainsOf(energy).map((chain) => mean(chain.subarray(1).map((x, i) => (x - chain[i]!) ** 2)) / variance(chain));
