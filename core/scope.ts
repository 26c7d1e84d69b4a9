/** Scopes: tensors made inside are freed when it ends, but those of the result. Only the outermost scope frees, as it must see everything. */
import * as tf from '#tfjs';

/**
 * Runs `f`; frees the tensors it made, but for those that `kept` finds in the result; after a throw, all of them.
 * Inside another scope (ours or `tf.tidy`) it only runs `f`: the outer one frees.
 */
export const scoped = <A>(f: () => A, kept: (result: A) => readonly tf.Tensor[]): A => {
  const engine = tf.engine();
  if (engine.state.activeScope != null) return f();
  engine.startScope('kindling');
  let keep: tf.Tensor[] = [];
  try {
    const result = f();
    keep = [...kept(result)];
    return result;
  } finally {
    engine.endScope(keep);
  }
};
