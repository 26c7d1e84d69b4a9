/** What sorted arrays answer: quantiles, and where values belong. */
import { kindlingError } from '../errors.ts';
import { normalizeAxis, showShape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { add, cast, isNaN, less, lessEqual, mul, where } from './elementwise.ts';
import { expandDims, reshape, slice, stack } from './layout.ts';
import { sum } from './reduce.ts';
import { sort } from './sort.ts';

/** The elements at one place along an axis, which is kept with an extent of 1. */
const elementAt = (x: AnyArray, axis: number, place: number): AnyArray =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? place : 0)),
    x.shape.map((extent, i) => (i === axis ? 1 : extent)),
  );

/**
 * NumPy's `quantile` along an axis, by linear interpolation between neighbours; several levels make a leading axis. NaN where a lane holds one.
 *
 * @throws InvalidArgument for a level outside 0 … 1, or an axis without elements
 * @example
 * ops.quantile([1, 2, 3, 4], 0.5); // 2.5
 */
export const quantile = <X extends Input>(x: X, q: number | readonly number[], axis: number = 0, keepDims: boolean = false): Out<X> => {
  const array = asArray(x);
  const at = normalizeAxis(axis, array.shape.length);
  const levels = Array.isArray(q) ? (q as readonly number[]) : [q as number];
  const wrong = levels.find((level) => !(level >= 0 && level <= 1));
  if (wrong !== undefined) throw kindlingError('InvalidArgument', { message: 'a quantile is taken at levels from 0 to 1', given: String(wrong) });
  const last = array.shape[at]! - 1;
  if (last < 0) throw kindlingError('InvalidArgument', { message: 'no elements have no quantiles', given: showShape(array.shape) });
  const sorted: AnyArray = sort(array, at);
  // NaN is sorted last.
  const largest = elementAt(sorted, at, last);
  const level = (share: number): AnyArray => {
    const low = Math.floor(share * last);
    const rest = share * last - low;
    const own = elementAt(sorted, at, low);
    const value = rest === 0 ? own : add(mul(1 - rest, own), mul(rest, elementAt(sorted, at, low + 1)));
    const told = where(isNaN(largest), largest, value);
    const kept = array.shape.filter((_, i) => i !== at);
    return keepDims ? told : reshape(told, kept);
  };
  return (Array.isArray(q) ? stack(levels.map(level)) : level(levels[0]!)) as Out<X>;
};

/** The middle of the elements along an axis, or the mean of the two that are nearest: the quantile ½. */
export const median = <X extends Input>(x: X, axis: number = 0, keepDims: boolean = false): Out<X> => quantile(x, 0.5, axis, keepDims);

/**
 * NumPy's `searchsorted`: for each value how many elements of a sorted vector are below it, or with `'right'` not above it.
 *
 * @throws InvalidShape where what is searched is no vector
 * @example
 * ops.searchSorted([1, 2, 2, 3], [2, 5]); // [1, 4]
 */
export const searchSorted = <X extends Input, V extends Input>(sorted: X, values: V, side: 'left' | 'right' = 'left'): Out2<X, V> => {
  const [array, wanted] = [asArray(sorted), asArray(values)];
  if (array.shape.length !== 1) throw kindlingError('InvalidShape', { message: 'searchSorted searches a vector', given: showShape(array.shape) });
  const compare = side === 'left' ? less : lessEqual;
  return sum(cast(compare(array, expandDims(wanted, -1)), 'int32'), -1) as Out2<X, V>;
};
