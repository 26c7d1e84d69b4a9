/** Every distribution of the shelf with the parameters it is tested at, what lies outside its support, and what it must refuse. */
import { affine, compose, exp } from '../../core/bijectors/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import type { Nested } from '../../core/ndarray.ts';
import type { Input } from '../../core/value.ts';

export type Params = Readonly<Record<string, Nested>>;

export interface ShelfEntry {
  readonly make: (params: Readonly<Record<string, Input>>) => Distribution;
  /** Scalar sets first, then batched ones. */
  readonly params: readonly Params[];
  /** Values that have no density. */
  readonly outside?: readonly Nested[] | undefined;
  /** Parameters to refuse, with the name of the one at fault. */
  readonly invalid?: readonly (readonly [Params, string])[] | undefined;
  /** `false`: mean and variance are infinite, or undefined. */
  readonly moments?: false | undefined;
  /** The support moves with the parameters, so that the score has no mean of 0. */
  readonly movingSupport?: true | undefined;
  /** The probabilities are differentiated as if they need not sum to 1. */
  readonly unnormalised?: true | undefined;
  /** The distribution is of one certain value. */
  readonly certain?: true | undefined;
}

const positives: readonly Nested[] = [-1, -1e-8, -Infinity];
const bits: readonly Nested[] = [-1, 2, 0.5];

export const shelf: Readonly<Record<string, ShelfEntry>> = {
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
  BernoulliProbs: {
    make: dist.BernoulliProbs,
    params: [{ probs: 0.3 }, { probs: 0.95 }, { probs: [0.1, 0.5] }],
    outside: bits,
    invalid: [
      [{ probs: 1.2 }, 'probs'],
      [{ probs: [0.5, -0.1] }, 'probs'],
    ],
  },
  BernoulliLogits: {
    make: dist.BernoulliLogits,
    params: [{ logits: 0.4 }, { logits: -3 }, { logits: [-1, 0, 2] }],
    outside: bits,
    invalid: [[{ logits: NaN }, 'logits']],
  },
  Bernoulli: {
    make: dist.Bernoulli,
    params: [{ probs: 0.3 }, { logits: 1.2 }, { logits: [0.5, -0.5] }],
    outside: bits,
    invalid: [[{ probs: 2 }, 'probs']],
  },
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
    outside: [-1, 3, 0.5],
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
    outside: [-1, 3, 0.5],
    invalid: [[{ logits: [0, NaN] }, 'logits']],
    moments: false,
  },
  Categorical: {
    make: dist.Categorical,
    params: [{ logits: [0, 1, -1] }],
    outside: [-1, 3, 0.5],
    invalid: [[{ probs: [0.5, 0.6] }, 'probs']],
    moments: false,
  },
  MultivariateNormal: {
    make: dist.MultivariateNormal,
    params: [
      {
        loc: [1, -2],
        scaleTril: [
          [1.5, 0],
          [-0.4, 0.7],
        ],
      },
      {
        loc: [0, 0],
        covarianceMatrix: [
          [2, 0.5],
          [0.5, 1],
        ],
      },
      {
        loc: [1, 0],
        precisionMatrix: [
          [2, 0.5],
          [0.5, 1],
        ],
      },
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
      [
        {
          loc: [0, NaN],
          scaleTril: [
            [1, 0],
            [0, 1],
          ],
        },
        'loc',
      ],
    ],
  },
  Delta: {
    make: dist.Delta,
    params: [{ v: 1.5 }, { v: -2, logDensity: 0.25 }, { v: [1, 2], logDensity: 0.5 }],
    outside: [7, NaN],
    certain: true,
  },
  TransformedDistribution: {
    make: ({ loc, scale }) => dist.TransformedDistribution(dist.Normal({ loc, scale }), compose(exp, affine(1, -2))),
    params: [
      { loc: 0.3, scale: 0.5 },
      { loc: [0, 1], scale: 0.4 },
    ],
    outside: [1, 2, Infinity],
    invalid: [[{ loc: 0, scale: -1 }, 'scale']],
    moments: false,
  },
};
