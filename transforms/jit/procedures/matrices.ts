/** What the templates of factorisations share: elements a few at a time, exchanges, reflections, and factors against overflow. */
import { GROW, LARGE, SHRINK, SMALL } from '../../../core/kernels/scale.ts';
import { abs, add, div, gt, lt, max, mul, ne, neg, select, sqrt, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { makeVariable, minus, numberOf, plus, readAt, repeat, setTo, times, truncated, valueOf, when, writeAt } from '../../../core/loop/procedure.ts';
import type { Integer, Step, Variable } from '../../../core/loop/procedure.ts';
import { subtractProducts } from './loops.ts';

/** Elements computed side by side: as many as keep two arithmetic units busy while each waits for its last subtraction. */
const SIDE_BY_SIDE = 4;

/** The body for the whole numbers from `from` up to `to`, `width` of them at a time: a few, and at the end what is left, or one by one. */
export const inGroups = (from: Integer | number, to: Integer | number, body: (first: Integer, width: number) => readonly Step[]): readonly Step[] => {
  const count = minus(to, from);
  const group = (index: Integer | number): Integer => plus(from, times(index, SIDE_BY_SIDE));
  if (count.kind === 'whole') {
    const groups = Math.floor(count.value / SIDE_BY_SIDE);
    const left = count.value % SIDE_BY_SIDE;
    return [repeat('group', 0, groups, (index) => body(group(index), SIDE_BY_SIDE)), ...(left > 0 ? body(group(groups), left) : [])];
  }
  const groups = truncated(div(numberOf(count), SIDE_BY_SIDE));
  return [repeat('group', 0, groups, (index) => body(group(index), SIDE_BY_SIDE)), repeat('single', group(groups), to, (single) => body(single, 1))];
};

/** Two elements of a memory exchanged. */
export const exchange = (memory: Memory, a: Integer, b: Integer): readonly Step[] => {
  const kept = makeVariable('kept');
  return [setTo(kept, readAt(memory, a)), writeAt(memory, a, readAt(memory, b)), writeAt(memory, b, valueOf(kept))];
};

/** As `scaleOf`. */
export const scaleFor = (largest: Expr): Expr => select(gt(largest, LARGE), SHRINK, select(lt(largest, SMALL), GROW, 1));

/** The largest absolute value of some elements, NaN if one is. */
export const setToLargest = (largest: Variable, count: number, element: (i: Integer) => Expr): readonly Step[] => [
  setTo(largest, 0),
  repeat('i', 0, count, (i) => [setTo(largest, max(valueOf(largest), abs(element(i))))]),
];

/**
 * Applies the reflection I − β v vᵀ to rows of numbers, `width` of them side by side.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), section 5.1.4
 */
export const reflectRows = (
  width: number,
  count: Integer | number,
  beta: Expr,
  v: (i: Integer) => Expr,
  memory: Memory,
  at: (i: Integer, lane: number) => Integer,
): readonly Step[] => {
  const sums = Array.from({ length: width }, (_, lane) => makeVariable(`sum${lane}`));
  const shared = makeVariable('v');
  return [
    ...subtractProducts(
      width,
      count,
      () => numberOf(0),
      v,
      (i, lane) => readAt(memory, at(i, lane)),
      (rest, lane) => setTo(sums[lane]!, mul(rest, beta)),
    ),
    repeat('i', 0, count, (i) => [
      setTo(shared, v(i)),
      ...sums.map((sum, lane) => writeAt(memory, at(i, lane), add(readAt(memory, at(i, lane)), mul(valueOf(sum), valueOf(shared))))),
    ]),
  ];
};

/**
 * Makes the vector v of the reflection that clears `count` elements but for the first, and its β, in their place: the first element as
 * the reflection leaves it, and β, or 0 where nothing is to be cleared, are set.
 *
 * @see Golub and Van Loan (4th ed.), section 5.1.3, with the sign that does not cancel
 */
export const makeReflection = (
  memory: Memory,
  at: (i: Integer | number) => Integer,
  count: Integer | number,
  head: Variable,
  beta: Variable,
): readonly Step[] => {
  const [beyond, length] = [makeVariable('beyond'), makeVariable('length')];
  const root = sqrt(add(mul(valueOf(head), valueOf(head)), valueOf(beyond)));
  return [
    setTo(beyond, 0),
    repeat('i', 1, count, (i) => [setTo(beyond, add(valueOf(beyond), mul(readAt(memory, at(i)), readAt(memory, at(i)))))]),
    setTo(head, readAt(memory, at(0))),
    setTo(beta, 0),
    when(ne(valueOf(beyond), 0), [
      setTo(length, select(lt(valueOf(head), 0), neg(root), root)),
      writeAt(memory, at(0), add(valueOf(head), valueOf(length))),
      setTo(beta, div(1, mul(valueOf(length), add(valueOf(head), valueOf(length))))),
      setTo(head, neg(valueOf(length))),
    ]),
  ];
};
