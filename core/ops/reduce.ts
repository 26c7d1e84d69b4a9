/** Reductions and cumulative functions, with tfjs's names and signatures; `axis` is a number, a list, or left out for all. */
import * as C from '../kernels/cumulative.ts';
import * as R from '../kernels/reduce.ts';
import { normalizeAxes, normalizeAxis, reducedShape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { apply } from './apply.ts';
import { add, exp, isFinite, log, sqrt, square, stopGradient, sub, where } from './elementwise.ts';
import { reshape } from './layout.ts';
import type { Kernel } from '../kernels/kernel.ts';

export type Axis = number | readonly number[];

/** A reduction over some axes, kept as extents of 1 on request. */
export type Reduce = <X extends Input>(x: X, axis?: Axis, keepDims?: boolean) => Out<X>;

const reduce = (kernel: Kernel, spelling: 'axis' | 'reductionIndices' = 'axis'): Reduce =>
  ((x: Input, axis?: Axis, keepDims = false) => {
    const array = asArray(x);
    // tfjs-wasm reads positive axes only, and drops kept extents in some reductions.
    const axes = normalizeAxes(axis, array.shape.length);
    const reduced = apply(kernel, [array], { [spelling]: axes, keepDims: false });
    return keepDims ? reshape(reduced, reducedShape(array.shape, axes, true)) : reduced;
  }) as Reduce;

export const sum: Reduce = reduce(R.Sum);
export const mean: Reduce = reduce(R.Mean);
export const prod: Reduce = reduce(R.Prod);
export const max: Reduce = reduce(R.Max, 'reductionIndices');
export const min: Reduce = reduce(R.Min);
export const all: Reduce = reduce(R.All);
export const any: Reduce = reduce(R.Any);

/** The position of the first largest element along an axis. */
export const argMax = <X extends Input>(x: X, axis: number = 0): Out<X> =>
  apply(R.ArgMax, [x], { axis: normalizeAxis(axis, asArray(x).shape.length) }) as Out<X>;
/** The position of the first smallest element along an axis. */
export const argMin = <X extends Input>(x: X, axis: number = 0): Out<X> =>
  apply(R.ArgMin, [x], { axis: normalizeAxis(axis, asArray(x).shape.length) }) as Out<X>;

const cumulative =
  (kernel: Kernel) =>
  <X extends Input>(x: X, axis: number = 0, exclusive: boolean = false, reverse: boolean = false): Out<X> =>
    apply(kernel, [x], { axis: normalizeAxis(axis, asArray(x).shape.length), exclusive, reverse }) as Out<X>;

export const cumsum: <X extends Input>(x: X, axis?: number, exclusive?: boolean, reverse?: boolean) => Out<X> = cumulative(C.Cumsum);
export const cumprod: <X extends Input>(x: X, axis?: number, exclusive?: boolean, reverse?: boolean) => Out<X> = cumulative(C.Cumprod);

/** y_i = a_i · y_{i−1} + b_i along an axis. */
export const linearRecurrence = <X extends Input, Y extends Input>(a: X, b: Y, axis: number, reverse: boolean = false): Out2<X, Y> =>
  apply(C.LinearRecurrence, [a, b], { axis: normalizeAxis(axis, asArray(a).shape.length), reverse }) as Out2<X, Y>;

/** log Σ eˣ, with the largest element taken out first; −∞ where all are. */
export const logSumExp: Reduce = ((x: Input, axis?: Axis, keepDims = false) => {
  const array = asArray(x);
  const axes = normalizeAxes(axis, array.shape.length);
  const largest = max(stopGradient(array), axes, true);
  const shift = where(isFinite(largest), largest, 0);
  const kept: AnyArray = add(log(sum(exp(sub(array, shift)), axes, true)), shift);
  return keepDims ? kept : reshape(kept, reducedShape(array.shape, axes));
}) as Reduce;

export const logSoftmax = <X extends Input>(x: X, axis: number = -1): Out<X> => sub(x, logSumExp(x, axis, true) as Input) as Out<X>;

export const softmax = <X extends Input>(x: X, axis: number = -1): Out<X> => exp(logSoftmax(x, axis) as Input) as Out<X>;

/** The mean of squared distances from the mean: NumPy's `var` with ddof = 0. */
export const variance: Reduce = ((x: Input, axis?: Axis, keepDims = false) => {
  const array = asArray(x);
  return mean(square(sub(array, mean(array, axis, true))), axis, keepDims);
}) as Reduce;

/** The Euclidean norm over some axes. */
export const norm: Reduce = ((x: Input, axis?: Axis, keepDims = false) => sqrt(sum(square(asArray(x)), axis, keepDims))) as Reduce;
