/** The distributions of single numbers that were made for their tails or bounds, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { positives, type Shelf } from './entry.ts';

const locationScale = [
  { loc: 0, scale: 1 },
  { loc: -2.5, scale: 0.3 },
  { loc: [0, 1, 4], scale: [[0.5], [2]] },
];
const badScale = [
  [{ loc: 0, scale: 0 }, 'scale'],
  [{ loc: NaN, scale: 1 }, 'loc'],
] as const;

export const continuousTails: Shelf = {
  Cauchy: { make: dist.Cauchy, params: locationScale, invalid: badScale, moments: false },
  StudentT: {
    make: dist.StudentT,
    params: [
      { df: 5, loc: 0, scale: 1 },
      { df: 40, loc: -1, scale: 0.3 },
      { df: 1e5, loc: 0.5, scale: 2 },
      { df: [5, 12], loc: [[0], [1]], scale: 2 },
    ],
    invalid: [
      [{ df: 0, loc: 0, scale: 1 }, 'df'],
      [{ df: 2, loc: 0, scale: -1 }, 'scale'],
    ],
  },
  Laplace: { make: dist.Laplace, params: locationScale, invalid: badScale, kink: 'loc' },
  AsymmetricLaplace: {
    make: dist.AsymmetricLaplace,
    params: [
      { loc: 0, scale: 1, asymmetry: 1 },
      { loc: 1, scale: 0.5, asymmetry: 3 },
      { loc: [0, 1], scale: 2, asymmetry: [[0.3], [2]] },
    ],
    invalid: [[{ loc: 0, scale: 1, asymmetry: 0 }, 'asymmetry']],
    kink: 'loc',
  },
  AsymmetricLaplaceQuantile: {
    make: dist.AsymmetricLaplaceQuantile,
    params: [
      { loc: 0, scale: 1, quantile: 0.5 },
      { loc: 1, scale: 0.5, quantile: 0.9 },
      { loc: [0, 1], scale: 2, quantile: [[0.2], [0.6]] },
    ],
    invalid: [
      [{ loc: 0, scale: 1, quantile: 0 }, 'quantile'],
      [{ loc: 0, scale: 1, quantile: 1 }, 'quantile'],
    ],
    kink: 'loc',
  },
  SoftLaplace: { make: dist.SoftLaplace, params: locationScale, invalid: badScale },
  Logistic: { make: dist.Logistic, params: locationScale, invalid: badScale },
  Gumbel: { make: dist.Gumbel, params: locationScale, invalid: badScale },
  Levy: {
    make: dist.Levy,
    params: [
      { loc: 0, scale: 1 },
      { loc: -2, scale: 0.3 },
      { loc: [0, 1], scale: [[0.5], [2]] },
    ],
    outside: [-2.5, -Infinity],
    invalid: badScale,
    moments: false,
    movingSupport: true,
  },
  InverseGamma: {
    make: dist.InverseGamma,
    params: [
      { concentration: 5, rate: 1 },
      { concentration: 20, rate: 30 },
      { concentration: [6, 9], rate: [[1], [2]] },
    ],
    outside: [0, ...positives],
    invalid: [
      [{ concentration: 0, rate: 1 }, 'concentration'],
      [{ concentration: 1, rate: -1 }, 'rate'],
    ],
  },
  Pareto: {
    make: dist.Pareto,
    params: [
      { scale: 1, alpha: 6 },
      { scale: 0.3, alpha: 20 },
      { scale: [1, 2], alpha: [[5], [8]] },
    ],
    outside: [0.2, -1, -Infinity],
    invalid: [
      [{ scale: 0, alpha: 1 }, 'scale'],
      [{ scale: 1, alpha: -1 }, 'alpha'],
    ],
    movingSupport: true,
  },
  LowerTruncatedPowerLaw: {
    make: dist.LowerTruncatedPowerLaw,
    params: [
      { alpha: -7, low: 1 },
      { alpha: -20, low: 0.3 },
      { alpha: [-6, -9], low: [[1], [2]] },
    ],
    outside: [0.2, -1, -Infinity],
    invalid: [
      [{ alpha: -1, low: 1 }, 'alpha'],
      [{ alpha: -2, low: 0 }, 'low'],
    ],
    movingSupport: true,
  },
  DoublyTruncatedPowerLaw: {
    make: dist.DoublyTruncatedPowerLaw,
    params: [
      { alpha: -2.5, low: 1, high: 100 },
      { alpha: -1, low: 0.1, high: 10 },
      { alpha: -1.0001, low: 1, high: 3 },
      { alpha: 1.5, low: 0.5, high: 3 },
      { alpha: [-3, 2], low: [[1], [2]], high: 4 },
    ],
    outside: [0.05, 101, Infinity],
    invalid: [
      [{ alpha: 1, low: 2, high: 2 }, 'high'],
      [{ alpha: -1, low: 0, high: 2 }, 'alpha'],
      [{ alpha: 1, low: -1, high: 2 }, 'low'],
    ],
    movingSupport: true,
  },
  LogUniform: {
    make: dist.LogUniform,
    params: [
      { low: 1, high: 10 },
      { low: 1e-3, high: 50 },
      { low: [1, 2], high: [[3], [4]] },
    ],
    outside: [5e-4, 60, Infinity],
    invalid: [
      [{ low: 0, high: 1 }, 'low'],
      [{ low: 2, high: 1 }, 'high'],
    ],
    movingSupport: true,
  },
};
