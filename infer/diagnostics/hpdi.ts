/** The highest posterior density interval. */
import { kindlingError } from '../../core/errors.ts';
import { chainsOf, sortedDraws, type Draws } from './chains.ts';

/** @internal Of draws in order. */
export const hpdiOfSorted = (sorted: Float64Array, prob: number): readonly [low: number, high: number] => {
  const steps = Math.floor(prob * sorted.length);
  if (!(prob > 0 && prob < 1) || steps >= sorted.length) {
    throw kindlingError('InvalidArgument', { message: 'an interval holds a share of the draws between 0 and 1', given: `${prob} of ${sorted.length} draws` });
  }
  // NaN sorts last; with one among the draws, no interval is known to hold any share of them.
  if (Number.isNaN(sorted.at(-1))) return [NaN, NaN];
  let best = 0;
  for (let i = 1; i + steps < sorted.length; i++) {
    if (sorted[i + steps]! - sorted[i]! < sorted[best + steps]! - sorted[best]!) best = i;
  }
  return [sorted[best]!, sorted[best + steps]!];
};

/**
 * The narrowest interval that holds `prob` of the draws, all chains together; NaN where a draw is.
 *
 * @throws InvalidArgument for a share that is not between 0 and 1
 * @see Chen, Shao (1999), Monte Carlo estimation of Bayesian credible and HPD intervals
 * @example
 * hpdi([0, 1, 2, 3, 10], 0.6); // [0, 3]
 */
export const hpdi = (x: Draws, prob: number = 0.9): readonly [low: number, high: number] => hpdiOfSorted(sortedDraws(chainsOf(x)), prob);
