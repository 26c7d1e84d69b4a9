/** What a metric makes of momenta, as code: their scale, and their velocities. */
import { add, div, mul, sub, type Memory } from '../../core/loop/expression.ts';
import {
  makeVariable,
  minus,
  plus,
  readAt,
  repeat,
  setTo,
  times,
  truncated,
  valueOf,
  withIndex,
  writeAt,
  type Integer,
  type Step,
} from '../../core/loop/procedure.ts';
import type { MetricShape } from './metric.ts';

/** Where the numbers of a metric are. */
export interface MetricMemories {
  /** The diagonal of M⁻¹, and the blocks of it row by row. */
  readonly variance: Memory;
  readonly blocks: readonly Memory[];
  /** 1 / √variance; and of each block the lower factor of its Cholesky decomposition row by row, and its coordinates. */
  readonly roots: Memory;
  readonly factors: readonly Memory[];
  readonly coordinates: readonly Memory[];
}

/** The memories that a metric with blocks has for itself. */
export const makeBlockMemories = ({ blocks }: MetricShape): Pick<MetricMemories, 'factors' | 'coordinates'> => ({
  factors: blocks.map(({ length }, b) => ({ name: `factor ${b}`, size: length * length })),
  coordinates: blocks.map(({ length }, b) => ({ name: `coordinates ${b}`, size: length })),
});

/** The i-th coordinate of a block. */
export const coordinateIn =
  (coordinates: Memory): ((i: Integer) => Integer) =>
  (i) =>
    truncated(readAt(coordinates, i));

/** Turns standard normal numbers into a momentum, with the mass matrix as covariance: with M⁻¹ = L Lᵀ, L⁻ᵀ ε has covariance M. */
export const scaleSteps = ({ roots, factors, coordinates }: MetricMemories, momentum: Memory): readonly Step[] => {
  const x = makeVariable('x');
  return [
    // In blocks the roots are 1.
    repeat('i', 0, momentum.size, (i) => [writeAt(momentum, i, mul(readAt(momentum, i), readAt(roots, i)))]),
    ...factors.map((factor, b) => {
      const [n, coordinate] = [coordinates[b]!.size, coordinateIn(coordinates[b]!)];
      return repeat('back', 0, n, (back) => {
        const i = minus(n - 1, back);
        return [
          setTo(x, readAt(momentum, coordinate(i))),
          repeat('k', plus(i, 1), n, (k) => [setTo(x, sub(valueOf(x), mul(readAt(factor, plus(times(k, n), i)), readAt(momentum, coordinate(k)))))]),
          writeAt(momentum, coordinate(i), div(valueOf(x), readAt(factor, times(i, n + 1)))),
        ];
      });
    }),
  ];
};

/** v := M⁻¹ p. */
export const velocitySteps = ({ variance, blocks, coordinates }: MetricMemories, momentum: Memory, velocity: Memory): readonly Step[] => {
  const sum = makeVariable('sum');
  return [
    repeat('i', 0, momentum.size, (i) => [writeAt(velocity, i, mul(readAt(variance, i), readAt(momentum, i)))]),
    ...blocks.map((block, b) => {
      const [n, coordinate] = [coordinates[b]!.size, coordinateIn(coordinates[b]!)];
      return repeat('i', 0, n, (i) => [
        setTo(sum, 0),
        repeat('k', 0, n, (k) => [setTo(sum, add(valueOf(sum), mul(readAt(block, plus(times(i, n), k)), readAt(momentum, coordinate(k)))))]),
        withIndex('at', coordinate(i), (at) => [writeAt(velocity, at, valueOf(sum))]),
      ]);
    }),
  ];
};
