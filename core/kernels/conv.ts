/** Convolutions of images, put together of a gather of patches and a matrix product, with their gradients. */
import { backend_util } from '#tfjs';
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { showShape, sizeOf, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import type { Attrs } from './kernel.ts';
import type { Composite } from './composite.ts';
import type * as Ops from '../ops/index.ts';

/** What convolutions are put together of. */
export type ImageOps = Pick<typeof Ops, 'gather' | 'matMul' | 'pad' | 'reshape' | 'slice' | 'transpose' | 'unsortedSegmentSum'>;

/** Where windows lie on images `[batch, height, width, channels]`. */
export interface Windows {
  /** Of the images. */
  readonly shape: Shape;
  /** How many windows lie below and beside each other. */
  readonly rows: number;
  readonly columns: number;
  /** How many elements one has of each channel. */
  readonly size: number;
  readonly paddings: readonly (readonly [number, number])[];
  /** For each window, and each element of it, its position in the padded image. */
  readonly positions: NDArray;
}

interface Steps {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** How far the windows of one axis reach, the first of them beginning `before` the image. */
const paddingOf = (extent: number, count: number, before: number, { size, stride, dilation }: Steps): readonly [number, number] => [
  before,
  Math.max(0, (count - 1) * stride + (size - 1) * dilation + 1 - extent - before),
];

const requireImages = (what: string, shape: Shape, format: unknown): void => {
  if (shape.length !== 4) throw kindlingError('InvalidShape', { message: `${what} takes arrays of rank 4`, given: showShape(shape) });
  if (format === 'NCHW')
    throw kindlingError('Unsupported', { message: `${what} takes images with the channels last`, given: 'dataFormat NCHW', expected: 'NHWC' });
};

/** The windows of a convolution or a pooling, by tfjs's own rules, its extents of the result included. */
export const windowsOf = (what: string, shape: Shape, [height, width]: readonly [number, number], attrs: Attrs): Windows => {
  requireImages(what, shape, attrs['dataFormat']);
  const {
    strides,
    pad,
    dilations = 1,
    dimRoundingMode,
  } = attrs as unknown as {
    readonly strides: [number, number] | number;
    readonly pad: 'same' | 'valid' | number;
    readonly dilations?: [number, number] | number;
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const info = backend_util.computeConv2DInfo(shape as [number, number, number, number], [height, width, 1, 1], strides, dilations, pad, dimRoundingMode);
  const down: Steps = { size: height, stride: info.strideHeight, dilation: info.dilationHeight };
  const across: Steps = { size: width, stride: info.strideWidth, dilation: info.dilationWidth };
  const [rows, columns] = [Math.max(0, info.outHeight), Math.max(0, info.outWidth)];
  const vertical = paddingOf(shape[1]!, rows, info.padInfo.top, down);
  const horizontal = paddingOf(shape[2]!, columns, info.padInfo.left, across);
  const line = shape[2]! + horizontal[0] + horizontal[1];
  const size = height * width;
  const at = (i: number): number => {
    const [window, element] = [Math.floor(i / size), i % size];
    const y = Math.floor(window / columns) * down.stride + Math.floor(element / width) * down.dilation;
    return y * line + (window % columns) * across.stride + (element % width) * across.dilation;
  };
  const positions = makeNDArray(
    Float64Array.from({ length: rows * columns * size }, (_, i) => at(i)),
    [rows * columns * size],
    'int32',
  );
  return { shape, rows, columns, size, paddings: [[0, 0], vertical, horizontal, [0, 0]], positions };
};

/** The padded image's shape. */
const paddedShape = ({ shape, paddings }: Windows): Shape => shape.map((extent, i) => extent + paddings[i]![0] + paddings[i]![1]);

/** The windows' elements, `[batch · rows · columns, size, channels]`. */
export const windowElements = (ops: ImageOps, x: AnyArray, windows: Windows, outside: number = 0): AnyArray => {
  const { shape, rows, columns, size, paddings, positions } = windows;
  const [batch, height, width, channels] = paddedShape(windows) as [number, number, number, number];
  const lines = ops.reshape(ops.pad(x, paddings, outside), [batch, height * width, channels]);
  return ops.reshape(ops.gather(lines, positions, 1), [shape[0]! * rows * columns, size, channels]);
};

/** The transpose of `windowElements`: each element added to the image where it was taken from. */
export const addWindowElements = (ops: ImageOps, elements: AnyArray, windows: Windows): AnyArray => {
  const { shape, rows, columns, size, paddings, positions } = windows;
  const [batch, height, width, channels] = paddedShape(windows) as [number, number, number, number];
  const byPosition = ops.transpose(ops.reshape(elements, [batch, rows * columns * size, channels]), [1, 0, 2]);
  const images = ops.transpose(ops.unsortedSegmentSum(byPosition, positions, height * width), [1, 0, 2]);
  return ops.slice(
    ops.reshape(images, [batch, height, width, channels]),
    paddings.map(([before]) => before),
    shape,
  );
};

const windowsOfFilter = (image: Shape, filter: Shape, attrs: Attrs): Windows => {
  requireImages('conv2d', filter, attrs['dataFormat']);
  const windows = windowsOf('conv2d', image, [filter[0]!, filter[1]!], attrs);
  if (image[3] === filter[2]) return windows;
  throw kindlingError('InvalidShape', {
    message: 'the channels of the images must be those of the filter',
    given: `images ${showShape(image)} and filter ${showShape(filter)}`,
  });
};

const asMatrix = (ops: ImageOps, x: AnyArray): AnyArray => ops.reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);

const rowsOf = (ops: ImageOps, x: AnyArray, windows: Windows): AnyArray => {
  const elements = windowElements(ops, x, windows);
  return ops.reshape(elements, [elements.shape[0], elements.shape[1]! * elements.shape[2]!]);
};

/** Σ over window and channels of image times filter, of `[batch, height, width, channels]` and `[height, width, channels, results]`. */
export const convolve = (ops: ImageOps, x: AnyArray, filter: AnyArray, attrs: Attrs): AnyArray => {
  const windows = windowsOfFilter(x.shape, filter.shape, attrs);
  const product = ops.matMul(rowsOf(ops, x, windows), asMatrix(ops, filter));
  return ops.reshape(product, [x.shape[0], windows.rows, windows.columns, filter.shape[3]!]);
};

/** The transpose of `convolve` in the images. */
export const convolveBack = (ops: ImageOps, dy: AnyArray, filter: AnyArray, image: Shape, attrs: Attrs): AnyArray => {
  const windows = windowsOfFilter(image, filter.shape, attrs);
  const expected = [image[0]!, windows.rows, windows.columns, filter.shape[3]!];
  if (showShape(expected) !== showShape(dy.shape)) {
    throw kindlingError('InvalidShape', {
      message: 'what is convolved back must have the shape that the convolution gives',
      given: showShape(dy.shape),
      expected: showShape(expected),
    });
  }
  return addWindowElements(ops, ops.matMul(asMatrix(ops, dy), asMatrix(ops, filter), false, true), windows);
};

/** The transpose of `convolve` in the filter. */
const filterGradient = (ops: ImageOps, x: AnyArray, dy: AnyArray, filter: Shape, attrs: Attrs): AnyArray =>
  ops.reshape(ops.matMul(rowsOf(ops, x, windowsOfFilter(x.shape, filter, attrs)), asMatrix(ops, dy), true, false), filter);

export const convolutions: readonly Composite[] = [
  {
    name: 'Conv2D',
    inputs: ['x', 'filter'],
    expand: (ops, [x, filter], attrs) => [convolve(ops, x!, filter!, attrs)],
    vjp: (ops, [dy], [x, filter], attrs) => [() => convolveBack(ops, dy!, filter!, x!.shape, attrs), () => filterGradient(ops, x!, dy!, filter!.shape, attrs)],
  },
  {
    // tfjs's conv2dTranspose.
    name: 'Conv2DBackpropInput',
    inputs: ['dy', 'filter'],
    expand: (ops, [dy, filter], attrs) => [convolveBack(ops, dy!, filter!, attrs['inputShape'] as Shape, attrs)],
    vjp: (ops, [dx], [dy, filter], attrs) => [() => convolve(ops, dx!, filter!, attrs), () => filterGradient(ops, dx!, dy!, filter!.shape, attrs)],
  },
];
