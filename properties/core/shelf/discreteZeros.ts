/** The distributions with a gate for zeros, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import type { Input } from '../../../core/value.ts';
import { positives, type Shelf } from './entry.ts';

const noCounts = [-1, 0.5, -Infinity, NaN];

const values = (): readonly number[] => Array.from({ length: 200 }, (_, k) => k);

/** The gate apart from the parameters of the base. */
const gated =
  (make: (base: dist.Distribution, gate: object) => dist.Distribution, base: (params: Readonly<Record<string, Input>>) => dist.Distribution) =>
  (params: Readonly<Record<string, Input>>): dist.Distribution => {
    const isGate = ([name]: readonly [string, unknown]): boolean => name.startsWith('gate');
    const entries = Object.entries(params);
    return make(base(Object.fromEntries(entries.filter((entry) => !isGate(entry)))), Object.fromEntries(entries.filter(isGate)));
  };

export const discreteZeros: Shelf = {
  ZeroInflatedDistribution: {
    make: gated(dist.ZeroInflatedDistribution, dist.Geometric),
    params: [
      { gate: 0.3, probs: 0.4 },
      { gateLogits: -1, probs: 0.2 },
      { gateLogits: [0, 1], probs: [[0.3], [0.6]] },
    ],
    outside: noCounts,
    invalid: [[{ gate: 1.5, probs: 0.5 }, 'gate']],
    values,
  },
  ZeroInflatedProbs: {
    make: ({ gate, rate }) => dist.ZeroInflatedProbs(dist.Poisson(rate), gate),
    params: [{ gate: 0.3, rate: 2 }],
    outside: noCounts,
    invalid: [[{ gate: 1.5, rate: 2 }, 'gate']],
    values,
  },
  ZeroInflatedLogits: {
    make: ({ gateLogits, rate }) => dist.ZeroInflatedLogits(dist.Poisson(rate), gateLogits),
    params: [{ gateLogits: -0.4, rate: 2 }],
    outside: noCounts,
    values,
  },
  HurdleProbs: {
    make: ({ gate, rate }) => dist.HurdleProbs(dist.Poisson(rate), gate),
    params: [{ gate: 0.3, rate: 2 }],
    outside: noCounts,
    invalid: [[{ gate: 1.5, rate: 2 }, 'gate']],
    values,
  },
  HurdleLogits: {
    make: ({ gateLogits, rate }) => dist.HurdleLogits(dist.Poisson(rate), gateLogits),
    params: [{ gateLogits: -0.4, rate: 2 }],
    outside: noCounts,
    values,
  },
  ZeroInflatedPoisson: {
    make: dist.ZeroInflatedPoisson,
    params: [
      { gate: 0.3, rate: 2 },
      { gate: 0.6, rate: 15 },
      { gate: [0.1, 0.8], rate: [[0.5], [4]] },
    ],
    outside: noCounts,
    invalid: [
      [{ gate: -0.1, rate: 1 }, 'gate'],
      [{ gate: 0.5, rate: -1 }, 'rate'],
    ],
    values,
  },
  ZeroInflatedNegativeBinomial2: {
    make: (params) => dist.ZeroInflatedNegativeBinomial2(params as { readonly mean: Input; readonly concentration: Input }),
    params: [
      { mean: 3, concentration: 2, gate: 0.25 },
      { mean: 2, concentration: [1, 5], gateLogits: 0.5 },
    ],
    outside: noCounts,
    invalid: [
      [{ mean: 1, concentration: 1, gate: 2 }, 'gate'],
      [{ mean: 1, concentration: -1, gate: 0.5 }, 'concentration'],
    ],
    values,
  },
  HurdleDistribution: {
    make: (params) => gated(dist.HurdleDistribution, 'totalCount' in params ? dist.Binomial : dist.Poisson)(params),
    params: [
      { gate: 0.3, rate: 2 },
      { gateLogits: 0.5, probs: 0.3, totalCount: 4 },
      { gate: [0.1, 0.6], rate: [[0.2], [6]] },
    ],
    outside: noCounts,
    invalid: [[{ gate: 1.5, rate: 2 }, 'gate']],
    values: ({ totalCount }) => values().slice(0, totalCount === undefined ? undefined : (totalCount as number) + 1),
    fixed: ['totalCount'],
  },
  HurdlePoisson: {
    make: dist.HurdlePoisson,
    params: [
      { gate: 0.3, rate: 2 },
      { gate: 0.7, rate: 0.05 },
      { gate: [0.2, 0.5], rate: [[1], [20]] },
    ],
    outside: noCounts,
    invalid: [
      [{ gate: 2, rate: 1 }, 'gate'],
      [{ gate: 0.5, rate: 0 }, 'rate'],
    ],
    values,
  },
  HurdleNegativeBinomial2: {
    make: dist.HurdleNegativeBinomial2,
    params: [
      { gate: 0.3, mean: 2, concentration: 1.5 },
      { gate: 0.2, mean: 0.2, concentration: 0.5 },
      { gate: 0.4, mean: [1, 5], concentration: 3 },
    ],
    outside: noCounts,
    invalid: [
      [{ gate: -1, mean: 1, concentration: 1 }, 'gate'],
      [{ gate: 0.5, mean: 0, concentration: 1 }, 'mean'],
    ],
    values,
  },
  HurdleGamma: {
    make: dist.HurdleGamma,
    params: [
      { gate: 0.3, concentration: 2, rate: 1 },
      { gate: 0.6, concentration: 0.7, rate: 3 },
      { gate: [0.2, 0.5], concentration: 3, rate: [[1], [2]] },
    ],
    outside: positives,
    invalid: [
      [{ gate: 2, concentration: 1, rate: 1 }, 'gate'],
      [{ gate: 0.5, concentration: 0, rate: 1 }, 'concentration'],
    ],
    atoms: [0],
  },
  HurdleLogNormal: {
    make: dist.HurdleLogNormal,
    params: [
      { gate: 0.3, loc: 0, scale: 0.4 },
      { gate: [0.2, 0.5], loc: -1, scale: 0.3 },
    ],
    outside: positives,
    invalid: [
      [{ gate: 2, loc: 0, scale: 1 }, 'gate'],
      [{ gate: 0.5, loc: 0, scale: 0 }, 'scale'],
    ],
    atoms: [0],
  },
};
