/** All laws of distributions, over the entries of a shelf: one suite for each part of it. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../../core/distributions/index.ts';
import { isKindlingError } from '../../core/errors.ts';
import { array } from '../../core/ndarray.ts';
import { toTensor } from '../../core/value.ts';
import type { Params, Shelf, ShelfEntry } from '../core/shelf/entry.ts';
import { isMadeOfItsArrays } from './apartLaws.ts';
import * as laws from './densityLaws.ts';
import * as density from './distributionLaws.ts';
import * as draws from './drawLaws.ts';
import { forEachEntry } from './numeric.ts';

interface Case {
  readonly entry: ShelfEntry;
  readonly set: Params;
}

/** An error of this kind, which says all of `parts`. */
export const refused = (tag: string, parts: readonly string[], f: () => unknown): void =>
  assert.throws(f, (error) => {
    assert.ok(isKindlingError(error), String(error));
    assert.equal(error._tag, tag, error.message);
    for (const part of parts) assert.ok(error.message.includes(part), `"${error.message}" does not say ${part}`);
    return true;
  });

/** The laws of every distribution of a shelf at every set of parameters. */
export const shelfLaws = (shelf: Shelf): Readonly<Record<string, () => void>> => {
  const cases: Readonly<Record<string, Case>> = Object.fromEntries(
    Object.entries(shelf).flatMap(([name, entry]) => entry.params.map((set) => [`${name} ${JSON.stringify(set)}`, { entry, set }] as const)),
  );
  const where = (keep: (entry: ShelfEntry, d: Distribution) => boolean): Readonly<Record<string, Case>> =>
    Object.fromEntries(Object.entries(cases).filter(([, { entry, set }]) => keep(entry, entry.make(set))));

  const drawn = where(({ improper }) => improper !== true);
  const uncertain = where(({ certain, improper }) => certain !== true && improper !== true);
  const unbatched = where(({ certain, improper }, d) => certain !== true && improper !== true && d.batchShape.length === 0);
  const smooth = where(
    ({ certain, improper, movingSupport }, d) =>
      certain !== true && improper !== true && movingSupport !== true && d.isReparameterized && d.batchShape.length === 0,
  );

  return {
    'the density integrates to 1': () => forEachEntry(uncertain, ({ entry, set }) => laws.densityIsProper(entry, set)),
    'cdf and icdf are inverse': () => forEachEntry(uncertain, ({ entry, set }) => laws.quantilesInvert(entry.make(set))),
    'the cdf of counts sums their probabilities': () => forEachEntry(uncertain, ({ entry, set }) => laws.cdfSumsTheMasses(entry, set)),
    'a support that is listed is listed whole': () => forEachEntry(uncertain, ({ entry, set }) => laws.enumerationIsTheSupport(entry, set)),
    'outside the support the log-probability is −∞, with finite gradients': () =>
      forEachEntry(cases, ({ entry, set }) => density.outsideIsImpossible(entry, set)),
    'an improper density is 0 on its support, and is not drawn from': () =>
      forEachEntry(
        where(({ improper }) => improper === true),
        ({ entry, set }) => density.improperIsLevel(entry.make(set)),
      ),
    'NaN in, NaN out': () =>
      forEachEntry(
        where(({ certain }) => certain !== true),
        ({ entry, set }) => density.nanStaysNaN(entry.make(set)),
      ),
    'the tape differentiates the log-density': () => forEachEntry(uncertain, ({ entry, set }) => density.logProbDifferentiates(entry, set)),
    'tensors in, tensors out': () => forEachEntry(drawn, ({ entry, set }) => density.tensorsInTensorsOut(entry, set)),
    'no method leaves a tensor but its result': () => forEachEntry(drawn, ({ entry, set }) => density.leavesNoTensors(entry, set)),

    'draws have the right shape and lie in the support': () => forEachEntry(drawn, ({ entry, set }) => draws.drawsLieInSupport(entry.make(set))),
    'toEvent sums, expand repeats, mask leaves out': () => forEachEntry(drawn, ({ entry, set }) => draws.combinatorsAddUp(entry.make(set))),
    'taken apart it can be made again, and stacked': () => forEachEntry(drawn, ({ entry, set }) => isMadeOfItsArrays(entry.make(set))),
    'expanded draws are independent': () => forEachEntry(unbatched, ({ entry, set }) => draws.drawsAreIndependent(entry.make(set), entry.atoms)),
    'moments, entropy and cdf are those of the draws': () => forEachEntry(uncertain, ({ entry, set }) => draws.momentsAreTheDraws(entry.make(set), entry)),
    'the score has mean 0': () =>
      forEachEntry(
        where(({ certain, improper, movingSupport }, d) => certain !== true && improper !== true && movingSupport !== true && d.batchShape.length === 0),
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
  };
};
