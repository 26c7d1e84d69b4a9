/** Axes of one compilation: by extent and rank among those of that extent in use, so that equal sums get equal axes and become one node. */
import type { Axis } from '../../core/loop/expression.ts';
import type { Shape } from '../../core/shape.ts';
import { along, at, type Index } from './indexMaps.ts';

export interface AxisPool {
  /** The first axis of an extent that is not in use. */
  readonly take: (extent: number, used: ReadonlySet<Axis>) => Axis;
}

export const makeAxisPool = (): AxisPool => {
  const pools = new Map<number, Axis[]>();
  return {
    take: (extent, used) => {
      const pool = pools.get(extent) ?? [];
      pools.set(extent, pool);
      const free = pool.find((axis) => !used.has(axis));
      if (free !== undefined) return free;
      const made: Axis = { name: `n${extent}_${pool.length}`, extent };
      pool.push(made);
      return made;
    },
  };
};

/** Takes axes one after another, none of them twice and none that an index uses. */
export const taker = (pool: AxisPool, index: Index): ((extent: number) => Axis) => {
  const used = new Set(index.flatMap(({ terms }) => terms.map(({ axis }) => axis)));
  return (extent) => {
    const axis = pool.take(extent, used);
    used.add(axis);
    return axis;
  };
};

/** An index of a whole array: a new axis for each extent above 1. */
export const fullIndex = (shape: Shape, pool: AxisPool): Index => {
  const take = taker(pool, []);
  return shape.map((extent) => (extent === 1 ? at(0) : along(take(extent))));
};
