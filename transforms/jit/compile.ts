/** From a graph to plain data that any worker can run: the module's bytes, the constants, and where everything lies. */
import type { Memory } from '../../core/loop/expression.ts';
import type { Step } from '../../core/loop/procedure.ts';
import { makeNDArray, type NDArray, type NDArrayDType } from '../../core/ndarray.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { avalOf, ndarrayDType, type Aval, type Precision } from '../../core/value.ts';
import { assemble } from './assembler.ts';
import { emit } from './emit.ts';
import type { Graph } from './graph.ts';
import { rowsInTile, type Place } from './place.ts';
import { placeMemories } from './placement.ts';
import { planGraph, type Plan } from './plan.ts';
import { prune } from './prune.ts';
import { webAssembly, type WasmMemory } from './webassembly.ts';

/** Where an array lies in the module's memory. `columns` is there for a matrix stored in tiles of rows, `isSingle` for numbers of 32 bits. */
export interface Slot {
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: NDArrayDType;
  readonly columns?: number | undefined;
  readonly isSingle?: boolean | undefined;
}

/** A compiled graph as plain data: it survives `structuredClone` and `postMessage`. */
export interface Compiled {
  readonly version: 1;
  readonly bytes: Uint8Array;
  readonly pages: number;
  readonly constants: readonly { readonly slot: Slot; readonly data: Float64Array }[];
  /** By position; an unused input has no place. */
  readonly inputs: readonly (Slot | undefined)[];
  readonly outputs: readonly Slot[];
  /** For a step that can be repeated: where what is written down begins, and how much of it there can be. */
  readonly iteration?: { readonly collected: number; readonly capacity: number } | undefined;
  /** For a step with procedures around it: the memories of these. */
  readonly own?: readonly Slot[] | undefined;
}

const PAGE = 65536;

/** Bytes past the last array that a vector may touch. */
const SLACK = 64;

/** Procedures that may perform a step, each an export of the module by its name, and the memories that they have for themselves. */
export interface Around {
  readonly memories: readonly Memory[];
  readonly procedures: Readonly<Record<string, readonly Step[]>>;
}

/** How a graph is a step that can be repeated within the module. */
export interface Repetition {
  /** Outputs that go back in as inputs. */
  readonly carry: readonly { readonly output: number; readonly input: number }[];
  /** The output, a scalar, that is written down after each step. */
  readonly collected: number;
  /** The output, a scalar, that is 0 for a step after which to stop, as if it had not been. */
  readonly isGood: number;
  /** The most steps in one call. */
  readonly capacity: number;
  /** Makes what is around the step from where it has its inputs and outputs. */
  readonly around?: ((inputs: readonly Memory[], outputs: readonly Memory[]) => Around) | undefined;
}

/** A step with procedures around it is driven by these, which write doubles into the memory of its inputs. */
const withExactInputs = (plan: Plan): Plan => {
  const inputs = new Set(plan.inputs.values());
  return { ...plan, data: new Set([...plan.data].filter((memory) => !inputs.has(memory))) };
};

/** Places more memories behind those that have a place; and where they end. */
const placedAfter = (places: ReadonlyMap<Memory, Place>, end: number, memories: readonly Memory[]): readonly [ReadonlyMap<Memory, Place>, number] => {
  const all = new Map(places);
  let begin = end;
  for (const memory of memories) {
    if (all.has(memory)) continue;
    all.set(memory, { begin, isTiled: false });
    begin += 16 * Math.ceil(memory.size / 2);
  }
  return [all, begin];
};

/**
 * Compiles a graph in float64. With `precision` float32, products of matrices are multiplied in single precision, and large inputs and
 * constants are stored in it: sums of products of these run in it over a tile of rows, and in double from tile to tile.
 */
export const compileGraph = (graph: Graph, repetition?: Repetition, precision: Precision = 'float64'): Compiled => {
  const planned = planGraph(prune(graph), new Set(repetition?.carry.map(({ input }) => input)), precision);
  const plan = repetition?.around === undefined ? planned : withExactInputs(planned);
  const { inputs, constants, outputs } = plan;
  const avals = new Map(graph.nodes.flatMap((node) => (node.kind === 'input' ? [[node.index, node.aval] as const] : [])));
  const { places: placesOfPlan, columns, end: endOfPlan } = placeMemories(plan);
  const unused = (i: number): Memory => ({ name: `unused ${i}`, size: sizeOf(avals.get(i)?.shape ?? []) });
  const inputMemories = Array.from({ length: graph.inputCount }, (_, i) => inputs.get(i) ?? unused(i));
  const around = repetition?.around?.(inputMemories, outputs);
  const [places, end] = placedAfter(placesOfPlan, endOfPlan, around === undefined ? [] : [...inputMemories, ...around.memories]);
  const beginOf = (memory: Memory): number => places.get(memory)!.begin;
  const outputAt = (output: number): number => beginOf(outputs[output]!);
  const iteration = repetition && {
    copies: repetition.carry.flatMap(({ output, input }) => {
      const memory = inputs.get(input);
      return memory === undefined ? [] : [{ from: outputAt(output), to: beginOf(memory), doubles: memory.size }];
    }),
    from: outputAt(repetition.collected),
    to: end,
    isGood: outputAt(repetition.isGood),
  };
  const emitted = emit(plan.program, places, plan.axesOf, end + 8 * (repetition?.capacity ?? 0), iteration, around?.procedures);
  const pages = Math.max(1, Math.ceil((emitted.end + SLACK) / PAGE));
  const slotOf = (memory: Memory, { shape, dtype }: Aval): Slot => ({
    offset: beginOf(memory),
    shape,
    dtype: ndarrayDType(dtype),
    ...(columns.has(memory) ? { columns: columns.get(memory) } : {}),
    ...(places.get(memory)!.isSingle === true ? { isSingle: true } : {}),
  });
  return {
    version: 1,
    bytes: assemble(emitted.functions, pages),
    pages,
    ...(repetition === undefined ? {} : { iteration: { collected: end, capacity: repetition.capacity } }),
    constants: [
      ...[...constants].map(([memory, value]) => ({ slot: slotOf(memory, avalOf(value)), data: value.data })),
      ...emitted.literals.map(({ offset, data }) => ({ slot: { offset, shape: [data.length], dtype: 'float64' as const }, data })),
    ],
    inputs: Array.from({ length: graph.inputCount }, (_, i) => {
      const memory = inputs.get(i);
      return memory === undefined ? undefined : slotOf(memory, avals.get(i)!);
    }),
    outputs: outputs.map((memory, i) => slotOf(memory, graph.nodes[graph.outputs[i]!]!.aval)),
    ...(around === undefined ? {} : { own: around.memories.map((memory) => slotOf(memory, { shape: [memory.size], dtype: 'float' })) }),
  };
};

/** A compiled graph in this thread. `run` reads and writes the arrays in place. */
export interface Instance {
  readonly inputs: readonly (((data: ArrayLike<number>) => void) | undefined)[];
  readonly run: () => void;
  /** Repeats the step up to `count` times, at most the capacity; gives what was written down after each good one. The inputs carried over have moved on. */
  readonly iterate: (count: number) => Float64Array;
  readonly output: (i: number) => NDArray;
  readonly outputs: () => readonly NDArray[];
}

/** Writes an array row after row, or in tiles of rows. */
const writerOf = (memory: WasmMemory, { offset, shape, columns, isSingle }: Slot): ((data: ArrayLike<number>) => void) => {
  const length = columns === undefined ? sizeOf(shape) : undefined;
  const view = isSingle === true ? new Float32Array(memory.buffer, offset, length) : new Float64Array(memory.buffer, offset, length);
  const tile = rowsInTile(isSingle);
  if (columns === undefined) return (data) => view.set(data);
  return (data) => {
    const rows = data.length / columns;
    for (let row = 0; row < rows; row++) {
      const within = row % tile;
      const first = (row - within) * columns + within;
      for (let column = 0; column < columns; column++) view[first + column * tile] = data[row * columns + column]!;
    }
  };
};

const readerOf = (memory: WasmMemory, { offset, shape, dtype }: Slot): (() => NDArray) => {
  const view = new Float64Array(memory.buffer, offset, sizeOf(shape));
  return () => makeNDArray(view.slice(), shape, dtype);
};

/** Instantiates a compiled graph and puts its constants in place. */
export const instantiate = (compiled: Compiled): Instance => {
  const memory = new webAssembly.Memory({ initial: compiled.pages, maximum: compiled.pages });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(compiled.bytes), { env: { memory } });
  for (const { slot, data } of compiled.constants) writerOf(memory, slot)(data);
  const readers = compiled.outputs.map((slot) => readerOf(memory, slot));
  return {
    inputs: compiled.inputs.map((slot) => (slot === undefined ? undefined : writerOf(memory, slot))),
    run: exports['run'] as () => void,
    iterate: (count) => {
      const { collected, capacity } = compiled.iteration!;
      const done = (exports['iterate'] as (n: number) => number)(Math.min(count, capacity));
      return new Float64Array(memory.buffer, collected, done).slice();
    },
    output: (i) => readers[i]!(),
    outputs: () => readers.map((read) => read()),
  };
};
