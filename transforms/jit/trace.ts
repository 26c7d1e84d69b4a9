/** From a function and the signature of its arguments to a compiled graph: recording it behind a barrier, and telling what went wrong. */
import { isKindlingError, kindlingError } from '../../core/errors.ts';
import { tracedKeyBatch } from '../../core/random/key.ts';
import { withBarrier } from '../../core/runtime.ts';
import type { Precision, Value } from '../../core/value.ts';
import { callSite } from './callSite.ts';
import { compileGraph } from './compile.ts';
import type { Graph } from './graph.ts';
import { record, type RecordOptions } from './record.ts';
import { flattenResult } from './result.ts';
import { findRounded } from './roundedConstants.ts';
import type { CompiledGraph } from './runner.ts';
import { avalsOf, refill, type Spec } from './signature.ts';

/** A function compiled for arguments of one signature. */
export interface Program {
  readonly compiled: CompiledGraph;
  readonly result: Spec;
  /** Whether a handler around the call could have answered a statement of the function: then the module is only for calls without handlers. */
  readonly reachesOut: boolean;
}

type Plain = (...args: never) => unknown;

const argumentsFrom = (spec: Spec, args: readonly unknown[], inputs: readonly Value[]): readonly unknown[] => {
  let at = 0;
  return refill(spec, args, (leaf) => {
    const input = inputs[at++]!;
    return leaf.kind === 'key' ? tracedKeyBatch(input, leaf.shape) : input;
  }) as readonly unknown[];
};

/** The error of a kernel without a rule, with the line that called the kernel: found by recording again, as stacks are slow to make. */
const located = (error: unknown, recordAgain: (options: RecordOptions) => void): unknown => {
  const kernel = isKindlingError(error) && error._tag === 'Unsupported' ? /\bkernel (\w+)/.exec(error.message)?.[1] : undefined;
  if (kernel === undefined) return error;
  let site: string | undefined;
  try {
    recordAgain({ onApply: ({ name }) => (site ??= name === kernel ? callSite() : undefined) });
  } catch {
    // A function that fails when it runs again has told at least of the kernel.
  }
  return kindlingError('Unsupported', {
    message: `kernel ${kernel} can't be compiled`,
    given: site === undefined ? undefined : `a call of it at ${site}`,
    remedy: 'Compute this part outside of the compiled function',
    cause: error,
  });
};

const warnOfRounding = (text: string): void => {
  console.warn(
    `kindling: compiling a function whose constant ${text} tfjs has rounded to float32, ${Math.fround(Number(text))}. ` +
      `Functions of \`ops\`, such as ops.mul(x, ${text}), keep numbers exact.`,
  );
};

/**
 * Compiles a function for arguments like these; `undefined` where a statement of it would reach the handlers that are around it now.
 *
 * @param onGraph - given the graph before it is compiled
 */
export const traceAndCompile = (
  f: Plain,
  spec: Spec,
  args: readonly unknown[],
  precision: Precision,
  hasHandlers: boolean,
  onGraph?: (graph: Graph) => void,
): Program | undefined => {
  const seen: { result?: Spec; reachesOut: boolean; rounded?: string | undefined } = { reachesOut: false };
  const onReach = (): void => {
    seen.reachesOut = true;
    // To no longer record what is not to be compiled.
    if (hasHandlers) throw new Error('a statement of a compiled function reached the handlers around it');
  };
  const body = (inputs: readonly Value[]): readonly Value[] => {
    const [outputs, result] = flattenResult(withBarrier(onReach, () => f(...(argumentsFrom(spec, args, inputs) as never))));
    seen.result = result;
    return outputs;
  };
  const recordWith = (options: RecordOptions): ReturnType<typeof record> => record(body, avalsOf(spec), { precision, ...options });
  try {
    const graph = recordWith({ onConstant: (values) => (seen.rounded ??= findRounded(values)) });
    if (hasHandlers && seen.reachesOut) return undefined;
    if (seen.rounded !== undefined) warnOfRounding(seen.rounded);
    onGraph?.(graph);
    return { compiled: compileGraph(graph, undefined, precision), result: seen.result!, reachesOut: seen.reachesOut };
  } catch (error) {
    if (hasHandlers && seen.reachesOut) return undefined;
    throw located(error, recordWith);
  }
};
