/** The memories of the tree of NUTS. */
import type { Memory } from '../../core/loop/expression.ts';

/** Leaves, or one: momenta, velocities, and the sum of the momenta up to and with each. */
export interface Leaves {
  readonly p: Memory;
  readonly v: Memory;
  readonly sum: Memory;
}

/** A point, with its potential and energy. */
interface Point {
  readonly q: Memory;
  readonly gradient: Memory;
  readonly energies: Memory;
}

export interface TreeMemories {
  /** All of them, in the order of `TREE`. */
  readonly all: readonly Memory[];
  readonly settings: { readonly stepSize: Memory; readonly maxDepth: Memory };
  readonly info: Memory;
  readonly subtree: Point;
  /** The sum of all momenta. */
  readonly total: Memory;
  /** Both ends of the trajectory, the left one first. */
  readonly ends: { readonly q: Memory; readonly p: Memory; readonly v: Memory; readonly gradient: Memory };
  /** The first leaves of the subtrees that are being built, by how many these are. */
  readonly first: Leaves;
  /** Of no size where there are no extra checks: the leaf before each of those, and before the current one. */
  readonly before: Omit<Leaves, 'sum'>;
  readonly last: Omit<Leaves, 'sum'>;
  /** Likewise, of the last doubling: the sum of the old part, and the leaves of the old and the new part where the two meet. */
  readonly old: Omit<Leaves, 'sum'> & { readonly total: Memory };
  readonly fresh: Omit<Leaves, 'sum'>;
}

export const makeTreeMemories = (dim: number, depthLimit: number, extraChecks: boolean): TreeMemories => {
  const all: Memory[] = [];
  const memory = (name: string, size: number): Memory => {
    const made = { name, size };
    all.push(made);
    return made;
  };
  const point = (name: string): Point => ({ q: memory(`${name}Q`, dim), gradient: memory(`${name}Gradient`, dim), energies: memory(`${name}Energies`, 2) });
  const rows = Math.max(1, depthLimit) * dim;
  const [extraRows, extraDim] = extraChecks ? [rows, dim] : [0, 0];
  const settings = { stepSize: memory('stepSize', 1), maxDepth: memory('maxDepth', 1) };
  const info = memory('info', 4);
  return {
    all,
    settings,
    info,
    subtree: point('subtree'),
    total: memory('total', dim),
    ends: { q: memory('endQ', 2 * dim), p: memory('endP', 2 * dim), v: memory('endV', 2 * dim), gradient: memory('endGradient', 2 * dim) },
    first: { p: memory('firstP', rows), v: memory('firstV', rows), sum: memory('firstSum', rows) },
    before: { p: memory('beforeP', extraRows), v: memory('beforeV', extraRows) },
    last: { p: memory('lastP', extraDim), v: memory('lastV', extraDim) },
    old: { p: memory('oldP', extraDim), v: memory('oldV', extraDim), total: memory('oldTotal', extraDim) },
    fresh: { p: memory('freshP', extraDim), v: memory('freshV', extraDim) },
  };
};
