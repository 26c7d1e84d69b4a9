/** The distributions of classes and of vectors of counts, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import type { Params, Shelf } from './entry.ts';

/** All vectors of counts of `size` entries that sum to n. */
const compositions = (n: number, size: number): readonly (readonly number[])[] =>
  size === 1 ? [[n]] : Array.from({ length: n + 1 }, (_, k) => compositions(n - k, size - 1).map((rest) => [k, ...rest])).flat();

const of =
  (size: number) =>
  ({ totalCount }: Params): readonly (readonly number[])[] =>
    compositions(totalCount as number, size);

const wrongClass = [-1, 3, 0.5];
const wrongCounts = [
  [1, 1, 1],
  [-1, 3, 3],
  [0.5, 1.5, 3],
];
const wrongHots = [
  [1, 1, 0],
  [0, 0, 0],
  [0.5, 0.5, 0],
];

const wrongProbs = [0.5, 0.6, 0.1];
const fixed = ['totalCount'];

export const discreteClasses: Shelf = {
  CategoricalProbs: {
    make: dist.CategoricalProbs,
    unnormalised: true,
    params: [
      { probs: [0.2, 0.5, 0.3] },
      { probs: [0.9, 0.1] },
      {
        probs: [
          [0.2, 0.5, 0.3],
          [0.6, 0.1, 0.3],
        ],
      },
    ],
    outside: wrongClass,
    invalid: [
      [{ probs: [0.5, 0.6] }, 'probs'],
      [
        {
          probs: [
            [0.5, 0.5],
            [1.5, -0.5],
          ],
        },
        'probs',
      ],
    ],
    moments: false,
  },
  CategoricalLogits: {
    make: dist.CategoricalLogits,
    params: [
      { logits: [0, 1, -1] },
      {
        logits: [
          [0, 1, -1],
          [3, 0, 0],
        ],
      },
    ],
    outside: wrongClass,
    invalid: [[{ logits: [0, NaN] }, 'logits']],
    moments: false,
  },
  Categorical: {
    make: dist.Categorical,
    params: [{ logits: [0, 1, -1] }],
    outside: wrongClass,
    invalid: [[{ probs: [0.5, 0.6] }, 'probs']],
    moments: false,
  },
  OrderedLogistic: {
    make: dist.OrderedLogistic,
    params: [
      { predictor: 0.3, cutpoints: [-1, 0.5] },
      { predictor: -2, cutpoints: [-3, -2.9] },
      {
        predictor: [0.5, -1],
        cutpoints: [
          [-1, 1],
          [0, 4],
        ],
      },
    ],
    outside: wrongClass,
    invalid: [
      [{ predictor: NaN, cutpoints: [0, 1] }, 'predictor'],
      [{ predictor: 0, cutpoints: [1, 0] }, 'cutpoints'],
    ],
    moments: false,
  },
  OneHotCategorical: {
    make: dist.OneHotCategorical,
    params: [
      { logits: [0, 1, -1] },
      { logits: [4, 0, 0] },
      {
        logits: [
          [0, 1, -1],
          [3, 0, 0],
        ],
      },
    ],
    outside: wrongHots,
    invalid: [[{ probs: wrongProbs }, 'probs']],
    values: () => [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  },
  OneHotCategoricalStraightThrough: {
    make: dist.OneHotCategoricalStraightThrough,
    params: [
      { probs: [0.2, 0.5, 0.3] },
      {
        probs: [
          [0.2, 0.5, 0.3],
          [0.6, 0.1, 0.3],
        ],
      },
    ],
    outside: wrongHots,
    invalid: [[{ logits: [0, NaN, 0] }, 'logits']],
    values: () => [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    unnormalised: true,
    linear: true,
  },
  MultinomialProbs: {
    make: dist.MultinomialProbs,
    params: [
      { probs: [0.2, 0.5, 0.3], totalCount: 5 },
      {
        probs: [
          [0.2, 0.5, 0.3],
          [0.6, 0.1, 0.3],
        ],
        totalCount: 5,
      },
    ],
    outside: wrongCounts,
    invalid: [
      [{ probs: wrongProbs, totalCount: 2 }, 'probs'],
      [{ probs: [0.5, 0.5], totalCount: 1.5 }, 'totalCount'],
    ],
    values: of(3),
    unnormalised: 5,
    fixed,
  },
  MultinomialLogits: {
    make: dist.MultinomialLogits,
    params: [
      { logits: [0, 1, -1], totalCount: 6 },
      {
        logits: [
          [0, 1, -1],
          [3, 0, 0],
        ],
        totalCount: 4,
      },
    ],
    outside: wrongCounts,
    invalid: [[{ logits: [0, NaN], totalCount: 2 }, 'logits']],
    values: of(3),
    fixed,
  },
  Multinomial: {
    make: dist.Multinomial,
    params: [
      { totalCount: 40, logits: [0.5, 0, -1] },
      { totalCount: 7, logits: [0, 1, -1] },
    ],
    outside: wrongCounts,
    invalid: [[{ totalCount: 4, probs: wrongProbs }, 'probs']],
    values: of(3),
    fixed,
  },
  DirichletMultinomial: {
    make: dist.DirichletMultinomial,
    params: [
      { concentration: [1, 2, 3], totalCount: 9 },
      { concentration: [0.3, 0.4, 0.5], totalCount: 4 },
      { concentration: [300, 50, 100], totalCount: 30 },
      {
        concentration: [
          [1, 2, 3],
          [4, 1, 1],
        ],
        totalCount: 5,
      },
    ],
    outside: wrongCounts,
    invalid: [
      [{ concentration: [1, 0], totalCount: 2 }, 'concentration'],
      [{ concentration: [1, 1], totalCount: -2 }, 'totalCount'],
    ],
    values: of(3),
    fixed,
  },
  RelaxedOneHotCategorical: {
    make: dist.RelaxedOneHotCategorical,
    params: [
      { temperature: 1, logits: [0, 1, -1] },
      { temperature: 0.6, probs: [0.3, 0.1, 0.6] },
      {
        temperature: [0.8, 1.5],
        logits: [
          [0, 1, -1],
          [1, 0, 0],
        ],
      },
    ],
    outside: [
      [0.5, 0.6, 0.1],
      [-0.5, 1, 0.5],
    ],
    invalid: [
      [{ temperature: 0, logits: [0, 1] }, 'temperature'],
      [{ temperature: 1, probs: wrongProbs }, 'probs'],
    ],
    moments: false,
  },
};
