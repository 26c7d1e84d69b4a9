/** A compiled function in this thread: inputs written, the module run, the result read. */
import { isNDArray } from '../../core/ndarray.ts';
import { isTensor, type Precision } from '../../core/value.ts';
import { type compileGraph, instantiate } from './compile.ts';
import { buildResult } from './result.ts';
import { numbersOf, type Spec } from './signature.ts';

export type CompiledGraph = ReturnType<typeof compileGraph>;

/** Runs a module on the leaves that `matches` found. */
export type Runner = (leaves: readonly unknown[]) => unknown;

/** Arrays below this size are written sooner than they are compared. */
const SMALL = 16;

/** What stays the same as long as an array's numbers do; `undefined` where its owner may change them. */
const identityOf = (leaf: unknown): object | undefined => {
  if (isTensor(leaf)) return leaf.isDisposed ? undefined : leaf.dataId;
  // What `array` made is frozen, and its buffer is nobody else's.
  return isNDArray(leaf) && leaf.data.length > SMALL && Object.isFrozen(leaf) ? leaf.data : undefined;
};

/** The module with a memory of its own, which stays as long as the function that runs it. */
export const makeRunner = (compiled: CompiledGraph, result: Spec, precision: Precision): Runner => {
  const { inputs, run, outputs } = instantiate(compiled);
  const number = new Float64Array(1);
  const last: (object | undefined)[] = inputs.map(() => undefined);
  return (leaves) => {
    let asTensors = false;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i];
      const write = inputs[i];
      if (typeof leaf === 'number') {
        number[0] = leaf;
        write?.(number);
        last[i] = undefined;
        continue;
      }
      asTensors ||= isTensor(leaf);
      if (write === undefined) continue;
      const identity = identityOf(leaf);
      if (identity !== undefined && last[i] === identity) continue;
      write(numbersOf(leaf));
      last[i] = identity;
    }
    run();
    return buildResult(result, outputs(), asTensors, precision);
  };
};
