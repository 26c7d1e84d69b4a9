/** The instruction of each operation of scalar expressions, on two lanes at once. */
import { simd } from './assembler.ts';

export const opcodes: Readonly<Record<string, number>> = {
  neg: simd.neg,
  abs: simd.abs,
  sqrt: simd.sqrt,
  floor: simd.floor,
  ceil: simd.ceil,
  trunc: simd.trunc,
  nearest: simd.nearest,
  add: simd.add,
  sub: simd.sub,
  mul: simd.mul,
  div: simd.div,
  min: simd.min,
  max: simd.max,
  pmin: simd.pmin,
  pmax: simd.pmax,
  eq: simd.eq,
  ne: simd.ne,
  lt: simd.lt,
  le: simd.le,
  gt: simd.gt,
  ge: simd.ge,
  and: simd.and,
  or: simd.or,
  xor: simd.xor,
  not: simd.not,
  iadd: simd.iadd,
  isub: simd.isub,
  addWords: simd.addI32,
  iand: simd.and,
  ior: simd.or,
  ixor: simd.xor,
  ieq: simd.ieq,
  ilt: simd.ilt,
  igt: simd.igt,
};

/** Shifts, whose second operand is no vector. */
export const shifts: Readonly<Record<string, number>> = { shl: simd.shl, shrS: simd.shrS, shrU: simd.shrU, shlWords: simd.shlI32, shrWords: simd.shrUI32 };
