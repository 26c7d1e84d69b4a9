/** What holds for the whole shelf of distributions: no distribution is without an entry, and the errors of all of them. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as dist from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { toNDArray, type Input } from '../../core/value.ts';
import { enableValidation } from '../../core/distributions/validation.ts';
import { laws } from '../laws.ts';
import { key } from '../laws/distributionLaws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { refused } from '../laws/shelfLaws.ts';
import { shelf } from './shelf/index.ts';

const constructors = Object.entries(dist) as [string, (...args: unknown[]) => dist.Distribution][];

laws('distributions', {
  'every distribution has an entry': () =>
    assert.deepEqual(
      constructors.map(([name]) => name).filter((name) => shelf[name] === undefined),
      [],
    ),

  'the message tells the offending number and its place': () => {
    refused('InvalidParameter', ['scale', 'Normal', '-2', 'element 1', 'positive'], () => dist.Normal(0, [1, -2]));
    refused('InvalidParameter', ['probs', '1.2', 'unitInterval'], () => dist.Bernoulli(1.2));
  },

  'validation can be turned off': () => {
    const before = enableValidation(false);
    try {
      assert.ok(before);
      assert.equal(toNDArray(dist.Normal(0, -1).mean).item(), 0);
      assertClose(dist.Exponential(-2).logProb(-1), -Infinity, { relative: 0 });
    } finally {
      enableValidation(before);
    }
    refused('InvalidParameter', ['scale'], () => dist.Normal(0, -1));
  },

  'unknown, missing, doubled and ill-fitting parameters are refused': () => {
    refused('InvalidArgument', ['sigma', 'loc, scale'], () => dist.Normal({ loc: 0, sigma: 1 } as unknown as Input));
    refused('InvalidArgument', ['argument 3'], () => dist.Normal(0, 1, 2));
    refused('InvalidArgument', ['concentration'], () => dist.Gamma());
    refused('InvalidArgument', ['probs or logits'], () => dist.Bernoulli({ probs: 0.5, logits: 0 }));
    refused('InvalidArgument', ['probs or logits'], () => dist.Categorical({}));
    refused('InvalidArgument', ['exactly one'], () => dist.MultivariateNormal([0, 0]));
    refused('InvalidShape', ['loc [2]', 'scale [3]'], () => dist.Normal([0, 0], [1, 1, 1]));
    refused('InvalidShape', ['probs'], () => dist.CategoricalProbs(1));
    refused('InvalidShape', ['loc [3]'], () =>
      dist.MultivariateNormal({
        loc: [0, 0, 0],
        scaleTril: [
          [1, 0],
          [0, 1],
        ],
      }),
    );
    refused('InvalidShape', ['[2]', '[3]'], () => dist.Normal([0, 0], 1).logProb([1, 2, 3]));
    refused('InvalidShape', ['event shape [2]'], () =>
      dist
        .MultivariateNormal(
          [0, 0],
          [
            [1, 0],
            [0, 1],
          ],
        )
        .logProb([1, 2, 3]),
    );
    refused('InvalidShape', ['[2]', '[3]'], () => dist.Normal([0, 0], 1).expand([3]));
    refused('InvalidShape', ['toEvent(2)'], () => dist.Normal([0, 0], 1).toEvent(2));
    refused('InvalidShape', ['mask'], () => dist.Normal([0, 0], 1).mask([true, false, true]));
  },

  'parameters come by position or by name': () =>
    forEachEntry(
      {
        Normal: dist.Normal({ loc: 1, scale: 2 }),
        Gamma: dist.Gamma({ concentration: 1, rate: 2 }),
        Beta: dist.Beta({ concentration1: 1, concentration0: 2 }),
      },
      (named, name) => assert.deepEqual(named.params, dist[name as 'Normal'](1, 2).params),
    ),

  'a mask lets values outside the support by': () => {
    const d = dist.Exponential(2).expand([3]).mask([true, false, true]);
    assertClose(d.logProb([1, -5, 2]), [Math.log(2) - 2, 0, Math.log(2) - 4], { relative: 1e-12 });
    tf.tidy(() => assertClose(d.logProb(tf.tensor1d([1, -5, 2])), [Math.log(2) - 2, 0, Math.log(2) - 4], { relative: 1e-6 }));
  },

  'a batch of values is weighed against a batch of distributions': () => {
    const d = dist.Normal([[0], [1]], [1, 2, 3]);
    assert.deepEqual([...d.logProb(ops.zeros([5, 1, 3])).shape], [5, 2, 3]);
    assert.deepEqual([...d.logProb(0.5).shape], [2, 3]);
    refused('InvalidShape', ['event shape [3]'], () => d.toEvent(1).logProb(0.5));
  },

  'nested toEvent and expand keep draws and densities together': () => {
    const d = dist.Normal([0, 10, 20], 1).expand([4, 3]).toEvent(1).expand([2, 4]).toEvent(1);
    assert.deepEqual([d.batchShape, d.eventShape], [[2], [4, 3]]);
    const x = toNDArray(d.sample(key, [5]));
    assert.deepEqual([...x.shape], [5, 2, 4, 3]);
    x.data.forEach((v, i) => assert.ok(Math.abs(v - 10 * (i % 3)) < 6));
    assert.deepEqual([...d.logProb(x).shape], [5, 2]);
    assertClose(ops.sum(d.logProb(x)), ops.sum(dist.Normal([0, 10, 20], 1).logProb(x)), { relative: 1e-12 });
  },
});
