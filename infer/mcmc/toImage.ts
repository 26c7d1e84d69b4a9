/** From a compiled graph to its image: constants laid out as the module has them in memory. */
import { sizeOf } from '../../core/shape.ts';
import type { Slot } from '../../transforms/jit/compile.ts';
import { rowsInTile } from '../../transforms/jit/place.ts';
import type { CompiledGraph } from '../../transforms/jit/runner.ts';
import { inLayout, type ModuleImage, type Place } from './image.ts';

const placeOf = ({ offset, shape, columns, isSingle }: Slot): Place => ({
  offset,
  size: sizeOf(shape),
  ...(columns === undefined ? {} : { tile: { rows: rowsInTile(isSingle), columns } }),
});

export const toImage = ({ bytes, pages, constants, inputs, outputs, own = [] }: CompiledGraph): ModuleImage => ({
  bytes,
  pages,
  constants: constants.map(({ slot, data }) => {
    const numbers = inLayout(data, placeOf(slot));
    return { offset: slot.offset, data: slot.isSingle === true ? Float32Array.from(numbers) : numbers };
  }),
  inputs: inputs.map((slot) => (slot === undefined ? undefined : placeOf(slot))),
  outputs: outputs.map(placeOf),
  own: own.map(placeOf),
});
