/** Sorting, and taking elements by a position for each. */
import { kindlingError } from '../errors.ts';
import { GatherV2 } from '../kernels/gather.ts';
import { ArgSort } from '../kernels/sort.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { normalizeAxis, sameShape, showShape, sizeOf, stridesOf, type Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { apply } from './apply.ts';
import { add, mul } from './elementwise.ts';
import { reshape, slice, unsortedSegmentSum } from './layout.ts';

/** NumPy's options of a sort. */
export interface SortOptions {
  /** The largest first. */
  readonly descending?: boolean | undefined;
}

const positions = (x: AnyArray, axis: number, { descending = false }: SortOptions): AnyArray =>
  apply(ArgSort, [x], { axis: normalizeAxis(axis, x.shape.length), descending });

/**
 * The positions that would sort `x` along an axis: stable, with NaN after every number (before, if descending).
 *
 * @example
 * ops.argsort([3, 1, 2]); // [1, 2, 0]
 */
export const argsort = <X extends Input>(x: X, axis: number = -1, options: SortOptions = {}): Out<X> => positions(asArray(x), axis, options) as Out<X>;

/** For each element of `shape`, where the lane along the axis to which it belongs begins in an array whose extent there is `extent`. */
const laneStarts = (shape: Shape, axis: number, extent: number): NDArray => {
  const stride = stridesOf(shape)[axis]!;
  const block = stride * shape[axis]!;
  return makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(i / block) * stride * extent + (i % stride)),
    shape,
    'int32',
  );
};

/** Positions along an axis of this extent as positions in the whole array. */
const flatPositions = (indices: AnyArray, axis: number, extent: number): AnyArray => {
  const stride = stridesOf(indices.shape)[axis]!;
  return add(laneStarts(indices.shape, axis, extent), stride === 1 ? indices : mul(indices, makeNDArray(Float64Array.of(stride), [], 'int32')));
};

/**
 * NumPy's `take_along_axis`: the element of each lane along an axis at each of that lane's own positions.
 *
 * @throws InvalidShape where the shapes differ but for that axis
 * @example
 * ops.takeAlongAxis([[5, 6], [7, 8]], [[1], [0]], 1); // [[6], [7]]
 */
export const takeAlongAxis = <X extends Input, I extends Input>(x: X, indices: I, axis: number): Out2<X, I> =>
  take(asArray(x), asArray(indices), axis) as Out2<X, I>;

const take = (x: AnyArray, indices: AnyArray, axis: number): AnyArray => {
  const at = normalizeAxis(axis, x.shape.length);
  if (
    !sameShape(
      x.shape.map((extent, i) => (i === at ? indices.shape[at]! : extent)),
      indices.shape,
    )
  ) {
    throw kindlingError('InvalidShape', {
      message: `positions along axis ${at} must agree with the array on every other axis`,
      given: `${showShape(x.shape)} and ${showShape(indices.shape)}`,
    });
  }
  return apply(GatherV2, [reshape(x, [sizeOf(x.shape)]), flatPositions(indices, at, x.shape[at]!)], { axis: 0, batchDims: 0 });
};

/** The transpose of `takeAlongAxis`: an array of this extent along the axis, to which each element is added at its position; 0 elsewhere. */
export const addAlongAxis = <X extends Input, I extends Input>(x: X, indices: I, axis: number, extent: number): Out2<X, I> => {
  const [array, at] = [asArray(x), asArray(indices)];
  const along = normalizeAxis(axis, array.shape.length);
  const shape = array.shape.map((own, i) => (i === along ? extent : own));
  const flat = reshape(flatPositions(at, along, extent), [sizeOf(at.shape)]);
  return reshape(unsortedSegmentSum(reshape(array, [sizeOf(array.shape)]), flat, sizeOf(shape)), shape) as Out2<X, I>;
};

/**
 * The elements along an axis in ascending order, NaN last, as in NumPy; its gradient goes back to where each came from.
 *
 * @example
 * ops.sort([3, 1, 2]); // [1, 2, 3]
 */
export const sort = <X extends Input>(x: X, axis: number = -1, options: SortOptions = {}): Out<X> => {
  const array = asArray(x);
  return take(array, positions(array, axis, options), axis) as Out<X>;
};

/**
 * The `k` largest elements along the last axis, the largest first, and their positions; of equal ones the first.
 *
 * @throws InvalidArgument for a `k` beyond the last axis
 * @example
 * const [values, indices] = ops.topk([3, 1, 2], 2); // [3, 2] and [0, 2]
 */
export const topk = <X extends Input>(x: X, k: number = 1): readonly [values: Out<X>, indices: Out<X>] => {
  const array = asArray(x);
  const extent = array.shape.at(-1);
  if (extent === undefined || !Number.isInteger(k) || k < 0 || k > extent) {
    throw kindlingError('InvalidArgument', { message: 'topk takes no more elements than the last axis has', given: `${k} of ${showShape(array.shape)}` });
  }
  const indices = slice(
    positions(array, -1, { descending: true }),
    array.shape.map(() => 0),
    array.shape.map((own, i) => (i === array.shape.length - 1 ? k : own)),
  );
  return [take(array, indices, -1), indices] as unknown as readonly [Out<X>, Out<X>];
};

/** `topk` by the name of JAX's `top_k`. */
export const topK: typeof topk = topk;
