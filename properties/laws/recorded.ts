/** Functions as recorded graphs, run by the interpreter and by the module that the compiler makes of them. */
import { kindlingError } from '../../core/errors.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { keyData, tracedKey, type Key } from '../../core/random/key.ts';
import { avalOf, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { compileGraph, instantiate } from '../../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../../transforms/jit/graph.ts';
import { record } from '../../transforms/jit/record.ts';
import { webAssembly } from '../../transforms/jit/webassembly.ts';

/** A function with arguments to call it with. */
export interface Recorded {
  readonly graph: Graph;
  readonly inputs: readonly NDArray[];
}

/** Records a function of arrays at arguments of theirs. */
export const recordAt = (f: (...inputs: readonly Value[]) => readonly AnyArray[], inputs: readonly NDArray[]): Recorded => ({
  graph: record((values) => f(...values).map((x) => toTensor(x)), inputs.map(avalOf)),
  inputs,
});

/** Records a function of a key that is an argument, as this key would be one. */
export const recordOfKey = (f: (key: Key) => readonly AnyArray[], key: Key): Recorded =>
  recordAt((words) => f(tracedKey(words)), [makeNDArray(Float64Array.from(keyData(key)), [2])]);

export const interpreted = ({ graph, inputs }: Recorded): readonly NDArray[] => evaluateGraph(graph, inputs);

export const compiled = ({ graph, inputs }: Recorded): readonly NDArray[] => {
  const plan = compileGraph(graph);
  if (!webAssembly.validate(plan.bytes)) throw kindlingError('Unsupported', { message: 'the module does not validate' });
  const instance = instantiate(plan);
  instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
  instance.run();
  return instance.outputs();
};
