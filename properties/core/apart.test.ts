/** Taking distributions apart: made again of its arrays one is the same, and of stacks of arrays it is the stack of distributions. */
import assert from 'node:assert/strict';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { affine, exp } from '../../core/bijectors/index.ts';
import { array } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import * as random from '../../core/random/index.ts';
import { toNDArray } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';

const exactly = { relative: 1e-12 } as const;

/** Two of one form. */
const pairs: Readonly<Record<string, readonly [Distribution, Distribution]>> = {
  Normal: [dist.Normal(0, 1), dist.Normal(3, 0.2)],
  'Normal of parameters that broadcast': [dist.Normal([[1], [2]], [1, 2, 3]), dist.Normal([[0], [4]], [0.1, 2, 5])],
  'expanded Normal': [dist.Normal(0, [1, 2]).expand([3, 2]), dist.Normal(1, [2, 2]).expand([3, 2])],
  'Normal as an event': [dist.Normal(0, [1, 2]).expand([3, 2]).toEvent(1), dist.Normal(1, [3, 2]).expand([3, 2]).toEvent(1)],
  'expanded events': [dist.Normal(0, [1, 2]).toEvent(1).expand([3]), dist.Normal(1, [3, 2]).toEvent(1).expand([3])],
  masked: [dist.Normal(0, [1, 2]).mask([true, false]), dist.Normal(1, [3, 2]).mask([false, true])],
  'masked more widely': [dist.Exponential(2).mask([[true], [false]]), dist.Exponential(1).mask([[true], [true]])],
  Categorical: [dist.Categorical([0.2, 0.8]), dist.Categorical([0.5, 0.5])],
  Bernoulli: [dist.Bernoulli({ logits: [0, 1] }), dist.Bernoulli({ logits: [2, 1] })],
  Uniform: [dist.Uniform(0, 2), dist.Uniform(-1, [1.5])].map((fn) => fn.expand([1])) as unknown as [Distribution, Distribution],
  Gamma: [dist.Gamma(2, [1, 2]), dist.Gamma(1, [3, 4])],
  Delta: [dist.Delta([1, 2], 0.5, 1), dist.Delta([3, 2], 0.1, 1)],
  MultivariateNormal: [
    dist.MultivariateNormal(
      [0, 1],
      [
        [2, 1],
        [1, 3],
      ],
    ),
    dist.MultivariateNormal(
      [1, 1],
      [
        [1, 0],
        [0, 1],
      ],
    ),
  ],
  LogNormal: [
    dist.TransformedDistribution(dist.Normal([0, 1], 1), [exp, affine(1, 2)]),
    dist.TransformedDistribution(dist.Normal([2, 1], 3), [exp, affine(1, 2)]),
  ],
};

const key = random.PRNGKey(4);

laws('distributions taken apart', {
  'and made again are the same': () =>
    forEachEntry(pairs, ([fn], name) => {
      const { arrays, rebuild } = fn.apart!();
      const again = rebuild(arrays, []);
      assert.deepEqual([again.batchShape, again.eventShape], [fn.batchShape, fn.eventShape], name);
      const draw = fn.sample(key);
      assertClose(again.sample(key), draw, exactly, name);
      assertClose(again.logProb(draw), fn.logProb(draw), exactly, name);
    }),

  'are stacked by stacking their arrays': () =>
    forEachEntry(pairs, ([a, b], name) => {
      const [first, second] = [a.apart!(), b.apart!()];
      const stacked = first.rebuild(
        first.arrays.map((x, i) => ops.stack([x, second.arrays[i]!])),
        [2],
      );
      assert.deepEqual([stacked.batchShape, stacked.eventShape], [[2, ...a.batchShape], a.eventShape], name);
      const draws = [a.sample(key), b.sample(random.foldIn(key, 1))] as const;
      const values = ops.stack(draws);
      assertClose(stacked.logProb(values), ops.stack([a.logProb(draws[0]), b.logProb(draws[1])]), exactly, name);
    }),

  'may have the same array at all times': () => {
    const { arrays, rebuild } = dist.Normal(0, [1, 2]).apart!();
    const stacked = rebuild([array([[0], [5], [7]]), arrays[1]!], [3]);
    assert.deepEqual(stacked.batchShape, [3, 2]);
    assert.deepEqual([...toNDArray(stacked.mean).data], [0, 0, 5, 5, 7, 7]);
  },
});
