/** Transformed distributions beyond the common laws: moments and entropies under affine maps, ends of the support, arrays of the bijector. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { affine, exp, inverseOf, lowerCholeskyAffine } from '../../../core/bijectors/index.ts';
import * as constraints from '../../../core/constraints/index.ts';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { PRNGKey } from '../../../core/random/index.ts';
import { toNDArray } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { isMadeOfItsArrays } from '../../laws/apartLaws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';

const exactly = { relative: 1e-12 } as const;

laws('transformed distributions', {
  'an affine map of a normal is a normal': () => {
    const plain = dist.Normal([1.5, 0], [2, 6]);
    const d = dist.TransformedDistribution(dist.Normal(0, 1), affine([1.5, 0], [2, 6]));
    assertClose(d.mean, plain.mean, exactly);
    assertClose(d.variance, plain.variance, exactly);
    assertClose(d.entropy(), plain.entropy(), exactly);
    assertClose(d.cdf([1, 2]), plain.cdf([1, 2]), exactly);
    const back = dist.TransformedDistribution(dist.Normal(3, 2), inverseOf(affine(1, 4)));
    assertClose([toNDArray(back.mean).item(), toNDArray(back.variance).item()], [0.5, 0.25], exactly);
    assertClose(back.entropy(), dist.Normal(0.5, 0.5).entropy(), exactly);
  },

  'a factor times a standard normal is a multivariate normal': () => {
    const scaleTril = [
      [2, 0],
      [-1, 0.5],
    ];
    const d = dist.TransformedDistribution(dist.Normal([0, 0], 1).toEvent(1), lowerCholeskyAffine([1, 2], scaleTril));
    const plain = dist.MultivariateNormal({ loc: [1, 2], scaleTril });
    assertClose(d.mean, plain.mean, exactly);
    assertClose(d.variance, plain.variance, exactly);
    assertClose(d.entropy(), plain.entropy(), exactly);
  },

  'the exponential of a normal has the entropy of a log-normal, and no moments that are told': () => {
    const d = dist.TransformedDistribution(dist.Normal(0.3, 0.5), exp);
    assertClose(d.entropy(), dist.LogNormal(0.3, 0.5).entropy(), exactly);
    assert.ok(Number.isNaN(toNDArray(d.mean).item()));
  },

  'beyond the ends of the support the cdf is 0 and 1': () => {
    assertClose(dist.TransformedDistribution(dist.Normal(0, 1), exp).cdf([-3, 0, 1]), [0, 0, 0.5], exactly);
    assertClose(dist.TransformedDistribution(dist.Exponential(1), affine(0, -1)).cdf([-1, 0, 2]), [Math.exp(-1), 1, 1], exactly);
    // Of a decreasing map the lower tail is the upper one of the base.
    assertClose(dist.TransformedDistribution(dist.Exponential(1), affine(0, -1)).cdf(-500), Math.exp(-500), { relative: 1e-10 });
  },

  'the arrays of a bijector are taken out of it': () =>
    tf.tidy(() => {
      const d = dist.TransformedDistribution(dist.Normal(tf.tensor([0, 1]), 1), [exp, affine(tf.tensor([2, 3]), tf.scalar(0.5))]);
      assert.equal(d.apart!().arrays.length, 4);
      const { arrays, rebuild } = d.apart!();
      const stacked = rebuild(
        arrays.map((x) => ops.stack([x, ops.add(x, 1)])),
        [2],
      );
      const other = dist.TransformedDistribution(dist.Normal([1, 2], 2), [exp, affine([3, 4], 1.5)]);
      assertClose(stacked.logProb(10), ops.stack([toNDArray(d.logProb(10)), toNDArray(other.logProb(10))]), { relative: 1e-5 });
    }),

  'an improper uniform keeps the bounds of its support when it is stacked': () => {
    const d = dist.ImproperUniform(constraints.greaterThan([1, 2]), [2], []);
    const { arrays, rebuild } = d.apart!();
    const stacked = rebuild(
      arrays.map((x) => ops.stack([x, ops.add(x, 5)])),
      [2],
    );
    assert.deepEqual([...toNDArray(stacked.logProb(4)).data], [0, 0, -Infinity, -Infinity]);
    refused('InvalidShape', ['fewer axes'], () => dist.ImproperUniform(constraints.simplex, [], []));
    refused('InvalidArgument', ['constraint'], () => dist.ImproperUniform(3 as never));
  },

  'an empirical distribution counts equal samples together': () => {
    const d = dist.Empirical([
      [1, 2],
      [3, 4],
      [1, 2],
      [5, 6],
    ]);
    assert.deepEqual([d.batchShape, d.eventShape], [[], [2]]);
    assertClose(
      ops.exp(
        d.logProb([
          [1, 2],
          [5, 6],
          [1, 6],
        ]),
      ),
      [0.5, 0.25, 0],
      exactly,
    );
    assertClose(d.mean, [2.5, 3.5], exactly);
    assert.deepEqual(d.sample(PRNGKey(0), [7]).shape, [7, 2]);
    isMadeOfItsArrays(d);
    refused('InvalidShape', ['logWeights'], () => dist.Empirical([1, 2, 3], [0, 0]));
    refused('InvalidArgument', ['sample'], () => dist.Empirical([]));
  },
});
