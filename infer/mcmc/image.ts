/** A compiled graph with all its constants laid out as they lie in memory: plain data that any thread can run, without the compiler. */
import { webAssembly, type WasmMemory } from '../../transforms/jit/webassembly.ts';

/** A run of doubles in the module's memory; `offset` in bytes. */
export interface Place {
  readonly offset: number;
  readonly size: number;
  /** For a matrix that lies in tiles of so many rows, the rows of a tile side by side for each column. */
  readonly tile?: { readonly rows: number; readonly columns: number } | undefined;
}

/** Plain data. */
export interface ModuleImage {
  readonly bytes: Uint8Array;
  readonly pages: number;
  readonly constants: readonly { readonly offset: number; readonly data: Float64Array | Float32Array }[];
  /** By position; an unused input has no place. */
  readonly inputs: readonly (Place | undefined)[];
  readonly outputs: readonly Place[];
  /** The memories of the procedures around a step. */
  readonly own: readonly Place[];
}

/** Doubles that a place takes: whole tiles. */
const doublesAt = ({ size, tile }: Place): number => (tile === undefined ? size : Math.ceil(size / tile.columns / tile.rows) * tile.rows * tile.columns);

/** Numbers row by row, in the order in which they lie at a place. */
export const inLayout = (data: Float64Array, place: Place): Float64Array => {
  const { tile } = place;
  if (tile === undefined) return data;
  const { rows, columns } = tile;
  const out = new Float64Array(doublesAt(place));
  for (let row = 0; row * columns < data.length; row++) {
    const within = row % rows;
    for (let column = 0; column < columns; column++) out[(row - within) * columns + column * rows + within] = data[row * columns + column]!;
  }
  return out;
};

/** A module in this thread, with views of its memory. */
export interface InPlace {
  /** The memory of each input; one of no use has memory that nobody reads. */
  readonly inputs: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];
  readonly own: readonly Float64Array[];
  /** Writes an input in the layout that it has in memory. */
  readonly write: (input: number, data: Float64Array) => void;
  readonly run: () => void;
  /** Repeats a step up to `count` times; gives how many of them were good. */
  readonly iterate: (count: number) => number;
  /** Procedures around a step: what starts random numbers, what draws a momentum, what gathers positions, and a tree where the module has one. */
  readonly seed: (() => void) | undefined;
  readonly draw: (() => void) | undefined;
  readonly gather: (() => void) | undefined;
  readonly tree: (() => void) | undefined;
}

/** Instantiates an image. `sizeOfUnused` is the length of inputs without a place. */
export const placeImage = ({ bytes, pages, constants, inputs, outputs, own }: ModuleImage, sizeOfUnused: number): InPlace => {
  const memory: WasmMemory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } });
  for (const { offset, data } of constants) {
    const view = data instanceof Float32Array ? new Float32Array(memory.buffer, offset, data.length) : new Float64Array(memory.buffer, offset, data.length);
    view.set(data);
  }
  const view = (place: Place | undefined): Float64Array =>
    place === undefined ? new Float64Array(sizeOfUnused) : new Float64Array(memory.buffer, place.offset, doublesAt(place));
  const views = inputs.map(view);
  return {
    inputs: views,
    outputs: outputs.map(view),
    own: own.map(view),
    write: (input, data) => {
      const place = inputs[input];
      if (place !== undefined) views[input]!.set(inLayout(data, place));
    },
    run: exports['run'] as () => void,
    iterate: exports['iterate'] as (count: number) => number,
    seed: exports['seed'] as (() => void) | undefined,
    draw: exports['draw'] as (() => void) | undefined,
    gather: exports['gather'] as (() => void) | undefined,
    tree: exports['tree'] as (() => void) | undefined,
  };
};
