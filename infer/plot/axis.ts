/** The axis of a loss: linear while the curve fits one, logarithmic where it spans orders of magnitude. */
import type { ScaleOptions } from './options.ts';

/** Losses that differ by more than this factor would press a linear curve flat against its axis. */
const WIDE = 30;

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]!;

const powersOfTen = (low: number, high: number): readonly number[] => {
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const to = Math.floor(Math.log10(high) + 1e-9);
  // Past eight decades every power would be a crowd of labels.
  const stride = Math.max(1, Math.ceil((to - from + 1) / 8));
  return Array.from({ length: Math.max(0, Math.floor((to - from) / stride) + 1) }, (_, i) => 10 ** (from + i * stride));
};

/** Ticks of a log axis: powers of ten, with twos and fives between where the decades are few. */
const logTicks = (low: number, high: number): readonly number[] => {
  const decades = Math.log10(high) - Math.log10(low);
  if (decades > 3.5) return powersOfTen(low, high);
  const steps = decades > 2 ? [1, 3] : [1, 2, 5];
  const from = Math.floor(Math.log10(low));
  return Array.from({ length: Math.ceil(decades) + 2 }, (_, i) => 10 ** (from + i))
    .flatMap((power) => steps.map((step) => step * power))
    .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
};

/** d3 spaces the ticks of a symlog axis linearly, which crowds them at its end: these are zero and the powers of ten on either side. */
const symlogTicks = (low: number, high: number, constant: number): readonly number[] => [
  ...(low < -constant ? powersOfTen(constant, -low).map((tick) => -tick) : []).toReversed(),
  ...(low <= 0 && high >= 0 ? [0] : []),
  ...(high > constant ? powersOfTen(constant, high) : []),
];

const shared = { label: 'loss = −ELBO', labelAnchor: 'center', labelArrow: 'none', grid: true } as const;

/** Decimals that the smallest tick needs, and an exponent where the largest would not fit the margin: Plot gives all ticks one format. */
const plainFormat = (ticks: readonly number[]): string => {
  const sizes = ticks.map(Math.abs).filter((tick) => tick > 0);
  if (sizes.some((tick) => tick >= 1e8)) return '.1~e';
  return `,.${sizes.length === 0 ? 0 : Math.max(0, Math.ceil(-Math.log10(Math.min(...sizes)) - 1e-9))}~f`;
};

/** The x scale of steps from `first` to `last`: whole numbers only, however few. */
export const stepAxis = (first: number, last: number): ScaleOptions => ({
  label: 'step',
  labelAnchor: 'center',
  labelArrow: 'none',
  ticks: Math.min(10, Math.max(1, last - first)),
  tickFormat: ',d',
});

/**
 * The options of the y scale for the losses that are drawn.
 * All positive and spread over more than a factor of 30: logarithmic. Some zero or negative and the largest magnitude more than
 * 30 times the median one: symmetric-logarithmic, linear within the median magnitude. Otherwise linear.
 *
 * @param losses - the finite losses that are drawn, at least one
 */
export const lossAxis = (losses: readonly number[]): ScaleOptions => {
  const low = losses.reduce((a, b) => Math.min(a, b), Infinity);
  const high = losses.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > 0 && high / low > WIDE) return { ...shared, type: 'log', domain: [low, high], ticks: logTicks(low, high), tickFormat: '~s' };
  const magnitudes = losses.map(Math.abs).sort((a, b) => a - b);
  const largest = magnitudes.at(-1)!;
  const constant = median(magnitudes);
  if (low <= 0 && constant > 0 && largest / constant > WIDE) {
    const ticks = symlogTicks(low, high, constant);
    return { ...shared, type: 'symlog', constant, domain: [low, high], ticks, tickFormat: plainFormat(ticks) };
  }
  // Losses that are all but equal have no range to put ticks on.
  const room = Math.max(1e-3 * largest, largest === 0 ? 1 : 0);
  if (high - low <= 1e-12 * largest) return { ...shared, type: 'linear', domain: [low - room, high + room] };
  return { ...shared, type: 'linear', nice: true, ...(largest >= 1e6 && high - low > 1e-3 * largest ? { tickFormat: '~s' } : {}) };
};
