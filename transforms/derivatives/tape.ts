/** The tape of tfjs: gradients of scalars by the tensors that lead to them, and code whose steps are kept for several gradients. */
import * as tf from '#tfjs';
import { ensureGradients } from '../../core/backend.ts';
import * as ops from '../../core/ops/index.ts';
import { dtypeOf, toTensor, type AnyArray, type Value } from '../../core/value.ts';

/** tfjs frees what a tape has saved only where its own function returns: after a throw, or a tape of our own, we do. */
const freeTape = (): void => {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) saved?.forEach((tensor) => tensor.dispose());
  state.activeTape = [];
};

/** Runs `f` with its steps on the tape, to be differentiated while it runs: once for all gradients asked for within. */
export const withTape = <A>(f: () => A): A => {
  const { state } = tf.engine();
  ensureGradients();
  if (state.gradientDepth === 0) state.activeTape = [];
  state.gradientDepth++;
  try {
    return f();
  } finally {
    state.gradientDepth--;
    freeTape();
  }
};

/** The value of a scalar and its gradient by each of some tensors: zeros by those that do not lead to it. */
export const gradientsOf = (scalar: () => Value, xs: readonly Value[]): { readonly value: Value; readonly grads: readonly Value[] } => {
  if (xs.length === 0) return { value: scalar(), grads: [] };
  ensureGradients();
  try {
    const { value, grads } = tf.engine().gradients(scalar, [...xs], undefined, true);
    return { value, grads: xs.map((x, i) => (grads[i] as Value | undefined) ?? tf.zeros([...x.shape])) };
  } catch (error) {
    freeTape();
    throw error;
  }
};

/** Σ of the products of all pairs, the ones of a dtype that has no derivatives left out. */
export const dotAll = (xs: readonly Value[], ys: readonly Value[]): Value =>
  toTensor(xs.reduce<AnyArray>((total, x, i) => (dtypeOf(x) === 'float' ? ops.add(total, ops.sum(ops.mul(x, ys[i]!))) : total), toTensor(0)));
