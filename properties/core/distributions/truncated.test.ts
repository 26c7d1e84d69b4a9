/** Truncated distributions beyond the common laws: gradients with the bounds held, far tails, narrow intervals, infinite moments. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { toNDArray, type Input } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { pathwiseIsScore, scoreHasMeanZero } from '../../laws/drawLaws.ts';
import { assertClose, forEachEntry } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';
import { truncated } from '../shelf/combinatorsTruncated.ts';

const item = (x: Input): number => toNDArray(x).item();

const bases: Readonly<Record<string, (loc: number, scale: number) => Distribution>> = {
  Normal: (loc, scale) => dist.Normal(loc, scale),
  Cauchy: (loc, scale) => dist.Cauchy(loc, scale),
  Laplace: (loc, scale) => dist.Laplace(loc, scale),
  Logistic: (loc, scale) => dist.Logistic(loc, scale),
  SoftLaplace: (loc, scale) => dist.SoftLaplace(loc, scale),
  StudentT: (loc, scale) => dist.StudentT(3, loc, scale),
};

/** With the bounds held the support does not move with the parameters. */
const held = Object.entries(truncated).flatMap(([name, entry]) =>
  entry.params
    .filter((set) => entry.make(set).batchShape.length === 0)
    .map((set) => [`${name} ${JSON.stringify(set)}`, { entry: { ...entry, fixed: ['low', 'high', 'df'] }, set }] as const),
);

laws('truncated distributions', {
  'the score in the parameters of the base has mean 0': () => forEachEntry(Object.fromEntries(held), ({ entry, set }) => scoreHasMeanZero(entry, set)),

  'the pathwise gradient in the parameters of the base is the score-function gradient': () =>
    forEachEntry(Object.fromEntries(held), ({ entry, set }) => pathwiseIsScore(entry, set)),

  'are mirrored by mirroring the base and the bounds': () =>
    forEachEntry(bases, (make) =>
      fc.assert(
        fc.property(
          fc.double({ min: -60, max: 60, noNaN: true }),
          fc.double({ min: 1e-6, max: 30, noNaN: true }),
          fc.double({ min: 0.001, max: 0.999, noNaN: true }),
          (low, width, q) => {
            const one = dist.TruncatedDistribution(make(0.5, 2), { low, high: low + width });
            const other = dist.TruncatedDistribution(make(-0.5, 2), { low: -low - width, high: -low });
            const x = one.icdf(q);
            assertClose(other.logProb(ops.neg(x)), one.logProb(x), { relative: 1e-9, absolute: 1e-9 }, 'log-density');
            assertClose(other.mean, ops.neg(one.mean), { relative: 1e-10, absolute: 1e-10 }, 'mean');
            assertClose(other.variance, one.variance, { relative: 1e-6 }, 'variance');
          },
        ),
      ),
    ),

  'between bounds that meet, the density is that of a uniform': () =>
    forEachEntry(bases, (make) => {
      for (const low of [-1e-7, 0.3, 8, 30]) {
        const d = dist.TruncatedDistribution(make(0, 1), { low, high: low + 2e-7 });
        // Over so short a way the density of the base changes by less than one part in 10⁵.
        assertClose(ops.mul(ops.exp(d.logProb(low + 1e-7)), 2e-7), 1, { relative: 1e-5 }, `at ${low}`);
        assertClose(d.cdf(low + 1e-7), 0.5, { relative: 1e-5 }, `cdf at ${low}`);
      }
    }),

  'in the far tail a normal becomes exponential': () => {
    const d = dist.TruncatedNormal(0, 1, { low: 1e4 });
    assertClose(d.logProb(1e4), Math.log(1e4), { relative: 1e-8 });
    assertClose(d.logProb(1e4 + 2 ** -12), Math.log(1e4) - 1e4 * 2 ** -12 - 2 ** -25, { relative: 1e-8 });
    assertClose(d.mean, 1e4 + 1e-4, { relative: 1e-12 });
    assertClose(dist.TruncatedNormal(0, 1, { low: 100 }).variance, 1e-4 - 6e-8 + 50e-12, { relative: 1e-9 });
  },

  'a tail too small to be a number is cut in logarithms': () => {
    const deep: Readonly<Record<string, readonly [Distribution, number]>> = {
      Normal: [dist.Normal(0, 1), 60],
      StudentT: [dist.StudentT(1e4, 0, 1), 60],
      Logistic: [dist.Logistic(0, 1), 2000],
      SoftLaplace: [dist.SoftLaplace(0, 1), 2000],
      Laplace: [dist.Laplace(0, 1), 2000],
      Exponential: [dist.Exponential(1), 2000],
    };
    forEachEntry(deep, ([base, low]) => {
      const d = dist.LeftTruncatedDistribution(base, low);
      // The median lies where half of what is left is below, and near it the cdf rises by the density.
      const median = item(d.icdf(0.5));
      assert.ok(median > low && median < low + 1, `median ${median}`);
      assertClose(d.cdf(median), 0.5, { relative: 1e-8 });
      assertClose(ops.sub(d.cdf(median + 1e-4), d.cdf(median - 1e-4)), 2e-4 * Math.exp(item(d.logProb(median))), { relative: 1e-4 });
    });
    assertClose(dist.LeftTruncatedDistribution(dist.StudentT(1e4, 0, 1), 50).logProb(60), -418.0586337677994, { relative: 1e-12 });
  },

  'a tail that is left has the moments of its base, or infinite ones': () => {
    assert.equal(item(dist.TruncatedCauchy(0, 1, { low: 0 }).mean), Infinity);
    assert.equal(item(dist.TruncatedCauchy(0, 1, { high: 0 }).mean), -Infinity);
    assert.equal(item(dist.TruncatedCauchy(0, 1, { low: 0 }).variance), Infinity);
    assert.equal(item(dist.LeftTruncatedDistribution(dist.StudentT(1.5, 0, 1), 0).variance), Infinity);
    assert.ok(Number.isFinite(item(dist.TruncatedCauchy(0, 1, { low: 0, high: 1e6 }).variance)));
    // E[t | t > 0] = 2 √ν / ((ν − 1) B(ν/2, 1/2)), which is 2 √3 / π at 3 degrees of freedom.
    assertClose(dist.LeftTruncatedDistribution(dist.StudentT(3, 0, 1), 0).mean, (2 * Math.sqrt(3)) / Math.PI, { relative: 1e-10 });
  },

  'the entropy of a base cut at its centre is log 2 less': () =>
    forEachEntry(bases, (make) =>
      assertClose(dist.LeftTruncatedDistribution(make(2, 3), 2).entropy(), ops.sub(make(2, 3).entropy(), Math.LN2), { relative: 1e-10 }),
    ),

  'other bases are cut by their distribution functions': () => {
    // What is left of an exponential is one again.
    const d = dist.LeftTruncatedDistribution(dist.Exponential(2), 700);
    assertClose(d.logProb(701), dist.Exponential(2).logProb(1), { relative: 1e-12 });
    assertClose(d.cdf(700.5), dist.Exponential(2).cdf(0.5), { relative: 1e-12 });
    assertClose(dist.TruncatedDistribution(dist.Uniform(0, 4), { low: 1, high: 3 }).logProb(2), -Math.LN2, { relative: 1e-12 });
    assertClose(dist.TruncatedDistribution(dist.Beta(2, 3), { high: 0.5 }).icdf(1), 0.5, { relative: 1e-12 });
    assert.equal(item(dist.LeftTruncatedDistribution(dist.Exponential(2), -1).logProb(-0.5)), -Infinity);
  },

  'no bound leaves the base, and what is no distribution of numbers is refused': () => {
    const base = dist.Normal(0, 1);
    assert.equal(dist.TruncatedDistribution(base, {}), base);
    refused('InvalidArgument', ['baseDist', 'distribution'], () => dist.LeftTruncatedDistribution(3 as never, 0));
    refused('InvalidArgument', ['single numbers', 'toEvent'], () => dist.LeftTruncatedDistribution(dist.Normal([0, 1], 1).toEvent(1), 0));
    refused('InvalidArgument', ['mask'], () => dist.LeftTruncatedDistribution(base.mask(true), 0));
    refused('InvalidShape', ['low [3]', 'baseDist [2]'], () => dist.LeftTruncatedDistribution(dist.Normal([0, 1], 1), [1, 2, 3]));
    refused('InvalidArgument', ['lower'], () => dist.TruncatedNormal({ lower: 3 } as never));
  },
});
