/** jit: a function of trees of arrays compiled, for each signature of its arguments, to one WebAssembly module. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { stackDepth } from '../../core/runtime.ts';
import type { Precision } from '../../core/value.ts';
import { isTraced } from '../traced.ts';
import { explainGraph } from './explain.ts';
import { noteJitted } from './jitted.ts';
import { toCompiled, type Compiled } from './portable.ts';
import { makeRunner, type Runner } from './runner.ts';
import { MANY_SIGNATURES, recompileWarning } from './recompiles.ts';
import { matches, specOf, type Spec } from './signature.ts';
import { traceAndCompile, type Program } from './trace.ts';
import type { JitArgs, JitResult } from './types.ts';

export interface JitOptions {
  /**
   * `'float64'` by default. With `'float32'` products of matrices, and of a large matrix and a vector, are computed in single precision
   * (summed in double from block to block); inputs and constants of 1,024 numbers or more are stored in it where it does not matter to a
   * comparison, so that none may be above 3.4·10³⁸; draws are JAX's of single precision, and results are rounded to it. All else is
   * computed in double.
   */
  readonly precision?: Precision | undefined;
  /** Arguments, by position, that are static although they are numbers or hold some: a change of their value compiles anew. */
  readonly static?: readonly number[] | undefined;
}

/** A compiled function: as the plain one, with numbers in any form. */
export interface Jitted<A extends readonly unknown[], R> {
  <B extends JitArgs<A>>(...args: B): JitResult<R, B>;
  /** Compiles for arguments like these, to plain data that `runCompiled` runs anywhere. */
  readonly compile: (...examples: JitArgs<A>) => Compiled<A, R>;
  /**
   * Shows, and gives as text, how the function is compiled for arguments like these: what was recorded, what each pass leaves of it,
   * the loops with what they compute, and what they take.
   */
  readonly explain: (...examples: JitArgs<A>) => string;
}

/** What is known of one signature. */
interface Entry {
  readonly spec: Spec;
  /** `undefined` for a function whose statements reach the handlers around it, and that has not been called without any. */
  readonly program: Program | undefined;
  readonly run: Runner | undefined;
}

/** How many signatures are kept; the one that was not used for the longest time goes. */
const KEPT = 32;

const checkCall = (f: unknown, options: JitOptions): void => {
  if (typeof f !== 'function') throw kindlingError('InvalidArgument', { message: 'jit takes a function', given: f === null ? 'null' : typeof f });
  checkOptions('jit', options, ['precision', 'static']);
  const { precision, static: statics } = options;
  if (precision !== undefined && precision !== 'float64' && precision !== 'float32') {
    throw kindlingError('InvalidArgument', { message: 'jit computes in one of two precisions', given: String(precision), expected: 'float64 or float32' });
  }
  if (statics !== undefined && !(Array.isArray(statics) && statics.every((i) => Number.isInteger(i) && i >= 0))) {
    throw kindlingError('InvalidArgument', {
      message: 'the option static lists positions of arguments',
      given: String(statics as unknown),
      expected: 'whole numbers from 0, as in { static: [1] }',
    });
  }
};

/** The compiled function of one that is called by a name where it is spoken of. */
const jitNamed = <A extends readonly unknown[], R>(name: string, f: (...args: A) => R, options: JitOptions): Jitted<A, R> => {
  const { precision = 'float64', static: statics = [] } = options;
  let entries: readonly Entry[] = [];
  let compilations = 0;

  const signatureOf = (args: readonly unknown[]): Spec => ({ kind: 'list', items: args.map((arg, i) => specOf(arg, statics.includes(i))) });

  const keep = (entry: Entry): Entry => {
    entries = [entry, ...entries.filter(({ spec }) => spec !== entry.spec)].slice(0, KEPT);
    return entry;
  };

  /** The entry of a signature, whose inputs among the arguments are left in `found`. */
  const lookUp = (args: readonly unknown[], found: unknown[]): Entry | undefined => {
    for (let i = 0; i < entries.length; i++) {
      found.length = 0;
      const entry = entries[i]!;
      if (matches(entry.spec, args, found, true)) return i === 0 ? entry : keep(entry);
    }
    return undefined;
  };

  const compileAt = (spec: Spec, args: readonly unknown[], hasHandlers: boolean): Entry => {
    const program = traceAndCompile(f, spec, args, precision, hasHandlers);
    if (program !== undefined && ++compilations === MANY_SIGNATURES) {
      console.warn(
        recompileWarning(
          name,
          compilations,
          entries.map((entry) => entry.spec),
          spec,
        ),
      );
    }
    return keep({ spec, program, run: program && makeRunner(program.compiled, program.result, precision) });
  };

  const call = (...args: readonly unknown[]): unknown => {
    const plainly = (): unknown => f(...(args as unknown as A));
    if (isTraced()) return plainly();
    const hasHandlers = stackDepth() > 0;
    const found: unknown[] = [];
    const known = lookUp(args, found);
    if (hasHandlers && known !== undefined && known.program?.reachesOut !== false) return plainly();
    if (known?.run !== undefined) return known.run(found);
    const { spec, run } = compileAt(known?.spec ?? signatureOf(args), args, hasHandlers);
    if (run === undefined) return plainly();
    found.length = 0;
    matches(spec, args, found, true);
    return run(found);
  };

  const compile = (...examples: readonly unknown[]): Compiled<A, R> => {
    const known = lookUp(examples, []);
    const program = known?.program ?? traceAndCompile(f, known?.spec ?? signatureOf(examples), examples, precision, false)!;
    return toCompiled(program, known?.spec ?? signatureOf(examples), precision);
  };

  const explain = (...examples: readonly unknown[]): string => {
    const spec = signatureOf(examples);
    let text = '';
    traceAndCompile(f, spec, examples, precision, false, (graph) => (text = explainGraph(name, graph, spec, precision)));
    console.log(text);
    return text;
  };

  const jitted = Object.assign(call, { compile, explain }) as unknown as Jitted<A, R>;
  noteJitted(jitted, (transform) => jitNamed(`a transform of ${name}`, transform(f as never), options));
  return jitted;
};

/**
 * Compiles a function to WebAssembly when it is first called, in double precision, and again for arguments of another structure, shape,
 * dtype or static value. Arguments and results are trees: records and arrays of values.
 *
 * Numbers, arrays, tensors and keys are inputs; booleans, strings, functions and other objects are static, as are the numbers of the
 * arguments that `static` lists. The function runs once for each signature, on values whose numbers are not there yet: it chooses between
 * values with `ops.where`, not with `if`, and what it closes over is taken as it is then. Under a handler that its statements reach, and
 * inside another transform, the plain function is called in its place.
 *
 * @returns the same function: NDArrays, or tensors where a tensor is among the arguments
 * @throws Unsupported where a number is read while the function is recorded, or a kernel can't be compiled
 * @example
 * const area = jit(({ width, height }) => ops.sum(ops.mul(width, height)));
 * area({ width: [1, 2], height: [0.1, 0.2] }).item(); // 0.5
 * grad(area)({ width: [1, 2], height: [3, 4] }).width; // [3, 4]
 */
export const jit = <A extends readonly unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): Jitted<A, R> => {
  checkCall(f, options);
  return jitNamed(f.name === '' ? 'a function without a name' : f.name, f, options);
};
