/** From a compiled graph to its image: constants laid out as the module has them in memory. */
import { sizeOf } from '../../core/shape.ts';
import type { Slot } from '../../transforms/jit/compile.ts';
import { TILE_ROWS } from '../../transforms/jit/nest.ts';
import type { CompiledGraph } from '../../transforms/jit/runner.ts';
import { inLayout, type ModuleImage, type Place } from './image.ts';

const placeOf = ({ offset, shape, columns }: Slot): Place => ({
  offset,
  size: sizeOf(shape),
  ...(columns === undefined ? {} : { tile: { rows: TILE_ROWS, columns } }),
});

export const toImage = ({ bytes, pages, constants, inputs, outputs }: CompiledGraph): ModuleImage => ({
  bytes,
  pages,
  constants: constants.map(({ slot, data }) => ({ offset: slot.offset, data: inLayout(data, placeOf(slot)) })),
  inputs: inputs.map((slot) => (slot === undefined ? undefined : placeOf(slot))),
  outputs: outputs.map(placeOf),
});
