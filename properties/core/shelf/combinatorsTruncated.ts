/** The truncated distributions, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { column } from '../../laws/distributionLaws.ts';
import type { AnyArray } from '../../../core/value.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import type { Shelf } from './entry.ts';

/** Quantiles with room on either side. */
const quartiles = (d: Distribution): AnyArray => d.icdf(column(d, [0.25, 0.5, 0.75]));

export const truncated: Shelf = {
  TruncatedNormal: {
    make: (params) => dist.TruncatedNormal(params),
    params: [
      { loc: 0, scale: 1, low: -1, high: 2 },
      { loc: 0, scale: 2, low: 12, high: 14 },
      { loc: [0, 1], scale: 1, low: -1, high: [[2], [3]] },
    ],
    outside: [-30, 30, Infinity],
    invalid: [
      [{ loc: 0, scale: -1, low: 0 }, 'scale'],
      [{ loc: 0, scale: 1, low: 1, high: 1 }, 'high'],
      [{ loc: 0, scale: 1, low: NaN }, 'low'],
    ],
    movingSupport: true,
    at: quartiles,
  },
  'TruncatedNormal from below': {
    make: (params) => dist.TruncatedNormal(params),
    params: [
      { loc: 1, scale: 0.5, low: 0.5 },
      { loc: 0, scale: 1, low: [6, 40] },
    ],
    outside: [0.4, -30],
    movingSupport: true,
    at: quartiles,
  },
  'TruncatedNormal from above': {
    make: (params) => dist.TruncatedNormal(params),
    params: [{ loc: 0, scale: 1, high: -6 }],
    outside: [-5, 30],
    movingSupport: true,
    at: quartiles,
  },
  TruncatedCauchy: {
    make: (params) => dist.TruncatedCauchy(params),
    params: [
      { loc: 1, scale: 2, low: -3, high: 4 },
      { loc: 0, scale: 0.5, low: [100, 3], high: [101, 50] },
    ],
    outside: [-4, 200, Infinity],
    invalid: [[{ loc: 0, scale: -1, low: 0 }, 'scale']],
    movingSupport: true,
    at: quartiles,
  },
  TruncatedGamma: {
    make: (params) => dist.TruncatedGamma(params),
    params: [
      { concentration: 2, rate: 1, low: 0.5, high: 3 },
      { concentration: 3, rate: 2, low: 30 },
      { concentration: 0.7, rate: 2, high: 1.5 },
    ],
    outside: [-1],
    invalid: [
      [{ concentration: 2, rate: 1, low: -1 }, 'low'],
      [{ concentration: 2, rate: 1, high: 0 }, 'high'],
    ],
    movingSupport: true,
    at: quartiles,
  },
  LeftTruncatedGamma: {
    make: ({ concentration, rate, low }) => dist.LeftTruncatedGamma(dist.Gamma({ concentration, rate }), { low }),
    params: [{ concentration: 2, rate: 1, low: 0.5 }],
    outside: [0.4, -1],
    movingSupport: true,
    at: quartiles,
  },
  RightTruncatedGamma: {
    make: ({ concentration, rate, high }) => dist.RightTruncatedGamma(dist.Gamma({ concentration, rate }), { high }),
    params: [{ concentration: 2, rate: 1, high: 2.5 }],
    outside: [3, -1],
    movingSupport: true,
    at: quartiles,
  },
  TwoSidedTruncatedGamma: {
    make: ({ concentration, rate, low, high }) => dist.TwoSidedTruncatedGamma(dist.Gamma({ concentration, rate }), { low, high }),
    params: [{ concentration: 2, rate: 1, low: 20, high: 25 }],
    outside: [19, 26],
    movingSupport: true,
    at: quartiles,
  },
  LeftTruncatedDistribution: {
    make: ({ loc, scale, low }) => dist.LeftTruncatedDistribution(dist.Logistic({ loc, scale }), low),
    params: [
      { loc: 0.5, scale: 1, low: -1 },
      { loc: 0.5, scale: 1, low: [3, 60] },
    ],
    outside: [-1.5, -Infinity],
    invalid: [[{ loc: 0, scale: -1, low: 0 }, 'scale']],
    movingSupport: true,
    at: quartiles,
  },
  RightTruncatedDistribution: {
    make: ({ loc, scale, high }) => dist.RightTruncatedDistribution(dist.SoftLaplace({ loc, scale }), high),
    params: [
      { loc: 0.5, scale: 1, high: 2 },
      { loc: 0.5, scale: 1, high: [-3, -60] },
    ],
    outside: [2.5, Infinity],
    movingSupport: true,
    at: quartiles,
  },
  TwoSidedTruncatedDistribution: {
    make: ({ loc, scale, low, high }) => dist.TwoSidedTruncatedDistribution(dist.Laplace({ loc, scale }), low, high),
    params: [
      { loc: 0.3, scale: 1, low: -0.5, high: 2 },
      { loc: 0, scale: 1, low: [3, 60], high: [4, 61] },
    ],
    outside: [-0.6, 70],
    invalid: [[{ loc: 0, scale: 1, low: [0, 3], high: 2 }, 'high']],
    movingSupport: true,
    at: quartiles,
  },
  TruncatedDistribution: {
    make: ({ df, loc, scale, low, high }) => dist.TruncatedDistribution(dist.StudentT({ df, loc, scale }), { low, high }),
    params: [
      { df: 5, loc: 1, scale: 2, low: -2, high: 3 },
      { df: [3, 30], loc: 0, scale: 1, low: 6, high: 6.5 },
    ],
    outside: [-3, 7],
    movingSupport: true,
    at: quartiles,
  },
};
