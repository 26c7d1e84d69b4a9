/** The loops of a matrix product: blocks of an extent, and counts that run down; and the addresses that they move on. */
import { op, type as types } from './assembler.ts';
import { countedLoop, get, i32, set, type Code, type Local } from './code.ts';

/** A new local that begins as the sum of another and a constant. */
export const copyOf = (code: Code, local: Local, offset = 0): Local => {
  const copy = code.local(types.i32);
  get(code, local);
  if (offset !== 0) {
    i32(code, offset);
    code.bytes.byte(op.i32Add);
  }
  set(code, copy);
  return copy;
};

/** A new local that begins as a constant. */
export const startAt = (code: Code, value: number): Local => {
  const local = code.local(types.i32);
  i32(code, value);
  set(code, local);
  return local;
};

/** Moves an address or a count on. */
export const advance = (code: Code, local: Local, by: number): void => {
  if (by === 0) return;
  get(code, local);
  i32(code, by);
  code.bytes.byte(op.i32Add);
  set(code, local);
};

/** Runs `body` as long as the count is not below `step`, each time taking off that many. */
export const countDown = (code: Code, count: Local, step: number, body: () => void): void => {
  const pushIsShort = (): void => {
    get(code, count);
    i32(code, step);
    code.bytes.byte(op.i32LtU);
  };
  code.bytes.byte(op.block, 0x40);
  pushIsShort();
  code.bytes.byte(op.brIf, 0, op.loop, 0x40);
  body();
  advance(code, count, -step);
  pushIsShort();
  code.bytes.byte(op.i32Eqz, op.brIf, 0, op.end, op.end);
};

/** An address and how far one element of the axis moves it, in bytes. */
export interface Move {
  readonly address: Local;
  readonly bytes: number;
}

export const by = (address: Local, bytes: number): Move => ({ address, bytes });

/** Runs `body` over an extent in blocks of a size, the whole ones in a loop, then what is left; the addresses move from block to block. */
export const inBlocks = (code: Code, extent: number, size: number, moves: readonly Move[], body: (size: number) => void): void => {
  const whole = Math.floor(extent / size);
  const next = (): void => {
    body(size);
    for (const { address, bytes } of moves) advance(code, address, bytes * size);
  };
  if (whole === 1) next();
  else if (whole > 1) countedLoop(code, whole, 1, next);
  if (extent % size > 0) body(extent % size);
};

/** Steps in one round of a loop that keeps sums in registers. */
const ROUND = 4;

/**
 * Runs a step `count` times, at least once, a few in each round: the address of step i of a round is that many moves on. The loop may be left
 * after each step: V8 would otherwise move the loads of all of them together, and find no registers for what they load.
 */
export const inRounds = (code: Code, count: Local, moves: readonly Move[], body: (step: number) => void): void => {
  code.bytes.byte(op.block, 0x40, op.loop, 0x40);
  for (let step = 0; step < ROUND; step++) {
    body(step);
    if (step === ROUND - 1) continue;
    get(code, count);
    i32(code, step + 1);
    code.bytes.byte(op.i32Eq, op.brIf, 1);
  }
  for (const { address, bytes } of moves) advance(code, address, ROUND * bytes);
  get(code, count);
  i32(code, ROUND);
  code.bytes.byte(op.i32Sub, op.localTee);
  code.bytes.u32(count);
  code.bytes.byte(op.brIf, 0, op.end, op.end);
};
