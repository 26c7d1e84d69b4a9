/** Laws over the whole shelf of distributions: no distribution is without an entry. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as dist from '../../core/distributions/index.ts';
import { isKindlingError } from '../../core/errors.ts';
import { array } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toNDArray, toTensor, type Input } from '../../core/value.ts';
import { laws } from '../laws.ts';
import * as density from '../laws/distributionLaws.ts';
import * as draws from '../laws/drawLaws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { shelf, type Params, type ShelfEntry } from './shelf.ts';

interface Case {
  readonly entry: ShelfEntry;
  readonly set: Params;
}

const cases: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.entries(shelf).flatMap(([name, entry]) => entry.params.map((set) => [`${name} ${JSON.stringify(set)}`, { entry, set }] as const)),
);

const where = (keep: (entry: ShelfEntry, d: dist.Distribution) => boolean): Readonly<Record<string, Case>> =>
  Object.fromEntries(Object.entries(cases).filter(([, { entry, set }]) => keep(entry, entry.make(set))));

const uncertain = where(({ certain }) => certain !== true);
const unbatched = where(({ certain }, d) => certain !== true && d.batchShape.length === 0);
const smooth = where(({ certain, movingSupport }, d) => certain !== true && movingSupport !== true && d.isReparameterized && d.batchShape.length === 0);

const refused = (tag: string, parts: readonly string[], f: () => unknown): void =>
  assert.throws(f, (error) => {
    assert.ok(isKindlingError(error), String(error));
    assert.equal(error._tag, tag, error.message);
    for (const part of parts) assert.ok(error.message.includes(part), `"${error.message}" does not say ${part}`);
    return true;
  });

const constructors = Object.entries(dist) as [string, (...args: unknown[]) => dist.Distribution][];

laws('distributions', {
  'every distribution has an entry': () =>
    assert.deepEqual(
      constructors.map(([name]) => name).filter((name) => shelf[name] === undefined),
      [],
    ),

  'the density integrates to 1': () => forEachEntry(uncertain, ({ entry, set }) => density.densityIsProper(entry.make(set))),
  'cdf and icdf are inverse': () => forEachEntry(uncertain, ({ entry, set }) => density.quantilesInvert(entry.make(set))),
  'outside the support the log-probability is −∞, with finite gradients': () =>
    forEachEntry(cases, ({ entry, set }) => density.outsideIsImpossible(entry, set)),
  'NaN in, NaN out': () => forEachEntry(uncertain, ({ entry, set }) => density.nanStaysNaN(entry.make(set))),
  'the tape differentiates the log-density': () => forEachEntry(uncertain, ({ entry, set }) => density.logProbDifferentiates(entry, set)),
  'tensors in, tensors out': () => forEachEntry(cases, ({ entry, set }) => density.tensorsInTensorsOut(entry, set)),
  'no method leaves a tensor but its result': () => forEachEntry(cases, ({ entry, set }) => density.leavesNoTensors(entry, set)),

  'draws have the right shape and lie in the support': () => forEachEntry(cases, ({ entry, set }) => draws.drawsLieInSupport(entry.make(set))),
  'toEvent sums, expand repeats, mask leaves out': () => forEachEntry(cases, ({ entry, set }) => draws.combinatorsAddUp(entry.make(set))),
  'expanded draws are independent': () => forEachEntry(unbatched, ({ entry, set }) => draws.drawsAreIndependent(entry.make(set))),
  'moments, entropy and cdf are those of the draws': () =>
    forEachEntry(uncertain, ({ entry, set }) => draws.momentsAreTheDraws(entry.make(set), entry.moments !== false)),
  'the score has mean 0': () =>
    forEachEntry(
      where(({ certain, movingSupport }, d) => certain !== true && movingSupport !== true && d.batchShape.length === 0),
      ({ entry, set }) => draws.scoreHasMeanZero(entry, set),
    ),
  'the pathwise gradient is the score-function gradient': () => forEachEntry(smooth, ({ entry, set }) => draws.pathwiseIsScore(entry, set)),

  'an invalid parameter is named with its value and its constraint': () =>
    forEachEntry(shelf, ({ make, invalid = [] }) => {
      for (const [set, name] of invalid) {
        const value = array(set[name]!).data.find((x) => !Number.isNaN(x)) === undefined ? 'NaN' : '';
        refused('InvalidParameter', [name, 'Given', 'Expected', value], () => make(set));
        tf.tidy(() => refused('InvalidParameter', [name], () => make(Object.fromEntries(Object.entries(set).map(([key, x]) => [key, toTensor(x)])))));
      }
    }),

  'the message tells the offending number and its place': () => {
    refused('InvalidParameter', ['scale', 'Normal', '-2', 'element 1', 'positive'], () => dist.Normal(0, [1, -2]));
    refused('InvalidParameter', ['probs', '1.2', 'unitInterval'], () => dist.Bernoulli(1.2));
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
    const x = toNDArray(d.sample(density.key, [5]));
    assert.deepEqual([...x.shape], [5, 2, 4, 3]);
    x.data.forEach((v, i) => assert.ok(Math.abs(v - 10 * (i % 3)) < 6));
    assert.deepEqual([...d.logProb(x).shape], [5, 2]);
    assertClose(ops.sum(d.logProb(x)), ops.sum(dist.Normal([0, 10, 20], 1).logProb(x)), { relative: 1e-12 });
  },
});
