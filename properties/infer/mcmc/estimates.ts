/** Estimates from chains, for the tests of the sampler: independent of the library's own diagnostics. */

const meanOf = (xs: Float64Array): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const varianceOf = (xs: Float64Array): number => {
  const mean = meanOf(xs);
  return xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1);
};

/** Batches of each chain: long enough that their means hardly depend on each other. */
const BATCHES = 20;

/** The mean of all draws and its standard error, by batch means. */
export const meanAndError = (chains: readonly Float64Array[]): { readonly mean: number; readonly error: number } => {
  const means = Float64Array.from(
    chains.flatMap((chain) => {
      const size = Math.floor(chain.length / BATCHES);
      return Array.from({ length: BATCHES }, (_, b) => meanOf(chain.subarray(b * size, (b + 1) * size)));
    }),
  );
  return { mean: meanOf(means), error: Math.sqrt(varianceOf(means) / means.length) };
};

/** Split R-hat: Gelman et al., Bayesian Data Analysis (2013), section 11.4. */
export const splitRhat = (chains: readonly Float64Array[]): number => {
  const halves = chains.flatMap((chain) => [chain.subarray(0, chain.length >> 1), chain.subarray(chain.length - (chain.length >> 1))]);
  const n = halves[0]!.length;
  const within = meanOf(Float64Array.from(halves, varianceOf));
  const between = varianceOf(Float64Array.from(halves, meanOf));
  return Math.sqrt(((n - 1) / n) * 1 + between / within);
};
