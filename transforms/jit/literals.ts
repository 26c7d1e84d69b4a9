/** Constants of straight-line code, which are loaded: an instruction each, where V8 takes three to make one. In a loop it makes them before. */

/** Constants that lie side by side. */
interface Run {
  readonly offset: number;
  readonly bits: bigint[];
}

export interface Literals {
  /** The byte in memory at which a constant of 64 bits lies. */
  readonly placeOf: (bits: bigint) => number;
  /** All that were asked for so far: what memory must hold, and where. */
  readonly runs: () => readonly { readonly offset: number; readonly data: Float64Array }[];
}

/** How many doubles memory is taken for at once. */
const RUN = 64;

/** The constants of a module, none so far; `reserve` takes memory for some bytes. */
export const makeLiterals = (reserve: (bytes: number) => number): Literals => {
  const places = new Map<bigint, number>();
  const runs: Run[] = [];
  const append = (bits: bigint): number => {
    const last = runs.at(-1);
    const run = last === undefined || last.bits.length === RUN ? { offset: reserve(8 * RUN), bits: [] } : last;
    if (run !== last) runs.push(run);
    return run.offset + 8 * (run.bits.push(bits) - 1);
  };
  return {
    placeOf: (bits) => {
      const place = places.get(bits) ?? append(bits);
      places.set(bits, place);
      return place;
    },
    runs: () => runs.map(({ offset, bits }) => ({ offset, data: new Float64Array(BigUint64Array.from(bits).buffer) })),
  };
};
