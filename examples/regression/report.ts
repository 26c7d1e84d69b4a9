/** What the regression prints: parameters by name and shape, posterior tables, paths. Text only. */
import type { NDArray } from 'kindling';
import type { PosteriorRow } from './draws.ts';
import { alignNumbers, layOut, showNumber, type Column } from './table.ts';

const longestName = 32;
const valuesPerLine = 5;

const oneLine = (name: string): string => {
  const text = name.replaceAll(/\s+/g, ' ');
  return text.length <= longestName ? text : `${text.slice(0, longestName - 1)}…`;
};

const inRuns = <A>(items: readonly A[], length: number): readonly (readonly A[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));

/**
 * Parameters by name and shape, five values on a line.
 *
 * @example
 * reportParameters({ auto_loc: array([1, 2]) }); // '  auto_loc   [2]   1.00000   2.00000'
 */
export const reportParameters = (params: Readonly<Record<string, NDArray>>): string => {
  const names = Object.keys(params);
  const shapes = names.map((name) => `[${params[name]!.shape.join(', ')}]`);
  const nameWidth = Math.max(0, ...names.map((name) => name.length));
  const shapeWidth = Math.max(0, ...shapes.map((shape) => shape.length));
  const texts = alignNumbers(
    names.flatMap((name) =>
      Array.from(params[name]!.data, (value) => (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e5 ? value.toFixed(5) : value.toExponential(4))),
    ),
  );
  let taken = 0;
  return names
    .flatMap((name, k) => {
      const own = texts.slice(taken, (taken += params[name]!.data.length));
      return (own.length === 0 ? [[]] : inRuns(own, valuesPerLine)).map((run, i) => {
        const label = i === 0 ? `${name.padEnd(nameWidth)}   ${shapes[k]!.padEnd(shapeWidth)}` : ' '.repeat(nameWidth + 3 + shapeWidth);
        return `  ${label}   ${run.join('  ')}`.trimEnd();
      });
    })
    .join('\n');
};

/**
 * The posterior as a table: name, mean, sd and, where the truth is known, the truth and how many sd lie between.
 *
 * @example
 * reportPosterior([{ name: 'alpha', mean: 41.2, sd: 0.02, truth: 41.21 }]);
 * //   name       mean       sd     truth   (mean − truth)/sd
 * //   alpha   41.2000   0.0200   41.2100               -0.50
 */
export const reportPosterior = (rows: readonly PosteriorRow[]): string => {
  const isKnown = rows.some(({ truth }) => truth !== undefined);
  const column = (heading: string, cell: (row: PosteriorRow) => string): Column => ({ heading, cells: rows.map(cell) });
  const known = (show: (row: PosteriorRow, truth: number) => string) => (row: PosteriorRow) => (row.truth === undefined ? '' : show(row, row.truth));
  return layOut([
    { ...column('name', ({ name }) => oneLine(name)), isText: true },
    column('mean', ({ mean, sd }) => showNumber(mean, sd)),
    column('sd', ({ sd }) => showNumber(sd, sd)),
    ...(isKnown
      ? [
          column(
            'truth',
            known(({ sd }, truth) => showNumber(truth, sd)),
          ),
          column(
            '(mean − truth)/sd',
            known(({ mean, sd }, truth) => ((mean - truth) / sd).toFixed(2)),
          ),
        ]
      : []),
  ]).join('\n');
};

/** Paths with what each picture shows, one under another. */
export const reportPictures = (pictures: readonly { readonly path: string; readonly title: string }[]): string =>
  layOut([
    { heading: 'file', cells: pictures.map(({ path }) => path), isText: true },
    { heading: 'what it shows', cells: pictures.map(({ title }) => title), isText: true },
  ])
    .slice(1)
    .join('\n');

/** A count as people read it: 2,500. Node takes 10 ms to load its locales, so that they are left alone. */
export const count = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
