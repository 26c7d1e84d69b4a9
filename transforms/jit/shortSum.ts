/** Sums over a short axis within a tile of rows, written out: the factors of all terms stay in registers while the rows pass by, a vector at a time. */
import { operandsOf, type Expr } from '../../core/loop/expression.ts';
import { simd, type as types } from './assembler.ts';
import { addTree, get, memarg, pushAddress, set, vector, type Local } from './code.ts';
import type { Nest } from './scope.ts';

/** What nest.ts does: the local of an expression, for vector `v` of the rows. */
type Compute = (nest: Nest, e: Expr, v: number) => Local;

/** A sum that is written out: a nest for each index of its axis, and the bytes in memory that its fences may write. */
export interface ShortSum {
  readonly times: readonly Nest[];
  readonly place: number;
}

/** What is added up between two fences: as many terms as there are registers for, beside the values that stay. */
const BETWEEN_FENCES = 4;

/**
 * Stores a value where nobody reads it. V8 keeps loads and stores in the order in which they are written, and computes all else as late as it can:
 * without such a store it would load everything first, and run out of registers.
 */
export const fence = ({ program: { code } }: Nest, place: number, value: Local): void => {
  pushAddress(code, undefined);
  get(code, value);
  vector(code, simd.store);
  memarg(code, place);
};

/** The sum for vector `v` of the rows. */
export const emitShortSum = (nest: Nest, body: Expr, { times, place }: ShortSum, v: number, compute: Compute): Local => {
  const { code } = nest.program;
  const total = code.local(types.v128);
  for (let j = 0; j < times.length; j += 2) {
    // A last term alone needs none.
    if (j > 0 && j % BETWEEN_FENCES === 0 && j + 1 < times.length) fence(nest, place, total);
    const pair = times.slice(j, j + 2).map((inner) => compute(inner, body, v));
    if (j > 0) get(code, total);
    addTree(code, pair);
    if (j > 0) vector(code, simd.add);
    set(code, total);
  }
  return total;
};

const plain: ReadonlySet<Expr['op']> = new Set(['neg', 'abs', 'add', 'sub', 'mul', 'min', 'max']);

/** Nodes of what is made of a sum that follow it at once. */
const MOST_PLAIN = 8;

/**
 * Whether what is made of loads and sums is so little that it should follow for each vector by itself, and be done before the next. Functions take
 * long: where all vectors wait for theirs at the same time, none waits alone.
 */
export const isPlain = (root: Expr): boolean => {
  const stack = [root];
  for (let count = 0; stack.length > 0;) {
    const e = stack.pop()!;
    if (e.op === 'sum' || e.op === 'load' || e.op === 'ref' || e.op === 'const') continue;
    if (!plain.has(e.op) || ++count > MOST_PLAIN) return false;
    stack.push(...operandsOf(e));
  }
  return true;
};
