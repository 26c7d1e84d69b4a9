/** The distributions of single numbers with shape parameters, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import type { AnyArray } from '../../../core/value.ts';
import { column } from '../../laws/distributionLaws.ts';
import { positives, type Shelf } from './entry.ts';

/** Values for derivatives away from the edges, where the density may be steep. */
const quantiles = (d: Distribution): AnyArray => d.icdf(column(d, [0.15, 0.3, 0.5, 0.7, 0.85]));

const beyondUnit = [-0.1, 1.1, Infinity];

export const continuousShapes: Shelf = {
  Chi2: { make: dist.Chi2, params: [{ df: 2 }, { df: 0.7 }, { df: 60 }, { df: [1, 5] }], outside: positives, invalid: [[{ df: 0 }, 'df']] },
  Weibull: {
    make: dist.Weibull,
    params: [
      { scale: 1, concentration: 1 },
      { scale: 2, concentration: 0.6 },
      { scale: 100, concentration: 20 },
      { scale: [1, 2], concentration: [[1.5], [3]] },
    ],
    outside: positives,
    invalid: [
      [{ scale: 0, concentration: 1 }, 'scale'],
      [{ scale: 1, concentration: -1 }, 'concentration'],
    ],
  },
  Gompertz: {
    make: dist.Gompertz,
    params: [
      { concentration: 1, rate: 1 },
      { concentration: 0.05, rate: 3 },
      { concentration: 20, rate: 0.2 },
      { concentration: [0.5, 2], rate: [[1], [4]] },
    ],
    outside: positives,
    invalid: [
      [{ concentration: 0, rate: 1 }, 'concentration'],
      [{ concentration: 1, rate: 0 }, 'rate'],
    ],
  },
  Dagum: {
    make: dist.Dagum,
    params: [
      { concentration: 1, sharpness: 6, scale: 1 },
      { concentration: 0.4, sharpness: 7, scale: 3 },
      { concentration: 2.5, sharpness: 25, scale: 0.3 },
      { concentration: [0.8, 2], sharpness: [[6], [12]], scale: 2 },
    ],
    outside: positives,
    invalid: [
      [{ concentration: 0, sharpness: 1, scale: 1 }, 'concentration'],
      [{ concentration: 1, sharpness: 0, scale: 1 }, 'sharpness'],
      [{ concentration: 1, sharpness: 1, scale: [1, -1] }, 'scale'],
    ],
  },
  FisherSnedecor: {
    make: dist.FisherSnedecor,
    params: [
      { df1: 3, df2: 14 },
      { df1: 50, df2: 40 },
      { df1: [1, 5], df2: [[12], [20]] },
    ],
    outside: positives,
    invalid: [
      [{ df1: 0, df2: 1 }, 'df1'],
      [{ df1: 1, df2: -1 }, 'df2'],
    ],
  },
  BetaProportion: {
    make: dist.BetaProportion,
    params: [
      { mean: 0.3, concentration: 10 },
      { mean: 0.6, concentration: 3 },
      { mean: [0.5, 0.2], concentration: [[3], [400]] },
    ],
    outside: beyondUnit,
    invalid: [
      [{ mean: 0, concentration: 1 }, 'mean'],
      [{ mean: 1, concentration: 1 }, 'mean'],
      [{ mean: 0.5, concentration: 0 }, 'concentration'],
    ],
  },
  Kumaraswamy: {
    make: dist.Kumaraswamy,
    params: [
      { concentration1: 1, concentration0: 1 },
      { concentration1: 0.7, concentration0: 0.8 },
      { concentration1: 20, concentration0: 50 },
      { concentration1: [2, 3], concentration0: [[1.5], [4]] },
    ],
    outside: beyondUnit,
    at: quantiles,
    invalid: [
      [{ concentration1: 0, concentration0: 1 }, 'concentration1'],
      [{ concentration1: 1, concentration0: NaN }, 'concentration0'],
    ],
  },
  VonMises: {
    make: dist.VonMises,
    params: [
      { loc: 0, concentration: 4 },
      { loc: 1.2, concentration: 20 },
      { loc: -2.8, concentration: 0.5 },
      { loc: [0, 7], concentration: [[0.1], [300]] },
    ],
    outside: [-3.2, 3.2, Infinity],
    invalid: [
      [{ loc: NaN, concentration: 1 }, 'loc'],
      [{ loc: 0, concentration: 0 }, 'concentration'],
    ],
  },
  RelaxedBernoulliLogits: {
    make: dist.RelaxedBernoulliLogits,
    params: [
      { temperature: 1, logits: 0.4 },
      { temperature: 0.7, logits: -1 },
      { temperature: 3, logits: 2 },
      { temperature: [[0.8], [2]], logits: [0, 1] },
    ],
    outside: beyondUnit,
    at: quantiles,
    invalid: [
      [{ temperature: 0, logits: 0 }, 'temperature'],
      [{ temperature: 1, logits: NaN }, 'logits'],
    ],
  },
  RelaxedBernoulliProbs: {
    make: dist.RelaxedBernoulliProbs,
    params: [
      { temperature: 2, probs: 0.4 },
      { temperature: 1, probs: [0.1, 0.8] },
    ],
    outside: beyondUnit,
    at: quantiles,
    invalid: [[{ temperature: 1, probs: 1.5 }, 'probs']],
  },
  RelaxedBernoulli: {
    make: dist.RelaxedBernoulli,
    params: [
      { temperature: 1.5, probs: 0.4 },
      { temperature: 1.5, logits: [0.5, -1] },
    ],
    outside: beyondUnit,
    at: quantiles,
    invalid: [[{ temperature: 1, probs: 0 }, 'probs']],
  },
  ContinuousBernoulliProbs: {
    make: dist.ContinuousBernoulliProbs,
    params: [{ probs: 0.5 }, { probs: 0.1 }, { probs: [0.3, 0.499, 0.97] }],
    outside: beyondUnit,
    at: quantiles,
    invalid: [
      [{ probs: 0 }, 'probs'],
      [{ probs: [0.5, 1] }, 'probs'],
    ],
  },
  ContinuousBernoulliLogits: {
    make: dist.ContinuousBernoulliLogits,
    params: [{ logits: 0 }, { logits: -3 }, { logits: 40 }, { logits: [0.003, 1, -1] }],
    outside: beyondUnit,
    at: quantiles,
    invalid: [[{ logits: NaN }, 'logits']],
  },
  ContinuousBernoulli: {
    make: dist.ContinuousBernoulli,
    params: [{ probs: 0.2 }, { logits: [1, -2] }],
    outside: beyondUnit,
    at: quantiles,
    invalid: [[{ probs: 1 }, 'probs']],
  },
};
