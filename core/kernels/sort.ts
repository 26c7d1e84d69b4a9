/** The kernel of sorting: in what order the elements along an axis come. Sorted values are gathered by it, and so have the gradient of a gather. */
import { normalizeAxis } from '../shape.ts';
import { eachLane } from './cumulative.ts';
import { defineKernel, type Attrs, type Kernel } from './kernel.ts';

/** The axis of a sort, and whether the largest element comes first. */
export const sortOf = (attrs: Attrs, rank: number): { readonly axis: number; readonly descending: boolean } => ({
  axis: normalizeAxis((attrs['axis'] as number | undefined) ?? -1, rank),
  descending: attrs['descending'] === true,
});

/** Below 0 where `a` comes first in NumPy's order: NaN after every number, zeros equal. */
const order = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)));

/** The positions of the elements along an axis in their order, equal ones in the order in which they stand; descending, NaN comes first. */
export const ArgSort: Kernel = defineKernel({
  name: 'ArgSort',
  inputs: ['x'],
  shape: ([x], attrs) => {
    sortOf(attrs, x!.shape.length);
    return { shape: x!.shape, dtype: 'int32' };
  },
  run: (out, [x], attrs) => {
    const { axis, descending } = sortOf(attrs, out.shape.length);
    const from = x!.data;
    eachLane(out.shape, axis, (first, stride, extent) => {
      const at = (i: number): number => from[first + i * stride]!;
      const positions = Uint32Array.from({ length: extent }, (_, i) => i);
      positions.sort(descending ? (i, j) => order(at(j), at(i)) : (i, j) => order(at(i), at(j)));
      positions.forEach((position, i) => (out.data[first + i * stride] = position));
    });
  },
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
