/** The ELBO curve of a run: each loss faintly, and their moving average. */
import { grouped } from '../grouped.ts';
import { extremesByBin, movingAverage } from './decimate.ts';
import { lossesFrom, lossFrame, MAX_POINTS, windowOf, type LossPlotOptions } from './losses.ts';
import type { PlotOptions } from './options.ts';

const RAW_POINTS = 0.7 * MAX_POINTS;

/**
 * The picture of a run's losses over its steps: the losses themselves, faint, under their moving average.
 * However long the run, the picture holds at most 2,000 points: of the losses, the lowest and the highest of each of 700 bins; of the
 * average, its value at 600 evenly spaced steps. The y axis is logarithmic where the losses span orders of magnitude.
 * Nothing is cut off unless `from` asks for it.
 *
 * @param losses - loss (−ELBO) by step, as `svi.run` gives them; those that are not finite are left out
 * @param options - `from`: steps to leave out at the start (negative: from the end); `window`: steps in the moving average, by default a
 *   hundredth of what is drawn, at least 50 (but no more than a tenth); `title`
 * @returns plain data for `toSVG`, or for `Plot.plot` by way of `toPlot`
 * @throws InvalidArgument for an empty curve or a wrong option, NonFinite where no loss is finite
 * @example
 * const losses = Float64Array.from({ length: 3000 }, (_, i) => 100 + 900 * Math.exp(-i / 500));
 * const svg = await toSVG(elboPlot(losses, { from: -1000, title: 'The last 1,000 steps' }));
 */
export const elboPlot = (losses: ArrayLike<number>, options: LossPlotOptions = {}): PlotOptions => {
  const part = lossesFrom(losses, options.from);
  const window = windowOf(options.window, part.losses.length);
  const raw = extremesByBin(part.losses, part.first, RAW_POINTS);
  const average = window === 1 ? [] : movingAverage(part.losses, part.first, window, MAX_POINTS - RAW_POINTS);
  const channels = { x: 'step', y: 'loss', strokeLinejoin: 'round' };
  const key = `faint: each step · line: average of ${grouped(window)} steps`;
  return {
    ...lossFrame(raw, options.title),
    ariaDescription: average.length === 0 ? 'loss of each step' : key,
    marks: [
      { mark: 'line', data: raw, options: { ...channels, stroke: 'steelblue', strokeWidth: 1, strokeOpacity: average.length === 0 ? 1 : 0.35 } },
      ...(average.length === 0
        ? []
        : [
            { mark: 'line' as const, data: average, options: { ...channels, stroke: '#1d3a5f', strokeWidth: 1.75 } },
            { mark: 'text' as const, data: [key], options: { frameAnchor: 'top-right', dx: -4, dy: 6, fill: '#555' } },
          ]),
    ],
  };
};
