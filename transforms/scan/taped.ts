/** Functions of tensors with a gradient of their own and several results: one entry of tfjs's tape. */
import * as tf from '#tfjs';
import type { Value } from '../../core/value.ts';

/** The part of tfjs's engine that `tf.customGrad` uses for one result; private there. */
interface Engine {
  runKernelFunc: (call: {
    readonly forwardFunc: (backend: unknown, save: (tensors: Value[]) => void) => Value[];
    readonly inputs: Readonly<Record<string, Value>>;
    readonly backwardsFunc: (dys: Value | Value[], saved: readonly Value[]) => Readonly<Record<string, () => Value>>;
  }) => Value[];
}

/** What a backward pass is given: the cotangents of the results, and the inputs and results as they were. */
export interface Taped {
  readonly dys: readonly Value[];
  readonly inputs: readonly Value[];
  readonly results: readonly Value[];
}

/**
 * Runs `forward` unseen by the tape.
 *
 * @param backward - the gradient by each input; `undefined` is zero
 */
export const withBackward = (
  inputs: readonly Value[],
  forward: () => readonly Value[],
  backward: (taped: Taped) => readonly (Value | undefined)[],
): readonly Value[] =>
  (tf.engine() as unknown as Engine).runKernelFunc({
    inputs: Object.fromEntries(inputs.map((x, i) => [i, x])),
    forwardFunc: (_, save) => {
      const results = [...forward()];
      save([...inputs, ...results]);
      return results;
    },
    backwardsFunc: (dys, saved) => {
      const found = backward({ dys: Array.isArray(dys) ? dys : [dys], inputs: saved.slice(0, inputs.length), results: saved.slice(inputs.length) });
      return Object.fromEntries(inputs.map(({ shape }, i) => [i, () => found[i] ?? tf.zeros([...shape])]));
    },
  });
