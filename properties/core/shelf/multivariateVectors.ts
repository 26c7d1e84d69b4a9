/** The distributions of vectors, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { array, type Nested } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import type { Input } from '../../../core/value.ts';
import type { Shelf } from './entry.ts';

/** A Cholesky factor of two rows. */
export const factor: readonly (readonly number[])[] = [
  [1.5, 0],
  [-0.4, 0.7],
];
const covariance = [
  [2, 0.5],
  [0.5, 1],
];
const unit = [
  [1, 0],
  [0, 1],
];

const correlations = (rho: number): readonly (readonly number[])[] => [
  [1, rho],
  [rho, 1],
];

/** Vectors that sum to 1.5, or have a negative element. */
const beside = (n: number): readonly Nested[] => [
  Array.from({ length: n }, () => 1.5 / n),
  Array.from({ length: n }, (_, i) => (i === 0 ? -0.5 : 1.5 / (n - 1))),
];

export const multivariateVectors: Shelf = {
  Dirichlet: {
    make: dist.Dirichlet,
    params: [
      { concentration: [1.5, 2, 3] },
      { concentration: [0.4, 0.7] },
      { concentration: [30, 5, 60] },
      {
        concentration: [
          [1, 2],
          [3, 0.5],
        ],
      },
    ],
    outside: ({ concentration }) => beside(array(concentration!).shape.at(-1)!),
    invalid: [[{ concentration: [1, 0] }, 'concentration']],
  },
  GaussianCopula: {
    make: ({ rate, ...correlation }) => dist.GaussianCopula(dist.Exponential(rate), correlation as { readonly correlationMatrix: Input }),
    params: [
      { rate: [1.5, 2], correlationMatrix: correlations(0.6) },
      { rate: [1, 3], correlationMatrix: [correlations(-0.3), correlations(0.8)] },
    ],
    outside: [
      [1, -1],
      [-0.1, Infinity],
    ],
    invalid: [[{ rate: 1, correlationMatrix: correlations(1.1) }, 'correlationMatrix']],
  },
  GaussianCopulaBeta: {
    make: ({ concentration1, concentration0, ...correlation }) =>
      dist.GaussianCopulaBeta(concentration1!, concentration0!, correlation as { readonly correlationMatrix: Input }),
    params: [
      { concentration1: [2, 1.5], concentration0: [3, 2], correlationMatrix: correlations(0.5) },
      {
        concentration1: [
          [2, 3],
          [4, 5],
        ],
        concentration0: [3, 2],
        correlationCholesky: [
          [1, 0],
          [0.6, 0.8],
        ],
      },
    ],
    outside: [
      [0.5, 1.1],
      [-0.1, 0.5],
    ],
    invalid: [
      [
        {
          concentration1: 1,
          concentration0: 2,
          correlationCholesky: [
            [1, 0],
            [0.6, 0.7],
          ],
        },
        'correlationCholesky',
      ],
    ],
  },
  LowRankMultivariateNormal: {
    make: dist.LowRankMultivariateNormal,
    params: [
      { loc: [0, 1], covFactor: [[1], [-0.5]], covDiag: [0.5, 2] },
      {
        loc: [0, 1, 2],
        covFactor: [
          [1, 0.2],
          [0, 1],
          [-0.7, 3],
        ],
        covDiag: [0.1, 1, 2],
      },
      {
        loc: [0, 1],
        covFactor: [
          [[1], [0]],
          [[2], [3]],
        ],
        covDiag: [0.5, 2],
      },
    ],
    invalid: [
      [{ loc: [0, 0], covFactor: [[1], [1]], covDiag: [1, 0] }, 'covDiag'],
      [{ loc: [0, NaN], covFactor: [[1], [1]], covDiag: [1, 1] }, 'loc'],
    ],
  },
  MultivariateNormal: {
    make: dist.MultivariateNormal,
    params: [
      { loc: [1, -2], scaleTril: factor },
      { loc: [0, 0], covarianceMatrix: covariance },
      { loc: [1, 0], precisionMatrix: covariance },
      {
        loc: [
          [0, 1],
          [2, 3],
          [4, 5],
        ],
        scaleTril: [
          [1, 0],
          [0.5, 2],
        ],
      },
      { loc: 1, covarianceMatrix: [covariance, unit] },
      {
        loc: [
          [0, 1],
          [2, 3],
        ],
        precisionMatrix: [covariance, unit],
      },
    ],
    invalid: [
      [
        {
          loc: [0, 0],
          covarianceMatrix: [
            [1, 2],
            [2, 1],
          ],
        },
        'covarianceMatrix',
      ],
      [
        {
          loc: [0, 0],
          covarianceMatrix: [
            [1, 0.5],
            [0, 1],
          ],
        },
        'covarianceMatrix',
      ],
      [
        {
          loc: [0, 0],
          precisionMatrix: [
            [-1, 0],
            [0, 1],
          ],
        },
        'precisionMatrix',
      ],
      [
        {
          loc: [0, 0],
          scaleTril: [
            [1, 0.1],
            [0, 1],
          ],
        },
        'scaleTril',
      ],
      [
        {
          loc: [0, 0],
          scaleTril: [
            [1, 0],
            [0, -1],
          ],
        },
        'scaleTril',
      ],
      [{ loc: [0, NaN], scaleTril: unit }, 'loc'],
    ],
  },
  MultivariateStudentT: {
    make: dist.MultivariateStudentT,
    params: [
      { df: 7, loc: [1, -2], scaleTril: factor },
      { df: 30, loc: [0.5], scaleTril: [[2]] },
      {
        df: [9, 12],
        loc: 0.5,
        scaleTril: [
          [1, 0],
          [0.5, 2],
        ],
      },
    ],
    invalid: [
      [{ df: 0, loc: [0, 0], scaleTril: unit }, 'df'],
      [
        {
          df: 1,
          loc: [0, 0],
          scaleTril: [
            [1, 1],
            [0, 1],
          ],
        },
        'scaleTril',
      ],
    ],
  },
  ZeroSumNormal: {
    make: dist.ZeroSumNormal,
    params: [
      { scale: 0.6, eventShape: [3] },
      { scale: 1, eventShape: [3, 2] },
      { scale: [1, 2], eventShape: [4] },
    ],
    outside: ({ eventShape }) => [ops.ones(eventShape as number[]).toArray()],
    fixed: ['eventShape'],
    sizes: ['eventShape'],
    invalid: [[{ scale: 0, eventShape: [3] }, 'scale']],
  },
};
