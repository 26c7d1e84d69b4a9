/** Fewer points for the same picture: the extremes of each bin for a raw curve, averages at evenly spaced steps for a smooth one. */

/** One point of a curve of losses; `step` counts from 1. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** Half-open ranges that cut `length` items into at most `bins` runs of nearly equal length. */
const cut = (length: number, bins: number): readonly (readonly [number, number])[] => {
  const count = Math.min(length, bins);
  return Array.from({ length: count }, (_, i) => [Math.floor((i * length) / count), Math.floor(((i + 1) * length) / count)] as const);
};

/**
 * The curve through at most `maxPoints` points: of each bin the lowest and the highest loss, in the order in which they came.
 * A short curve keeps every point; no spike is lost from a long one. Losses that are not finite are left out.
 *
 * @param losses - loss by step
 * @param first - the step of `losses[0]`
 * @param maxPoints - at least 2
 */
export const extremesByBin = (losses: ArrayLike<number>, first: number, maxPoints: number): readonly LossPoint[] => {
  const point = (i: number): LossPoint => ({ step: first + i, loss: losses[i]! });
  if (losses.length <= maxPoints) return Array.from({ length: losses.length }, (_, i) => point(i)).filter(({ loss }) => Number.isFinite(loss));
  return cut(losses.length, Math.floor(maxPoints / 2)).flatMap(([start, end]) => {
    let low = -1;
    let high = -1;
    for (let i = start; i < end; i++) {
      if (!Number.isFinite(losses[i])) continue;
      if (low < 0 || losses[i]! < losses[low]!) low = i;
      if (high < 0 || losses[i]! > losses[high]!) high = i;
    }
    if (low < 0) return [];
    return low === high ? [point(low)] : [point(Math.min(low, high)), point(Math.max(low, high))];
  });
};

const finiteMean = (losses: ArrayLike<number>, start: number, end: number): number => {
  let sum = 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    if (!Number.isFinite(losses[i])) continue;
    sum += losses[i]!;
    count += 1;
  }
  return sum / count;
};

/**
 * The moving average at no more than `maxPoints` evenly spaced steps, the first and the last among them.
 * The window is centred, so that the average does not lag behind a falling curve; at the two ends it holds what there is of it.
 *
 * @param losses - loss by step
 * @param first - the step of `losses[0]`
 * @param window - steps that a full window spans
 * @param maxPoints - at least 2
 */
export const movingAverage = (losses: ArrayLike<number>, first: number, window: number, maxPoints: number): readonly LossPoint[] => {
  const last = losses.length - 1;
  const count = Math.min(losses.length, maxPoints);
  const half = Math.floor(window / 2);
  return Array.from({ length: count }, (_, k) => (count === 1 ? 0 : Math.round((k * last) / (count - 1))))
    .map((centre) => {
      // An even window has one step more behind its centre than before it.
      return { step: first + centre, loss: finiteMean(losses, Math.max(0, centre - half), Math.min(losses.length, centre - half + window)) };
    })
    .filter(({ loss }) => Number.isFinite(loss));
};
