/** How far a long run is, as one line of text: pure formatting, with no clock and no terminal. */
import { grouped } from './grouped.ts';

/** What a run tells about itself while it goes on. */
export interface ProgressInfo {
  /** Steps done, from 1 to `numSteps`. */
  readonly step: number;
  readonly numSteps: number;
  /** The average of the recent losses. */
  readonly loss: number;
  readonly stepsPerSecond: number;
}

/** Losses of any size to about six figures, so that the column does not jump about. */
const showLoss = (loss: number): string => {
  if (!Number.isFinite(loss)) return String(loss);
  const size = Math.abs(loss);
  if (size >= 1e9 || (size > 0 && size < 1e-3)) return loss.toExponential(3);
  return grouped(loss, size < 10 ? 4 : 2);
};

const showRate = ({ stepsPerSecond }: ProgressInfo): string =>
  !Number.isFinite(stepsPerSecond) ? '' : `${stepsPerSecond < 10 ? stepsPerSecond.toFixed(1) : grouped(stepsPerSecond)} steps/s`;

const showTime = (seconds: number): string => {
  if (seconds < 99.5) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const showLeft = ({ step, numSteps, stepsPerSecond }: ProgressInfo): string => {
  const seconds = (numSteps - step) / stepsPerSecond;
  return Number.isFinite(seconds) && step < numSteps ? `${showTime(seconds)} left` : '';
};

/** The share of the run that is done, in [0, 1]. */
export const fractionOf = ({ step, numSteps }: ProgressInfo): number => (numSteps > 0 ? Math.min(1, Math.max(0, step / numSteps)) : 1);

const percent = (info: ProgressInfo): string => `${Math.floor(100 * fractionOf(info) + 1e-9)} %`;

const counted = ({ step, numSteps }: ProgressInfo): string => `${grouped(step).padStart(grouped(numSteps).length)}/${grouped(numSteps)}`;

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('  ');

/**
 * A line without a bar, for logs.
 *
 * @example
 * formatLine({ step: 3000, numSteps: 30_000, loss: 4812.345, stepsPerSecond: 812 });
 * // ' 10 %  step  3,000/30,000  loss = −ELBO: 4,812.35 (averaged)  812 steps/s  34 s left'
 */
export const formatLine = (info: ProgressInfo, label: string = ''): string =>
  joined([label, percent(info).padStart(5), `step ${counted(info)}`, `loss = −ELBO: ${showLoss(info.loss)} (averaged)`, showRate(info), showLeft(info)]);

/**
 * A line with a bar that never exceeds `columns`: what is told least urgently goes first where the terminal is narrow.
 *
 * @param columns - the width of the terminal, in characters
 * @example
 * formatBar({ step: 15_000, numSteps: 30_000, loss: 4812.345, stepsPerSecond: 812 }, 80);
 * // ' 50 % ██████░░░░░░ 15,000/30,000  loss = −ELBO: 4,812.35  812 steps/s  19 s left'
 */
export const formatBar = (info: ProgressInfo, columns: number, label: string = ''): string => {
  const head = joined([label, percent(info).padStart(5)]);
  const loss = `loss = −ELBO: ${showLoss(info.loss)}`;
  const tails = [
    joined([counted(info), `${loss} (averaged)`, showRate(info), showLeft(info)]),
    joined([counted(info), loss, showRate(info), showLeft(info)]),
    joined([counted(info), loss, showRate(info)]),
    joined([counted(info), loss]),
    counted(info),
  ];
  const narrowest = 10;
  const fitting = tails.find((tail) => head.length + tail.length + narrowest + 2 <= columns);
  if (fitting === undefined) return joined([head, counted(info)]).slice(0, Math.max(0, columns));
  const width = Math.min(30, columns - head.length - fitting.length - 2);
  const filled = Math.round(fractionOf(info) * width);
  return `${head} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${fitting}`;
};
