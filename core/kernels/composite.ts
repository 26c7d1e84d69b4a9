/** Kernels of tfjs that are others put together: `ops` has no need of them, but plain tf.* calls in models do. */
import { slice_util } from '#tfjs';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { normalizeAxis, sizeOf, stridesOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { convolutions } from './conv.ts';
import { unbroadcast } from './elementwise.ts';
import type { Attrs } from './kernel.ts';
import { poolings } from './pool.ts';
import type * as Ops from '../ops/index.ts';

/** tfjs runs it; every other interpreter runs what it expands to, so that it needs no rules but its gradient. */
export interface Composite {
  readonly name: string;
  readonly inputs: readonly string[] | 'list';
  /** The same outputs from other kernels. */
  readonly expand: (ops: typeof Ops, inputs: readonly AnyArray[], attrs: Attrs) => readonly AnyArray[];
  /** The gradient of each input from those of all outputs; `undefined` is zero. */
  readonly vjp: (ops: typeof Ops, dys: readonly AnyArray[], inputs: readonly AnyArray[], attrs: Attrs) => readonly ((() => AnyArray) | undefined)[];
}

const SELU_SCALE = 1.0507009873554804934;
const SELU_ALPHA = 1.6732632423543772848;

const selu = (ops: typeof Ops, factor: AnyArray, x: AnyArray, below: AnyArray): AnyArray =>
  ops.mul(SELU_SCALE, ops.where(ops.greater(x, 0), factor, ops.mul(SELU_ALPHA, below)));

const indices = (values: readonly number[], shape: Shape): NDArray => makeNDArray(Float64Array.from(values), shape, 'int32');

/** For each element of `shape`, the offset that `at` finds for its index. */
const offsetsOf = (shape: Shape, at: (index: readonly number[]) => number): NDArray => {
  const strides = stridesOf(shape);
  return indices(
    Array.from({ length: sizeOf(shape) }, (_, i) => at(strides.map((stride, axis) => Math.floor(i / stride) % shape[axis]!))),
    [sizeOf(shape)],
  );
};

/** A kernel whose every output element is an input element, the one at a known offset; `keep` is the output's final shape. */
const picking = (name: string, pick: (shape: Shape, attrs: Attrs) => { readonly offsets: NDArray; readonly keep: Shape }): Composite => ({
  name,
  inputs: ['x'],
  expand: (ops, [x], attrs) => {
    const { offsets, keep } = pick(x!.shape, attrs);
    return [ops.reshape(ops.gather(ops.reshape(x!, [-1]), offsets), keep)];
  },
  vjp: (ops, [dy], [x], attrs) => [
    () => ops.reshape(ops.unsortedSegmentSum(ops.reshape(dy!, [-1]), pick(x!.shape, attrs).offsets, sizeOf(x!.shape)), x!.shape),
  ],
});

const offsetIn = (shape: Shape, index: readonly number[]): number => stridesOf(shape).reduce((sum, stride, axis) => sum + stride * index[axis]!, 0);

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

const stridedSlice = picking('StridedSlice', (shape, attrs) => {
  const a = attrs as unknown as StridedSliceAttrs;
  const info = slice_util.sliceInfo([...shape], a.begin, a.end, a.strides, a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask);
  const from = (index: readonly number[]): number =>
    offsetIn(
      shape,
      index.map((i, axis) => info.begin[axis]! + i * info.strides[axis]!),
    );
  return { offsets: offsetsOf(slice_util.computeOutShape(info.begin, info.end, info.strides), from), keep: info.finalShape };
});

const mirrorPad = picking('MirrorPad', (shape, { paddings, mode }) => {
  const pads = paddings as readonly (readonly [number, number])[];
  const keep = shape.map((extent, axis) => extent + pads[axis]![0] + pads[axis]![1]);
  // 'reflect' leaves the edge out of the image, 'symmetric' repeats it.
  const edge = mode === 'reflect' ? 0 : 1;
  const mirrored = (i: number, extent: number): number => (i < 0 ? -i - edge : i >= extent ? 2 * extent - 2 - i + edge : i);
  return {
    offsets: offsetsOf(keep, (index) =>
      offsetIn(
        shape,
        index.map((i, axis) => mirrored(i - pads[axis]![0], shape[axis]!)),
      ),
    ),
    keep,
  };
});

/** The rows that index vectors along the last axis name, as one flat index each. */
const flatRows = (ops: typeof Ops, at: AnyArray, shape: Shape): { readonly rows: AnyArray; readonly depth: number } => {
  const depth = at.shape.at(-1)!;
  const strides = stridesOf(shape.slice(0, depth));
  return { rows: ops.reshape(ops.sum(ops.mul(at, indices(strides, [depth])), -1), [-1]), depth };
};

const gatherNd = (ops: typeof Ops, x: AnyArray, at: AnyArray): AnyArray => {
  const { rows, depth } = flatRows(ops, at, x.shape);
  const rest = x.shape.slice(depth);
  return ops.reshape(ops.gather(ops.reshape(x, [sizeOf(x.shape.slice(0, depth)), ...rest]), rows), [...at.shape.slice(0, -1), ...rest]);
};

const scatterNd = (ops: typeof Ops, at: AnyArray, updates: AnyArray, shape: Shape): AnyArray => {
  const { rows, depth } = flatRows(ops, at, shape);
  const rest = shape.slice(depth);
  const flat = ops.reshape(updates, [sizeOf(rows.shape), ...rest]);
  return ops.reshape(ops.unsortedSegmentSum(flat, rows, sizeOf(shape.slice(0, depth))), shape);
};

const table: readonly Composite[] = [
  {
    name: 'AddN',
    inputs: 'list',
    expand: (ops, xs) => [xs.reduce((sum, x) => ops.add(sum, x))],
    vjp: (_, [dy], xs) => xs.map(() => () => dy!),
  },
  {
    name: 'Relu6',
    inputs: ['x'],
    expand: (ops, [x]) => [ops.clipByValue(x!, 0, 6)],
    vjp: (ops, [dy], [x]) => [() => ops.where(ops.logicalAnd(ops.greater(x!, 0), ops.less(x!, 6)), dy!, 0)],
  },
  {
    name: 'Selu',
    inputs: ['x'],
    expand: (ops, [x]) => [selu(ops, x!, x!, ops.expm1(ops.minimum(x!, 0)))],
    vjp: (ops, [dy], [x]) => [() => selu(ops, dy!, x!, ops.mul(dy!, ops.exp(ops.minimum(x!, 0))))],
  },
  {
    name: 'Prelu',
    inputs: ['x', 'alpha'],
    expand: (ops, [x, alpha]) => [ops.where(ops.greaterEqual(x!, 0), x!, ops.mul(alpha!, x!))],
    vjp: (ops, [dy], [x, alpha]) => [
      () => unbroadcast(ops, ops.where(ops.greater(x!, 0), dy!, ops.mul(dy!, alpha!)), x!.shape),
      () => unbroadcast(ops, ops.where(ops.greater(x!, 0), 0, ops.mul(dy!, x!)), alpha!.shape),
    ],
  },
  {
    name: 'Softmax',
    inputs: ['logits'],
    expand: (ops, [x]) => [ops.softmax(x!)],
    vjp: (ops, [dy], [x]) => [
      () => {
        const y = ops.softmax(x!);
        return ops.mul(y, ops.sub(dy!, ops.sum(ops.mul(dy!, y), -1, true)));
      },
    ],
  },
  {
    name: 'Unpack',
    inputs: ['value'],
    expand: (ops, [x], { axis }) => ops.unstack(x!, axis as number),
    vjp: (ops, dys, [x], { axis }) => [() => ops.stack(dys, normalizeAxis(axis as number, x!.shape.length))],
  },
  {
    name: 'SplitV',
    inputs: ['x'],
    expand: (ops, [x], { numOrSizeSplits, axis }) => ops.split(x!, numOrSizeSplits as number | readonly number[], axis as number),
    vjp: (ops, dys, [x], { axis }) => [() => ops.concat(dys, normalizeAxis(axis as number, x!.shape.length))],
  },
  stridedSlice,
  mirrorPad,
  {
    name: 'Diag',
    inputs: ['x'],
    expand: (ops, [x]) => [ops.reshape(ops.diag(ops.reshape(x!, [-1])), [...x!.shape, ...x!.shape])],
    vjp: (ops, [dy], [x]) => [() => ops.reshape(ops.diagPart(ops.reshape(dy!, [sizeOf(x!.shape), sizeOf(x!.shape)])), x!.shape)],
  },
  {
    name: 'GatherNd',
    inputs: ['params', 'indices'],
    expand: (ops, [x, at]) => [gatherNd(ops, x!, at!)],
    vjp: (ops, [dy], [x, at]) => [() => scatterNd(ops, at!, dy!, x!.shape), undefined],
  },
  {
    name: 'ScatterNd',
    inputs: ['indices', 'updates'],
    expand: (ops, [at, updates], { shape }) => [scatterNd(ops, at!, updates!, shape as Shape)],
    vjp: (ops, [dy], [at]) => [undefined, () => gatherNd(ops, dy!, at!)],
  },
  {
    name: 'TopK',
    inputs: ['x'],
    expand: (ops, [x], { k }) => ops.topk(x!, k as number),
    vjp: (ops, [dy], [x], { k }) => [() => ops.addAlongAxis(dy!, ops.topk(x!, k as number)[1], -1, x!.shape.at(-1)!)],
  },
  { name: 'ZerosLike', inputs: ['x'], expand: (ops, [x]) => [ops.zerosLike(x!)], vjp: () => [undefined] },
  { name: 'OnesLike', inputs: ['x'], expand: (ops, [x]) => [ops.onesLike(x!)], vjp: () => [undefined] },
  ...convolutions,
  ...poolings,
];

export const composites = (): readonly Composite[] => table;
