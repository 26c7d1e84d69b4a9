/** Placement: where in linear memory each array of a program lies. What is needed only for a while shares its place with what comes later. */
import { operandsOf, partsOf, walk, type Expr, type Memory } from '../../core/loop/expression.ts';
import { UNROLL } from './emit.ts';
import { rowsInTile, type Place } from './place.ts';
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

/** The matrices in tiles. Where there are some of singles, there are none of doubles, whose tiles have another height: a pass might read both. */
const tilesOf = ({ program, matrices }: Plan, singles: ReadonlySet<Memory>): ReadonlyMap<Memory, number> => {
  const found = tileable(program, matrices);
  const ofSingles = [...found].filter(([memory]) => singles.has(memory));
  return ofSingles.length === 0 ? found : new Map(ofSingles);
};

/** Bytes that a memory takes: whole tiles, and one more tile that the last load or store may touch; whole vectors, so that all are aligned. */
const bytesFor = ({ size }: Memory, columns: number | undefined, isSingle: boolean): number => {
  const rows = rowsInTile(isSingle);
  const tiles = (rowLength: number): number => Math.ceil(size / rowLength / rows) + 1;
  const count = columns === undefined ? size + rows : tiles(columns) * rows * columns;
  return 16 * Math.ceil((count * (isSingle ? 4 : 8)) / 16);
};

/** Where a number that is rounded may end up on the other side. */
const jumps = (e: Expr): boolean => e.type === 'mask' || e.op === 'floor' || e.op === 'ceil' || e.op === 'trunc' || e.op === 'nearest';

/** The memories whose numbers are compared or cut to whole ones as they are: an observation at the end of its support must not be rounded beyond it. */
const decisive = (program: Program): ReadonlySet<Memory> => {
  const found = new Set<Memory>();
  const roots: Expr[] = [];
  walk(
    allLoops(program).flatMap(({ statements }) => bodiesOf(statements)),
    (e) => {
      if (jumps(e)) roots.push(...operandsOf(e));
      return partsOf(e);
    },
  );
  walk(roots, (e) => {
    if (e.op === 'load') found.add(e.buffer);
    // What is added up is rounded anyhow.
    return e.op === 'sum' ? [] : partsOf(e);
  });
  return found;
};

/** The memories of data that are stored as singles: those that passes alone read, number by number, and whose numbers decide nothing. */
const singlesOf = ({ program, data, outputs }: Plan): ReadonlySet<Memory> => {
  const found = new Set(data);
  if (found.size === 0) return found;
  for (const memory of [...takenWhole(program), ...decisive(program), ...outputs]) found.delete(memory);
  return found;
};

export interface Placement {
  readonly places: ReadonlyMap<Memory, Place>;
  /** The length of the rows of memories stored in tiles. */
  readonly columns: ReadonlyMap<Memory, number>;
  readonly end: number;
}

/** Places the memories of a plan. */
export const placeMemories = (plan: Plan): Placement => {
  const { program, inputs, constants, outputs, padded } = plan;
  const singles = singlesOf(plan);
  const columns = tilesOf(plan, singles);
  const places = new Map<Memory, Place>();
  let end = 0;
  const lasting = (memory: Memory): void => {
    if (places.has(memory)) return;
    const isSingle = singles.has(memory);
    places.set(memory, { begin: end, isTiled: columns.has(memory), isSingle });
    end += bytesFor(memory, columns.get(memory), isSingle);
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
    const size = bytesFor(memory, undefined, false);
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
