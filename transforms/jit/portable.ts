/** Compiled functions as plain data, which can be sent to a worker thread or another machine and run there without the code that they were made from. */
import * as tf from '#tfjs';
import { kindlingError } from '../../core/errors.ts';
import { showShape } from '../../core/shape.ts';
import { isTensor, type Precision } from '../../core/value.ts';
import { makeRunner, type CompiledGraph, type Runner } from './runner.ts';
import { matches, specOf, type Spec } from './signature.ts';
import type { Program } from './trace.ts';
import type { JitArgs, JitResult } from './types.ts';

/** A compiled function: the module's bytes, its constants, and what goes in and comes out. It survives `structuredClone` and `postMessage`. */
export interface Compiled<A extends readonly unknown[] = readonly unknown[], R = unknown> extends CompiledGraph {
  /** The structure of the arguments. */
  readonly args: Spec;
  /** The structure of the result. */
  readonly result: Spec;
  readonly precision: Precision;
  /** Never there: it tells the compiler the types of the function. */
  readonly signature?: ((...args: A) => R) | undefined;
}

const VERSION = 1;

const isPlain = (value: unknown): boolean => typeof value !== 'function' && typeof value !== 'symbol' && (typeof value !== 'object' || value === null);

/** A spec whose static values can be sent. */
const portable = (spec: Spec, what: 'argument' | 'result'): Spec => {
  if (spec.kind === 'list' || spec.kind === 'record') return { ...spec, items: spec.items.map((item) => portable(item, what)) };
  if (spec.kind !== 'static' || isPlain(spec.value)) return spec;
  if (what === 'argument') return { kind: 'ignored' };
  throw kindlingError('Unsupported', {
    message: 'a compiled function that returns more than arrays and plain values can’t be sent to where its code is not',
    given: typeof spec.value === 'function' ? 'a function in its result' : 'an object in its result',
    remedy: 'Return only records and arrays of arrays, numbers, strings and booleans',
  });
};

/** A program as plain data. */
export const toCompiled = <A extends readonly unknown[], R>({ compiled, result }: Program, spec: Spec, precision: Precision): Compiled<A, R> => ({
  ...compiled,
  args: portable(spec, 'argument'),
  result: portable(result, 'result'),
  precision,
});

const show = (spec: Spec): string => {
  switch (spec.kind) {
    case 'array':
      return spec.shape.length === 0 ? (spec.dtype === 'float' ? 'number' : spec.dtype) : `${spec.dtype}${showShape(spec.shape)}`;
    case 'key':
      return spec.shape.length === 0 ? 'key' : `keys${showShape(spec.shape)}`;
    case 'static':
      return typeof spec.value === 'string' ? JSON.stringify(spec.value) : isPlain(spec.value) ? String(spec.value) : typeof spec.value;
    case 'ignored':
      return 'anything';
    case 'list':
      return `[${spec.items.map(show).join(', ')}]`;
    case 'record':
      return `{ ${spec.names.map((name, i) => `${name}: ${show(spec.items[i]!)}`).join(', ')} }`;
  }
};

/** Where two structures differ: inside of a record or list, the first place. */
const difference = (expected: Spec, given: Spec, path: string): readonly [path: string, expected: Spec, given: Spec] => {
  if (expected.kind === 'list' && given.kind === 'list' && expected.items.length === given.items.length) {
    for (const [i, item] of expected.items.entries()) if (show(item) !== show(given.items[i]!)) return difference(item, given.items[i]!, `${path}[${i}]`);
  }
  if (expected.kind === 'record' && given.kind === 'record') {
    for (const [i, name] of expected.names.entries()) {
      const other = given.items[given.names.indexOf(name)];
      if (other !== undefined && show(expected.items[i]!) !== show(other)) return difference(expected.items[i]!, other, `${path}.${name}`);
    }
  }
  return [path, expected, given];
};

const isNumeric = ({ kind }: Spec): boolean => kind === 'array' || kind === 'key';

/** The error for arguments of another structure than those that a function was compiled for. */
const mismatch = (spec: Spec, args: readonly unknown[]): Error => {
  const [path, expected, given] = difference(spec, { kind: 'list', items: args.map((arg) => specOf(arg, false)) }, '');
  const place = /^\[(\d+)\](.*)$/.exec(path);
  return kindlingError(isNumeric(expected) && isNumeric(given) ? 'InvalidShape' : 'InvalidArgument', {
    message:
      place === null
        ? 'a compiled function was given other arguments than it was compiled for'
        : `argument ${place[1]}${place[2]} of a compiled function is not as it was compiled for`,
    given: show(given),
    expected: show(expected),
    remedy: 'Compile it for arguments like these',
  });
};

const runners = new WeakMap<object, Runner>();

const runnerOf = (compiled: Omit<Compiled, 'signature'>): Runner => {
  const known = runners.get(compiled);
  if (known !== undefined) return known;
  if (typeof compiled !== 'object' || compiled === null || compiled.version !== VERSION || !ArrayBuffer.isView(compiled.bytes)) {
    throw kindlingError('InvalidArgument', {
      message: 'runCompiled takes what jit(f).compile(...) gave, of this version of the library',
      given: typeof compiled === 'object' && compiled !== null && 'version' in compiled ? `version ${String(compiled.version)}` : typeof compiled,
      expected: `version ${VERSION}`,
    });
  }
  const runner = makeRunner(compiled, compiled.result, compiled.precision);
  runners.set(compiled, runner);
  return runner;
};

/**
 * Runs a compiled function: in any thread, without the code that it was made from. It is instantiated at the first call.
 *
 * @param compiled - what `jit(f).compile(...)` gave, or a copy of it that came by `postMessage`
 * @param args - of the structure, shapes and dtypes of the examples; static values must be the same
 * @throws InvalidShape or InvalidArgument for other arguments; Unsupported under `grad`
 * @example
 * const compiled = jit((x, { scale }) => ops.mul(x, scale)).compile([1, 2], { scale: 3 });
 * runCompiled(structuredClone(compiled), [5, 7], { scale: 0.1 }); // [0.5, 0.7]
 */
export const runCompiled = <A extends readonly unknown[], R, B extends JitArgs<A>>(compiled: Compiled<A, R>, ...args: B): JitResult<R, B> => {
  const runner = runnerOf(compiled);
  const found: unknown[] = [];
  if (!matches(compiled.args, args, found, false)) throw mismatch(compiled.args, args);
  if (tf.engine().state.gradientDepth > 0 && found.some(isTensor)) {
    throw kindlingError('Unsupported', {
      message: 'a function that is there only as a module can’t be differentiated',
      remedy: 'Compile its gradient too: jit(grad(f)).compile(…)',
    });
  }
  return runner(found) as JitResult<R, B>;
};
