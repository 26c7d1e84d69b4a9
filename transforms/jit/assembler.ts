/** A small WebAssembly assembler: bytes of instructions, and modules of functions that share one imported memory. It knows nothing of graphs. */

/** Value types of WebAssembly. */
export const type = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof type)[keyof typeof type];

/** A growing run of bytes. The one thing here that changes in place. */
export interface Bytes {
  readonly byte: (...values: readonly number[]) => void;
  /** An unsigned LEB128 integer. */
  readonly u32: (value: number) => void;
  /** A byte, and then such an integer: most instructions are that. */
  readonly byteAndU32: (byte: number, value: number) => void;
  /** A signed LEB128 integer. */
  readonly s32: (value: number) => void;
  readonly f64: (value: number) => void;
  readonly append: (bytes: Uint8Array) => void;
  readonly length: () => number;
  readonly result: () => Uint8Array;
}

export const makeBytes = (capacity: number = 256): Bytes => {
  let buffer = new Uint8Array(capacity);
  let size = 0;
  const reserve = (count: number): void => {
    if (size + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, size + count));
    larger.set(buffer);
    buffer = larger;
  };
  const put = (value: number): void => {
    if (size === buffer.length) reserve(1);
    buffer[size++] = value;
  };
  const u32 = (value: number): void => {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      put((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    put(rest);
  };
  const scratch = new DataView(new ArrayBuffer(8));
  return {
    byte: (...values) => {
      for (let i = 0; i < values.length; i++) put(values[i]!);
    },
    u32,
    byteAndU32: (byte, value) => {
      put(byte);
      u32(value);
    },
    s32: (value) => {
      let rest = value | 0;
      while (rest < -64 || rest > 63) {
        put((rest & 0x7f) | 0x80);
        rest >>= 7;
      }
      put(rest & 0x7f);
    },
    f64: (value) => {
      reserve(8);
      scratch.setFloat64(0, value, true);
      for (let i = 0; i < 8; i++) buffer[size++] = scratch.getUint8(i);
    },
    append: (bytes) => {
      reserve(bytes.length);
      buffer.set(bytes, size);
      size += bytes.length;
    },
    length: () => size,
    result: () => buffer.slice(0, size),
  };
};

/** Opcodes of plain instructions. */
export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Const: 0x41,
  f64Const: 0x44,
  f64Load: 0x2b,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtU: 0x49,
  i32LtS: 0x48,
  i32GeS: 0x4e,
  i32Ne: 0x47,
  i64Eqz: 0x50,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  f64Eq: 0x61,
  f64Add: 0xa0,
  f64FromI32S: 0xb7,
  f32DemoteF64: 0xb6,
} as const;

/** The opcode, after the prefix 0xfc, that cuts a double to a signed 32-bit integer; what is too large becomes the largest, NaN 0. */
export const truncateToI32S = 0x02;

/** Opcodes after the SIMD prefix 0xfd. */
export const simd = {
  load: 0x00,
  load64Splat: 0x0a,
  load32Splat: 0x09,
  load32Lane: 0x56,
  load64Lane: 0x57,
  load64Zero: 0x5d,
  store64Lane: 0x5b,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  splatF64: 0x14,
  extractF64: 0x21,
  replaceF64: 0x22,
  anyTrue: 0x53,
  allTrue: 0xc3,
  extractI64: 0x1d,
  addI32: 0xae,
  shlI32: 0xab,
  shrUI32: 0xad,
  eq: 0x47,
  ne: 0x48,
  lt: 0x49,
  gt: 0x4a,
  le: 0x4b,
  ge: 0x4c,
  not: 0x4d,
  and: 0x4e,
  andNot: 0x4f,
  or: 0x50,
  xor: 0x51,
  bitselect: 0x52,
  shl: 0xcb,
  shrS: 0xcc,
  shrU: 0xcd,
  iadd: 0xce,
  isub: 0xd1,
  ieq: 0xd6,
  ilt: 0xd8,
  igt: 0xd9,
  ceil: 0x74,
  floor: 0x75,
  trunc: 0x7a,
  nearest: 0x94,
  abs: 0xec,
  neg: 0xed,
  sqrt: 0xef,
  add: 0xf0,
  sub: 0xf1,
  mul: 0xf2,
  div: 0xf3,
  min: 0xf4,
  max: 0xf5,
  negF32: 0xe1,
  addF32: 0xe4,
  subF32: 0xe5,
  mulF32: 0xe6,
  demoteZero: 0x5e,
  promoteLow: 0x5f,
  pmin: 0xf6,
  pmax: 0xf7,
} as const;

/** A function's parts: its types, and its body without the locals' declarations and the final `end`. */
export interface FunctionCode {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Uint8Array;
  /** The name under which it is exported, if it is. */
  readonly export?: string | undefined;
}

const section = (id: number, content: Bytes): Uint8Array => {
  const out = makeBytes(content.length() + 8);
  out.byte(id);
  out.u32(content.length());
  out.append(content.result());
  return out.result();
};

const name = (out: Bytes, text: string): void => {
  const utf8 = new TextEncoder().encode(text);
  out.u32(utf8.length);
  out.append(utf8);
};

const codeOf = ({ locals, body }: FunctionCode): Uint8Array => {
  const out = makeBytes(body.length + 64);
  // Runs of locals of one type share a declaration.
  const runs = locals.reduce<[count: number, kind: ValueType][]>((all, kind) => {
    const last = all.at(-1);
    if (last?.[1] === kind) last[0]++;
    else all.push([1, kind]);
    return all;
  }, []);
  out.u32(runs.length);
  for (const [count, kind] of runs) {
    out.u32(count);
    out.byte(kind);
  }
  out.append(body);
  out.byte(op.end);
  return out.result();
};

/**
 * A module that imports `env.memory` of `pages` (64 KiB each, also its maximum) and holds these functions, called by their position.
 *
 * @see WebAssembly Core Specification 2.0, section 5.5 (binary format of modules)
 */
export const assemble = (functions: readonly FunctionCode[], pages: number): Uint8Array => {
  const types = makeBytes();
  types.u32(functions.length);
  for (const { params, results } of functions) {
    types.byte(0x60);
    types.u32(params.length);
    types.byte(...params);
    types.u32(results.length);
    types.byte(...results);
  }
  const imports = makeBytes();
  imports.u32(1);
  name(imports, 'env');
  name(imports, 'memory');
  imports.byte(0x02, 0x01);
  imports.u32(pages);
  imports.u32(pages);
  const declared = makeBytes();
  declared.u32(functions.length);
  functions.forEach((_, i) => declared.u32(i));
  const exported = functions.flatMap((f, i) => (f.export === undefined ? [] : [[f.export, i] as const]));
  const exports = makeBytes();
  exports.u32(exported.length);
  for (const [text, i] of exported) {
    name(exports, text);
    exports.byte(0x00);
    exports.u32(i);
  }
  const codes = makeBytes();
  codes.u32(functions.length);
  for (const f of functions) {
    const code = codeOf(f);
    codes.u32(code.length);
    codes.append(code);
  }
  const out = makeBytes();
  out.byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  for (const [id, content] of [
    [1, types],
    [2, imports],
    [3, declared],
    [7, exports],
    [10, codes],
  ] as const)
    out.append(section(id, content));
  return out.result();
};
