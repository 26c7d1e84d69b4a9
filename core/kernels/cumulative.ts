/** The kernels that accumulate along one axis: cumulative sums and products, and linear recurrences. */
import { kindlingError } from '../errors.ts';
import { normalizeAxis, showShape, sizeOf, stridesOf, type Shape } from '../shape.ts';
import type { AnyArray, Aval, DType } from '../value.ts';
import { defineKernel, type Attrs, type Buffer, type Kernel } from './kernel.ts';

const number = (x: DType): DType => (x === 'bool' ? 'int32' : x);

/** Calls `visit` with the offset of each lane along an axis, its stride and its length. */
export const eachLane = (shape: Shape, axis: number, visit: (start: number, stride: number, extent: number) => void): void => {
  const stride = stridesOf(shape)[axis]!;
  const extent = shape[axis]!;
  const outer = sizeOf(shape.slice(0, axis));
  for (let i = 0; i < outer; i++) for (let j = 0; j < stride; j++) visit(i * stride * extent + j, stride, extent);
};

interface Scan {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** The axis and the direction of a kernel that accumulates. */
export const scanOf = (attrs: Attrs, rank: number): Scan => ({
  axis: normalizeAxis((attrs['axis'] as number | undefined) ?? 0, rank),
  exclusive: attrs['exclusive'] === true,
  reverse: attrs['reverse'] === true,
});

const cumulative = (name: string, start: number, combine: (so: number, x: number) => number, saves: Kernel['saves'], vjp: Kernel['vjp']): Kernel =>
  defineKernel({
    name,
    inputs: ['x'],
    shape: ([x], attrs) => {
      scanOf(attrs, x!.shape.length);
      return { shape: x!.shape, dtype: number(x!.dtype) };
    },
    cast: ([x]: readonly Aval[]) => [number(x!.dtype)],
    run: (out: Buffer, [x]: readonly Buffer[], attrs: Attrs) => {
      const { axis, exclusive, reverse } = scanOf(attrs, out.shape.length);
      eachLane(out.shape, axis, (first, stride, extent) => {
        let so = start;
        for (let i = 0; i < extent; i++) {
          const at = first + (reverse ? extent - 1 - i : i) * stride;
          const with_ = combine(so, x!.data[at]!);
          out.data[at] = exclusive ? so : with_;
          so = with_;
        }
      });
    },
    saves,
    vjp,
  });

export const Cumsum: Kernel = cumulative(
  'Cumsum',
  0,
  (so, x) => so + x,
  { inputs: false, output: false },
  (ops, { dy, attrs }) => {
    const { axis, exclusive, reverse } = scanOf(attrs, dy.shape.length);
    return [() => ops.cumsum(dy, axis, exclusive, !reverse)];
  },
);

/**
 * With y_i = Π_{k≤i} x_k: dx_j = (Π_{k<j} x_k) · r_j, where r_j = Σ_{i≥j} dy_i Π_{j<k≤i} x_k obeys r_j = dy_j + x_{j+1} r_{j+1}.
 * No division, so a zero among the factors is no trouble.
 */
export const Cumprod: Kernel = cumulative(
  'Cumprod',
  1,
  (so, x) => so * x,
  { inputs: true, output: false },
  (ops, { dy, inputs, attrs }) => {
    const x = inputs[0]!;
    const { axis, exclusive, reverse } = scanOf(attrs, dy.shape.length);
    const toEarlier = reverse ? 1 : -1;
    return [
      () => {
        const before = ops.cumprod(x, axis, true, reverse);
        // An exclusive product drops the last factor: its gradient reaches x_j from the results after j.
        const later = exclusive ? ops.shift(dy, axis, toEarlier) : dy;
        return ops.mul(before, ops.linearRecurrence(ops.shift(x, axis, toEarlier), later, axis, !reverse));
      },
    ];
  },
);

/** y_i = a_i · y_{i−1} + b_i along an axis, from y_{−1} = 0; with `reverse`, from the other end. */
export const LinearRecurrence: Kernel = defineKernel({
  name: 'LinearRecurrence',
  inputs: ['a', 'b'],
  shape: ([a, b], attrs) => {
    if (showShape(a!.shape) !== showShape(b!.shape)) {
      throw kindlingError('InvalidShape', {
        message: 'a linear recurrence needs factors and terms of one shape',
        given: `${showShape(a!.shape)} and ${showShape(b!.shape)}`,
      });
    }
    scanOf(attrs, a!.shape.length);
    return { shape: a!.shape, dtype: 'float' };
  },
  cast: () => ['float', 'float'],
  run: (out, [a, b], attrs) => {
    const { axis, reverse } = scanOf(attrs, out.shape.length);
    eachLane(out.shape, axis, (first, stride, extent) => {
      let y = 0;
      for (let i = 0; i < extent; i++) {
        const at = first + (reverse ? extent - 1 - i : i) * stride;
        y = i === 0 ? b!.data[at]! : a!.data[at]! * y + b!.data[at]!;
        out.data[at] = y;
      }
    });
  },
  saves: { inputs: true, output: true },
  vjp: (ops, { dy, inputs, output, attrs }) => {
    const { axis, reverse } = scanOf(attrs, dy.shape.length);
    const toEarlier = reverse ? 1 : -1;
    const db = (): AnyArray => ops.linearRecurrence(ops.shift(inputs[0]!, axis, toEarlier), dy, axis, !reverse);
    return [() => ops.mul(db(), ops.shift(output, axis, reverse ? -1 : 1)), db];
  },
});
