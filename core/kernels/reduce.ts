/** The kernels that reduce along axes: sums, means, extremes, products, arg-extremes. */
import { kindlingError } from '../errors.ts';
import { normalizeAxes, normalizeAxis, reducedShape, showShape, sizeOf, stridesOf, type Shape } from '../shape.ts';
import type { AnyArray, DType } from '../value.ts';
import { defineKernel, type Attrs, type Backward, type Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** Calls `visit(from, to)` for each element, with the offset of the element and of the result it falls into. */
const eachReduced = (shape: Shape, axes: readonly number[], visit: (from: number, to: number) => void): void => {
  const kept = stridesOf(reducedShape(shape, axes));
  let next = 0;
  const strides = shape.map((_, i) => (axes.includes(i) ? 0 : kept[next++]!));
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  let to = 0;
  for (let from = 0; from < size; from++) {
    visit(from, to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      to += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      to -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
};

/** tfjs spells the axes of Max `reductionIndices` and those of every other reduction `axis`. */
export const axesOf = (attrs: Attrs, rank: number): number[] =>
  normalizeAxes((attrs['axis'] ?? attrs['reductionIndices']) as number | readonly number[] | undefined, rank);

/** A reduction's result, or its gradient, with the reduced axes put back as extents of 1. */
const keepDims = (ops: typeof Ops, y: AnyArray, shape: Shape, axes: readonly number[]): AnyArray => ops.reshape(y, reducedShape(shape, axes, true));

interface Reduction {
  readonly name: string;
  readonly start: number;
  readonly combine: (so: number, x: number) => number;
  readonly dtype: (x: DType) => DType;
  readonly saves: { readonly inputs: boolean; readonly output: boolean };
  readonly vjp: Kernel['vjp'];
  /** Extremes of nothing do not exist. */
  readonly nonEmpty?: boolean;
}

const reduction = ({ name, start, combine, dtype, saves, vjp, nonEmpty = false }: Reduction): Kernel =>
  defineKernel({
    name,
    inputs: ['x'],
    shape: ([x], attrs) => {
      const axes = axesOf(attrs, x!.shape.length);
      if (nonEmpty && axes.some((axis) => x!.shape[axis] === 0)) {
        throw kindlingError('InvalidShape', { message: `${name} of no elements does not exist`, given: `shape ${showShape(x!.shape)}` });
      }
      return { shape: reducedShape(x!.shape, axes, attrs['keepDims'] === true), dtype: dtype(x!.dtype) };
    },
    cast: ([x]) => [name === 'All' || name === 'Any' ? 'bool' : x!.dtype === 'bool' ? 'int32' : x!.dtype],
    run: (out, [x], attrs) => {
      // Sums are compensated by double accumulation, also where the buffers are float32.
      const so = new Float64Array(out.data.length).fill(start);
      eachReduced(x!.shape, axesOf(attrs, x!.shape.length), (from, to) => (so[to] = combine(so[to]!, x!.data[from]!)));
      out.data.set(so);
    },
    saves,
    vjp,
  });

const number = (x: DType): DType => (x === 'bool' ? 'int32' : x);

const spread = (ops: typeof Ops, { dy, inputs, attrs }: Backward): AnyArray => {
  const { shape } = inputs[0]!;
  return ops.broadcastTo(keepDims(ops, dy, shape, axesOf(attrs, shape.length)), shape);
};

export const Sum: Kernel = reduction({
  name: 'Sum',
  start: 0,
  combine: (so, x) => so + x,
  dtype: number,
  saves: { inputs: true, output: false },
  vjp: (ops, backward) => [() => spread(ops, backward)],
});

export const Mean: Kernel = defineKernel({
  name: 'Mean',
  inputs: ['x'],
  shape: ([x], attrs) => ({ shape: reducedShape(x!.shape, axesOf(attrs, x!.shape.length), attrs['keepDims'] === true), dtype: 'float' }),
  cast: () => ['float'],
  run: (out, inputs, attrs) => {
    const sums = { shape: out.shape, data: new Float64Array(out.data.length) };
    Sum.run(sums, inputs, attrs);
    const count = inputs[0]!.data.length / out.data.length;
    out.data.set(sums.data.map((sum) => sum / count));
  },
  saves: { inputs: true, output: false },
  vjp: (ops, backward) => {
    const count = sizeOf(backward.inputs[0]!.shape) / sizeOf(backward.dy.shape);
    return [() => ops.div(spread(ops, backward), count)];
  },
});

/** The gradient goes to the extreme elements, in equal shares where there are several, as in JAX. */
const toExtremes: Kernel['vjp'] = (ops, { dy, inputs, output, attrs }) => {
  const x = inputs[0]!;
  const axes = axesOf(attrs, x.shape.length);
  return [
    () => {
      const hit = ops.cast(ops.equal(x, keepDims(ops, output, x.shape, axes)), 'float32');
      return ops.mul(hit, ops.div(keepDims(ops, dy, x.shape, axes), ops.sum(hit, axes, true)));
    },
  ];
};

export const Max: Kernel = reduction({
  name: 'Max',
  start: -Infinity,
  combine: Math.max,
  dtype: number,
  saves: { inputs: true, output: true },
  vjp: toExtremes,
  nonEmpty: true,
});
export const Min: Kernel = reduction({
  name: 'Min',
  start: Infinity,
  combine: Math.min,
  dtype: number,
  saves: { inputs: true, output: true },
  vjp: toExtremes,
  nonEmpty: true,
});

/** The product of the others, as those before times those after: a division by x would fail at 0. */
const productOfOthers = (ops: typeof Ops, { dy, inputs, attrs }: Backward): AnyArray => {
  const x = inputs[0]!;
  const rank = x.shape.length;
  const axes = axesOf(attrs, rank);
  const rest = Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i));
  const perm = [...rest, ...axes];
  const moved = ops.transpose(x, perm);
  const flat = ops.reshape(moved, [...rest.map((i) => x.shape[i]!), axes.reduce((n, i) => n * x.shape[i]!, 1)]);
  const others = ops.mul(ops.cumprod(flat, -1, true, false), ops.cumprod(flat, -1, true, true));
  const gradient = ops.mul(others, ops.expandDims(ops.reshape(dy, flat.shape.slice(0, -1)), -1));
  const back = perm.map((_, i) => perm.indexOf(i));
  return ops.transpose(ops.reshape(gradient, moved.shape), back);
};

export const Prod: Kernel = reduction({
  name: 'Prod',
  start: 1,
  combine: (so, x) => so * x,
  dtype: number,
  saves: { inputs: true, output: false },
  vjp: (ops, backward) => [() => productOfOthers(ops, backward)],
});

const bool = (): DType => 'bool';
export const All: Kernel = reduction({
  name: 'All',
  start: 1,
  combine: (so, x) => Number(so !== 0 && x !== 0),
  dtype: bool,
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
export const Any: Kernel = reduction({
  name: 'Any',
  start: 0,
  combine: (so, x) => Number(so !== 0 || x !== 0),
  dtype: bool,
  saves: { inputs: false, output: false },
  vjp: 'zero',
});

const argExtreme = (name: string, better: (x: number, best: number) => boolean): Kernel =>
  defineKernel({
    name,
    inputs: ['x'],
    shape: ([x], { axis }) => ({ shape: reducedShape(x!.shape, [normalizeAxis(axis as number, x!.shape.length)]), dtype: 'int32' }),
    cast: () => ['float'],
    run: (out, [x], { axis }) => {
      const along = normalizeAxis(axis as number, x!.shape.length);
      const stride = stridesOf(x!.shape)[along]!;
      const extent = x!.shape[along]!;
      const best = new Float64Array(out.data.length);
      const seen = new Uint8Array(out.data.length);
      eachReduced(x!.shape, [along], (from, to) => {
        const value = x!.data[from]!;
        // A NaN wins once and for all, as in NumPy.
        if (seen[to] === 0 || better(value, best[to]!) || (Number.isNaN(value) && !Number.isNaN(best[to]))) {
          best[to] = value;
          out.data[to] = Math.floor(from / stride) % extent;
          seen[to] = 1;
        }
      });
    },
    saves: { inputs: false, output: false },
    vjp: 'zero',
  });

export const ArgMax: Kernel = argExtreme('ArgMax', (x, best) => x > best);
export const ArgMin: Kernel = argExtreme('ArgMin', (x, best) => x < best);
