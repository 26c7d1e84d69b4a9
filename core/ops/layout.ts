/** Functions that make arrays and move their elements, with tfjs's names and signatures. */
import { kindlingError } from '../errors.ts';
import { Select } from '../kernels/arithmetic.ts';
import * as G from '../kernels/gather.ts';
import * as L from '../kernels/layout.ts';
import { isTypedArray, makeNDArray, type NDArray } from '../ndarray.ts';
import { describe } from '../options.ts';
import { broadcastsTo, checkShape, normalizeAxes, normalizeAxis, sameShape, showShape, sizeOf, type Shape } from '../shape.ts';
import { asArray, isConcrete, ndarrayDType, toNDArray, type AnyArray, type DType, type Input, type Out, type Out2 } from '../value.ts';
import { apply } from './apply.ts';

/** A tensor if any is one, else an NDArray. */
export type OutList<X extends readonly Input[]> = Out<X[number]>;

const extentsOf = (who: string, extents: unknown): readonly number[] => {
  const list: unknown = isTypedArray(extents) ? Array.from(extents) : extents;
  if (Array.isArray(list) && list.every(Number.isInteger)) return list as readonly number[];
  throw kindlingError('InvalidArgument', { message: `${who} takes a list of whole numbers`, given: describe(extents), expected: 'for example [2, 3]' });
};

/** `x` with another shape of the same size; one extent may be −1. */
export const reshape = <X extends Input>(x: X, shape: Shape): Out<X> => {
  const array = asArray(x);
  const wanted = extentsOf('reshape', shape);
  const known = wanted.reduce((size, extent) => (extent === -1 ? size : size * extent), 1);
  const full = wanted.map((extent) => (extent === -1 ? sizeOf(array.shape) / known : extent));
  if (!full.every(Number.isInteger) || wanted.indexOf(-1) !== wanted.lastIndexOf(-1)) {
    throw kindlingError('InvalidShape', { message: 'an array does not reshape', given: `${showShape(array.shape)} to ${showShape(wanted)}` });
  }
  return (sameShape(full, array.shape) ? array : apply(L.Reshape, [array], { shape: full })) as Out<X>;
};

/** Axes in another order; reversed without `perm`. */
export const transpose = <X extends Input>(x: X, perm?: readonly number[]): Out<X> => {
  const array = asArray(x);
  const rank = array.shape.length;
  const given = perm === undefined ? Array.from({ length: rank }, (_, i) => rank - 1 - i) : extentsOf('transpose', perm);
  const order = given.map((axis) => normalizeAxis(axis, rank));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw kindlingError('InvalidArgument', { message: `${showShape(given)} does not permute the axes of an array of rank ${rank}` });
  }
  return (order.every((axis, i) => axis === i) ? array : apply(L.Transpose, [array], { perm: order })) as Out<X>;
};

/** The last two axes exchanged. */
export const transposeMatrix = <X extends Input>(x: X): Out<X> => {
  const rank = asArray(x).shape.length;
  return transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};

/** A box from `begin` of extents `size`; −1 or a missing extent reaches to the end. */
export const slice = <X extends Input>(x: X, begin: number | readonly number[], size?: number | readonly number[]): Out<X> => {
  const array = asArray(x);
  const from = typeof begin === 'number' ? [begin] : extentsOf('slice', begin);
  const extents = size === undefined ? [] : typeof size === 'number' ? [size] : size;
  const full = array.shape.map((extent, i) => {
    const wanted = extents[i];
    return wanted === undefined || wanted === -1 ? extent - (from[i] ?? 0) : wanted;
  });
  return apply(L.Slice, [array], { begin: array.shape.map((_, i) => from[i] ?? 0), size: full }) as Out<X>;
};

const checkedPaddings = (paddings: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] => {
  const given: unknown = paddings;
  if (Array.isArray(given) && given.every(Array.isArray)) return paddings;
  throw kindlingError('InvalidArgument', {
    message: 'pad takes how much to add at each axis',
    given: describe(paddings),
    expected: 'for example [[0, 1], [2, 2]]',
  });
};

/** Constant padding: `[before, after]` for each axis. */
export const pad = <X extends Input>(x: X, paddings: readonly (readonly [number, number])[], constantValue: number = 0): Out<X> =>
  (checkedPaddings(paddings).every(([before, after]) => before === 0 && after === 0) ? asArray(x) : apply(L.PadV2, [x], { paddings, constantValue })) as Out<X>;

/** `x` repeated along each axis: `reps` has a number of times for each, and the extents are multiplied by them. */
export const tile = <X extends Input>(x: X, reps: readonly number[]): Out<X> => apply(L.Tile, [x], { reps: extentsOf('tile', reps) }) as Out<X>;

/** `x` repeated along axes of extent 1 and new leading axes, to fill `shape`. */
export const broadcastTo = <X extends Input>(x: X, shape: Shape): Out<X> => {
  const array = asArray(x);
  checkShape('what broadcastTo makes', shape);
  if (sameShape(array.shape, shape)) return array as Out<X>;
  if (!broadcastsTo(array.shape, shape)) {
    throw kindlingError('InvalidShape', { message: 'an array does not broadcast to a shape', given: `${showShape(array.shape)} to ${showShape(shape)}` });
  }
  const lead = shape.length - array.shape.length;
  const padded = [...new Array<number>(lead).fill(1), ...array.shape];
  return tile(
    reshape(array, padded),
    shape.map((extent, i) => (padded[i] === extent ? 1 : extent)),
  ) as Out<X>;
};

export const reverse = <X extends Input>(x: X, axis?: number | readonly number[]): Out<X> => {
  const array = asArray(x);
  const dims = normalizeAxes(axis, array.shape.length);
  return (dims.length === 0 ? array : apply(L.Reverse, [array], { dims })) as Out<X>;
};

export const expandDims = <X extends Input>(x: X, axis: number = 0): Out<X> => {
  const { shape } = asArray(x);
  const at = normalizeAxis(axis, shape.length + 1);
  return reshape(x, [...shape.slice(0, at), 1, ...shape.slice(at)]);
};

export const squeeze = <X extends Input>(x: X, axis?: number | readonly number[]): Out<X> => {
  const { shape } = asArray(x);
  const axes = axis === undefined ? shape.flatMap((extent, i) => (extent === 1 ? [i] : [])) : normalizeAxes(axis, shape.length);
  const wide = axes.find((i) => shape[i] !== 1);
  if (wide !== undefined) throw kindlingError('InvalidShape', { message: `axis ${wide} can't be squeezed`, given: `shape ${showShape(shape)}` });
  return reshape(
    x,
    shape.filter((_, i) => !axes.includes(i)),
  );
};

const someOf = <X extends readonly Input[]>(who: string, xs: X): X => {
  if (Array.isArray(xs) && xs.length > 0) return xs;
  throw kindlingError('InvalidArgument', { message: `${who} takes a list of one array or more`, given: describe(xs), expected: `${who}([a, b], axis)` });
};

/** Arrays one after another along an axis that they have; their other extents are the same. */
export const concat = <X extends readonly Input[]>(xs: X, axis: number = 0): OutList<X> => apply(L.Concat, someOf('concat', xs), { axis }) as OutList<X>;

/** Arrays of one shape along a new axis, `axis` of the result. */
export const stack = <X extends readonly Input[]>(xs: X, axis: number = 0): OutList<X> => apply(L.Pack, someOf('stack', xs), { axis }) as OutList<X>;

/** The slices along an axis, that axis dropped. */
export const unstack = <X extends Input>(x: X, axis: number = 0): readonly Out<X>[] => {
  const { shape } = asArray(x);
  const at = normalizeAxis(axis, shape.length);
  const size = shape.map((extent, i) => (i === at ? 1 : extent));
  return Array.from(
    { length: shape[at]! },
    (_, k) =>
      squeeze(
        slice(
          x,
          size.map((__, i) => (i === at ? k : 0)),
          size,
        ) as Input,
        at,
      ) as Out<X>,
  );
};

/** Parts along an axis: a number of equal ones, or their extents. */
export const split = <X extends Input>(x: X, parts: number | readonly number[], axis: number = 0): readonly Out<X>[] => {
  const { shape } = asArray(x);
  const at = normalizeAxis(axis, shape.length);
  const extents = typeof parts === 'number' ? Array.from({ length: parts }, () => shape[at]! / parts) : extentsOf('split', parts);
  if (!extents.every(Number.isInteger) || extents.reduce((sum, extent) => sum + extent, 0) !== shape[at]) {
    throw kindlingError('InvalidShape', {
      message: `axis ${at} does not split`,
      given: `shape ${showShape(shape)} into ${typeof parts === 'number' ? `${parts} equal parts` : showShape(extents)}`,
    });
  }
  let from = 0;
  return extents.map((extent) => {
    const part = slice(
      x,
      shape.map((_, i) => (i === at ? from : 0)),
      shape.map((full, i) => (i === at ? extent : full)),
    );
    from += extent;
    return part;
  });
};

const checkIndices = (indices: AnyArray, extent: number): void => {
  if (!isConcrete(indices)) return;
  const bad = toNDArray(indices).data.find((index) => !(index >= 0 && index < extent && Number.isInteger(index)));
  if (bad !== undefined) {
    throw kindlingError('InvalidArgument', { message: 'an index is outside the array', given: String(bad), expected: `integers from 0 to ${extent - 1}` });
  }
};

/** `x` at integer positions along an axis; the axes of `indices` take that axis's place. */
export const gather = <X extends Input, I extends Input>(x: X, indices: I, axis: number = 0): Out2<X, I> => {
  const array = asArray(x);
  const at = normalizeAxis(axis, array.shape.length);
  const positions = asArray(indices);
  checkIndices(positions, array.shape[at]!);
  return apply(G.GatherV2, [array, positions], { axis: at, batchDims: 0 }) as Out2<X, I>;
};

/** out[k] = Σ x[i] over the i with segmentIds[i] = k, along the first axis. */
export const unsortedSegmentSum = <X extends Input, I extends Input>(x: X, segmentIds: I, numSegments: number): Out2<X, I> =>
  apply(G.UnsortedSegmentSum, [x, segmentIds], { numSegments }) as Out2<X, I>;

/** A last axis of extent `depth` with `onValue` at the index. */
export const oneHot = <I extends Input>(indices: I, depth: number, onValue: number = 1, offValue: number = 0): Out<I> => {
  checkShape('what oneHot makes', [depth]);
  return apply(G.OneHot, [indices], { depth, onValue, offValue, dtype: 'float32' }) as Out<I>;
};

/** Moved by one along an axis, a 0 coming in: `by` = 1 to later positions, −1 to earlier ones. */
export const shift = <X extends Input>(x: X, axis: number, by: 1 | -1): Out<X> => {
  const { shape } = asArray(x);
  const at = normalizeAxis(axis, shape.length);
  if (shape[at] === 0) return asArray(x) as Out<X>;
  const kept = slice(
    x,
    shape.map((_, i) => (i === at && by === -1 ? 1 : 0)),
    shape.map((extent, i) => (i === at ? extent - 1 : extent)),
  );
  return pad(
    kept as Input,
    shape.map((_, i) => (i === at ? (by === 1 ? ([1, 0] as const) : ([0, 1] as const)) : ([0, 0] as const))),
  ) as Out<X>;
};

const filled = (shape: Shape, value: number, dtype: DType = 'float'): NDArray => {
  checkShape('what zeros, ones or fill makes', shape);
  return makeNDArray(new Float64Array(sizeOf(shape)).fill(value), shape, ndarrayDType(dtype));
};

export const fill = (shape: Shape, value: number): NDArray => filled(shape, value);
export const zeros = (shape: Shape): NDArray => filled(shape, 0);
export const ones = (shape: Shape): NDArray => filled(shape, 1);
export const zerosLike = (x: Input): NDArray => filled(asArray(x).shape, 0);
export const onesLike = (x: Input): NDArray => filled(asArray(x).shape, 1);

/** start, start + step … below stop, as int32 where all are integers. */
export const range = (start: number, stop: number, step: number = 1): NDArray => {
  const size = Math.max(0, Math.ceil((stop - start) / step));
  if (!Number.isSafeInteger(size)) {
    throw kindlingError('InvalidArgument', {
      message: 'range takes numbers: start, stop and a step that is not 0',
      given: `${describe(start)}, ${describe(stop)}, ${describe(step)}`,
      remedy: 'Write range(0, n)',
    });
  }
  const data = Float64Array.from({ length: size }, (_, i) => start + i * step);
  return makeNDArray(data, [size], Number.isInteger(start) && Number.isInteger(step) ? 'int32' : 'float64');
};

/** `num` numbers at equal distances, both ends included. */
export const linspace = (start: number, stop: number, num: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: num }, (_, i) => (num === 1 ? start : start + ((stop - start) * i) / (num - 1))),
    [num],
  );

/** The identity matrix. */
export const eye = (n: number): NDArray => {
  checkShape('what eye makes', [n, n]);
  return makeNDArray(
    Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    [n, n],
  );
};

const triangle = (shape: Shape, keep: (row: number, column: number) => boolean): NDArray => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return makeNDArray(
    Float64Array.from({ length: rows * columns }, (_, i) => Number(keep(Math.floor(i / columns), i % columns))),
    [rows, columns],
    'bool',
  );
};

/** `x` where the mask holds, 0 elsewhere. */
const masked = <X extends Input>(x: X, mask: NDArray): Out<X> => apply(Select, [mask, x, 0]) as Out<X>;

/** The lower triangle of the last two axes, zeros above diagonal `k`. */
export const tril = <X extends Input>(x: X, k: number = 0): Out<X> =>
  masked(
    x,
    triangle(asArray(x).shape, (i, j) => j - i <= k),
  );
/** The upper triangle of the last two axes, zeros below diagonal `k`. */
export const triu = <X extends Input>(x: X, k: number = 0): Out<X> =>
  masked(
    x,
    triangle(asArray(x).shape, (i, j) => j - i >= k),
  );

/** The diagonal of the last two axes. */
export const diagPart = <X extends Input>(x: X): Out<X> => {
  const array = asArray(x);
  const n = Math.min(...array.shape.slice(-2));
  const [rows, columns] = array.shape.slice(-2) as [number, number];
  const flat = reshape(array, [...array.shape.slice(0, -2), rows * columns]);
  return gather(flat as Input, range(0, n * (columns + 1), columns + 1), -1) as Out<X>;
};

/** Diagonal matrices from the last axis. */
export const diag = <X extends Input>(x: X): Out<X> => {
  const array = asArray(x);
  const n = array.shape.at(-1)!;
  return masked(broadcastTo(expandDims(array, -1) as Input, [...array.shape, n]) as Input, makeNDArray(eye(n).data, [n, n], 'bool')) as Out<X>;
};
