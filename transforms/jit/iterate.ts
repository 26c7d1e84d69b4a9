/** The driver of a step that runs many times: what it gives goes back in as what it takes, without leaving the module. */
import { op, simd, type as types, type FunctionCode } from './assembler.ts';
import { address, countedLoop, get, i32, makeCode, memarg, pushAddress, set, vector, type Code, type Local } from './code.ts';

/** A run of doubles that goes from one place in memory to another, in bytes. */
export interface Copy {
  readonly from: number;
  readonly to: number;
  readonly doubles: number;
  /** Whether the double after the last may be written too: then all goes in whole vectors, which are read back without waiting. */
  readonly isRoomy?: boolean | undefined;
}

/** What happens between two steps. */
export interface Iteration {
  readonly copies: readonly Copy[];
  /** A scalar that is written down after each step, and where the first goes. */
  readonly from: number;
  readonly to: number;
  /** A scalar that is 0 after a step that must not count. */
  readonly isGood: number;
}

/** Copies as straight-line code no longer than this many vectors. */
const INLINE_VECTORS = 8;

/** Copies doubles; the bases are added to the addresses. */
export const emitCopy = (code: Code, { from, to, doubles, isRoomy = false }: Copy, fromBase?: Local, toBase?: Local): void => {
  const vectors = isRoomy && doubles > 1 ? Math.ceil(doubles / 2) : Math.floor(doubles / 2);
  if (vectors <= INLINE_VECTORS) {
    for (let v = 0; v < vectors; v++) {
      pushAddress(code, toBase);
      pushAddress(code, fromBase);
      vector(code, simd.load);
      memarg(code, from + 16 * v);
      vector(code, simd.store);
      memarg(code, to + 16 * v);
    }
  } else {
    countedLoop(code, 16 * vectors, 16, (counter) => {
      const place = (base: Local | undefined): Local | undefined =>
        address(
          code,
          base === undefined
            ? [[counter, 1]]
            : [
                [counter, 1],
                [base, 1],
              ],
        );
      const [source, target] = [place(fromBase), place(toBase)];
      pushAddress(code, target);
      pushAddress(code, source);
      vector(code, simd.load);
      memarg(code, from);
      vector(code, simd.store);
      memarg(code, to);
    });
  }
  if (doubles > 2 * vectors) {
    pushAddress(code, toBase);
    pushAddress(code, fromBase);
    code.bytes.byte(op.f64Load);
    memarg(code, from + 16 * vectors);
    code.bytes.byte(op.f64Store);
    memarg(code, to + 16 * vectors);
  }
};

const loadDouble = (code: Code, at: number): void => {
  i32(code, 0);
  code.bytes.byte(op.f64Load);
  memarg(code, at);
};

/** `iterate(n)`: calls the step until n steps are done or one is not good, and gives how many were good. The last good one is not lost: its copies are made. */
export const emitIteration = ({ copies, from, to, isGood }: Iteration, step: number): FunctionCode => {
  const code = makeCode(1);
  const { bytes } = code;
  const done = code.local(types.i32);
  i32(code, 0);
  set(code, done);
  bytes.byte(op.block, 0x40, op.loop, 0x40);
  get(code, done);
  get(code, 0);
  bytes.byte(op.i32LtU, op.i32Eqz, op.brIf, 1);
  bytes.byte(op.call);
  bytes.u32(step);
  loadDouble(code, isGood);
  constantZero(code);
  bytes.byte(op.f64Eq, op.brIf, 1);
  for (const copy of copies) emitCopy(code, copy);
  get(code, done);
  i32(code, 8);
  bytes.byte(op.i32Mul);
  loadDouble(code, from);
  bytes.byte(op.f64Store);
  memarg(code, to);
  get(code, done);
  i32(code, 1);
  bytes.byte(op.i32Add);
  set(code, done);
  bytes.byte(op.br, 0, op.end, op.end);
  get(code, done);
  return { params: [types.i32], results: [types.i32], locals: code.locals, body: bytes.result(), export: 'iterate' };
};

const constantZero = ({ bytes }: Code): void => {
  bytes.byte(op.f64Const);
  bytes.f64(0);
};
