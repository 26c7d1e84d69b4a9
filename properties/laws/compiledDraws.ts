/** The law of draws under the compiler: by a traced key they are those of the key. */
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { keyData, tracedKey } from '../../core/random/key.ts';
import { toNDArray } from '../../core/value.ts';
import type { Params, Shelf, ShelfEntry } from '../core/shelf/entry.ts';
import { key } from './distributionLaws.ts';
import { assertClose, forEachEntry, type Tolerance } from './numeric.ts';
import { compiled, interpreted, recordAt, recordOfKey, type Recorded } from './recorded.ts';

type Run = (recorded: Recorded) => readonly NDArray[];

interface Sampled {
  readonly entry: ShelfEntry;
  readonly set: Params;
}

const words = makeNDArray(Float64Array.from(keyData(key)), [2]);

/** Draws by a traced key, the parameters known or arguments too, are those by the key. */
const samplesAreThoseOfTheKey =
  (run: Run) =>
  ({ entry, set }: Sampled): void => {
    const d = entry.make(set);
    const expected = d.sample(key, [7]);
    const tolerance: Tolerance = d.isDiscrete ? { relative: 0 } : { relative: 1e-12, absolute: 1e-14 };
    const names = Object.keys(set).filter((name) => entry.sizes?.includes(name) !== true);
    const known = recordOfKey((traced) => [entry.make(set).sample(traced, [7])], key);
    const given = recordAt(
      (at, ...params) => [entry.make({ ...set, ...Object.fromEntries(names.map((name, i) => [name, params[i]!])) }).sample(tracedKey(at), [7])],
      [words, ...names.map((name) => toNDArray(set[name]!))],
    );
    assertClose(run(known)[0]!, expected, tolerance, 'parameters known');
    assertClose(run(given)[0]!, expected, tolerance, 'parameters as arguments');
  };

/** Draws by a traced key, with parameters that are known and with parameters that are arguments too. */
export const compiledDraws = (shelf: Shelf): Readonly<Record<string, () => void>> => {
  const sampled: Readonly<Record<string, Sampled>> = Object.fromEntries(
    Object.entries(shelf).flatMap(([name, entry]) =>
      (entry.improper === true ? [] : entry.params).map((set) => [`${name} ${JSON.stringify(set)}`, { entry, set }] as const),
    ),
  );
  return {
    'draws by a traced key, interpreted, are those of the key': () => forEachEntry(sampled, samplesAreThoseOfTheKey(interpreted)),
    'draws by a traced key, compiled, are those of the key': () => forEachEntry(sampled, samplesAreThoseOfTheKey(compiled)),
  };
};
