/** The distributions of counts, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { array, type Nested } from '../../../core/ndarray.ts';
import { bits, type Params, type Shelf } from './entry.ts';

/** 0 … last. */
const to = (last: number) => (): readonly number[] => Array.from({ length: last + 1 }, (_, k) => k);

/** As many counts as the largest number of trials. */
const trials = ({ totalCount }: Params): readonly Nested[] => to(Math.max(...array(totalCount!).data))();

const noCounts: readonly Nested[] = [-1, 0.5, -Infinity, NaN];

const fixed = ['totalCount'];

export const discreteCounts: Shelf = {
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
  BinomialProbs: {
    make: dist.BinomialProbs,
    params: [
      { probs: 0.3, totalCount: 10 },
      { probs: 0.97, totalCount: 5 },
      { probs: 0.5, totalCount: 2000 },
      { probs: [0.1, 0.8], totalCount: [[3], [7]] },
    ],
    outside: [...noCounts, 2001],
    invalid: [
      [{ probs: 1.2, totalCount: 2 }, 'probs'],
      [{ probs: 0.5, totalCount: -1 }, 'totalCount'],
      [{ probs: 0.5, totalCount: [2, 2.5] }, 'totalCount'],
    ],
    values: trials,
    fixed,
  },
  BinomialLogits: {
    make: dist.BinomialLogits,
    params: [
      { logits: 0.4, totalCount: 10 },
      { logits: -4, totalCount: 300 },
      { logits: [-1, 2], totalCount: 6 },
    ],
    outside: [...noCounts, 301],
    invalid: [[{ logits: NaN, totalCount: 2 }, 'logits']],
    values: trials,
    fixed,
  },
  Binomial: {
    make: dist.Binomial,
    params: [
      { totalCount: 4, probs: 0.3 },
      { totalCount: 3, logits: [0.5, -0.5] },
    ],
    outside: [...noCounts, 5],
    invalid: [[{ totalCount: 4, probs: 2 }, 'probs']],
    values: trials,
    fixed,
  },
  BetaBinomial: {
    make: dist.BetaBinomial,
    params: [
      { concentration1: 2, concentration0: 3, totalCount: 10 },
      { concentration1: 0.4, concentration0: 0.6, totalCount: 5 },
      { concentration1: 200, concentration0: 50, totalCount: 300 },
      { concentration1: [1, 3], concentration0: 2, totalCount: [[4], [6]] },
    ],
    outside: [...noCounts, 301],
    invalid: [
      [{ concentration1: 0, concentration0: 1, totalCount: 2 }, 'concentration1'],
      [{ concentration1: 1, concentration0: -1, totalCount: 2 }, 'concentration0'],
    ],
    values: trials,
    fixed,
  },
  GeometricProbs: {
    make: dist.GeometricProbs,
    params: [{ probs: 0.3 }, { probs: 0.02 }, { probs: [0.2, 0.9] }],
    outside: noCounts,
    invalid: [[{ probs: 1.5 }, 'probs']],
    values: to(2000),
  },
  GeometricLogits: {
    make: dist.GeometricLogits,
    params: [{ logits: -1 }, { logits: 3 }, { logits: [0, -2] }],
    outside: noCounts,
    invalid: [[{ logits: NaN }, 'logits']],
    values: to(400),
  },
  Geometric: {
    make: dist.Geometric,
    params: [{ probs: 0.4 }, { logits: 1 }],
    outside: noCounts,
    invalid: [[{ probs: -0.1 }, 'probs']],
    values: to(200),
  },
  Poisson: {
    make: dist.Poisson,
    params: [{ rate: 2 }, { rate: 0.05 }, { rate: 1500 }, { rate: [0.5, 12] }],
    outside: noCounts,
    invalid: [
      [{ rate: -1 }, 'rate'],
      [{ rate: [1, NaN] }, 'rate'],
    ],
    values: to(2200),
  },
  NegativeBinomial2: {
    make: dist.NegativeBinomial2,
    params: [
      { mean: 3, concentration: 2 },
      { mean: 6, concentration: 0.4 },
      { mean: 20, concentration: 5000 },
      { mean: [1, 8], concentration: [[3], [0.9]] },
    ],
    outside: noCounts,
    invalid: [
      [{ mean: -1, concentration: 1 }, 'mean'],
      [{ mean: 1, concentration: 0 }, 'concentration'],
    ],
    values: to(600),
  },
  NegativeBinomialProbs: {
    make: dist.NegativeBinomialProbs,
    params: [
      { totalCount: 4, probs: 0.3 },
      { totalCount: 0.5, probs: 0.9 },
      { totalCount: [1, 20], probs: 0.4 },
    ],
    outside: noCounts,
    invalid: [
      [{ totalCount: 0, probs: 0.5 }, 'totalCount'],
      [{ totalCount: 1, probs: 1.1 }, 'probs'],
    ],
    values: to(400),
  },
  NegativeBinomialLogits: {
    make: dist.NegativeBinomialLogits,
    params: [
      { totalCount: 4, logits: -0.8 },
      { totalCount: 0.5, logits: 2 },
      { totalCount: 3, logits: [0, 1] },
    ],
    outside: noCounts,
    invalid: [[{ totalCount: 1, logits: NaN }, 'logits']],
    values: to(400),
  },
  NegativeBinomial: {
    make: dist.NegativeBinomial,
    params: [
      { totalCount: 4, probs: 0.3 },
      { totalCount: 2, logits: [0.5, -0.5] },
    ],
    outside: noCounts,
    invalid: [[{ totalCount: -1, probs: 0.5 }, 'totalCount']],
    values: to(200),
  },
  GammaPoisson: {
    make: dist.GammaPoisson,
    params: [
      { concentration: 2, rate: 1 },
      { concentration: 0.5, rate: 0.1 },
      { concentration: 900, rate: 30 },
      { concentration: [1, 4], rate: [[1], [2]] },
    ],
    outside: noCounts,
    invalid: [
      [{ concentration: 0, rate: 1 }, 'concentration'],
      [{ concentration: 1, rate: -1 }, 'rate'],
    ],
    values: to(600),
  },
  BetaNegativeBinomial: {
    make: dist.BetaNegativeBinomial,
    params: [
      { concentration1: 3, concentration0: 12, n: 4 },
      { concentration1: 0.5, concentration0: 30, n: 20 },
      { concentration1: 2, concentration0: [14, 20], n: 3 },
    ],
    outside: noCounts,
    invalid: [
      [{ concentration1: 0, concentration0: 1, n: 2 }, 'concentration1'],
      [{ concentration1: 1, concentration0: 1, n: 0 }, 'n'],
    ],
    values: to(3000),
  },
  DiscreteUniform: {
    make: dist.DiscreteUniform,
    params: [
      { low: 0, high: 9 },
      { low: -5, high: -2 },
      { low: [0, 1], high: [3, 5] },
    ],
    outside: [-6, 10, 0.5, Infinity, NaN],
    invalid: [
      [{ low: 1, high: 0 }, 'high'],
      [{ low: 0.5, high: 2 }, 'low'],
      [{ low: 0, high: Infinity }, 'high'],
    ],
    values: ({ low, high }) => {
      const [least, most] = [Math.min(...array(low!).data), Math.max(...array(high!).data)];
      return to(most - least)().map((k) => least + k);
    },
    fixed: ['low', 'high'],
    movingSupport: true,
  },
};
