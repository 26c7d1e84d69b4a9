/** Laws of bijectors: inverse, volume, shapes, image; the same eagerly, on tensors, compiled and under vmap. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bijectors from '../../core/bijectors/index.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { interval, nonnegative, positive, real, realVector, simplex, independent as independentSet } from '../../core/constraints/index.ts';
import { array } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { bijectorEntries } from '../laws/bijectorEntries.ts';
import * as law from '../laws/bijectorLaws.ts';
import type { BijectorEntry } from '../laws/bijectorLaws.ts';
import { drawFrom } from '../laws/draw.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';

const { affine, exp, independent, inverseOf, lowerCholesky, power, softplus, stickBreaking, choleskyProduct } = bijectors;

const onSeeds = (check: (entry: BijectorEntry, seed: number) => void, numRuns = 10): void =>
  fc.assert(
    fc.property(fc.nat(), (seed) => forEachEntry(bijectorEntries, (entry) => check(entry, seed))),
    { numRuns, endOnFailure: true },
  );

const onBatches = (check: (entry: BijectorEntry, x: ReturnType<typeof law.batched>) => void): void =>
  onSeeds((entry, seed) => {
    for (const batch of [[], [2], [2, 3], [0]]) check(entry, law.batched(entry, drawFrom(seed), batch));
  });

const onPairs = (check: (entry: BijectorEntry, x: ReturnType<typeof law.batched>) => void, numRuns: number): void =>
  onSeeds((entry, seed) => check(entry, law.batched(entry, drawFrom(seed), [2])), numRuns);

laws('bijectors', {
  'the inverse undoes the map': () => onBatches(law.inversesUndo),
  'the inverse loses the volume that the map adds': () => onBatches(law.inverseLosesTheVolume),
  'the log-determinant is that of the numerical Jacobian': () => onSeeds((entry, seed) => law.volumeIsJacobian(entry, entry.argument(drawFrom(seed)))),
  'shapes are as promised': () => onBatches(law.shapesArePromised),
  'the image lies in the codomain': () => onBatches(law.imageIsCodomain),
  'gradients are slopes': () => onPairs(law.gradientsAreSlopes, 2),
  'on tensors the numbers are the same': () => onPairs(law.tensorsAgree, 3),
  'compiled the numbers are the same': () => onPairs(law.compiledAgrees, 1),
  'under vmap the numbers are the same': () => onPairs(law.lanesAgree, 1),

  'made again of their arrays they are the same': () => onPairs(law.madeAgainIsTheSame, 2),

  'arrays of a bijector are given out, those of a network are not': () => {
    const counts = { exp, affine: affine(1, -2), power: power(2), permute: bijectors.permute([1, 0]), recursiveLinear: bijectors.recursiveLinear([[1]]) };
    assert.deepEqual(
      Object.values(counts).map((bijector) => bijector.apart(3)?.arrays.map(({ shape }) => shape.length)),
      [[], [3, 3], [3], [], [3]],
    );
    assert.equal(
      bijectors
        .compose(
          exp,
          bijectors.inverseAutoregressive((x) => [x, x]),
        )
        .apart(1),
      undefined,
    );
  },

  'composition is associative': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const d = drawFrom(seed);
        law.composesAssociatively(affine(0.3, 0.5), softplus, power(1.5), d.uniform([4], -2, 2));
        law.composesAssociatively(affine(0.1, -0.8), stickBreaking, independent(inverseOf(exp), 1), d.uniform([2, 3], -2, 2));
        law.composesAssociatively(affine(0.1, 0.4), lowerCholesky, choleskyProduct, d.uniform([2, 6], -1, 1));
        law.composesAssociatively(bijectors.reshape([3], [3, 1]), bijectors.corrCholesky, affine(0, 2), d.uniform([2, 3, 1], -1, 1));
      }),
      { numRuns: 10 },
    ),

  'arrays that do not fit are refused': () => {
    const refused: readonly (() => unknown)[] = [
      () => stickBreaking.forward(0),
      () => choleskyProduct.forward([1]),
      () => lowerCholesky.forward([1, 2, 3, 4]),
      () => bijectors.corrCholesky.forwardShape([2, 5]),
      () =>
        bijectors.corrCholesky.inverse([
          [1, 0, 0],
          [0, 1, 0],
        ]),
      () => bijectors.permute([1, 0]).forward([1, 2, 3]),
      () => bijectors.reshape([4], [3]),
      () => bijectors.reshape([4], [2, 2]).forward([1, 2]),
      () => bijectors.recursiveLinear([[1, 2]]),
      () => bijectors.affineCoupling(2, (x) => [x, x]).forward([1, 2]),
    ];
    refused.forEach((call, i) => assert.throws(call, { _tag: 'InvalidShape' }, `call ${i}`));
    const misused: readonly (() => unknown)[] = [
      () => bijectors.permute([0, 0]),
      () => bijectors.permute([1, 2]),
      () => bijectors.zeroSum(0),
      () => bijectors.inverseAutoregressive((x) => [x, x], { logScaleMinClip: 3, logScaleMaxClip: -5 }),
    ];
    misused.forEach((call, i) => assert.throws(call, { _tag: 'InvalidArgument' }, `call ${i}`));
  },

  'bounds may be batches': () => {
    const onto = bijectTo(interval([0, 10], [1, 20]));
    assertClose(onto.forward([0, 0]), [0.5, 15], { relative: 1e-12 });
    assert.deepEqual([...onto.forward(array([[0], [1], [2]])).shape], [3, 2]);
    assert.deepEqual([...onto.logAbsDetJacobian(0).shape], [2]);
  },

  'anchors, factors and transition matrices may be batches': () => {
    const ordered = bijectors.simplexToOrdered([0, 2]);
    const cuts = ordered.forward([0.2, 0.3, 0.5]);
    assertClose(
      cuts,
      [
        [Math.log(0.2 / 0.8), 0],
        [Math.log(0.2 / 0.8) + 2, 2],
      ],
      { relative: 1e-12, absolute: 1e-12 },
    );
    assert.deepEqual([ordered.forwardShape([3]), ordered.logAbsDetJacobian([0.2, 0.3, 0.5]).shape], [[2, 2], [2]]);
    const chain = bijectors.recursiveLinear([[[0.5]], [[2]]]);
    assertClose(
      chain.forward([[1], [1], [1]]),
      [
        [[1], [1.5], [1.75]],
        [[1], [3], [7]],
      ],
      { relative: 1e-12 },
    );
    assert.deepEqual([chain.forwardShape([3, 1]), chain.logAbsDetJacobian([[1], [1], [1]]).shape], [[2, 3, 1], [2]]);
    const affineOf = bijectors.lowerCholeskyAffine([[0], [1]], [[2]]);
    assertClose(affineOf.forward([3]), [[6], [7]], { relative: 1e-12 });
    assert.deepEqual([affineOf.forwardShape([1]), affineOf.logAbsDetJacobian([3]).shape], [[2, 1], [2]]);
  },

  'moving elements keeps the sets that are the same in every order': () => {
    const swap = bijectors.permute([1, 0]);
    const codomains = [simplex, independentSet(positive, 1), independentSet(interval([0, 1], [1, 2]), 1)].map((set) => swap.codomain(set).name);
    assert.deepEqual(codomains, ['simplex', 'independent(positive, 1)', realVector.name]);
    const flat = bijectors.reshape([4], [2, 2]);
    assert.equal(flat.codomain(independentSet(positive, 2)).name, 'independent(positive, 1)');
    assert.equal(flat.codomain(independentSet(simplex, 1)).name, `independent(${real.name}, 1)`);
  },

  'abs is no bijection, and says so': () => {
    assert.equal(bijectors.abs.codomain(real), nonnegative);
    assertClose(bijectors.abs.inverse(bijectors.abs.forward([-2, 3])), [2, 3], { relative: 0 });
    assert.throws(() => bijectors.abs.logAbsDetJacobian(1), { _tag: 'Unsupported', message: /no bijection/ });
  },

  'far from 0 volumes stay finite, and their gradients': () => {
    const far = { l1Ball: [300, -300, 300], corrCholesky: [200, -200, 200], stickBreaking: [400, -400, 400] } as const;
    forEachEntry(far, (x, name) => {
      const bijector = bijectors[name as keyof typeof far];
      const gradient = grad((at: AnyArray) => ops.sum(bijector.logAbsDetJacobian(at)))(array([...x]));
      for (const out of [...bijector.forwardAndLogDet([...x]), gradient]) assert.ok(toNDArray(out).data.every(Number.isFinite));
    });
    assertClose(bijectors.l1Ball.logAbsDetJacobian([300]), 2 * (Math.LN2 - 300), { relative: 1e-12 });
    assertClose(bijectors.simplexToOrdered().inverse([-60, -59, 60]), [Math.exp(-60), Math.exp(-59) - Math.exp(-60), 1, Math.exp(-60)], { relative: 1e-10 });
  },
});
