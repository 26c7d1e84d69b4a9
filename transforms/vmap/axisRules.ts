/** Batching rules of the kernels that work along axes, or only move numbers: their axes lie one further back, behind the lanes. */
import { scanOf } from '../../core/kernels/cumulative.ts';
import { axesOf } from '../../core/kernels/reduce.ts';
import { sortOf } from '../../core/kernels/sort.ts';
import { apply } from '../../core/ops/apply.ts';
import * as ops from '../../core/ops/index.ts';
import { normalizeAxes, type Shape } from '../../core/shape.ts';
import { behindLanes, laneShape, spread, type Application, type BatchRule } from './lanes.ts';

/** Kept axes are put back by a reshape: tfjs-wasm drops them in some reductions. */
const reduction: BatchRule = ({ kernel, attrs, operands: [x], size, lane }) => {
  const axes = axesOf(attrs, laneShape(x!).length).map((axis) => axis + 1);
  const spelling = attrs['reductionIndices'] === undefined ? 'axis' : 'reductionIndices';
  return ops.reshape(apply(kernel, [x!.x], { ...attrs, [spelling]: axes, keepDims: false }), [size, ...lane.shape]);
};

/** All operands with their lanes, and the one axis of the kernel behind these. */
const alongAxis =
  (axisOf: (application: Application) => number): BatchRule =>
  (application) => {
    const { kernel, attrs, operands, size } = application;
    return apply(
      kernel,
      operands.map((operand) => spread(operand, size)),
      { ...attrs, axis: axisOf(application) + 1 },
    );
  };

const ownAxis = ({ attrs, operands }: Application): number => behindLanes(attrs['axis'] as number, operands[0]!) - 1;

/** The axis along which results are stacked is one that the operands do not have. */
const newAxis = ({ attrs, lane }: Application): number => normalizeAxes(attrs['axis'] as number, lane.shape.length)[0]!;

const cumulative = alongAxis(({ attrs, operands }) => scanOf(attrs, laneShape(operands[0]!).length).axis);

/** The kernels whose result is the operand, in the same order, by another shape. */
const reshaped: BatchRule = ({ operands: [x], size, lane }) => ops.reshape(x!.x, [size, ...lane.shape]);

const transpose: BatchRule = ({ attrs, operands: [x] }) => ops.transpose(x!.x, [0, ...(attrs['perm'] as Shape).map((axis) => axis + 1)]);

const slice: BatchRule = ({ attrs, operands: [x], size, lane }) => {
  const { begin } = attrs;
  const from = typeof begin === 'number' ? [begin] : (begin as Shape);
  return ops.slice(x!.x, [0, ...lane.shape.map((_, i) => from[i] ?? 0)], [size, ...lane.shape]);
};

const pad: BatchRule = ({ attrs, operands: [x] }) =>
  ops.pad(x!.x, [[0, 0], ...(attrs['paddings'] as readonly (readonly [number, number])[])], attrs['constantValue'] as number);

const tile: BatchRule = ({ attrs, operands: [x] }) => ops.tile(x!.x, [1, ...(attrs['reps'] as Shape)]);

const reverse: BatchRule = ({ attrs, operands: [x] }) =>
  ops.reverse(
    x!.x,
    normalizeAxes(attrs['dims'] as number | readonly number[] | undefined, laneShape(x!).length).map((axis) => axis + 1),
  );

/** The new axis is the last, behind the lanes too. */
const oneHot: BatchRule = ({ kernel, attrs, operands: [indices] }) => apply(kernel, [indices!.x], attrs);

export const axisRules: Readonly<Record<string, BatchRule>> = {
  ...Object.fromEntries(['Sum', 'Mean', 'Prod', 'Max', 'Min', 'All', 'Any'].map((name) => [name, reduction])),
  ArgMax: alongAxis(ownAxis),
  ArgMin: alongAxis(ownAxis),
  Cumsum: cumulative,
  Cumprod: cumulative,
  LinearRecurrence: cumulative,
  Reshape: reshaped,
  ExpandDims: reshaped,
  Transpose: transpose,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  Reverse: reverse,
  ArgSort: alongAxis(({ attrs, operands }) => sortOf(attrs, laneShape(operands[0]!).length).axis),
  Concat: alongAxis(ownAxis),
  Pack: alongAxis(newAxis),
  OneHot: oneHot,
};
