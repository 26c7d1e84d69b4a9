/** Censored distributions: what each kind of observation counts. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../../../core/bijectors/index.ts';
import * as dist from '../../../core/distributions/index.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { toNDArray, type Input } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { assertClose, forEachEntry } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';
import { tapeGradients } from '../../laws/tape.ts';

const item = (x: Input): number => toNDArray(x).item();

/** Of several families, an interval in the middle of each. */
const bases: Readonly<Record<string, Distribution>> = {
  Normal: dist.Normal(1, 2),
  StudentT: dist.StudentT(3, 1, 2),
  Exponential: dist.Exponential(0.3),
  Weibull: dist.Weibull(2, 1.5),
  Gamma: dist.Gamma(2, 1.5),
  LogNormal: dist.LogNormal(0.2, 0.7),
  HalfNormal: dist.HalfNormal(2),
  HalfCauchy: dist.HalfCauchy(2),
  Gumbel: dist.Gumbel(1, 0.5),
  Pareto: dist.Pareto(0.5, 2),
  Gompertz: dist.Gompertz(0.5, 0.7),
  Beta: dist.Beta(2, 3),
  Uniform: dist.Uniform(0, 3),
  'a decreasing map': dist.TransformedDistribution(dist.LogNormal(0.2, 0.7), affine(1, -2)),
};

laws('censored distributions', {
  'count the mass below, above, between and outside, of any base': () =>
    forEachEntry(bases, (base) => {
      const [low, high] = [item(base.icdf(0.3)), item(base.icdf(0.8))];
      assertClose(dist.LeftCensoredDistribution(base, 1).logProb(low), Math.log(0.3), { relative: 1e-9 }, 'below');
      assertClose(dist.RightCensoredDistribution(base, 1).logProb(high), Math.log(0.2), { relative: 1e-9 }, 'above');
      assertClose(dist.LeftCensoredDistribution(base, [0, 1]).logProb(low), [item(base.logProb(low)), Math.log(0.3)], { relative: 1e-9 });
      const pairs = dist.IntervalCensoredDistribution(base, [0, 1, 0, 1], [0, 0, 1, 1]);
      assertClose(pairs.logProb([low, high]), [0.5, 0.8, 0.7, 0.5].map(Math.log), { relative: 1e-8 }, 'pairs');
      assertClose(pairs.logProb([low, low]), [item(base.logProb(low)), Math.log(0.3), Math.log(0.7), -Infinity], { relative: 1e-8 }, 'points');
    }),

  'the end that does not count may be anything': () => {
    const pairs = dist.IntervalCensoredDistribution(dist.Exponential(1), [0, 1], [1, 0]);
    assertClose(
      pairs.logProb([
        [4, Infinity],
        [-Infinity, 4],
      ]),
      [-4, Math.log1p(-Math.exp(-4))],
      { relative: 1e-12 },
    );
  },

  'far in the tails nothing is lost': () => {
    assertClose(dist.RightCensoredDistribution(dist.Exponential(2), 1).logProb(500), -1000, { relative: 1e-12 });
    assertClose(dist.RightCensoredDistribution(dist.Normal(0, 1), 1).logProb(40), -804.6084420137538, { relative: 1e-12 });
    assertClose(dist.LeftCensoredDistribution(dist.Normal(0, 1), 1).logProb(-40), -804.6084420137538, { relative: 1e-12 });
    assertClose(dist.RightCensoredDistribution(dist.Weibull(2, 3), 1).logProb(40), -8000, { relative: 1e-12 });
    assertClose(dist.RightCensoredDistribution(dist.Logistic(0, 1), 1).logProb(800), -800, { relative: 1e-12 });
  },

  'gradients are numbers, whatever the flags': () =>
    tf.tidy(() => {
      const loss = (value: Input, rate: Input) =>
        ops.sum(dist.IntervalCensoredDistribution(dist.Exponential(rate), [0, 1, 0, 1, 0], [0, 0, 1, 1, 0]).logProb(value));
      const value = tf.tensor([
        [1, 2],
        [-9, 2],
        [1, 1e9],
        [1, 2],
        [2, 2],
      ]);
      const [ofValue, ofRate] = tapeGradients(loss, [value, tf.scalar(0.5)]);
      assert.ok([...ofValue!.dataSync(), ...ofRate!.dataSync()].every(Number.isFinite), ofValue!.dataSync().join());
      assert.deepEqual([ofValue!.dataSync()[2], ofValue!.dataSync()[5]], [0, 0]);
    }),

  'bases without a distribution function and flags that are none are refused': () => {
    refused('Unsupported', ['cdf'], () => dist.LeftCensoredDistribution(dist.MixtureSameFamily(dist.Categorical([1]), dist.Normal([0], 1)), 1).icdf(0.5));
    refused('InvalidParameter', ['rightCensored'], () => dist.IntervalCensoredDistribution(dist.Normal(0, 1), 0, 2));
    refused('InvalidArgument', ['continuous'], () => dist.IntervalCensoredDistribution(dist.Poisson(2)));
    refused('InvalidArgument', ['single numbers'], () => dist.LeftCensoredDistribution(dist.Normal([0], 1).toEvent(1), 1));
  },
});
