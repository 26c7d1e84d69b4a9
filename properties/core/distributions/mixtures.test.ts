/** Mixtures beyond the common laws: components that exclude a value, weights of 0, batches, moments, what NumPyro's mixtures offer. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as constraints from '../../../core/constraints/index.ts';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { PRNGKey } from '../../../core/random/index.ts';
import { toNDArray, type Input } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';
import { assertMean } from '../../laws/statistics.ts';
import { tapeGradients } from '../../laws/tape.ts';

const key = PRNGKey(3);
const half = dist.Categorical([0.5, 0.5]);
const allFinite = (xs: readonly tf.Tensor[]): void => xs.forEach((x) => assert.ok(x.dataSync().every(Number.isFinite), x.dataSync().join()));
const exactly = { relative: 1e-12 } as const;
const list = (x: Input): readonly number[] => [...toNDArray(x).data];

laws('mixtures', {
  'a mixture of densities with steps integrates to 1': () => {
    const d = dist.MixtureGeneral(dist.Categorical({ logits: [0.4, -0.3] }), [dist.Normal(0.5, 1), dist.Exponential(0.8)], { support: constraints.real });
    const integral = (from: number, to: number): number => {
      const count = 4000;
      const x = ops.add(from, ops.mul(to - from, ops.div(ops.add(ops.range(0, count), 0.5), count)));
      return (toNDArray(ops.sum(ops.exp(d.logProb(x)))).item() * (to - from)) / count;
    };
    assertClose(integral(-9, 0) + integral(0, 40), 1, { relative: 1e-5 });
  },

  'where every component excludes a value the log-density is −∞, with gradients of 0': () =>
    tf.tidy(() => {
      const make = (logits: Input, rate: Input) =>
        dist.MixtureGeneral(dist.Categorical({ logits }), [dist.Exponential(rate), dist.Uniform(0, 1)], { support: constraints.real });
      assert.deepEqual(list(make([0, 0], 1).logProb([-1, 0.5]))[0], -Infinity);
      const lossOf = (x: Input, logits: Input, rate: Input) => {
        const lp = make(logits, rate).logProb(x);
        return ops.sum(ops.where(ops.isFinite(lp), lp, 0));
      };
      const gradients = tapeGradients(lossOf, [tf.tensor([-1, 0.5, 3]), tf.tensor([0, 1]), tf.scalar(2)]);
      allFinite(gradients);
      assert.equal(gradients[0]!.dataSync()[0], 0);
      // At 3 the uniform has no part: the gradient is that of the exponential.
      assertClose(gradients[0]!.dataSync()[2]!, -2, { relative: 1e-6 });
    }),

  'a component of weight 0 counts for nothing': () =>
    tf.tidy(() => {
      const d = (probs: Input, loc: Input) => dist.MixtureSameFamily(dist.Categorical({ probs }), dist.Normal(loc, 1));
      assertClose(d([0, 1], [5, 2]).logProb(1), dist.Normal(2, 1).logProb(1), exactly);
      assertClose(d([0, 1], [5, 2]).mean, 2, exactly);
      allFinite(tapeGradients((probs, loc) => ops.sum(d(probs, loc).logProb(1)), [tf.tensor([0, 1]), tf.tensor([5, 2])]));
      const byLogits = dist.MixtureSameFamily(dist.Categorical({ logits: [-Infinity, 0] }), dist.HalfCauchy([1, 2]));
      assertClose(byLogits.logProb(1), dist.HalfCauchy(2).logProb(1), exactly);
    }),

  'an unlikely value keeps its log-density': () =>
    assertClose(dist.MixtureSameFamily(half, dist.Normal([-1, 1], 1)).logProb(1e4), ops.sub(dist.Normal(1, 1).logProb(1e4), Math.LN2), exactly),

  'a batch of mixtures broadcasts the weights with the components': () => {
    const d = dist.MixtureSameFamily(
      dist.Categorical([
        [0.2, 0.8],
        [0.5, 0.5],
        [1, 0],
      ]),
      dist.Normal([0, 10], 1).expand([4, 1, 2]),
    );
    assert.deepEqual([d.batchShape, d.eventShape, d.mixtureSize], [[4, 3], [], 2]);
    assert.deepEqual(d.sample(key, [5]).shape, [5, 4, 3]);
    assertClose(ops.slice(d.mean, [0, 0], [1, 3]), [[8, 5, 0]], exactly);
    assert.deepEqual(d.componentMean.shape, [4, 3, 2]);
    assert.deepEqual(d.componentLogProbs(1).shape, [4, 3, 2]);
    assertClose(ops.logSumExp(d.componentLogProbs(1), -1), d.logProb(1), exactly);
    assert.deepEqual(d.componentCdf(ops.ones([4, 3])).shape, [4, 3, 2]);
  },

  'events of several numbers are drawn whole': () => {
    const d = dist.MixtureSameFamily(
      half,
      dist
        .Normal(
          [
            [-50, -50],
            [50, 50],
          ],
          1,
        )
        .toEvent(1),
    );
    assert.deepEqual([d.batchShape, d.eventShape], [[], [2]]);
    const draws = toNDArray(d.sample(key, [400]));
    for (let i = 0; i < 400; i++) assert.equal(Math.sign(draws.data[2 * i]!), Math.sign(draws.data[2 * i + 1]!));
    assertMean(
      draws.data.map((x) => Math.sign(x)),
      0,
      'share of the components',
      1,
    );
    assertClose(d.mean, [0, 0], { relative: 0, absolute: 1e-12 });
    assertClose(d.variance, [2501, 2501], exactly);
    refused('Unsupported', ['cdf'], () => d.cdf([0, 0]));
  },

  'counts mix as counts': () => {
    const d = dist.MixtureSameFamily(half, dist.BernoulliProbs([0.2, 0.6]));
    assert.ok(d.isDiscrete && d.hasEnumerateSupport);
    assertClose(d.mean, 0.4, exactly);
    assertClose(ops.exp(d.logProb(d.enumerateSupport())), [0.6, 0.4], exactly);
    assertClose(dist.MixtureSameFamily(half, dist.Poisson([1, 4])).mean, 2.5, exactly);
  },

  'what does not fit is refused': () => {
    refused('InvalidArgument', ['Categorical'], () => dist.MixtureSameFamily(dist.Normal(0, 1), dist.Normal([0, 1], 1)));
    refused('InvalidShape', ['2 classes', '[3]'], () => dist.MixtureSameFamily(half, dist.Normal([0, 1, 2], 1)));
    refused('InvalidShape', ['2 classes'], () => dist.MixtureSameFamily(half, dist.Normal(0, 1)));
    refused('InvalidArgument', ['supports that differ', 'MixtureGeneral'], () => dist.MixtureSameFamily(half, dist.Uniform([0, 1], [2, 3])));
    refused('InvalidArgument', ['list'], () => dist.MixtureGeneral(half, [dist.Normal(0, 1)]));
    refused('InvalidArgument', ['supports', 'constraints.real'], () => dist.MixtureGeneral(half, [dist.Normal(0, 1), dist.HalfNormal(1)]));
    refused('InvalidArgument', ['supports'], () => dist.MixtureGeneral(half, [dist.Uniform(0, 1), dist.Uniform(0, 2)]));
    refused('InvalidShape', ['event shapes'], () => dist.MixtureGeneral(half, [dist.Normal(0, 1), dist.Normal([0, 1], 1).toEvent(1)]));
    refused('InvalidShape', ['broadcast'], () => dist.MixtureGeneral(half, [dist.Normal([0, 1], 1), dist.Normal([0, 1, 2], 1)]));
  },
});
