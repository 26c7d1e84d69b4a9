/** The code of one tile of a matrix product: rows times columns of the result, kept in registers over a run of inner steps. */
import { simd, type as types } from './assembler.ts';
import { get, memarg, memargSingle, set, vector, zeros, type Code, type Local } from './code.ts';
import { by, inRounds } from './productLoops.ts';

/** Bytes of a double; and, by the lanes of its vectors, of an element of an operand. */
export const DOUBLE = 8;
export const bytesOf = (lanes: Lanes): number => (lanes === 2 ? DOUBLE : 4);

/** Two doubles, or four singles, in a vector. */
export type Lanes = 2 | 4;

/** How far apart the elements of an operand are, in bytes: along the rows or columns of the result, and along the inner axis. */
export interface Steps {
  readonly outer: number;
  readonly inner: number;
}

/** What is done with a finished sum: stored, stored as the nearest single, or added to what is there. */
export type Finish = 'store' | 'round' | 'add';

/** A tile: its extents, its operands, and the distance of the result's rows in bytes. */
export interface ProductTile {
  readonly rows: number;
  readonly columns: number;
  readonly lanes: Lanes;
  readonly a: Steps;
  readonly b: Steps;
  readonly resultRow: number;
  readonly finish: Finish;
}

/** Addresses of a tile's first elements, which its code moves on, and the number of inner steps. */
export interface TilePlace {
  readonly a: Local;
  readonly b: Local;
  readonly c: Local;
  readonly count: Local;
}

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

const arithmetic = {
  2: { add: simd.add, mul: simd.mul, splat: simd.load64Splat },
  4: { add: simd.addF32, mul: simd.mulF32, splat: simd.load32Splat },
} as const;

/** Loads vector `v` of a tile's columns: whole where they lie side by side, else lane by lane. Reads nothing past the last column. */
const loadColumns = (code: Code, { columns, lanes, b }: ProductTile, place: Local, v: number, offset: number, into: Local): void => {
  const at = offset + v * lanes * b.outer;
  const isOne = lanes === 2 && columns - v * lanes === 1;
  const isWhole = b.outer === bytesOf(lanes) && !isOne;
  get(code, place);
  vector(code, isWhole ? simd.load : simd.load64Splat);
  memarg(code, at);
  set(code, into);
  if (isWhole || isOne) return;
  get(code, place);
  get(code, into);
  vector(code, simd.load64Lane);
  memarg(code, at + b.outer);
  code.bytes.byte(1);
  set(code, into);
};

const innerStep = (code: Code, tile: ProductTile, { a, b }: TilePlace, totals: readonly (readonly Local[])[], work: readonly Local[], step: number): void => {
  const { add, mul, splat } = arithmetic[tile.lanes];
  const [left, ...right] = work;
  right.forEach((local, v) => loadColumns(code, tile, b, v, step * tile.b.inner, local));
  totals.forEach((row, r) => {
    get(code, a);
    vector(code, splat);
    (tile.lanes === 2 ? memarg : memargSingle)(code, r * tile.a.outer + step * tile.a.inner);
    set(code, left!);
    row.forEach((total, v) => {
      get(code, total);
      get(code, left!);
      get(code, right[v]!);
      vector(code, mul);
      vector(code, add);
      set(code, total);
    });
  });
};

/** The vectors of doubles of one row of sums. */
const doublesOf = (code: Code, { lanes, columns }: ProductTile, row: readonly Local[]): readonly Local[] => {
  if (lanes === 2) return row;
  return range(Math.ceil(columns / 2)).map((pair) => {
    const single = row[pair >> 1]!;
    const local = code.local(types.v128);
    get(code, single);
    if (pair % 2 === 1) {
      get(code, single);
      vector(code, simd.shuffle);
      for (const byte of [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]) code.bytes.byte(byte);
    }
    vector(code, simd.promoteLow);
    set(code, local);
    return local;
  });
};

/** Stores a vector of sums, of which only the first lane counts where it stands for the last of an odd number of columns. */
export const storeSums = (code: Code, finish: Finish, place: Local, sums: Local, offset: number, isOne: boolean): void => {
  get(code, place);
  get(code, sums);
  if (finish === 'add') {
    get(code, place);
    vector(code, isOne ? simd.load64Splat : simd.load);
    memarg(code, offset);
    vector(code, simd.add);
  } else if (finish === 'round') {
    vector(code, simd.demoteZero);
    vector(code, simd.promoteLow);
  }
  vector(code, isOne ? simd.store64Lane : simd.store);
  memarg(code, offset);
  if (isOne) code.bytes.byte(0);
};

/** Emits a tile: sums from zero over `count` inner steps, then stores them. */
export const emitProductTile = (code: Code, tile: ProductTile, place: TilePlace): void => {
  const vectors = Math.ceil(tile.columns / tile.lanes);
  const work = range(1 + vectors).map(() => code.local(types.v128));
  const totals = range(tile.rows).map(() => range(vectors).map(() => zeros(code)));
  inRounds(code, place.count, [by(place.a, tile.a.inner), by(place.b, tile.b.inner)], (step) => innerStep(code, tile, place, totals, work, step));
  totals.forEach((row, r) =>
    doublesOf(code, tile, row).forEach((sums, pair) => {
      storeSums(code, tile.finish, place.c, sums, r * tile.resultRow + 2 * DOUBLE * pair, tile.columns - 2 * pair === 1);
    }),
  );
};
