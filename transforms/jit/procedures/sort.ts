/** The template of sorting: for each lane along an axis, its keys and positions merged in runs of twice the length each time. */
import { sortOf } from '../../../core/kernels/sort.ts';
import { add, and, div, floor, ge, lt, min, mul, not, or, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { makeLocal, type Local } from '../../../core/loop/local.ts';
import { numberOf, plus, readAt, repeat, repeatWhile, times, truncated, when, writeAt, type Integer, type Step } from '../../../core/loop/procedure.ts';
import { sizeOf } from '../../../core/shape.ts';
import { isNaN, type ProcedureRule } from './loops.ts';

/** A lane while it is sorted: its keys, and where each was. */
interface Lane {
  readonly keys: Memory;
  readonly positions: Memory;
}

const put = ({ keys, positions }: Lane, at: Integer, key: Expr, position: Expr): readonly Step[] => [writeAt(keys, at, key), writeAt(positions, at, position)];

/** Merges each two neighbouring runs of `width` elements. Of equal keys that of the first run comes first. */
const mergePass = (from: Lane, to: Lane, extent: number, width: Expr, isBefore: (a: Expr, b: Expr) => Expr): Step => {
  const [i, j, middle, end, left, right] = ['i', 'j', 'middle', 'end', 'left', 'right'].map(makeLocal) as [Local, Local, Local, Local, Local, Local];
  const both = mul(width, 2);
  return repeat('pair', 0, truncated(floor(div(add(both, extent - 1), both))), (pair) => {
    const begin = mul(numberOf(pair), both);
    const next = (at: Local, key: Local): readonly Step[] => [at.set(add(at.value, 1)), key.set(readAt(from.keys, truncated(at.value)))];
    const takeOf = (to_: Integer, at: Local, key: Local): readonly Step[] => [
      ...put(to, to_, key.value, readAt(from.positions, truncated(at.value))),
      ...next(at, key),
    ];
    return [
      i.set(begin),
      middle.set(min(add(begin, width), extent)),
      end.set(min(add(begin, both), extent)),
      j.set(middle.value),
      left.set(readAt(from.keys, truncated(i.value))),
      right.set(readAt(from.keys, truncated(j.value))),
      repeat('k', truncated(begin), truncated(end.value), (k) => [
        when(or(ge(i.value, middle.value), and(lt(j.value, end.value), isBefore(right.value, left.value))), takeOf(k, j, right), takeOf(k, i, left)),
      ]),
    ];
  });
};

/**
 * Merge sort from the bottom up, which is stable.
 *
 * @see D. E. Knuth: The Art of Computer Programming 3, 2nd edition (1998), section 5.2.4
 */
const argSort: ProcedureRule = ({ inputs: [x], attrs }, { inputs: [from], output, scratch }) => {
  const { axis, descending } = sortOf(attrs, x!.shape.length);
  const extent = x!.shape[axis]!;
  const stride = sizeOf(x!.shape.slice(axis + 1));
  const outer = sizeOf(x!.shape.slice(0, axis));
  if (extent === 0) return [];
  // One element more: the key after the last is read, and not used.
  const lane = (): Lane => ({ keys: scratch(extent + 1), positions: scratch(extent + 1) });
  const [first, second] = [lane(), lane()];
  const isBefore = (a: Expr, b: Expr): Expr => (descending ? or(lt(b, a), and(isNaN(a), not(isNaN(b)))) : or(lt(a, b), and(isNaN(b), not(isNaN(a)))));
  const width = makeLocal('width');
  return [
    repeat('o', 0, outer, (o) => [
      repeat('s', 0, stride, (s) => {
        const begin = plus(times(o, extent * stride), s);
        return [
          repeat('k', 0, extent, (k) => put(first, k, readAt(from!, plus(begin, times(k, stride))), numberOf(k))),
          width.set(1),
          // Two passes at a time, so that the sorted lane ends where it began.
          repeatWhile(lt(width.value, extent), [
            mergePass(first, second, extent, width.value, isBefore),
            width.set(mul(width.value, 2)),
            mergePass(second, first, extent, width.value, isBefore),
            width.set(mul(width.value, 2)),
          ]),
          repeat('k', 0, extent, (k) => [writeAt(output, plus(begin, times(k, stride)), readAt(first.positions, k))]),
        ];
      }),
    ]),
  ];
};

export const sortRules: Readonly<Record<string, ProcedureRule>> = { ArgSort: argSort };
