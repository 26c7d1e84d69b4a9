/** Log-densities at the very edge of a support: their gradients there may be infinite, but are numbers. */
import assert from 'node:assert/strict';
import * as dist from '../../../core/distributions/index.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { toNDArray, type AnyArray } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { laws } from '../../laws.ts';
import { forEachEntry } from '../../laws/numeric.ts';

interface Edge {
  readonly make: (a: AnyArray, b: AnyArray) => Distribution;
  readonly at: readonly [x: number, a: number, b: number];
  readonly logProb: number;
}

const edges: Readonly<Record<string, Edge>> = {
  'Gamma, above 1': { make: (a, b) => dist.Gamma(a, b), at: [0, 1.5, 3], logProb: -Infinity },
  'Gamma, from 2 on': { make: (a, b) => dist.Gamma(a, b), at: [0, 2, 3], logProb: -Infinity },
  'Gamma, at 1': { make: (a, b) => dist.Gamma(a, b), at: [0, 1, 3], logProb: Math.log(3) },
  'Gamma, below 1': { make: (a, b) => dist.Gamma(a, b), at: [0, 0.5, 3], logProb: Infinity },
  'Beta, low end': { make: (a, b) => dist.Beta(a, b), at: [0, 2, 3], logProb: -Infinity },
  'Beta, high end': { make: (a, b) => dist.Beta(a, b), at: [1, 2, 3], logProb: -Infinity },
  'Beta, flat': { make: (a, b) => dist.Beta(a, b), at: [0, 1, 3], logProb: Math.log(3) },
  'BetaProportion, high end': { make: (a, b) => dist.BetaProportion(a, b), at: [1, 0.5, 6], logProb: -Infinity },
  'Weibull, low end': { make: (a, b) => dist.Weibull(a, b), at: [0, 2, 3], logProb: -Infinity },
  'Kumaraswamy, high end': { make: (a, b) => dist.Kumaraswamy(a, b), at: [1, 2, 3], logProb: -Infinity },
};

laws('edges of supports', {
  'in a corner of the simplex a Dirichlet density is 0, ∞ or finite by its concentrations, and its gradients are numbers': () => {
    const corners: readonly (readonly [x: readonly number[], a: readonly number[], logProb: number])[] = [
      [[0, 0, 1], [2, 3, 4], -Infinity],
      [[0, 0, 1], [0.5, 0.25, 4], Infinity],
      [[0, 0, 1], [0.5, 2, 4], -Infinity],
      [[0, 0, 1], [2, 0.5, 1], -Infinity],
      [[0, 0, 1], [1, 1, 1], Math.log(2)],
      [[0, 0, 1], [1, 1, 3], Math.log(12)],
      [[0, 0.5, 0.5], [1, 0.5, 1], 0.5 * Math.LN2 + Math.log(0.75)],
      [[0, 1, 0], [1, 0.5, 0.5], Infinity],
    ];
    for (const [x, a, logProb] of corners) {
      const density = (value: AnyArray, concentration: AnyArray): AnyArray => dist.Dirichlet(concentration).logProb(value);
      const arrays = [toNDArray([...x]), toNDArray([...a])] as const;
      for (const run of [density, jit(density)]) {
        const value = toNDArray(run(...arrays)).item();
        assert.ok(value === logProb || Math.abs(value - logProb) < 1e-13, `Dirichlet(${a.join()}) at ${x.join()} is ${value}`);
      }
      const slopes = (value: AnyArray, concentration: AnyArray): readonly AnyArray[] => [
        grad((moved: AnyArray) => density(moved, concentration))(value),
        grad((moved: AnyArray) => density(value, moved))(concentration),
      ];
      for (const run of [slopes, jit(slopes)])
        for (const d of run(...arrays)) assert.ok(!toNDArray(d).data.some(Number.isNaN), `a gradient of Dirichlet(${a.join()}) at ${x.join()} is NaN`);
    }
  },

  'gradients are numbers, eagerly and compiled': () =>
    forEachEntry(edges, ({ make, at, logProb }) => {
      const density = (x: AnyArray, a: AnyArray, b: AnyArray): AnyArray => make(a, b).logProb(x);
      const arrays = at.map((value) => toNDArray(value));
      const [x, a, b] = [arrays[0]!, arrays[1]!, arrays[2]!];
      const value = toNDArray(density(x, a, b)).data[0]!;
      assert.ok(value === logProb || Math.abs(value - logProb) < 1e-13, `log p is ${value}`);
      const gradient = (...given: readonly [AnyArray, AnyArray, AnyArray]): readonly AnyArray[] =>
        [0, 1, 2].map((i) =>
          grad((moved: AnyArray) => ops.sum(density(i === 0 ? moved : given[0], i === 1 ? moved : given[1], i === 2 ? moved : given[2])))(given[i]!),
        );
      for (const run of [gradient, jit(gradient)])
        run(x, a, b).forEach((d, i) => assert.ok(!Number.isNaN(toNDArray(d).data[0]!), `the gradient in argument ${i} is NaN`));
    }),
});
