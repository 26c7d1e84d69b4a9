/** One more position for the covariance of a window, as code. */
import { add, div, mul, sub, type Memory } from '../../core/loop/expression.ts';
import { makeVariable, plus, readAt, repeat, setTo, times, valueOf, withIndex, writeAt, type Integer, type Step } from '../../core/loop/procedure.ts';
import type { MetricShape } from './metric.ts';
import { coordinateIn } from './metricCode.ts';
import type { OwnMemories } from './ownMemories.ts';

/**
 * Adds the state's position to the count, the mean, and the sums of products of deviations in the layout of the metric.
 *
 * @param coordinates - of each block, as a memory
 * @see B. P. Welford, "Note on a method for calculating corrected sums of squares and products" (1962)
 */
export const gatherSteps = ({ q, count, mean, m2, before }: OwnMemories, { dim, blocks }: MetricShape, coordinates: readonly Memory[]): readonly Step[] => {
  const n = makeVariable('n');
  const stride = blocks.length === 0 ? 1 : dim + 1;
  const deviation = (i: Integer): ReturnType<typeof sub> => sub(readAt(q, i), readAt(mean, i));
  return [
    setTo(n, add(readAt(count, 0), 1)),
    writeAt(count, 0, valueOf(n)),
    repeat('i', 0, dim, (i) => [
      writeAt(before, i, deviation(i)),
      writeAt(mean, i, add(readAt(mean, i), div(readAt(before, i), valueOf(n)))),
      writeAt(m2, times(i, stride), add(readAt(m2, times(i, stride)), mul(readAt(before, i), deviation(i)))),
    ]),
    ...coordinates.map((ofBlock) => {
      const [size, coordinate] = [ofBlock.size, coordinateIn(ofBlock)];
      return repeat('row', 0, size, (row) => [
        withIndex('i', coordinate(row), (i) => {
          const product = (column: Integer): readonly Step[] => [
            withIndex('j', coordinate(column), (j) => {
              const at = plus(times(i, dim), j);
              return [writeAt(m2, at, add(readAt(m2, at), mul(readAt(before, j), deviation(i))))];
            }),
          ];
          // The diagonal is there already.
          return [repeat('column', 0, row, product), repeat('column', plus(row, 1), size, product)];
        }),
      ]);
    }),
  ];
};
