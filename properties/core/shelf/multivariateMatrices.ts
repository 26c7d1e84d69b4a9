/** The distributions of matrices, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { array, type Nested } from '../../../core/ndarray.ts';
import { toNumber, type Input } from '../../../core/value.ts';
import type { Params, Shelf, ShelfEntry } from './entry.ts';
import { factor } from './multivariateVectors.ts';

const scale = [
  [2, 0.5],
  [0.5, 1],
];
const wide = [
  [1, 0, 0],
  [0.5, 0.8, 0],
  [-0.3, 0.1, 1.4],
];
const unit = [
  [1, 0],
  [0, 1],
];

/** The entry of one of the family of Wishart, at degrees of freedom at which all moments needed exist. */
const wishart = (make: ShelfEntry['make'], outside: ShelfEntry['outside']): ShelfEntry => ({
  make,
  params: [
    { concentration: 9, scaleTril: factor },
    { concentration: 9.5, scaleMatrix: scale },
    { concentration: 10.5, rateMatrix: scale },
    { concentration: [11, 14], scaleTril: wide },
  ],
  outside,
  invalid: [
    [{ concentration: 1, scaleTril: unit }, 'concentration'],
    [
      {
        concentration: 3,
        scaleMatrix: [
          [1, 2],
          [2, 1],
        ],
      },
      'scaleMatrix',
    ],
    [
      {
        concentration: 3,
        rateMatrix: [
          [1, 2],
          [2, 1],
        ],
      },
      'rateMatrix',
    ],
    [
      {
        concentration: 3,
        scaleTril: [
          [1, 1],
          [0, 1],
        ],
      },
      'scaleTril',
    ],
  ],
});

const lkj = (make: (params: never) => dist.Distribution, sets: readonly Params[], outside: ShelfEntry['outside']): ShelfEntry => ({
  make: make as (params: Readonly<Record<string, Input>>) => dist.Distribution,
  params: sets,
  outside,
  fixed: ['dimension'],
  sizes: ['dimension'],
  invalid: [[{ dimension: 2, concentration: 0 }, 'concentration']],
});

const sideOf = ({ dimension, ...params }: Params): number => (dimension === undefined ? array(Object.values(params)[1]!).shape.at(-1)! : (dimension as number));
const identity = (n: number): number[][] => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => Number(i === j)));
/** An identity matrix but for one entry, or two. */
const spoilt = (set: Params, above: number, below: number, corner: number): Nested => {
  const matrix = identity(sideOf(set));
  matrix[0]![1] = above;
  matrix[1]![0] = below;
  matrix[1]![1] = corner;
  return matrix;
};
const notFactors = (set: Params): readonly Nested[] => [spoilt(set, 0.1, 0, 1), spoilt(set, 0, 0, -1)];
const notMatrices = (set: Params): readonly Nested[] => [spoilt(set, 2, 2, 1), spoilt(set, 0.5, 0, 1)];

export const multivariateMatrices: Shelf = {
  GaussianStateSpace: {
    make: dist.GaussianStateSpace,
    params: [
      { numSteps: 2, transitionMatrix: [[0.6]], scaleTril: [[1.2]] },
      {
        numSteps: 3,
        transitionMatrix: [
          [0.5, 0.2],
          [-0.3, 0.9],
        ],
        covarianceMatrix: scale,
        initialValue: [1, -2],
      },
      {
        numSteps: 2,
        transitionMatrix: [
          [0.5, 0.2],
          [-0.3, 0.9],
        ],
        precisionMatrix: scale,
        initialValue: [
          [1, -2],
          [0, 3],
        ],
      },
    ],
    fixed: ['numSteps'],
    sizes: ['numSteps'],
    invalid: [
      [
        {
          numSteps: 2,
          transitionMatrix: unit,
          scaleTril: [
            [1, 1],
            [0, 1],
          ],
        },
        'scaleTril',
      ],
    ],
  },
  InverseWishart: wishart(dist.InverseWishart, notMatrices),
  InverseWishartCholesky: wishart(dist.InverseWishartCholesky, notFactors),
  LKJ: lkj(
    dist.LKJ,
    [
      { dimension: 2, concentration: 0.8 },
      { dimension: 3, concentration: 2 },
      { dimension: 4, concentration: [1, 20] },
    ],
    notMatrices,
  ),
  LKJCholesky: lkj(
    (params: Readonly<Record<string, Input>>) =>
      dist.LKJCholesky({ dimension: 3, ...params, sampleMethod: toNumber(params['dimension']!) === 4 ? 'cvine' : 'onion' }),
    [
      { dimension: 2, concentration: 0.8 },
      { dimension: 3, concentration: 2 },
      { dimension: 4, concentration: 1.5 },
      { dimension: 4, concentration: [1, 20] },
    ],
    notFactors,
  ),
  MatrixNormal: {
    make: dist.MatrixNormal,
    params: [
      { loc: [[0, 1]], scaleTrilRow: [[1.5]], scaleTrilColumn: factor },
      {
        loc: [
          [0, 1, 2],
          [3, 4, 5],
        ],
        scaleTrilRow: factor,
        scaleTrilColumn: wide,
      },
      { loc: [[[0, 1]], [[2, 3]]], scaleTrilRow: [[[2]], [[1]]], scaleTrilColumn: factor },
    ],
    invalid: [[{ loc: [[0, 1]], scaleTrilRow: [[-1]], scaleTrilColumn: unit }, 'scaleTrilRow']],
  },
  Wishart: wishart(dist.Wishart, notMatrices),
  WishartCholesky: wishart(dist.WishartCholesky, notFactors),
};
