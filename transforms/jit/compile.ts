/** From a graph to plain data that any worker can run: the module's bytes, the constants, and where everything lies. */
import type { Memory } from '../../core/loop/expression.ts';
import { makeNDArray, type NDArray, type NDArrayDType } from '../../core/ndarray.ts';
import type { Shape } from '../../core/shape.ts';
import { ndarrayDType } from '../../core/value.ts';
import { emit } from './emit.ts';
import type { Graph } from './graph.ts';
import { planGraph } from './plan.ts';
import { TILE_ROWS, type Place } from './tile.ts';
import { webAssembly, type WasmMemory } from './webassembly.ts';

/** Where an array lies in the module's memory. `columns` is there for a matrix stored in tiles of rows. */
export interface Slot {
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: NDArrayDType;
  readonly columns?: number | undefined;
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
}

const PAGE = 65536;

/** Doubles that a memory takes: whole tiles, and one more vector that the last load may touch. */
const roomFor = (memory: Memory, columns: number | undefined): number =>
  (columns === undefined ? memory.size : Math.ceil(memory.size / columns / TILE_ROWS) * TILE_ROWS * columns) + TILE_ROWS;

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
}

/** Compiles a graph in float64. */
export const compileGraph = (graph: Graph, repetition?: Repetition): Compiled => {
  const carried = new Set(repetition?.carry.map(({ input }) => input));
  const { program, inputs, constants, outputs, tileable } = planGraph(graph, carried);
  const places = new Map<Memory, Place>();
  let end = 0;
  for (const memory of program.memories) {
    const columns = tileable.get(memory);
    places.set(memory, { begin: end, isTiled: columns !== undefined });
    end += 16 * Math.ceil(roomFor(memory, columns) / 2);
  }
  const collected = end;
  end += 8 * (repetition?.capacity ?? 0);
  const pages = Math.max(1, Math.ceil(end / PAGE));
  const slotOf = (memory: Memory, node: number): Slot => {
    const { shape, dtype } = graph.nodes[node]!.aval;
    return { offset: places.get(memory)!.begin, shape, dtype: ndarrayDType(dtype), columns: tileable.get(memory) };
  };
  const inputNodes = new Map(graph.nodes.flatMap((node, i) => (node.kind === 'input' ? [[node.index, i] as const] : [])));
  const beginOf = (output: number): number => places.get(outputs[output]!)!.begin;
  const iteration = repetition && {
    copies: repetition.carry.flatMap(({ output, input }) => {
      const memory = inputs.get(input);
      return memory === undefined ? [] : [{ from: beginOf(output), to: places.get(memory)!.begin, doubles: memory.size }];
    }),
    from: beginOf(repetition.collected),
    to: collected,
    isGood: beginOf(repetition.isGood),
  };
  return {
    version: 1,
    bytes: emit(program, places, pages, iteration),
    pages,
    ...(repetition === undefined ? {} : { iteration: { collected, capacity: repetition.capacity } }),
    constants: [...constants].map(([node, memory]) => ({ slot: slotOf(memory, node), data: (graph.nodes[node] as { readonly value: NDArray }).value.data })),
    inputs: Array.from({ length: graph.inputCount }, (_, i) => {
      const memory = inputs.get(i);
      return memory === undefined ? undefined : slotOf(memory, inputNodes.get(i)!);
    }),
    outputs: outputs.map((memory, i) => slotOf(memory, graph.outputs[i]!)),
  };
};

/** A compiled graph in this thread. `run` reads and writes the arrays in place. */
export interface Instance {
  readonly inputs: readonly (((data: ArrayLike<number>) => void) | undefined)[];
  readonly run: () => void;
  /** Repeats the step up to `count` times, at most the capacity; gives what was written down after each good one. The inputs carried over have moved on. */
  readonly iterate: (count: number) => Float64Array;
  readonly outputs: () => readonly NDArray[];
}

const write = (memory: WasmMemory, { offset, columns }: Slot, data: ArrayLike<number>): void => {
  const view = new Float64Array(memory.buffer, offset);
  if (columns === undefined) {
    view.set(data);
    return;
  }
  const rows = data.length / columns;
  for (let row = 0; row < rows; row++) {
    const first = Math.floor(row / TILE_ROWS) * TILE_ROWS * columns + (row % TILE_ROWS);
    for (let column = 0; column < columns; column++) view[first + column * TILE_ROWS] = data[row * columns + column]!;
  }
};

const read = (memory: WasmMemory, { offset, shape, dtype }: Slot): NDArray => {
  const size = shape.reduce((n, extent) => n * extent, 1);
  return makeNDArray(new Float64Array(memory.buffer, offset, size).slice(), shape, dtype);
};

/** Instantiates a compiled graph and puts its constants in place. */
export const instantiate = (compiled: Compiled): Instance => {
  const memory = new webAssembly.Memory({ initial: compiled.pages, maximum: compiled.pages });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(compiled.bytes), { env: { memory } });
  for (const { slot, data } of compiled.constants) write(memory, slot, data);
  return {
    inputs: compiled.inputs.map((slot) => (slot === undefined ? undefined : (data: ArrayLike<number>) => write(memory, slot, data))),
    run: exports['run'] as () => void,
    iterate: (count) => {
      const { collected, capacity } = compiled.iteration!;
      const done = (exports['iterate'] as (n: number) => number)(Math.min(count, capacity));
      return new Float64Array(memory.buffer, collected, done).slice();
    },
    outputs: () => compiled.outputs.map((slot) => read(memory, slot)),
  };
};
