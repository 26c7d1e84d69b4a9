/** Autocovariance and autocorrelation of a chain: few lags by sums, all of them by the fast Fourier transform. */
import { array, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { mean } from './chains.ts';

/** In place, of a length that is a power of 2: Cooley, Tukey (1965), by bit reversal and butterflies. */
const transform = (re: Float64Array, im: Float64Array): void => {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / size), -Math.sin((2 * Math.PI * k) / size)];
      for (let from = k; from < n; from += size) {
        const to = from + half;
        const [x, y] = [re[to]! * c - im[to]! * s, re[to]! * s + im[to]! * c];
        [re[to], im[to]] = [re[from]! - x, im[from]! - y];
        [re[from], im[from]] = [re[from]! + x, im[from]! + y];
      }
    }
  }
};

/** Σ (x_i − x̄)(x_{i+lag} − x̄) for every lag, by the power spectrum of the chain padded with zeros. */
const sumsByTransform = (centred: Float64Array): Float64Array => {
  const size = 2 ** Math.ceil(Math.log2(2 * centred.length));
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  re.set(centred);
  transform(re, im);
  for (let i = 0; i < size; i++) {
    re[i] = re[i]! ** 2 + im[i]! ** 2;
    im[i] = 0;
  }
  // The spectrum is real and even, so that forwards and backwards are one.
  transform(re, im);
  return re.subarray(0, centred.length).map((value) => value / size);
};

/** Up to here sums are cheaper than the transform. */
const FEW_LAGS = 64;

/** The autocovariance of a chain at a lag, over n for every lag. What was computed is kept. */
export const lagged = (chain: Float64Array): ((lag: number) => number) => {
  const n = chain.length;
  const centre = mean(chain);
  const centred = chain.map((x) => x - centre);
  const few = new Map<number, number>();
  let all: Float64Array | undefined;
  const summed = (lag: number): number => {
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += centred[i]! * centred[i + lag]!;
    few.set(lag, sum);
    return sum;
  };
  return (lag) => {
    if (lag < FEW_LAGS) return (few.get(lag) ?? summed(lag)) / n;
    all ??= sumsByTransform(centred);
    return all[lag]! / n;
  };
};

/**
 * The autocovariance of a chain of n draws at the lags 0 … n − 1, each over n.
 *
 * @see Geyer (2011), Introduction to Markov Chain Monte Carlo, eq. 1.9
 * @example
 * autocovariance([1, 2, 3]); // [0.6666666666666666, 0, -0.3333333333333333]
 */
export const autocovariance = (x: readonly number[] | Float64Array | NDArray): NDArray => {
  const { data } = array(x);
  const at = lagged(Float64Array.from(data));
  return makeNDArray(
    Float64Array.from(data, (_, lag) => at(lag)),
    [data.length],
  );
};

/**
 * The autocovariance over its value at lag 0.
 *
 * @example
 * autocorrelation([1, 2, 3]); // [1, 0, -0.5]
 */
export const autocorrelation = (x: readonly number[] | Float64Array | NDArray): NDArray => {
  const { data, shape } = autocovariance(x);
  return makeNDArray(
    data.map((value) => value / data[0]!),
    shape,
  );
};
