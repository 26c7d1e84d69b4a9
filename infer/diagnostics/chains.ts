/** Draws by chain, as diagnostics read them: one vector for each chain, and the numbers that all diagnostics are made of. */
import { kindlingError } from '../../core/errors.ts';
import { array, isNDArray, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { showShape } from '../../core/shape.ts';

/** Draws of one number: `[chains][draws]`, or an NDArray `[chains, draws]`; a vector is one chain. */
export type Draws = readonly number[] | readonly (readonly number[])[] | readonly Float64Array[] | Float64Array | NDArray;

/** One vector a chain, all of one length. */
export type Chains = readonly Float64Array[];

const isVectors = (x: Draws): x is readonly Float64Array[] => Array.isArray(x) && x.length > 0 && x.every((chain) => chain instanceof Float64Array);

const ofOneLength = (chains: Chains): boolean => chains.every(({ length }) => length === chains[0]!.length);

const arrayOf = (x: Draws): NDArray => {
  if (isNDArray(x)) return x;
  if (isVectors(x)) return ofOneLength(x) ? makeNDArray(pooled(x), [x.length, x[0]!.length]) : array(x.map((chain) => [...chain]));
  return x instanceof Float64Array ? array(x, [x.length]) : array(x);
};

/**
 * The chains of an array of draws.
 *
 * @throws InvalidShape for more axes than chains and draws, or for no draws
 */
export const chainsOf = (x: Draws): Chains => {
  const { data, shape } = arrayOf(x);
  if (shape.length < 1 || shape.length > 2 || data.length === 0) {
    throw kindlingError('InvalidShape', {
      message: 'a diagnostic takes the draws of one number',
      given: `shape ${showShape(shape)}`,
      expected: '[chains, draws]',
      remedy: 'Use summary for all numbers of an array, or pick one element',
    });
  }
  const draws = shape.at(-1)!;
  return Array.from({ length: data.length / draws }, (_, chain) => data.subarray(chain * draws, (chain + 1) * draws));
};

/** Every chain as two: its first half, and its last; of an odd number of draws the middle one is left out. */
export const splitChains = (chains: Chains): Chains => {
  const half = Math.floor(chains[0]!.length / 2);
  return [...chains.map((chain) => chain.subarray(0, half)), ...chains.map((chain) => chain.subarray(chain.length - half))];
};

/** All draws, one chain after the other. */
export const pooled = (chains: Chains): Float64Array => {
  const draws = chains[0]!.length;
  const all = new Float64Array(chains.length * draws);
  chains.forEach((chain, i) => all.set(chain, i * draws));
  return all;
};

/** A function of each draw. */
export const mapChains = (chains: Chains, f: (x: number) => number): Chains => chains.map((chain) => chain.map(f));

export const mean = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
};

/** The mean square deviation, over n − `ddof`. */
export const variance = (x: ArrayLike<number>, ddof: 0 | 1 = 1): number => {
  const centre = mean(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - centre) ** 2;
  return sum / (x.length - ddof);
};

/** @throws InvalidArgument for a level that is no probability */
export const checkLevel = (q: number): void => {
  if (!(q >= 0 && q <= 1))
    throw kindlingError('InvalidArgument', { message: 'the level of a quantile is a probability', given: String(q), expected: 'a number from 0 to 1' });
};

/** The quantile of sorted draws, linear between neighbours: type 7 of Hyndman, Fan (1996). */
export const quantileOfSorted = (sorted: Float64Array, q: number): number => {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const rest = at - low;
  return rest === 0 ? sorted[low]! : sorted[low]! + rest * (sorted[low + 1]! - sorted[low]!);
};

export const sortedDraws = (chains: Chains): Float64Array => pooled(chains).sort();

/** The middle draw, or the mean of the two. */
export const medianOfSorted = (sorted: Float64Array): number => (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;

/** A loop: `some` with a predicate is many times slower until V8 has optimised it, and a summary is often made once. */
export const hasNaN = (x: Float64Array): boolean => {
  for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i])) return true;
  return false;
};

/** Whether diagnostics are defined: at least so many chains, at least 4 draws in each, no NaN. */
export const isEnough = (chains: Chains, atLeast: number = 1): boolean => chains.length >= atLeast && chains[0]!.length >= 4 && !chains.some(hasNaN);

/** A diagnostic of draws; NaN where they are too few. */
export const diagnosed = (x: Draws, of: (chains: Chains) => number): number => {
  const chains = chainsOf(x);
  return isEnough(chains) ? of(chains) : NaN;
};
