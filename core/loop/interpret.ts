/** The plain interpreter of scalar expressions and procedures, in float64: the oracle of what the compiler emits. */
import { kindlingError } from '../errors.ts';
import { operandsOf, schedule, type Expr, type Memory, type ScalarFunction } from './expression.ts';
import { operations, type Run, type Slots } from './operations.ts';
import type { Counter, Integer, Step, Variable } from './procedure.ts';

interface Cell {
  value: number;
}

/** What an expression reads besides its operands. Cells are made as they are met. */
interface Frame {
  readonly args: Float64Array;
  readonly variables: Map<Variable, Cell>;
  readonly counters: Map<Counter, Cell>;
  readonly memories: ReadonlyMap<Memory, Float64Array>;
  readonly perform: (() => boolean) | undefined;
}

const makeFrame = (arity: number, memories: ReadonlyMap<Memory, Float64Array>, perform?: () => boolean): Frame => ({
  args: new Float64Array(arity),
  variables: new Map(),
  counters: new Map(),
  memories,
  perform,
});

const cellOf = <K>(cells: Map<K, Cell>, key: K): Cell => {
  const known = cells.get(key) ?? { value: 0 };
  cells.set(key, known);
  return known;
};

const memoryOf = (frame: Frame, memory: Memory): Float64Array => {
  const data = frame.memories.get(memory);
  if (data === undefined) throw kindlingError('InvalidArgument', { message: `the memory ${memory.name} is not there` });
  return data;
};

/** An index that has to lie within a memory: what lies beyond is another's in the compiled code, and must not matter. */
const within = (memory: Memory, at: number): number => {
  if (at >= 0 && at < memory.size) return at;
  throw kindlingError('InvalidArgument', { message: `${memory.name} has ${memory.size} elements`, given: String(at) });
};

/** As WebAssembly's saturating truncation to 32 bits. */
const toWhole = (x: number): number => (x >= 2 ** 31 - 1 ? 2 ** 31 - 1 : x <= -(2 ** 31) ? -(2 ** 31) : Math.trunc(x) | 0);

const integerIn = (of: Integer, frame: Frame): (() => number) => {
  switch (of.kind) {
    case 'whole':
      return () => of.value;
    case 'counter': {
      const cell = cellOf(frame.counters, of.counter);
      return () => cell.value;
    }
    case 'truncated': {
      const value = doubleIn(of.of, frame);
      return () => toWhole(value());
    }
    default: {
      const [a, b] = [integerIn(of.a, frame), integerIn(of.b, frame)];
      return of.kind === 'plus' ? () => (a() + b()) | 0 : of.kind === 'minus' ? () => (a() - b()) | 0 : () => Math.imul(a(), b());
    }
  }
};

/** Computes slot s; `undefined` for what is put there once and for all. */
const runOf = (e: Expr, slots: Slots, s: number, at: readonly number[], frame: Frame): Run | undefined => {
  const { f, n, m } = slots;
  const [i, j, k] = at as [number, number, number];
  switch (e.op) {
    case 'const':
      f[s] = e.value;
      return undefined;
    case 'bits':
      n[s] = e.value;
      return undefined;
    case 'param':
      return () => (f[s] = frame.args[e.index]!);
    case 'variable': {
      const cell = cellOf(frame.variables, e.variable);
      return () => (f[s] = cell.value);
    }
    case 'read': {
      const [data, index] = [memoryOf(frame, e.memory), integerIn(e.at, frame)];
      return () => (f[s] = data[within(e.memory, index())]!);
    }
    case 'number': {
      const value = integerIn(e.of, frame);
      return () => (f[s] = value());
    }
    case 'select':
      return e.type === 'i64' ? () => (n[s] = m[i] === 0 ? n[k]! : n[j]!) : () => (f[s] = m[i] === 0 ? f[k]! : f[j]!);
    case 'call': {
      const inner = functionOf(e.fn);
      return () => (f[s] = inner(...at.map((from) => f[from]!)));
    }
    default: {
      const operation = operations[e.op];
      if (operation === undefined) throw kindlingError('Unsupported', { message: `the interpreter has no rule for ${e.op}` });
      return operation(slots, s, i, j);
    }
  }
};

/** Makes what computes an expression, and gives the slots with the place of its value in them. */
const compileIn = (e: Expr, frame: Frame): { readonly run: Run; readonly slots: Slots; readonly last: number } => {
  const order = schedule([e]);
  const at = new Map(order.map((part, i) => [part, i]));
  const buffer = new ArrayBuffer(8 * order.length);
  const slots = { f: new Float64Array(buffer), n: new BigInt64Array(buffer), m: new Int32Array(order.length) };
  const indices = (part: Expr): readonly number[] => operandsOf(part).map((arg) => at.get(arg)!);
  const runs = order.map((part, s) => runOf(part, slots, s, indices(part), frame)).filter((run) => run !== undefined);
  const run = (): void => {
    for (const one of runs) one();
  };
  return { run, slots, last: order.length - 1 };
};

const doubleIn = (e: Expr, frame: Frame): (() => number) => {
  const { run, slots, last } = compileIn(e, frame);
  return () => {
    run();
    return slots.f[last]!;
  };
};

const maskIn = (e: Expr, frame: Frame): (() => boolean) => {
  const { run, slots, last } = compileIn(e, frame);
  return () => {
    run();
    return slots.m[last] !== 0;
  };
};

const stepsIn = (steps: readonly Step[], frame: Frame): Run => {
  const runs = steps.map((step) => stepIn(step, frame));
  return () => {
    for (const run of runs) run();
  };
};

const stepIn = (step: Step, frame: Frame): Run => {
  switch (step.kind) {
    case 'set': {
      const [cell, value] = [cellOf(frame.variables, step.variable), doubleIn(step.value, frame)];
      return () => (cell.value = value());
    }
    case 'assign': {
      const cells = step.variables.map((variable) => cellOf(frame.variables, variable));
      const values = step.values.map((value) => doubleIn(value, frame));
      return () => {
        const now = values.map((value) => value());
        cells.forEach((cell, i) => (cell.value = now[i]!));
      };
    }
    case 'write': {
      const [data, index, value] = [memoryOf(frame, step.memory), integerIn(step.at, frame), doubleIn(step.value, frame)];
      return () => (data[within(step.memory, index())] = value());
    }
    case 'repeat': {
      const [counter, from, to, body] = [
        cellOf(frame.counters, step.counter),
        integerIn(step.from, frame),
        integerIn(step.to, frame),
        stepsIn(step.body, frame),
      ];
      return () => {
        const end = to();
        for (let i = from(); i < end; i++) {
          counter.value = i;
          body();
        }
      };
    }
    case 'while': {
      const [condition, body] = [maskIn(step.condition, frame), stepsIn(step.body, frame)];
      return () => {
        while (condition()) body();
      };
    }
    case 'when': {
      const [condition, then, otherwise] = [maskIn(step.condition, frame), stepsIn(step.then, frame), stepsIn(step.otherwise, frame)];
      return () => (condition() ? then() : otherwise());
    }
    case 'copy': {
      const { from, to, count } = step;
      const [source, target, fromAt, toAt] = [memoryOf(frame, from), memoryOf(frame, to), integerIn(step.fromAt, frame), integerIn(step.toAt, frame)];
      return () => {
        const [begin, at] = [fromAt(), toAt()];
        for (let i = 0; i < count; i++) target[within(to, at + i)] = source[within(from, begin + i)]!;
      };
    }
    case 'perform': {
      const [cell, { perform }] = [cellOf(frame.variables, step.isGood), frame];
      if (perform === undefined) throw kindlingError('InvalidArgument', { message: 'there is no program for the procedure to perform' });
      return () => (cell.value = Number(perform()));
    }
  }
};

/** Runs the steps of a procedure once, over the memories that they read and write; `perform` is the program that they drive. */
export const runProcedure = (steps: readonly Step[], memories: ReadonlyMap<Memory, Float64Array>, perform?: () => boolean): void =>
  stepsIn(steps, makeFrame(0, memories, perform))();

const compiled = new WeakMap<ScalarFunction, (...args: readonly number[]) => number>();

/** A scalar function as one of JavaScript, computed step by step as its expression says. */
export const functionOf = (fn: ScalarFunction): ((...args: readonly number[]) => number) => {
  const known = compiled.get(fn);
  if (known !== undefined) return known;
  const frame = makeFrame(fn.arity, new Map());
  const steps = stepsIn(fn.steps ?? [], frame);
  const result = doubleIn(fn.body, frame);
  const variables = [...frame.variables.values()];
  const run = (...args: readonly number[]): number => {
    for (let i = 0; i < fn.arity; i++) frame.args[i] = args[i]!;
    for (const variable of variables) variable.value = 0;
    steps();
    return result();
  };
  compiled.set(fn, run);
  return run;
};
