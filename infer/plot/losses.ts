/** What every picture of losses shares: the part of the curve that is asked for, and the frame around it. */
import { kindlingError } from '../../core/errors.ts';
import { lossAxis, stepAxis } from './axis.ts';
import type { LossPoint } from './decimate.ts';
import type { PlotOptions } from './options.ts';

/** Options of the pictures of losses. */
export interface LossPlotOptions {
  /** Steps to leave out at the start; negative counts from the end, as in `slice`: `-1000` draws the last 1,000 steps. Default 0. */
  readonly from?: number | undefined;
  /** Steps that the moving average spans. */
  readonly window?: number | undefined;
  readonly title?: string | undefined;
}

/** A part of a curve and the step (from 1) of its first loss. */
export interface LossPart {
  readonly losses: Float64Array;
  readonly first: number;
}

/** Points that one picture may hold, however long its curves are. */
export const MAX_POINTS = 2000;

/** Axes fail at the ends of the range of doubles: a loss beyond them counts as not finite, or as zero. */
const drawable = (loss: number): number => (Math.abs(loss) > 1e290 ? NaN : Math.abs(loss) < 1e-290 ? 0 : loss);

/** The losses from `from` on. Throws InvalidArgument where none is left or `from` is not a whole number. */
export const lossesFrom = (losses: ArrayLike<number>, from: number = 0): LossPart => {
  if (!Number.isInteger(from)) {
    throw kindlingError('InvalidArgument', { message: 'from counts steps', given: String(from), expected: 'a whole number; negative counts from the end' });
  }
  const start = from < 0 ? Math.max(0, losses.length + from) : from;
  if (start >= losses.length) {
    throw kindlingError('InvalidArgument', {
      message: 'there is no loss to draw',
      given: `${losses.length} losses, from step ${start} on`,
      remedy: 'Give a smaller from, or losses of a longer run.',
    });
  }
  return { losses: Float64Array.from(losses).subarray(start).map(drawable), first: start + 1 };
};

/** Checks a window, or takes a hundredth of the curve, and at least 50 steps where that is no more than a tenth of it. */
export const windowOf = (window: number | undefined, length: number): number => {
  if (window === undefined) return Math.max(1, Math.round(length / 100), Math.min(50, Math.floor(length / 10)));
  if (Number.isInteger(window) && window >= 1) return window;
  throw kindlingError('InvalidArgument', {
    message: 'window is the number of steps that the moving average spans',
    given: String(window),
    expected: 'a whole number from 1 on',
  });
};

/** The frame of a picture of losses: its axes, fitted to the points that are drawn, and its margins. */
export const lossFrame = (points: readonly LossPoint[], title: string | undefined): Omit<PlotOptions, 'marks'> => {
  if (points.length === 0) {
    throw kindlingError('NonFinite', {
      message: 'no loss of this curve is finite, so that there is nothing to draw',
      remedy: 'Lower the learning rate, or look at the model where the first loss is not finite.',
    });
  }
  return {
    ...(title === undefined ? {} : { title }),
    width: 860,
    height: 420,
    marginLeft: 76,
    marginRight: 24,
    marginBottom: 42,
    x: stepAxis(
      points[0]!.step,
      points.reduce((last, { step }) => Math.max(last, step), 1),
    ),
    y: lossAxis(points.map(({ loss }) => loss)),
  };
};
