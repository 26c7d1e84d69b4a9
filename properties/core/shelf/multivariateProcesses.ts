/** The distributions of processes in time and space, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import type { Input } from '../../../core/value.ts';
import type { Shelf } from './entry.ts';

const square = [
  [0, 1, 0, 1],
  [1, 0, 1, 0],
  [0, 1, 0, 2],
  [1, 0, 2, 0],
];

export const multivariateProcesses: Shelf = {
  CAR: {
    make: dist.CAR,
    params: [
      { loc: [0, 1, 2, 3], correlation: 0.6, conditionalPrecision: 1.3, adjMatrix: square },
      { loc: 0.5, correlation: [-0.4, 0.95], conditionalPrecision: [0.5, 2], adjMatrix: square },
    ],
    fixed: ['adjMatrix'],
    invalid: [
      [
        {
          loc: [0, 0],
          correlation: 1,
          conditionalPrecision: 1,
          adjMatrix: [
            [0, 1],
            [1, 0],
          ],
        },
        'correlation',
      ],
      [
        {
          loc: [0, 0],
          correlation: 0,
          conditionalPrecision: 1,
          adjMatrix: [
            [0, 1],
            [0.5, 0],
          ],
        },
        'adjMatrix',
      ],
      [
        {
          loc: [0, 0],
          correlation: 0,
          conditionalPrecision: 1,
          adjMatrix: [
            [0, 0],
            [0, 0],
          ],
        },
        'adjMatrix',
      ],
    ],
  },
  CirculantNormal: {
    make: dist.CirculantNormal,
    params: [
      { loc: [0, 1], covarianceRow: [2, 0.7] },
      { loc: [0, 1, 2, 3, 4], covarianceRow: [2, 0.6, 0.2, 0.2, 0.6] },
      {
        loc: [0, 1, 2, 3],
        covarianceRfft: [
          [3, 1, 0.5],
          [1, 2, 1],
        ],
      },
    ],
    invalid: [
      [{ loc: [0, 1, 2], covarianceRow: [1, 0.7, 0.2] }, 'covarianceRow'],
      [{ loc: [0, 1, 2], covarianceRfft: [1, -1] }, 'covarianceRfft'],
    ],
  },
  EulerMaruyama: {
    make: ({ t, rate, scale }) => {
      const overSteps = (x: Input): Input => ops.expandDims(x, -1);
      return dist.EulerMaruyama(t!, (x, at) => [ops.neg(ops.mul(overSteps(rate!), ops.add(x, at))), overSteps(scale!)], dist.Normal(0, scale));
    },
    params: [
      { t: [0, 0.5], rate: 0.7, scale: 0.4 },
      { t: [0, 0.3, 1, 1.2], rate: 2, scale: 1.5 },
    ],
    fixed: ['t'],
    moments: false,
    invalid: [[{ t: [0, 0], rate: 1, scale: 1 }, 't']],
  },
  GaussianRandomWalk: {
    make: dist.GaussianRandomWalk,
    params: [
      { scale: 0.7, numSteps: 2 },
      { scale: [1, 2], numSteps: 4 },
    ],
    fixed: ['numSteps'],
    sizes: ['numSteps'],
    invalid: [[{ scale: -1, numSteps: 2 }, 'scale']],
  },
};
