/** Poolings of images, put together of a gather of windows and a reduction, with their gradients. */
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { sizeOf } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { addWindowElements, windowElements, windowsOf, type ImageOps, type Windows } from './conv.ts';
import type { Composite } from './composite.ts';
import type { Attrs } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** What poolings are put together of. */
type PoolOps = ImageOps & Pick<typeof Ops, 'div' | 'max' | 'sum'>;

const windowsOfPool = (what: string, { shape }: AnyArray, attrs: Attrs): Windows => {
  const size = attrs['filterSize'] as readonly [number, number] | number;
  return windowsOf(what, shape, typeof size === 'number' ? [size, size] : size, attrs);
};

/** One number for each window and channel as images again. */
const asImages = (ops: PoolOps, x: AnyArray, { shape, rows, columns }: Windows): AnyArray => ops.reshape(x, [shape[0]!, rows, columns, shape[3]!]);

/** The same, for each element of the windows: `[windows, 1, channels]`. */
const byWindow = (ops: PoolOps, x: AnyArray, { shape, rows, columns }: Windows): AnyArray => ops.reshape(x, [shape[0]! * rows * columns, 1, shape[3]!]);

/** How many elements of each window lie within the image, `[windows, 1, 1]`: what is beyond does not count in a mean. */
const countsOf = (ops: PoolOps, windows: Windows): NDArray => {
  const image = [windows.shape[0]!, windows.shape[1]!, windows.shape[2]!, 1];
  const ones = makeNDArray(new Float64Array(sizeOf(image)).fill(1), image);
  return ops.sum(windowElements(ops, ones, { ...windows, shape: image }), 1, true) as NDArray;
};

/** The largest element of each window. */
export const poolMax = (ops: PoolOps, x: AnyArray, attrs: Attrs): AnyArray => {
  const windows = windowsOfPool('maxPool', x, attrs);
  return asImages(ops, ops.max(windowElements(ops, x, windows, -Infinity), 1), windows);
};

/** The mean of each window, of what lies within the image. */
export const poolMean = (ops: PoolOps, x: AnyArray, attrs: Attrs): AnyArray => {
  const windows = windowsOfPool('avgPool', x, attrs);
  return asImages(ops, ops.sum(ops.div(windowElements(ops, x, windows), countsOf(ops, windows)), 1), windows);
};

/** Equal maxima share, as in the gradient of Max. */
const maxGradient = (ops: typeof Ops, dy: AnyArray, x: AnyArray, attrs: Attrs): AnyArray => {
  const windows = windowsOfPool('maxPool', x, attrs);
  const elements = windowElements(ops, x, windows, -Infinity);
  const isMax = ops.cast(ops.equal(elements, ops.max(elements, 1, true)), 'float32');
  const share = ops.div(byWindow(ops, dy, windows), ops.sum(isMax, 1, true));
  return addWindowElements(ops, ops.mul(isMax, share), windows);
};

const meanGradient = (ops: typeof Ops, dy: AnyArray, x: AnyArray, attrs: Attrs): AnyArray => {
  const windows = windowsOfPool('avgPool', x, attrs);
  const share = ops.div(byWindow(ops, dy, windows), countsOf(ops, windows));
  return addWindowElements(ops, ops.broadcastTo(share, [share.shape[0], windows.size, x.shape[3]!]), windows);
};

export const poolings: readonly Composite[] = [
  {
    name: 'MaxPool',
    inputs: ['x'],
    expand: (ops, [x], attrs) => [poolMax(ops, x!, attrs)],
    vjp: (ops, [dy], [x], attrs) => [() => maxGradient(ops, dy!, x!, attrs)],
  },
  {
    name: 'AvgPool',
    inputs: ['x'],
    expand: (ops, [x], attrs) => [poolMean(ops, x!, attrs)],
    vjp: (ops, [dy], [x], attrs) => [() => meanGradient(ops, dy!, x!, attrs)],
  },
];
