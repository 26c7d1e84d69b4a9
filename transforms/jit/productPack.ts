/** The code that packs part of an operand of a matrix product: the elements that one inner step of a tile reads, side by side, step after step. */
import { op, simd } from './assembler.ts';
import { get, memarg, vector, type Code, type Local } from './code.ts';
import { bytesOf, DOUBLE, range, type Lanes, type Steps } from './productTile.ts';
import { advance, countDown } from './productLoops.ts';

/** A panel: so many rows or columns, in a place made for `width` of them, read with these steps. */
export interface Panel {
  readonly extent: number;
  readonly width: number;
  readonly lanes: Lanes;
  readonly source: Steps;
}

/** Where a panel is read and written, and its number of inner steps; the code moves all three on. */
export interface PanelPlace {
  readonly from: Local;
  readonly to: Local;
  readonly count: Local;
}

/** Copies two elements that lie side by side. */
const copyPair = (code: Code, { lanes }: Panel, { from, to }: PanelPlace, i: number): void => {
  get(code, to);
  get(code, from);
  vector(code, simd.load);
  memarg(code, DOUBLE * i);
  if (lanes === 4) vector(code, simd.demoteZero);
  vector(code, lanes === 4 ? simd.store64Lane : simd.store);
  // Alignment is a hint: singles need only half of what is promised for doubles.
  code.bytes.u32(2);
  code.bytes.u32(bytesOf(lanes) * i);
  if (lanes === 4) code.bytes.byte(0);
};

const copyOne = (code: Code, { lanes, source }: Panel, { from, to }: PanelPlace, i: number): void => {
  get(code, to);
  get(code, from);
  code.bytes.byte(op.f64Load);
  memarg(code, i * source.outer);
  if (lanes === 4) code.bytes.byte(op.f32DemoteF64);
  code.bytes.byte(lanes === 4 ? op.f32Store : op.f64Store);
  code.bytes.u32(2);
  code.bytes.u32(bytesOf(lanes) * i);
};

/** Emits the packing of a panel. */
export const emitPacking = (code: Code, panel: Panel, place: PanelPlace): void => {
  const { extent, width, lanes, source } = panel;
  const pairs = source.outer === DOUBLE ? extent >> 1 : 0;
  countDown(code, place.count, 1, () => {
    for (const pair of range(pairs)) copyPair(code, panel, place, 2 * pair);
    for (const one of range(extent - 2 * pairs)) copyOne(code, panel, place, 2 * pairs + one);
    advance(code, place.from, source.inner);
    advance(code, place.to, bytesOf(lanes) * width);
  });
};
