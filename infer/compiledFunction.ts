/** Functions of plain arrays, compiled where the compiler has a rule for all that they use, and held against the interpreter. */
import { isKindlingError } from '../core/errors.ts';
import type { NDArray } from '../core/ndarray.ts';
import { flatten, mapTree } from '../core/tree.ts';
import { avalOf, isArray, toNDArray, type AnyArray, type Precision, type Value } from '../core/value.ts';
import { compileGraph, instantiate, type Instance } from '../transforms/jit/compile.ts';
import { evaluateGraph } from '../transforms/jit/graph.ts';
import { record } from '../transforms/jit/record.ts';

/** How far compiled and interpreted results may differ: they add in another order, and in single precision are of data that are rounded. */
const AGREEMENT: Readonly<Record<Precision, number>> = { float64: 1e-7, float32: 1e-4 };

/** Whether results are the same but for rounding, relative to the largest number of each array. */
export const agree = (a: readonly NDArray[], b: readonly NDArray[], precision: Precision = 'float64'): boolean =>
  a.every((x, i) => {
    const y = b[i]!;
    const scale = y.data.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
    return x.data.every((v, k) => Object.is(v, y.data[k]) || v === y.data[k] || Math.abs(v - y.data[k]!) <= AGREEMENT[precision] * scale);
  });

/**
 * What can be made of a function by recording it; `undefined` where that can't be done: the compiler lacks a rule, or the function looks
 * at numbers that are not there while it is recorded. Run by tfjs, it then works, or fails with an error of its own.
 */
export const tryCompile = <A>(make: () => A | undefined): A | undefined => {
  try {
    return make();
  } catch (error) {
    // No way of running a model mends a draw without a key.
    if (isKindlingError(error) && error._tag === 'MissingKey') throw error;
    return undefined;
  }
};

/**
 * Puts arrays in the places of a module's inputs. Those from position `kept` on stay there: they are written only when they are others than
 * last time, as data of a run are not. The inputs before it may be changed by the module.
 */
export const makeWriter = (inputs: Instance['inputs'], kept: number): ((arrays: readonly NDArray[]) => void) => {
  const last: Float64Array[] = [];
  return (arrays) =>
    inputs.forEach((write, i) => {
      const { data } = arrays[i]!;
      if (write === undefined || (i >= kept && last[i] === data)) return;
      write(data);
      last[i] = data;
    });
};

/** A function of arrays, to arrays. */
export type ArrayFunction = (inputs: readonly NDArray[]) => readonly NDArray[];

/** Compiles a function of tensors where that can be done. The first result is checked, so that a fault of the compiler can't pass for a posterior. */
export const compileFunction = (
  f: (inputs: readonly Value[]) => readonly AnyArray[],
  examples: readonly NDArray[],
  precision: Precision = 'float64',
): ArrayFunction | undefined =>
  tryCompile(() => {
    const graph = record(f, examples.map(avalOf));
    const instance = instantiate(compileGraph(graph, undefined, precision));
    const put = makeWriter(instance.inputs, 0);
    const run: ArrayFunction = (inputs) => {
      put(inputs);
      instance.run();
      return instance.outputs();
    };
    return agree(run(examples), evaluateGraph(graph, examples), precision) ? run : undefined;
  });

/** The trees with other values in the places of their arrays, in order. */
export const refill = (trees: readonly unknown[], values: readonly unknown[]): readonly unknown[] => {
  let at = 0;
  return trees.map((tree) => mapTree((leaf) => (isArray(leaf) ? values[at++] : leaf), tree));
};

/** The arrays among the leaves of some trees, exactly. */
export const arraysOf = (trees: readonly unknown[]): readonly NDArray[] =>
  trees.flatMap((tree) => (isArray(tree) ? toNDArray(tree) : flatten(tree)[0].filter(isArray).map(toNDArray)));
