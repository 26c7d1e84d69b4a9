/** The nearest spelling: what a name that nobody knows was probably meant to be. */
import { kindlingError, type KindlingError } from './errors.ts';

/** Names as they sound: `num_samples` and `numSamples` are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, '');

/** How many letters to insert, drop, change or swap with their neighbour: the restricted edit distance of Damerau (1964). */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + Number(!isSame), swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
};

/** The known name that a name is most like, if one is like it: names of three letters or more may differ in a third of them. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const own = plain(name);
  const near = known
    .map((other) => ({ other, apart: distance(own, plain(other)), most: Math.floor(Math.max(own.length, plain(other).length) / 3) }))
    .filter(({ apart, most }) => apart <= most)
    .sort((a, b) => a.apart - b.apart);
  return near[0]?.other;
};

/** A remedy for an error of an unknown name: the nearest known one, else what is said instead. */
export const didYouMean = (name: string, known: readonly string[], otherwise?: string): string | undefined => {
  const near = nearestName(name, known);
  return near === undefined ? otherwise : `Did you mean ${near}?`;
};

/** The error of a name that is none of a model's. */
export const unknownSite = (site: string, message: string, known: readonly string[], otherwise?: string): KindlingError =>
  kindlingError('MissingSite', { site, message, expected: known.join(', ') || 'no name at all', remedy: didYouMean(site, known, otherwise) });
