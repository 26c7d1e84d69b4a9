/** Gradients by the tape of tfjs, as the transforms take them: zero for what does not reach the result. */
import * as tf from '@tensorflow/tfjs-core';
import { toTensor, type AnyArray, type Value } from '../../core/value.ts';

/** The gradients of a function whose result is a scalar; may itself be differentiated. */
export const tapeGradients = (f: (...xs: Value[]) => AnyArray, xs: readonly Value[], dy?: Value): Value[] => {
  const list = [...xs];
  const { grads } = tf.engine().gradients(() => toTensor(f(...list)), list, dy, true);
  return (grads as (Value | null | undefined)[]).map((grad, i) => grad ?? tf.zeros(list[i]!.shape));
};
