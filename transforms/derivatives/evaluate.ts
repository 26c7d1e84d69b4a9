/** Running functions of tensors on arrays: NDArrays in float64, by recording and interpreting; tensors as tfjs computes them. */
import * as tf from '#tfjs';
import { kindlingError } from '../../core/errors.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { isHandled, withWatch } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { avalOf, dtypeOf, isTensor, toNDArray, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { evaluateGraph } from '../jit/graph.ts';
import { recordBody, type Body } from '../jit/record.ts';
import { isTraced } from '../traced.ts';

/** A function of tensors, to tensors. */
export type TensorFunction = (xs: readonly Value[]) => readonly Value[];

/** An array as floating numbers. */
export const asFloat = (x: AnyArray): AnyArray => {
  if (dtypeOf(x) === 'float') return x;
  return isTensor(x) ? tf.cast(x, 'float32') : makeNDArray(x.data, x.shape);
};

/** A tensor of its own: else what else reaches a result through the same tensor would be counted to this variable. */
const variable = (x: AnyArray): Value => (isTensor(x) ? tf.clone(x) : toTensor(x));

/** A statement that a handler around is to answer must be answered once, and by values that have numbers. */
const refuseHandled = (): void => {
  if (isHandled()) throw kindlingError('Unsupported', { message: 'a statement of a function that is recorded reached the handlers around it' });
};

/**
 * Makes a function of tensors one of arrays of any form. Where there are no tensors at all it computes in float64: it is recorded at
 * the first call, and the recording interpreted at each. A function that can't be recorded, as it reads numbers
 * or has a statement for the handlers around it, computes with tensors.
 *
 * @param inTensors - whether the results are to be tensors
 */
export const evaluator = (f: TensorFunction, inTensors: boolean): ((xs: readonly AnyArray[]) => readonly AnyArray[]) => {
  let body: Body | 'none' | undefined;
  const recorded = (xs: readonly AnyArray[]): Body | 'none' => {
    try {
      return recordBody((values) => withWatch(refuseHandled, () => f(values)), xs.map(avalOf));
    } catch {
      // What is wrong in the function itself, it will say again.
      return 'none';
    }
  };
  return (xs) => {
    const traced = isTraced();
    const asTensors = inTensors || xs.some(isTensor);
    if (!traced && !asTensors) {
      body ??= recorded(xs);
      if (body !== 'none') {
        const { graph, captured } = body;
        return evaluateGraph(graph, [...captured, ...xs].map(toNDArray));
      }
    }
    return scoped(
      () => {
        const results = f(xs.map(variable));
        // While an outer gradient or recording is under way, numbers read back would be lost to it.
        return asTensors || traced ? results : results.map(toNDArray);
      },
      (results) => results.filter(isTensor),
    );
  };
};
