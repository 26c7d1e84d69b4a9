/** The windows of the warmup. */

/** The transitions from `start` to `end`, that one too. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/**
 * Stan's windows: a fast one of 75 transitions at the start and one of 50 at the end, in which the step size alone adapts, and between them
 * slow ones of 25, 50, 100 … at the end of each of which the metric is set; a window after which there would be no room for its double takes all that is left.
 * Below 150 transitions the shares are 15 %, 75 % and 10 %; below 20 all is one window, and the metric stays.
 *
 * @see Stan Reference Manual, "Automatic parameter tuning"
 */
export const adaptationSchedule = (numWarmup: number): readonly Window[] => {
  if (numWarmup < 1) return [];
  if (numWarmup < 20) return [{ start: 0, end: numWarmup - 1 }];
  const isShort = numWarmup < 150;
  const first = isShort ? Math.floor(0.15 * numWarmup) : 75;
  const last = isShort ? Math.floor(0.1 * numWarmup) : 50;
  const slowEnd = numWarmup - last;
  const windows: Window[] = [{ start: 0, end: first - 1 }];
  let [start, size] = [first, isShort ? slowEnd - first : 25];
  while (start < slowEnd) {
    const rest = slowEnd - start;
    const own = 3 * size <= rest ? size : rest;
    windows.push({ start, end: start + own - 1 });
    start += own;
    size *= 2;
  }
  return [...windows, { start: slowEnd, end: numWarmup - 1 }];
};
