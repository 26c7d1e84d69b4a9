/** The templates of what accumulates along one axis: cumulative sums and products, and linear recurrences. */
import { scanOf } from '../../../core/kernels/cumulative.ts';
import { add, mul, type Expr, type Operand } from '../../../core/loop/expression.ts';
import { makeVariable, minus, plus, readAt, repeat, setTo, times, valueOf, writeAt, type Integer } from '../../../core/loop/procedure.ts';
import { sizeOf } from '../../../core/shape.ts';
import type { ProcedureRule } from './loops.ts';

type Rule = Parameters<ProcedureRule>;

/** The results along an axis: the first, and each of the others from the one before it, given where both are. */
const along = (
  { output: { shape }, attrs }: Rule[0],
  { output }: Rule[1],
  first: (at: Integer) => Operand,
  next: (previous: Expr, at: Integer, before: Integer) => Expr,
): ReturnType<ProcedureRule> => {
  const { axis, reverse } = scanOf(attrs, shape.length);
  const extent = shape[axis]!;
  const outer = sizeOf(shape.slice(0, axis));
  const stride = sizeOf(shape.slice(axis + 1));
  if (extent === 0) return [];
  const place = (o: Integer, k: Integer | number, j: Integer | number): Integer =>
    plus(plus(times(o, extent * stride), times(reverse ? minus(extent - 1, k) : k, stride)), j);
  if (stride === 1) {
    const last = makeVariable('last');
    return [
      repeat('o', 0, outer, (o) => [
        setTo(last, first(place(o, 0, 0))),
        writeAt(output, place(o, 0, 0), valueOf(last)),
        repeat('k', 1, extent, (k) => [
          setTo(last, next(valueOf(last), place(o, k, 0), place(o, minus(k, 1), 0))),
          writeAt(output, place(o, k, 0), valueOf(last)),
        ]),
      ]),
    ];
  }
  // Row after row, so that memory is touched in order.
  return [
    repeat('o', 0, outer, (o) => [
      repeat('j', 0, stride, (j) => [writeAt(output, place(o, 0, j), first(place(o, 0, j)))]),
      repeat('k', 1, extent, (k) => [
        repeat('j', 0, stride, (j) => {
          const [at, before] = [place(o, k, j), place(o, minus(k, 1), j)];
          return [writeAt(output, at, next(readAt(output, before), at, before))];
        }),
      ]),
    ]),
  ];
};

const cumulative =
  (start: number, combine: (soFar: Operand, x: Expr) => Expr): ProcedureRule =>
  (node, memories) => {
    const [x] = memories.inputs;
    // Integers have no −0.
    const combined = (soFar: Operand, at: Integer): Expr => {
      const value = combine(soFar, readAt(x!, at));
      return node.output.dtype === 'float' ? value : add(value, 0);
    };
    return node.attrs['exclusive'] === true
      ? along(
          node,
          memories,
          () => start,
          (previous, _, before) => combined(previous, before),
        )
      : along(
          node,
          memories,
          (at) => combined(start, at),
          (previous, at) => combined(previous, at),
        );
  };

const recurrence: ProcedureRule = (node, memories) => {
  const [a, b] = memories.inputs;
  return along(
    node,
    memories,
    (at) => readAt(b!, at),
    (previous, at) => add(mul(readAt(a!, at), previous), readAt(b!, at)),
  );
};

export const cumulativeRules: Readonly<Record<string, ProcedureRule>> = {
  Cumsum: cumulative(0, add),
  Cumprod: cumulative(1, mul),
  LinearRecurrence: recurrence,
};
