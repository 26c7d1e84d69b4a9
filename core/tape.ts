/** Mends the tape of tfjs, which loses the way from a saved output back to its inputs when a gradient is differentiated again, and spares recordings its copies. */
import * as tf from '#tfjs';
import { anotherHandle } from './value.ts';

interface TapeNode {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
}

/** The part of tfjs's engine that writes the tape; private there. */
interface Taping {
  addTapeNode: (...args: readonly unknown[]) => void;
  clone: (x: tf.Tensor) => tf.Tensor;
  readonly state: { readonly activeTape: TapeNode[]; readonly activeScope: { readonly name: string } };
}

/**
 * tfjs enters the copy of an output that a gradient will read before it enters the kernel that made the output, so that an outer tape
 * finds no kernel behind the copy and takes it for a constant (tensorflow/tfjs#3252). Here each kernel goes before the copies of its outputs.
 */
export const mendTape = (): void => {
  const engine = tf.engine() as unknown as Taping;
  const add = engine.addTapeNode;
  engine.addTapeNode = (...args): void => {
    add.apply(engine, [...args]);
    const { activeTape: tape } = engine.state;
    const node = tape.at(-1)!;
    const isCopy = (other: TapeNode | undefined): boolean => other !== undefined && Object.values(other.inputs).some((x) => node.outputs.includes(x));
    let at = tape.length - 1;
    while (isCopy(tape[at - 1])) at--;
    if (at < tape.length - 1) tape.splice(at, 0, tape.pop()!);
  };
  const { clone } = engine;
  // Called for everything that is saved. A recording copies nothing, so that it needs no kernel for it.
  engine.clone = (x): tf.Tensor => {
    const copy = anotherHandle(x);
    if (copy === undefined) return clone.call(engine, x);
    engine.addTapeNode(engine.state.activeScope.name, { x }, [copy], (dy: tf.Tensor) => ({ x: () => asFloats(dy) }), [], {});
    return copy;
  };
};

const asFloats = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel('Cast', { x }, { dtype: 'float32' });

/** Runs `f` as if no gradient were being taken around it: what it computes is seen by no tape, and gradients within it have a tape of their own. */
export const withOwnTape = <A>(f: () => A): A => {
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: [], gradientDepth: 0, kernelDepth: 0 });
  try {
    return f();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
};
