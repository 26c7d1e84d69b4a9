/** Curves of several runs over one another, each in its own colour, named in the picture. */
import { kindlingError } from '../../core/errors.ts';
import { extremesByBin, movingAverage } from './decimate.ts';
import { lossesFrom, lossFrame, MAX_POINTS, windowOf, type LossPlotOptions } from './losses.ts';
import type { MarkOptions, PlotOptions } from './options.ts';

/** Okabe and Ito's palette: told apart with any colour vision, and on paper. */
const COLOURS = ['#E69F00', '#0072B2', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#000000', '#999999'];

/**
 * The picture of several runs' losses over one another; the first of the record is drawn undermost.
 * At most 2,000 points, shared evenly: of a curve longer than its share, the lowest and the highest loss of each bin. With `window`,
 * moving averages are drawn in place of the losses.
 *
 * @param curves - losses (−ELBO) by step, under the label that names the run
 * @param options - `from`: steps to leave out at the start of each (negative: from the end); `window`: steps in the moving average; `title`
 * @throws InvalidArgument for no curve, an empty one or a wrong option, NonFinite where no loss is finite
 * @example
 * const [one, hundred] = [[5, 3, 4, 2], [4, 3, 2, 1]];
 * const picture = overlayPlot({ '1 particle': one, '100 particles': hundred }, { title: 'The first 4 steps' });
 */
export const overlayPlot = (curves: Readonly<Record<string, ArrayLike<number>>>, options: LossPlotOptions = {}): PlotOptions => {
  const labels = Object.keys(curves);
  if (labels.length === 0) throw kindlingError('InvalidArgument', { message: 'overlayPlot needs at least one curve', expected: 'a record of losses by label' });
  const share = Math.max(2, Math.floor(MAX_POINTS / labels.length));
  const lines = labels.map((label) => {
    const part = lossesFrom(curves[label]!, options.from);
    return options.window === undefined
      ? extremesByBin(part.losses, part.first, share)
      : movingAverage(part.losses, part.first, windowOf(options.window, part.losses.length), share);
  });
  const marks = labels.flatMap((label, i): readonly MarkOptions[] => {
    const colour = COLOURS[i % COLOURS.length]!;
    return [
      { mark: 'line', data: lines[i]!, options: { x: 'step', y: 'loss', stroke: colour, strokeWidth: 1.5, strokeLinejoin: 'round' } },
      // Plot puts a legend into HTML beside the picture; text inside it survives in a file.
      { mark: 'text', data: [`━ ${label}`], options: { frameAnchor: 'top-right', dx: -4, dy: 6 + 16 * i, fill: colour, fontWeight: 'bold', fontSize: 12 } },
    ];
  });
  return { ...lossFrame(lines.flat(), options.title), ariaDescription: labels.join(' · '), marks };
};
