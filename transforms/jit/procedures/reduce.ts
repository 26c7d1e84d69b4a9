/** The templates of reductions that are no sums: extremes, products, truth of all or any, and where an extreme is. */
import { axesOf } from '../../../core/kernels/reduce.ts';
import { add, and, eq, gt, lt, max, min, mul, ne, or, select, type Expr } from '../../../core/loop/expression.ts';
import {
  makeVariable,
  numberOf,
  plus,
  readAt,
  repeat,
  setTo,
  times,
  valueOf,
  when,
  writeAt,
  type Integer,
  type Step,
  type Variable,
} from '../../../core/loop/procedure.ts';
import { normalizeAxis, reducedShape, stridesOf, type Shape } from '../../../core/shape.ts';
import { fill, isNaN, nest, type ProcedureRule } from './loops.ts';

type Combine = (soFar: Expr, x: Expr) => Expr;

interface Reduction {
  readonly start: number;
  readonly combine: Combine;
  /** Whether another order would give another result. */
  readonly isOrdered: boolean;
}

/** Partial results of one reduction, where the order is free: as many as keep one busy while the others wait. */
const PARTS = 4;

/** One result: the steps over all elements of a shape with these strides, and then its value. */
const reduceRun = (
  shape: Shape,
  strides: readonly number[],
  { start, combine, isOrdered }: Reduction,
  elementAt: (offset: Integer) => Expr,
): { readonly steps: readonly Step[]; readonly value: Expr } => {
  const innermost = shape.findLastIndex((extent) => extent !== 1);
  const parts = isOrdered || (shape[innermost] ?? 1) < 2 * PARTS ? 1 : PARTS;
  const totals = Array.from({ length: parts }, (_, part) => makeVariable(`total${part}`));
  const groups = Math.floor((shape[innermost] ?? 1) / parts);
  const rest = (shape[innermost] ?? 1) % parts;
  /** The shape with the innermost axis cut to `extent` steps of `stride`. */
  const walk = (extent: number, stride: number, body: (offset: Integer) => readonly Step[]): readonly Step[] =>
    nest(
      shape.map((length, axis) => (axis === innermost ? extent : length)),
      [strides.map((own, axis) => (axis === innermost ? stride * own : own))],
      ([offset]) => body(offset!),
    );
  const take = (total: Variable, offset: Integer): Step => setTo(total, combine(valueOf(total), elementAt(offset)));
  return {
    steps: [
      ...totals.map((total) => setTo(total, start)),
      ...walk(groups, parts, (offset) => totals.map((total, part) => take(total, plus(offset, part)))),
      ...(rest === 0 ? [] : walk(rest, 1, (offset) => [take(totals[0]!, plus(offset, groups * parts))])),
    ],
    value: totals.map(valueOf).reduce((all, part) => combine(all, part)),
  };
};

/** Accumulates in the order in which the elements lie: in variables where those of one result are neighbours, else in the results' memory. */
const reduction =
  (start: number, combine: Combine, isOrdered: boolean = false): ProcedureRule =>
  ({ inputs: [x], output: result, attrs }, { inputs: [from], output }) => {
    const { shape } = x!;
    const axes = axesOf(attrs, shape.length);
    const strides = stridesOf(shape);
    const kept = stridesOf(reducedShape(shape, axes, true)).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    const innermost = shape.findLastIndex((extent) => extent !== 1);
    if (innermost >= 0 && !axes.includes(innermost)) {
      const steps = nest(shape, [strides, kept], ([at, to]) => [writeAt(output, to!, combine(readAt(output, to!), readAt(from!, at!)))]);
      return [fill(output, result, start), ...steps];
    }
    const others = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const own = shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
    return nest(others, [strides, kept], ([first, to]) => {
      const { steps, value } = reduceRun(own, strides, { start, combine, isOrdered }, (offset) => readAt(from!, plus(first!, offset)));
      return [...steps, writeAt(output, to!, value)];
    });
  };

const isTrue = (x: Expr): Expr => ne(x, 0);

/** Integers have no −0, which a product of 0 and a negative number would be. */
const product: ProcedureRule = (node, memories) =>
  reduction(1, (so, x) => (node.output.dtype === 'float' ? mul(so, x) : add(mul(so, x), 0)), true)(node, memories);

/** Of equal extremes the first; a NaN before everything, as in NumPy. */
const argExtreme =
  (isBetter: (x: Expr, best: Expr) => Expr): ProcedureRule =>
  ({ inputs: [x], output: result, attrs }, { inputs: [from], output }) => {
    const axis = normalizeAxis(attrs['axis'] as number, x!.shape.length);
    const extent = x!.shape[axis]!;
    if (extent === 0) return [fill(output, result, 0)];
    const strides = stridesOf(x!.shape);
    const [best, where, value] = [makeVariable('best'), makeVariable('where'), makeVariable('value')];
    const isNewNaN = and(isNaN(valueOf(value)), eq(valueOf(best), valueOf(best)));
    const others = x!.shape.map((length, i) => (i === axis ? 1 : length));
    return nest(others, [strides, stridesOf(others)], ([first, to]) => [
      setTo(best, readAt(from!, first!)),
      setTo(where, 0),
      repeat('k', 1, extent, (k) => [
        setTo(value, readAt(from!, plus(first!, times(k, strides[axis]!)))),
        when(or(isBetter(valueOf(value), valueOf(best)), isNewNaN), [setTo(best, valueOf(value)), setTo(where, numberOf(k))]),
      ]),
      writeAt(output, to!, valueOf(where)),
    ]);
  };

export const reductionRules: Readonly<Record<string, ProcedureRule>> = {
  Max: reduction(-Infinity, max),
  Min: reduction(Infinity, min),
  Prod: product,
  All: reduction(1, (so, x) => select(and(isTrue(so), isTrue(x)), 1, 0)),
  Any: reduction(0, (so, x) => select(or(isTrue(so), isTrue(x)), 1, 0)),
  ArgMax: argExtreme(gt),
  ArgMin: argExtreme(lt),
};
