/** The code of one WebAssembly function while it is written: its locals, its bytes, and the short sequences that recur in it. */
import { makeBytes, op, simd, type as types, type Bytes, type ValueType } from './assembler.ts';

/** Doubles in a vector. */
export const LANES = 2;

/** A local variable, by its position in the function. */
export type Local = number;

/** A function being written: its bytes and locals grow with every instruction. */
export interface Code {
  readonly bytes: Bytes;
  /** Declares one more local. */
  readonly local: (kind: ValueType) => Local;
  readonly locals: readonly ValueType[];
}

export const makeCode = (params: number): Code => {
  const locals: ValueType[] = [];
  return { bytes: makeBytes(4096), locals, local: (kind) => params + locals.push(kind) - 1 };
};

export const get = ({ bytes }: Code, local: Local): void => {
  bytes.byteAndU32(op.localGet, local);
};

export const set = ({ bytes }: Code, local: Local): void => {
  bytes.byteAndU32(op.localSet, local);
};

export const i32 = ({ bytes }: Code, value: number): void => {
  bytes.byte(op.i32Const);
  bytes.s32(value);
};

/** A vector instruction, by its opcode after the prefix. */
export const vector = ({ bytes }: Code, opcode: number): void => {
  bytes.byteAndU32(0xfd, opcode);
};

/** The operand of a load or store of doubles: their alignment, and a byte offset. */
export const memarg = ({ bytes }: Code, offset: number): void => {
  bytes.u32(3);
  bytes.u32(offset);
};

const eightBytes = new Uint8Array(8);
const eightBytesView = new DataView(eightBytes.buffer);

/** The operand of a load or store of singles. */
export const memargSingle = ({ bytes }: Code, offset: number): void => {
  bytes.u32(2);
  bytes.u32(offset);
};

/** A vector of the same 64 bits in both lanes. */
export const constant = (code: Code, bits: bigint): void => {
  vector(code, simd.const);
  eightBytesView.setBigUint64(0, bits, true);
  for (let lane = 0; lane < LANES; lane++) code.bytes.append(eightBytes);
};

/** A new vector of zeros. */
export const zeros = (code: Code): Local => {
  const local = code.local(types.v128);
  constant(code, 0n);
  set(code, local);
  return local;
};

/** A counted loop over byte offsets, from 0 by `step` up to `end`. Gives the counter, which is `end` when it is over. */
export const countedLoop = (code: Code, end: number, step: number, body: (counter: Local) => void): Local => {
  const counter = code.local(types.i32);
  i32(code, 0);
  set(code, counter);
  code.bytes.byte(op.loop, 0x40);
  body(counter);
  get(code, counter);
  i32(code, step);
  code.bytes.byte(op.i32Add, op.localTee);
  code.bytes.u32(counter);
  i32(code, end);
  code.bytes.byte(op.i32LtU, op.brIf, 0);
  code.bytes.byte(op.end);
  return counter;
};

/** Adds up terms `counter · factor`, into a new local where that takes arithmetic, or gives `undefined` where there are none. Halves are of counters that are even. */
export const address = (code: Code, terms: readonly (readonly [Local, number])[]): Local | undefined => {
  if (terms.length === 0) return undefined;
  if (terms.length === 1 && terms[0]![1] === 1) return terms[0]![0];
  const local = code.local(types.i32);
  terms.forEach(([counter, factor], i) => {
    get(code, counter);
    if (factor > 1 && Number.isInteger(Math.log2(factor))) {
      // As a shift it becomes part of the addition's instruction.
      i32(code, Math.log2(factor));
      code.bytes.byte(op.i32Shl);
    } else if (factor !== 1) {
      const isHalf = !Number.isInteger(factor);
      if (factor !== 0.5) {
        i32(code, isHalf ? 2 * factor : factor);
        code.bytes.byte(op.i32Mul);
      }
      if (isHalf) {
        i32(code, 1);
        code.bytes.byte(op.i32ShrS);
      }
    }
    if (i > 0) code.bytes.byte(op.i32Add);
  });
  set(code, local);
  return local;
};

/** Pushes what `address` gave. */
export const pushAddress = (code: Code, place: Local | undefined): void => (place === undefined ? i32(code, 0) : get(code, place));

/** Pushes the double at `offset` from an address, in both lanes. */
export const loadSplat = (code: Code, place: Local | undefined, offset: number): void => {
  pushAddress(code, place);
  vector(code, simd.load64Splat);
  memarg(code, offset);
};

/** Pushes the sum of some vectors, added in pairs, so that no addition waits for all those before it. */
export const addTree = (code: Code, parts: readonly Local[], addition: number = simd.add): void => {
  if (parts.length === 1) return get(code, parts[0]!);
  const half = Math.ceil(parts.length / 2);
  addTree(code, parts.slice(0, half), addition);
  addTree(code, parts.slice(half), addition);
  vector(code, addition);
};

/** Pushes the sum of some vectors, each added to those before it: products that are made for it are then made and added in turn. */
export const addInTurn = (code: Code, parts: readonly Local[]): void =>
  parts.forEach((part, i) => {
    get(code, part);
    if (i > 0) vector(code, simd.add);
  });

/** Puts two of the lanes of the two vectors on the stack together: 0 and 1 are the first's, 2 and 3 the second's. */
export const shuffle = (code: Code, first: number, second: number): void => {
  vector(code, simd.shuffle);
  for (const lane of [first, second]) for (let i = 0; i < 8; i++) code.bytes.byte(8 * lane + i);
};

/** Pushes the low 32 bits of each lane twice. */
export const lowWordsTwice = (code: Code, local: Local): void => {
  get(code, local);
  get(code, local);
  vector(code, simd.shuffle);
  for (const lane of [0, 0, 1, 1]) for (let i = 0; i < 4; i++) code.bytes.byte(8 * lane + i);
};

/** The lanes of a vector added up, in both lanes. */
export const addLanes = (code: Code, local: Local): void => {
  get(code, local);
  get(code, local);
  get(code, local);
  shuffle(code, 1, 0);
  vector(code, simd.add);
  set(code, local);
};

/** Pushes the first lane of the vector on the stack. */
export const firstLane = (code: Code): void => {
  vector(code, simd.extractF64);
  code.bytes.byte(0);
};

/** Stores the first lane of a vector at `offset` from an address. */
export const storeFirstLane = (code: Code, place: Local | undefined, offset: number, value: Local): void => {
  pushAddress(code, place);
  get(code, value);
  firstLane(code);
  code.bytes.byte(op.f64Store);
  memarg(code, offset);
};
