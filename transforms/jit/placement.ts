/** Placement: where in linear memory each array of a program lies. What is needed only for a while shares its place with what comes later. */
import type { Memory } from '../../core/loop/expression.ts';
import { UNROLL } from './emit.ts';
import { TILE_ROWS, type Place } from './nest.ts';
import type { Plan } from './plan.ts';
import { allLoops, bodiesOf, loadsIn, takenWhole, touchedBy, type Program } from './program.ts';

/** The matrices of which every load is of whole rows, in passes over the rows: they can be stored in tiles. With the length of their rows. */
const tileable = (program: Program, matrices: Plan['matrices']): ReadonlyMap<Memory, number> => {
  const found = new Map(
    [...matrices].filter(([, [rows, columns]]) => columns > 1 && rows > columns && rows > UNROLL).map(([memory, [, columns]]) => [memory, columns]),
  );
  if (found.size === 0) return found;
  for (const memory of takenWhole(program)) found.delete(memory);
  const loaded = new Set<Memory>();
  for (const { axis, statements } of allLoops(program)) {
    for (const { buffer, index } of loadsIn(bodiesOf(statements))) {
      loaded.add(buffer);
      const columns = found.get(buffer);
      if (columns === undefined) continue;
      const [rows] = matrices.get(buffer)!;
      const [row, column] = [index.terms.find(({ stride }) => stride === columns), index.terms.find(({ stride }) => stride === 1)];
      const byRows = index.offset === 0 && index.terms.length === 2 && row?.axis === axis && row?.axis.extent === rows && column?.axis.extent === columns;
      if (!byRows) found.delete(buffer);
    }
  }
  for (const memory of found.keys()) if (!loaded.has(memory)) found.delete(memory);
  return found;
};

/** Bytes that a memory takes: whole tiles, and one more tile that the last load or store may touch; whole vectors, so that all are aligned. */
const bytesFor = ({ size }: Memory, columns: number | undefined): number => {
  const tiles = (rowLength: number): number => Math.ceil(size / rowLength / TILE_ROWS) + 1;
  return 16 * Math.ceil((columns === undefined ? size + TILE_ROWS : tiles(columns) * TILE_ROWS * columns) / 2);
};

export interface Placement {
  readonly places: ReadonlyMap<Memory, Place>;
  /** The length of the rows of memories stored in tiles. */
  readonly columns: ReadonlyMap<Memory, number>;
  readonly end: number;
}

/** Places the memories of a plan. */
export const placeMemories = ({ program, inputs, constants, outputs, padded, matrices }: Plan): Placement => {
  const columns = tileable(program, matrices);
  const places = new Map<Memory, Place>();
  let end = 0;
  const lasting = (memory: Memory): void => {
    if (places.has(memory)) return;
    places.set(memory, { begin: end, isTiled: columns.has(memory) });
    end += bytesFor(memory, columns.get(memory));
  };
  const spans = new Map<Memory, { readonly first: number; last: number }>();
  program.loops.forEach(({ statements }, at) => {
    for (const statement of statements) {
      for (const memory of touchedBy(statement)) {
        const span = spans.get(memory);
        if (span === undefined) spans.set(memory, { first: at, last: at });
        else span.last = at;
      }
    }
  });
  for (const memory of [...inputs.values(), ...constants.keys(), ...outputs, ...padded]) lasting(memory);
  // First fit among the arrays that are in use at the same time, in the order in which they come into use.
  let active: { readonly begin: number; readonly end: number; readonly last: number }[] = [];
  let most = 0;
  for (const [memory, { first, last }] of spans) {
    if (places.has(memory)) continue;
    active = active.filter((one) => one.last >= first);
    const size = bytesFor(memory, undefined);
    let begin = 0;
    for (const one of active) {
      if (one.begin - begin >= size) break;
      begin = Math.max(begin, one.end);
    }
    active.push({ begin, end: begin + size, last });
    active.sort((x, y) => x.begin - y.begin);
    places.set(memory, { begin: end + begin, isTiled: false });
    most = Math.max(most, begin + size);
  }
  return { places, columns, end: end + most };
};
