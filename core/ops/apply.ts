/** Applying a kernel: in float64 by our own run where no tensor is among the inputs, by tfjs where one is. */
import * as tf from '#tfjs';
import { evaluate, type Attrs, type Kernel } from '../kernels/kernel.ts';
import { scoped } from '../scope.ts';
import { sameShape } from '../shape.ts';
import { asArray, avalOf, dtypeOf, isTensor, tensorDType, toTensor, type AnyArray, type DType, type Input, type Value } from '../value.ts';

const castTensor = (x: AnyArray, dtype: DType | undefined): Value => {
  if (!isTensor(x)) return toTensor(x, dtype);
  return dtype === undefined || dtypeOf(x) === dtype ? x : tf.engine().runKernel('Cast', { x }, { dtype: tensorDType(dtype) });
};

/** tfjs-wasm's Select takes three arrays of one shape; every other kernel broadcasts by itself. */
const broadcastSelect = (inputs: readonly Value[], shape: readonly number[]): readonly Value[] =>
  inputs.map((x) => (sameShape(x.shape, shape) ? x : tf.broadcastTo(x, [...shape])));

/** Applies a kernel to inputs of any form. Shapes and attributes are checked first, by the kernel's own rule. */
export const apply = (kernel: Kernel, inputs: readonly Input[], attrs: Attrs = {}): AnyArray => {
  const arrays = inputs.map(asArray);
  if (!arrays.some(isTensor)) return evaluate(kernel, arrays as never, attrs);
  // What is made on the way, constants and casts, goes with the call, or with the scope around it.
  if (tf.engine().state.activeScope != null) return applyToTensors(kernel, arrays, attrs);
  return scoped(
    () => applyToTensors(kernel, arrays, attrs),
    (result) => [result],
  );
};

const applyToTensors = (kernel: Kernel, arrays: readonly AnyArray[], attrs: Attrs): Value => {
  const avals = arrays.map(avalOf);
  const output = kernel.shape(avals, attrs);
  const dtypes = kernel.cast?.(avals, output);
  const tensors = arrays.map((x, i) => castTensor(x, dtypes?.[i]));
  const ready = kernel.name === 'Select' ? broadcastSelect(tensors, output.shape) : tensors;
  const named = kernel.inputs === 'list' ? ready : Object.fromEntries(kernel.inputs.map((name, i) => [name, ready[i]]));
  return tf.engine().runKernel<Value>(kernel.name, named as tf.NamedTensorMap, attrs as tf.NamedAttrMap);
};
