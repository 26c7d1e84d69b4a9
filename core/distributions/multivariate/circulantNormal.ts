/** The multivariate normal distribution with a circulant covariance: a stationary process on a circle. */
import { independent, positive, positiveDefiniteCirculantVector, realVector, type Constraint } from '../../constraints/index.ts';
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { byForm, checkFit, timesVector } from './forms.ts';

const { add, gather, log, mean, mul, sqrt, square, sub, sum } = ops;

const table = (rows: number, columns: number, f: (row: number, column: number) => number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: rows * columns }, (_, i) => f(Math.floor(i / columns), i % columns)),
    [rows, columns],
  );

/** 2π j k / n, the multiple reduced so that no digits are lost. */
const angle = (j: number, k: number, n: number): number => (2 * Math.PI * ((j * k) % n)) / n;

/** How many frequencies a real vector of n has, the zeroth counted. */
const frequencies = (n: number): number => Math.floor(n / 2) + 1;

/** The frequency of a row of the real Fourier basis: cosines of 0 … n/2, then sines of 1 …. */
const frequencyOf = (row: number, n: number): number => (row < frequencies(n) ? row : row - frequencies(n) + 1);

/** The orthonormal real Fourier basis in rows: the eigenvectors of every symmetric circulant matrix. */
const basis = (n: number): NDArray =>
  table(n, n, (row, j) => {
    const k = frequencyOf(row, n);
    const isAlone = k === 0 || 2 * k === n;
    const wave = row < frequencies(n) ? Math.cos(angle(j, k, n)) : Math.sin(angle(j, k, n));
    return Math.sqrt((isAlone ? 1 : 2) / n) * wave;
  });

const sizeOf = ({ loc }: Readonly<Record<string, AnyArray>>): number => loc!.shape.at(-1)!;

/** The eigenvalue of each row of the basis, from those of the frequencies. */
const eigenvalues = (spectrum: AnyArray, n: number): AnyArray => {
  const index = makeNDArray(
    Float64Array.from({ length: n }, (_, row) => frequencyOf(row, n)),
    [n],
    'int32',
  );
  return gather(spectrum, index, -1);
};

interface Form {
  readonly constraint: Constraint;
  readonly extent: (n: number) => number;
  /** The eigenvalue λ_k of each frequency. */
  readonly spectrum: (param: AnyArray, n: number) => AnyArray;
}

const forms: Readonly<Record<string, Form>> = {
  covarianceRow: {
    constraint: positiveDefiniteCirculantVector,
    extent: (n) => n,
    spectrum: (covariances, n) =>
      timesVector(
        table(frequencies(n), n, (k, j) => Math.cos(angle(j, k, n))),
        covariances,
      ),
  },
  covarianceRfft: { constraint: independent(positive, 1), extent: frequencies, spectrum: (rfft) => rfft },
};

/** The n eigenvalues of the covariance of a circulant normal distribution, whichever vector it was made of. */
export const eigenvaluesOf = ({ params, eventShape: [n] }: Distribution): AnyArray => {
  const [name, given] = Object.entries(params).find(([each]) => each in forms) as [string, AnyArray];
  return eigenvalues(forms[name]!.spectrum(given, n!), n!);
};

const row = (name: string): Constructor<string> => {
  const form = forms[name]!;
  const valuesOf = (params: Readonly<Record<string, AnyArray>>): AnyArray => eigenvalues(form.spectrum(params[name]!, sizeOf(params)), sizeOf(params));
  return defineDistribution<string>({
    name: 'CirculantNormal',
    params: { loc: { constraint: realVector }, [name]: { constraint: form.constraint } },
    support: realVector,
    eventShape: (params) => {
      checkFit('CirculantNormal', params[name]!.shape.at(-1) === form.extent(sizeOf(params)), params);
      return [sizeOf(params)];
    },
    isReparameterized: true,
    sample: (params, key, shape) => {
      const waves = mul(sqrt(valuesOf(params)), normal(key, [...shape, sizeOf(params)]));
      return add(params['loc']!, timesVector(ops.transpose(basis(sizeOf(params))), waves));
    },
    logProb: (params, x) => {
      const values = valuesOf(params);
      const waves = timesVector(basis(sizeOf(params)), sub(x, params['loc']!));
      return sub(mul(-0.5, sum(add(ops.div(square(waves), values), log(values)), -1)), sizeOf(params) * HALF_LOG_2PI);
    },
    mean: (params) => params['loc']!,
    variance: (params) => mul(mean(valuesOf(params), -1, true), ops.ones([sizeOf(params)])),
    entropy: (params) => add(mul(0.5, sum(log(valuesOf(params)), -1)), sizeOf(params) * (HALF_LOG_2PI + 0.5)),
  });
};

/**
 * CirculantNormal(loc, covarianceRow): the multivariate normal whose covariance is the circulant matrix of a first row c, c_j = c_{n−j}.
 * Its eigenvalues are λ_k = Σ_j c_j cos(2π j k / n), its eigenvectors the waves of a circle.
 *
 * @param loc - the mean, `[…, n]`
 * @param covarianceRow - c, `[…, n]`, with eigenvalues that are positive; or
 * @param covarianceRfft - λ_k for k = 0 … ⌊n/2⌋, `[…, ⌊n/2⌋ + 1]`, positive; one of the two
 * @throws InvalidShape where the two do not fit
 * @see Wood, Chan, Simulation of stationary Gaussian processes in [0, 1]^d (1994)
 * @example
 * dist.CirculantNormal([0, 0, 0], [2, 0.5, 0.5]).variance; // [2, 2, 2]
 */
export const CirculantNormal: Constructor<'loc' | 'covarianceRow' | 'covarianceRfft'> = byForm('CirculantNormal', ['loc', 'covarianceRow', 'covarianceRfft'], {
  covarianceRow: row('covarianceRow'),
  covarianceRfft: row('covarianceRfft'),
});
