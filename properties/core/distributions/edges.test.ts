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
