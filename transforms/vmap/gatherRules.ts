/** Batching rules of the kernels that move numbers by index: where each lane has its own indices, they are offset into one array of all lanes. */
import { gatherOf } from '../../core/kernels/gather.ts';
import { apply } from '../../core/ops/apply.ts';
import * as ops from '../../core/ops/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { sizeOf } from '../../core/shape.ts';
import type { AnyArray } from '../../core/value.ts';
import { laneShape, moveAxis, spread, type BatchRule, type Operand } from './lanes.ts';

/** 0, extent, 2 · extent … for the lanes, in the shape `[lanes, 1, …]`. */
const offsets = (lanes: number, extent: number, rank: number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: lanes }, (_, lane) => lane * extent),
    [lanes, ...new Array<number>(rank - 1).fill(1)],
    'int32',
  );

/** Indices `[lanes, …]` into arrays of `extent` in each lane, as indices into all of them in a row. One outside stays outside. */
const offsetIndices = (indices: AnyArray, extent: number): AnyArray => {
  const at = ops.cast(indices, 'int32');
  const isInside = ops.logicalAnd(ops.greaterEqual(at, 0), ops.less(at, extent));
  return ops.where(isInside, ops.add(at, offsets(at.shape[0], extent, at.shape.length)), makeNDArray(Float64Array.of(-1), [], 'int32'));
};

/** x `[lanes, …]` at indices `[lanes, …]` along an axis (counted behind the lanes), which the axes of the indices replace. */
const gatherInLanes = (x: AnyArray, indices: AnyArray, axis: number): AnyArray => {
  const [lanes, ...own] = x.shape as [number, ...number[]];
  const [, ...picked] = indices.shape;
  const rest = own.filter((_, i) => i !== axis);
  const rows = ops.reshape(moveAxis(x, axis + 1, 1), [lanes * own[axis]!, ...rest]);
  const flat = ops.reshape(offsetIndices(indices, own[axis]!), [sizeOf(indices.shape)]);
  const found = ops.reshape(ops.gather(rows, flat, 0), [lanes, ...picked, ...rest]);
  const behind = picked.map((_, i) => 1 + i);
  const before = rest.slice(0, axis).map((_, i) => 1 + picked.length + i);
  const after = rest.slice(axis).map((_, i) => 1 + picked.length + axis + i);
  return ops.transpose(found, [0, ...before, ...behind, ...after]);
};

const gather: BatchRule = ({ attrs, operands, size, lane }) => {
  const [x, indices] = operands as [Operand, Operand];
  const { axis, batch } = gatherOf(laneShape(x), laneShape(indices), attrs);
  if (batch === 0 && !indices.isBatched) return ops.gather(x.x, indices.x, axis + 1);
  // Whole rows are gathered faster than single numbers.
  if (batch === 0 && !x.isBatched && laneShape(indices).length === 0 && sizeOf(x.x.shape) <= size * sizeOf(lane.shape)) {
    return ops.gather(moveAxis(x.x, axis, 0), indices.x, 0);
  }
  if (batch === 0 && !x.isBatched) return moveAxis(ops.gather(x.x, indices.x, axis), axis, 0);
  const [all, at] = [spread(x, size), spread(indices, size)];
  // Batch axes of the gather are lanes too.
  const lanes = sizeOf(all.shape.slice(0, 1 + batch));
  const found = gatherInLanes(ops.reshape(all, [lanes, ...all.shape.slice(1 + batch)]), ops.reshape(at, [lanes, ...at.shape.slice(1 + batch)]), axis - batch);
  return ops.reshape(found, [size, ...lane.shape]);
};

const segmentSum: BatchRule = ({ kernel, attrs, operands, size, lane }) => {
  const [x, ids] = operands as [Operand, Operand];
  const count = attrs['numSegments'] as number;
  if (!ids.isBatched) return moveAxis(apply(kernel, [moveAxis(x.x, 0, 1), ids.x], attrs), 1, 0);
  const rows = spread(x, size);
  const flat = ops.reshape(rows, [size * rows.shape[1]!, ...rows.shape.slice(2)]);
  const segments = ops.reshape(offsetIndices(ids.x, count), [sizeOf(ids.x.shape)]);
  return ops.reshape(apply(kernel, [flat, segments], { ...attrs, numSegments: size * count }), [size, ...lane.shape]);
};

export const gatherRules: Readonly<Record<string, BatchRule>> = { GatherV2: gather, UnsortedSegmentSum: segmentSum };
