/** The three pictures of a fit: the whole curve, its end, and its start with few and with many particles. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { elboPlot, overlayPlot, toSVG, type PlotOptions } from 'kindling/plot';
import { count } from './report.ts';

export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly options: PlotOptions;
}

/** Steps that the picture of the end shows. */
const LAST = 1000;

/**
 * The pictures as plain data.
 *
 * @param losses - of the whole run
 * @param starts - of the short runs, by label
 */
export const picturesOf = (losses: Float64Array, starts: Readonly<Record<string, Float64Array>>): readonly Picture[] => {
  const first = Math.max(...Object.values(starts).map(({ length }) => length));
  const whole = `The loss over all ${count(losses.length)} steps`;
  const end = `The last ${count(Math.min(LAST, losses.length))} steps`;
  const start = `The first ${count(first)} steps, with ${Object.keys(starts).join(' and with ')}`;
  return [
    { file: 'elbo.svg', title: whole, options: elboPlot(losses, { title: whole }) },
    { file: `elbo-last-${LAST}.svg`, title: end, options: elboPlot(losses, { from: -LAST, title: end }) },
    { file: 'elbo-first-300.svg', title: start, options: overlayPlot(starts, { title: start }) },
  ];
};

/** Draws the pictures into a folder, which is made if need be; gives their paths, in order. */
export const savePictures = async (folder: string, pictures: readonly Picture[]): Promise<readonly { readonly path: string; readonly title: string }[]> => {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    pictures.map(async ({ file, title, options }) => {
      const path = join(folder, file);
      await writeFile(path, await toSVG(options));
      return { path, title };
    }),
  );
};
