/** The kernels that only move numbers: reshape, transpose, slice, join, pad, tile, reverse. */
import { kindlingError } from '../errors.ts';
import { normalizeAxes, normalizeAxis, showShape, sizeOf, stridesOf, type Shape } from '../shape.ts';
import type { Aval } from '../value.ts';
import { defineKernel, type Attrs, type Buffer, type Kernel } from './kernel.ts';

const saveNothing = { inputs: false, output: false };
const saveInputs = { inputs: true, output: false };

/** Fills `out` by reading `x` at `offset + Σ index·stride`. */
const strided = (out: Buffer, x: Buffer, strides: readonly number[], offset = 0): void => {
  const { shape } = out;
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let at = 0; at < out.data.length; at++) {
    out.data[at] = x.data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
};

/** tfjs lets an extent of −1 stand for whatever makes the sizes agree. */
const inferred = (shape: Shape, size: number): Shape => {
  if (!shape.includes(-1)) return shape;
  const rest = shape.reduce((n, extent) => (extent === -1 ? n : n * extent), 1);
  return shape.map((extent) => (extent === -1 ? size / rest : extent));
};

export const Reshape: Kernel = defineKernel({
  name: 'Reshape',
  inputs: ['x'],
  shape: ([x], { shape: given }) => {
    const shape = inferred(given as Shape, sizeOf(x!.shape));
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw kindlingError('InvalidShape', {
        message: 'a reshape must keep the number of elements',
        given: `${showShape(x!.shape)} to ${showShape(given as Shape)}`,
        expected: `${sizeOf(x!.shape)} elements`,
      });
    }
    return { shape, dtype: x!.dtype };
  },
  run: (out, [x]) => out.data.set(x!.data),
  saves: saveInputs,
  vjp: (ops, { dy, inputs }) => [() => ops.reshape(dy, inputs[0]!.shape)],
});

/** tfjs's own reshape that inserts axes of extent 1. */
export const ExpandDims: Kernel = defineKernel({
  name: 'ExpandDims',
  inputs: ['input'],
  shape: ([x], { dim }) => {
    const axis = normalizeAxis(dim as number, x!.shape.length + 1);
    return { shape: [...x!.shape.slice(0, axis), 1, ...x!.shape.slice(axis)], dtype: x!.dtype };
  },
  run: (out, [x]) => out.data.set(x!.data),
  saves: saveInputs,
  vjp: (ops, { dy, inputs }) => [() => ops.reshape(dy, inputs[0]!.shape)],
});

export const Transpose: Kernel = defineKernel({
  name: 'Transpose',
  inputs: ['x'],
  shape: ([x], { perm }) => ({ shape: (perm as Shape).map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
  run: (out, [x], { perm }) => {
    const strides = stridesOf(x!.shape);
    strided(
      out,
      x!,
      (perm as Shape).map((axis) => strides[axis]!),
    );
  },
  saves: saveNothing,
  vjp: (ops, { dy, attrs }) => {
    const perm = attrs['perm'] as Shape;
    return [
      () =>
        ops.transpose(
          dy,
          perm.map((_, i) => perm.indexOf(i)),
        ),
    ];
  },
});

/** tfjs lets a size of −1 stand for "to the end". */
const sliceOf = (x: Shape, { begin, size }: Attrs): { readonly begin: Shape; readonly size: Shape } => {
  const from = Array.isArray(begin) ? (begin as number[]) : [begin as number];
  const extents = size === undefined ? [] : Array.isArray(size) ? (size as number[]) : [size as number];
  return {
    begin: x.map((_, i) => from[i] ?? 0),
    size: x.map((extent, i) => (extents[i] === undefined || extents[i] === -1 ? extent - (from[i] ?? 0) : extents[i])),
  };
};

export const Slice: Kernel = defineKernel({
  name: 'Slice',
  inputs: ['x'],
  shape: ([x], attrs) => {
    const { begin, size } = sliceOf(x!.shape, attrs);
    if (x!.shape.some((extent, i) => begin[i]! < 0 || size[i]! < 0 || begin[i]! + size[i]! > extent)) {
      throw kindlingError('InvalidShape', {
        message: 'a slice reaches outside the array',
        given: `from ${showShape(begin)}, size ${showShape(size)}`,
        expected: `within ${showShape(x!.shape)}`,
      });
    }
    return { shape: size, dtype: x!.dtype };
  },
  run: (out, [x], attrs) => {
    const strides = stridesOf(x!.shape);
    const { begin } = sliceOf(x!.shape, attrs);
    strided(
      out,
      x!,
      strides,
      begin.reduce((sum, from, i) => sum + from * strides[i]!, 0),
    );
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const { shape } = inputs[0]!;
    const { begin, size } = sliceOf(shape, attrs);
    return [
      () =>
        ops.pad(
          dy,
          shape.map((extent, i) => [begin[i]!, extent - begin[i]! - size[i]!] as const),
        ),
    ];
  },
});

export const PadV2: Kernel = defineKernel({
  name: 'PadV2',
  inputs: ['x'],
  shape: ([x], { paddings }) => ({
    shape: x!.shape.map((extent, i) => extent + (paddings as [number, number][])[i]![0] + (paddings as [number, number][])[i]![1]),
    dtype: x!.dtype,
  }),
  run: (out, [x], { paddings, constantValue }) => {
    out.data.fill(constantValue as number);
    const strides = stridesOf(out.shape);
    const index = new Array<number>(out.shape.length).fill(0);
    let to = (paddings as [number, number][]).reduce((sum, [before], i) => sum + before * strides[i]!, 0);
    for (const value of x!.data) {
      out.data[to] = value;
      for (let axis = index.length - 1; axis >= 0; axis--) {
        to += strides[axis]!;
        if (++index[axis]! < x!.shape[axis]!) break;
        to -= strides[axis]! * x!.shape[axis]!;
        index[axis] = 0;
      }
    }
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => [
    () =>
      ops.slice(
        dy,
        (attrs['paddings'] as [number, number][]).map(([before]) => before),
        inputs[0]!.shape,
      ),
  ],
});

export const Tile: Kernel = defineKernel({
  name: 'Tile',
  inputs: ['x'],
  shape: ([x], { reps }) => ({ shape: x!.shape.map((extent, i) => extent * (reps as Shape)[i]!), dtype: x!.dtype }),
  run: (out, [x]) => {
    const [to, from] = [stridesOf(out.shape), stridesOf(x!.shape)];
    for (let at = 0; at < out.data.length; at++) {
      let source = 0;
      for (let axis = 0; axis < to.length; axis++) source += (Math.floor(at / to[axis]!) % x!.shape[axis]!) * from[axis]!;
      out.data[at] = x!.data[source]!;
    }
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const { shape } = inputs[0]!;
    const reps = attrs['reps'] as Shape;
    const split = shape.flatMap((extent, i) => [reps[i]!, extent]);
    return [
      () =>
        ops.sum(
          ops.reshape(dy, split),
          shape.map((_, i) => 2 * i),
        ),
    ];
  },
});

export const Reverse: Kernel = defineKernel({
  name: 'Reverse',
  inputs: ['x'],
  shape: ([x]) => x!,
  run: (out, [x], { dims }) => {
    const axes = normalizeAxes(dims as number | readonly number[] | undefined, out.shape.length);
    const strides = stridesOf(out.shape);
    const offset = axes.reduce((sum, axis) => sum + strides[axis]! * (out.shape[axis]! - 1), 0);
    strided(
      out,
      x!,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      offset,
    );
  },
  // It takes every element for four bytes.
  tfjsFails: ([x]) => x!.dtype === 'bool',
  saves: saveNothing,
  vjp: (ops, { dy, attrs }) => [() => ops.reverse(dy, attrs['dims'] as number[] | undefined)],
});

const joined = (inputs: readonly Aval[]): Aval['dtype'] =>
  inputs.some((x) => x.dtype === 'float') ? 'float' : inputs.every((x) => x.dtype === 'bool') ? 'bool' : 'int32';

export const Concat: Kernel = defineKernel({
  name: 'Concat',
  inputs: 'list',
  shape: (inputs, attrs) => {
    const first = inputs[0]!.shape;
    const axis = normalizeAxis(attrs['axis'] as number, first.length);
    if (inputs.some(({ shape }) => shape.length !== first.length || shape.some((extent, i) => i !== axis && extent !== first[i]))) {
      throw kindlingError('InvalidShape', {
        message: `arrays joined along axis ${axis} must agree on every other`,
        given: inputs.map(({ shape }) => showShape(shape)).join(', '),
      });
    }
    const along = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { shape: first.map((extent, i) => (i === axis ? along : extent)), dtype: joined(inputs) };
  },
  cast: (inputs) => inputs.map(() => joined(inputs)),
  run: (out, inputs, attrs) => {
    const axis = normalizeAxis(attrs['axis'] as number, out.shape.length);
    const inner = sizeOf(out.shape.slice(axis));
    const outer = sizeOf(out.shape.slice(0, axis));
    let to = 0;
    for (const x of inputs) {
      const part = sizeOf(x.shape.slice(axis));
      for (let i = 0; i < outer; i++) out.data.set(x.data.subarray(i * part, (i + 1) * part), i * inner + to);
      to += part;
    }
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const axis = normalizeAxis(attrs['axis'] as number, dy.shape.length);
    let from = 0;
    return inputs.map(({ shape }) => {
      const begin = shape.map((_, i) => (i === axis ? from : 0));
      from += shape[axis]!;
      return () => ops.slice(dy, begin, shape);
    });
  },
});

/** tfjs's `stack`. */
export const Pack: Kernel = defineKernel({
  name: 'Pack',
  inputs: 'list',
  shape: (inputs, { axis }) => {
    const first = inputs[0]!.shape;
    if (inputs.some(({ shape }) => showShape(shape) !== showShape(first))) {
      throw kindlingError('InvalidShape', {
        message: 'arrays to be stacked must have one shape',
        given: inputs.map(({ shape }) => showShape(shape)).join(', '),
      });
    }
    const at = normalizeAxis(axis as number, first.length + 1);
    return { shape: [...first.slice(0, at), inputs.length, ...first.slice(at)], dtype: joined(inputs) };
  },
  cast: (inputs) => inputs.map(() => joined(inputs)),
  run: (out, inputs, { axis }) => {
    const inner = sizeOf(inputs[0]!.shape.slice(normalizeAxis(axis as number, out.shape.length)));
    const outer = inner === 0 ? 0 : inputs[0]!.data.length / inner;
    inputs.forEach((x, k) => {
      for (let i = 0; i < outer; i++) out.data.set(x.data.subarray(i * inner, (i + 1) * inner), (i * inputs.length + k) * inner);
    });
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const axis = normalizeAxis(attrs['axis'] as number, dy.shape.length);
    return inputs.map(({ shape }, k) => {
      const size = dy.shape.map((extent, i) => (i === axis ? 1 : extent));
      return () =>
        ops.reshape(
          ops.slice(
            dy,
            size.map((_, i) => (i === axis ? k : 0)),
            size,
          ),
          shape,
        );
    });
  },
});
