/** The distributions made of one other, with the parameters they are tested at. */
import { affine, compose, exp } from '../../../core/bijectors/index.ts';
import * as constraints from '../../../core/constraints/index.ts';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { positives, type Shelf } from './entry.ts';

export const basic: Shelf = {
  Delta: {
    make: dist.Delta,
    params: [{ v: 1.5 }, { v: -2, logDensity: 0.25 }, { v: [1, 2], logDensity: 0.5 }],
    outside: [7, NaN],
    certain: true,
  },
  Unit: {
    make: dist.Unit,
    params: [{ logFactor: 0.7 }, { logFactor: [-1, 2] }],
    invalid: [[{ logFactor: NaN }, 'logFactor']],
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
  FoldedDistribution: {
    make: ({ loc, scale }) => dist.FoldedDistribution(dist.Normal({ loc, scale })),
    params: [
      { loc: 0, scale: 1 },
      { loc: 2, scale: 0.7 },
      { loc: [-1, 5], scale: [[3], [0.5]] },
    ],
    outside: positives,
    invalid: [[{ loc: 0, scale: -1 }, 'scale']],
  },
  ExpandedDistribution: {
    make: ({ loc, scale }) => dist.ExpandedDistribution(dist.Normal({ loc, scale }), [2]),
    params: [{ loc: 0.5, scale: 2 }],
  },
  Independent: {
    make: ({ loc, scale }) => dist.Independent(dist.Normal({ loc, scale }), 1),
    params: [{ loc: [0.5, 1], scale: [2, 3] }],
  },
  MaskedDistribution: {
    make: ({ loc, scale }) => dist.MaskedDistribution(dist.Normal({ loc, scale }), true),
    params: [{ loc: 0.5, scale: 2 }],
  },
  ImproperUniform: {
    make: ({ low }) => dist.ImproperUniform(constraints.greaterThan(low!), [], []),
    params: [{ low: 2 }],
    outside: [2, -1, -Infinity],
    improper: true,
  },
  Empirical: {
    make: dist.Empirical,
    params: [
      { samples: [1, 2.5, 2.5, 4], logWeights: [0, 0.3, -1, 0.5] },
      {
        samples: [
          [1, 2],
          [3, 4],
        ],
        logWeights: [
          [0, 1],
          [0, -Infinity],
        ],
      },
    ],
    values: ({ samples }) => [...new Set((samples as readonly (number | readonly number[])[]).flat())].sort((a, b) => a - b),
    outside: [0, 7.25, Infinity],
    fixed: ['samples'],
  },
  LeftCensoredDistribution: {
    make: ({ loc, scale, censored }) => dist.LeftCensoredDistribution(dist.Normal({ loc, scale }), censored),
    params: [
      { loc: 0.5, scale: 2, censored: 0 },
      { loc: [0.5, 1], scale: 2, censored: 0 },
    ],
    invalid: [[{ loc: 0, scale: 1, censored: 2 }, 'censored']],
    fixed: ['censored'],
  },
  RightCensoredDistribution: {
    make: ({ rate, censored }) => dist.RightCensoredDistribution(dist.Exponential({ rate }), censored),
    params: [
      { rate: 0.5, censored: 0 },
      { rate: [0.5, 1], censored: 0 },
    ],
    outside: positives,
    invalid: [[{ rate: 1, censored: 0.5 }, 'censored']],
    fixed: ['censored'],
  },
  IntervalCensoredDistribution: {
    make: ({ loc, scale, leftCensored, rightCensored }) => dist.IntervalCensoredDistribution(dist.Normal({ loc, scale }), leftCensored, rightCensored),
    params: [
      { loc: 0.5, scale: 2, leftCensored: 0, rightCensored: 0 },
      { loc: [0.5, 1], scale: 2, leftCensored: 0, rightCensored: 0 },
    ],
    outside: [[3, 2]],
    invalid: [[{ loc: 0, scale: 1, leftCensored: 3, rightCensored: 0 }, 'leftCensored']],
    fixed: ['leftCensored', 'rightCensored'],
    at: (d) => ops.broadcastTo([-1, 2], [...d.batchShape, 2]),
    integratedElsewhere: 'pairs of a value with itself: properties/core/distributions/censored.test.ts',
  },
};
