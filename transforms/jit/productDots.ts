/** The code of a few dot products of one row with others, all contiguous in memory: the lanes of a vector run along the rows. */
import { simd, type as types } from './assembler.ts';
import { addLanes, get, memarg, set, vector, zeros, type Code, type Local } from './code.ts';
import { by, copyOf, inRounds, startAt } from './productLoops.ts';
import { DOUBLE, range, storeSums, type Finish, type TilePlace } from './productTile.ts';

/** Dot products side by side: V8 keeps as many sums and the vectors to add to them in registers. */
export const DOTS = 6;

/** A row times this many others, which lie `step` bytes apart. */
export interface Dots {
  readonly columns: number;
  readonly inner: number;
  readonly step: number;
  readonly finish: Finish;
}

/** Adds the products of the elements at an offset to all sums: of two, or of one alone beside a zero. */
const addProducts = (
  code: Code,
  step: number,
  [a, b]: readonly [Local, Local],
  totals: readonly Local[],
  work: readonly Local[],
  load: number,
  at: number,
): void => {
  const [left, ...right] = work;
  get(code, a);
  vector(code, load);
  memarg(code, at);
  set(code, left!);
  right.forEach((local, j) => {
    get(code, b);
    vector(code, load);
    memarg(code, at + j * step);
    set(code, local);
  });
  totals.forEach((total, j) => {
    get(code, total);
    get(code, left!);
    get(code, right[j]!);
    vector(code, simd.mul);
    vector(code, simd.add);
    set(code, total);
  });
};

/** Pushes the same lane of two vectors, side by side. */
const pushLane = (code: Code, low: Local, high: Local, lane: 0 | 1): void => {
  get(code, low);
  get(code, high);
  vector(code, simd.shuffle);
  for (const from of [0, 16]) for (const byte of range(DOUBLE)) code.bytes.byte(from + DOUBLE * lane + byte);
};

/** Emits the dot products. */
export const emitDots = (code: Code, { columns, inner, step, finish }: Dots, { a, b, c }: Omit<TilePlace, 'count'>): void => {
  const totals = range(columns).map(() => zeros(code));
  const work = range(1 + columns).map(() => code.local(types.v128));
  const places = [copyOf(code, a), copyOf(code, b)] as const;
  const vectors = inner >> 1;
  if (vectors > 0) {
    const moves = places.map((place) => by(place, 2 * DOUBLE));
    inRounds(code, startAt(code, vectors), moves, (at) => addProducts(code, step, places, totals, work, simd.load, 2 * DOUBLE * at));
  }
  if (inner % 2 === 1) {
    const last = [copyOf(code, a, DOUBLE * (inner - 1)), copyOf(code, b, DOUBLE * (inner - 1))] as const;
    addProducts(code, step, last, totals, work, simd.load64Zero, 0);
  }
  for (let j = 0; j < columns; j += 2) {
    const [low, high] = [totals[j]!, totals[j + 1]];
    if (high === undefined) addLanes(code, low);
    else {
      pushLane(code, low, high, 0);
      pushLane(code, low, high, 1);
      vector(code, simd.add);
      set(code, low);
    }
    storeSums(code, finish, c, low, DOUBLE * j, high === undefined);
  }
};
