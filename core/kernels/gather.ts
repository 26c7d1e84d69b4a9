/** The kernels that move numbers by index: gather, scatter-add and one-hot. */
import { kindlingError } from '../errors.ts';
import { normalizeAxis, sizeOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { defineKernel, type Attrs, type Kernel } from './kernel.ts';

const saveInputs = { inputs: true, output: false };

/** The axis of a gather, how many axes are batches, and the shape it gives. */
export const gatherOf = (x: Shape, indices: Shape, attrs: Attrs): { readonly axis: number; readonly batch: number; readonly shape: number[] } => {
  const axis = normalizeAxis((attrs['axis'] as number | undefined) ?? 0, x.length);
  const batch = (attrs['batchDims'] as number | undefined) ?? 0;
  return { axis, batch, shape: [...x.slice(0, axis), ...indices.slice(batch), ...x.slice(axis + 1)] };
};

/** x at integer positions along an axis. An index outside gives NaN in float arrays, where it can't be refused. */
export const GatherV2: Kernel = defineKernel({
  name: 'GatherV2',
  inputs: ['x', 'indices'],
  shape: ([x, indices], attrs) => ({ shape: gatherOf(x!.shape, indices!.shape, attrs).shape, dtype: x!.dtype }),
  cast: ([x]) => [x!.dtype, 'int32'],
  run: (out, inputs, attrs) => {
    const [x, indices] = [inputs[0]!, inputs[1]!];
    const { axis, batch } = gatherOf(x.shape, indices.shape, attrs);
    const extent = x.shape[axis]!;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const outer = sizeOf(x.shape.slice(0, axis));
    const perBatch = sizeOf(indices.shape.slice(batch));
    const outerPerBatch = outer / sizeOf(x.shape.slice(0, batch));
    for (let o = 0; o < outer; o++) {
      const first = Math.floor(o / outerPerBatch) * (batch === 0 ? 0 : perBatch);
      for (let k = 0; k < perBatch; k++) {
        const at = indices.data[first + k]!;
        for (let i = 0; i < inner; i++) out.data[(o * perBatch + k) * inner + i] = at >= 0 && at < extent ? x.data[(o * extent + at) * inner + i]! : NaN;
      }
    }
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const [x, indices] = [inputs[0]!, inputs[1]!];
    const { axis, batch } = gatherOf(x.shape, indices.shape, attrs);
    if (batch !== 0)
      throw kindlingError('Unsupported', {
        message: 'the gradient of a gather with batchDims is not defined',
        remedy: 'Use ops.gather without batchDims, or ops.einsum with ops.oneHot.',
      });
    const count = sizeOf(indices.shape);
    const rank = dy.shape.length;
    const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    const picked = range(axis, axis + indices.shape.length);
    const perm = [...picked, ...range(0, axis), ...range(axis + indices.shape.length, rank)];
    const rest = [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)];
    const dx = (): AnyArray => {
      const rows = ops.reshape(ops.transpose(dy, perm), [count, ...rest]);
      const summed = ops.unsortedSegmentSum(rows, ops.reshape(indices, [count]), x.shape[axis]!);
      return ops.transpose(summed, [...range(1, axis + 1), 0, ...range(axis + 1, x.shape.length)]);
    };
    return [dx, undefined];
  },
});

/** out[k] = Σ_{i: segmentIds[i] = k} x[i], along the first axis. */
export const UnsortedSegmentSum: Kernel = defineKernel({
  name: 'UnsortedSegmentSum',
  inputs: ['x', 'segmentIds'],
  shape: ([x], { numSegments }) => ({ shape: [numSegments as number, ...x!.shape.slice(1)], dtype: x!.dtype }),
  cast: ([x]) => [x!.dtype, 'int32'],
  run: (out, [x, ids], { numSegments }) => {
    const inner = sizeOf(x!.shape.slice(1));
    for (let k = 0; k < ids!.data.length; k++) {
      const to = ids!.data[k]!;
      if (to < 0 || to >= (numSegments as number)) continue;
      for (let i = 0; i < inner; i++) out.data[to * inner + i]! += x!.data[k * inner + i]!;
    }
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs }) => [() => ops.gather(dy, inputs[1]!, 0), undefined],
});

export const OneHot: Kernel = defineKernel({
  name: 'OneHot',
  inputs: ['indices'],
  shape: ([indices], { depth, dtype }) => ({
    shape: [...indices!.shape, depth as number],
    dtype: dtype === 'int32' ? 'int32' : dtype === 'bool' ? 'bool' : 'float',
  }),
  cast: () => ['int32'],
  // It writes integers whatever is asked for.
  tfjsFails: (_, { dtype }) => dtype !== 'int32',
  run: (out, [indices], { depth, onValue, offValue }) => {
    out.data.fill(offValue as number);
    indices!.data.forEach((k, i) => {
      if (k >= 0 && k < (depth as number)) out.data[i * (depth as number) + k] = onValue as number;
    });
  },
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
