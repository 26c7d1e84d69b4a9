/** The distributions of single numbers, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { continuousShapes } from './continuousShapes.ts';
import { continuousTails } from './continuousTails.ts';
import { positives, type Shelf } from './entry.ts';

export const continuous: Shelf = {
  ...continuousShapes,
  ...continuousTails,
  Normal: {
    make: dist.Normal,
    params: [
      { loc: 0, scale: 1 },
      { loc: -2.5, scale: 0.3 },
      { loc: [0, 1, 4], scale: [[0.5], [2]] },
    ],
    invalid: [
      [{ loc: 0, scale: 0 }, 'scale'],
      [{ loc: 0, scale: [1, -2] }, 'scale'],
      [{ loc: NaN, scale: 1 }, 'loc'],
    ],
  },
  LogNormal: {
    make: dist.LogNormal,
    params: [
      { loc: 0, scale: 0.5 },
      { loc: 1, scale: 0.3 },
      { loc: [0, -1], scale: 0.4 },
    ],
    outside: [0, ...positives],
    invalid: [[{ loc: 0, scale: -1 }, 'scale']],
  },
  HalfNormal: { make: dist.HalfNormal, params: [{ scale: 1 }, { scale: 3 }, { scale: [0.5, 2] }], outside: positives, invalid: [[{ scale: 0 }, 'scale']] },
  HalfCauchy: {
    make: dist.HalfCauchy,
    params: [{ scale: 1 }, { scale: 0.2 }, { scale: [0.5, 2] }],
    outside: positives,
    invalid: [[{ scale: -1 }, 'scale']],
    moments: false,
  },
  Exponential: { make: dist.Exponential, params: [{ rate: 1 }, { rate: 0.3 }, { rate: [0.5, 2, 5] }], outside: positives, invalid: [[{ rate: 0 }, 'rate']] },
  Gamma: {
    make: dist.Gamma,
    params: [
      { concentration: 1, rate: 1 },
      { concentration: 0.4, rate: 2 },
      { concentration: 20, rate: 3 },
      { concentration: [0.8, 3], rate: [[1], [2]] },
    ],
    outside: positives,
    invalid: [
      [{ concentration: 0, rate: 1 }, 'concentration'],
      [{ concentration: 1, rate: [1, NaN] }, 'rate'],
    ],
  },
  Beta: {
    make: dist.Beta,
    params: [
      { concentration1: 2, concentration0: 3 },
      { concentration1: 0.6, concentration0: 0.8 },
      { concentration1: 30, concentration0: 4 },
      { concentration1: [1, 2], concentration0: 1.5 },
    ],
    outside: [-0.1, 1.1, Infinity],
    invalid: [
      [{ concentration1: -1, concentration0: 1 }, 'concentration1'],
      [{ concentration1: 1, concentration0: 0 }, 'concentration0'],
    ],
  },
  Uniform: {
    make: dist.Uniform,
    params: [
      { low: 0, high: 1 },
      { low: -3, high: 2 },
      { low: [0, 1], high: [2, 5] },
    ],
    outside: [-4, 10, Infinity],
    invalid: [
      [{ low: 1, high: 1 }, 'high'],
      [{ low: 0, high: [1, -1] }, 'high'],
    ],
    movingSupport: true,
  },
};
