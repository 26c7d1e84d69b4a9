/** The code of the product of two matrices, block by block and tile by tile. */
import { op, simd, type as types, type FunctionCode } from './assembler.ts';
import { get, i32, makeCode, memarg, vector, type Code, type Local } from './code.ts';
import { packedBytes, type Blocking } from './productBlocking.ts';
import { emitDots } from './productDots.ts';
import { by, copyOf, inBlocks, startAt } from './productLoops.ts';
import { emitPacking, type Panel } from './productPack.ts';
import { stepsOf, type Product } from './productShape.ts';
import { bytesOf, DOUBLE, emitProductTile, type Finish, type ProductTile, type Steps } from './productTile.ts';

/** After the prefix 0xfc. */
const MEMORY_FILL = 11;

/** A product while its code is written. */
export interface ProductWriter {
  readonly product: Product;
  readonly blocking: Blocking;
  /** Where the scratch area begins, in bytes. */
  readonly scratch: number;
  /** The position of the first function in its module. */
  readonly first: number;
  /** The functions so far, and the position of each by what it does. */
  readonly functions: FunctionCode[];
  readonly positions: Map<string, number>;
}

/** The addresses of a pair of matrices, or of blocks of them, and of their product. */
interface Operands {
  readonly a: Local;
  readonly b: Local;
  readonly c: Local;
}

/** Calls the function of that name, whose code is written on the first call. */
const call = (writer: ProductWriter, code: Code, name: string, args: readonly Local[], count: number, write: (code: Code) => void): void => {
  const { functions, positions, first } = writer;
  if (!positions.has(name)) {
    const body = makeCode(args.length + 1);
    write(body);
    const params = [...args.map(() => types.i32), types.i32];
    positions.set(name, first + functions.push({ params, results: [], locals: body.locals, body: body.bytes.result() }) - 1);
  }
  for (const arg of args) get(code, arg);
  i32(code, count);
  code.bytes.byte(op.call);
  code.bytes.u32(positions.get(name)!);
};

const pack = (writer: ProductWriter, code: Code, name: string, panel: Panel, from: Local, to: Local, count: number): void =>
  call(writer, code, `${name} ${panel.extent}`, [from, to], count, (body) => emitPacking(body, panel, { from: 0, to: 1, count: 2 }));

/** One tile: a call where much is packed, code in place where there is little to do. */
const emitTile = (writer: ProductWriter, code: Code, tile: ProductTile, { a, b, c }: Operands, count: number): void => {
  const { packsB, hasDots } = writer.blocking;
  if (hasDots) emitDots(code, { columns: tile.columns, inner: count, step: tile.b.outer, finish: tile.finish }, { a, b, c });
  else if (!packsB) emitProductTile(code, tile, { a: copyOf(code, a), b: copyOf(code, b), c, count: startAt(code, count) });
  else call(writer, code, `${tile.rows} × ${tile.columns}`, [a, b, c], count, (body) => emitProductTile(body, tile, { a: 0, b: 1, c: 2, count: 3 }));
};

/** Whether the product is the sum of several blocks of the inner axis. */
const isSummed = ({ product, blocking }: ProductWriter): boolean => blocking.inner < product.inner;

const finishOf = (writer: ProductWriter): Finish =>
  isSummed(writer) ? 'add' : writer.product.precision === 'float32' && writer.blocking.lanes === 2 ? 'round' : 'store';

/** The products of one block of the inner axis with one of the columns: for all rows, tile by tile. */
const emitBlock = (writer: ProductWriter, code: Code, at: Operands, width: number, count: number): void => {
  const { product, blocking, scratch } = writer;
  const { lanes, packsA, packsB } = blocking;
  const [inA, inB] = stepsOf(product);
  const size = bytesOf(lanes);
  const packed = (extent: number): Steps => ({ outer: size, inner: size * extent });
  const [a, b] = [packsA ? packed(blocking.rows) : inA, packsB ? packed(blocking.columns) : inB];
  const tile = { lanes, a, b, resultRow: DOUBLE * product.columns, finish: finishOf(writer) };
  const panelStep = packsB ? size * count : inB.outer;
  if (packsB) {
    const [from, to] = [copyOf(code, at.b), startAt(code, scratch)];
    inBlocks(code, width, blocking.columns, [by(from, inB.outer), by(to, panelStep)], (extent) =>
      pack(writer, code, 'pack B', { extent, width: blocking.columns, lanes, source: inB }, from, to, count),
    );
  }
  const [rowsA, rowsC] = [copyOf(code, at.a), copyOf(code, at.c)];
  inBlocks(code, product.rows, blocking.rows, [by(rowsA, inA.outer), by(rowsC, tile.resultRow)], (rows) => {
    const tileA = packsA ? startAt(code, scratch + packedBytes(blocking)[0]) : rowsA;
    if (packsA) pack(writer, code, 'pack A', { extent: rows, width: blocking.rows, lanes, source: inA }, rowsA, tileA, count);
    const [tileB, tileC] = [packsB ? startAt(code, scratch) : copyOf(code, at.b), copyOf(code, rowsC)];
    inBlocks(code, width, blocking.columns, [by(tileB, panelStep), by(tileC, DOUBLE)], (columns) =>
      emitTile(writer, code, { ...tile, rows, columns }, { a: tileA, b: tileB, c: tileC }, count),
    );
  });
};

/** Sets bytes from an address on to zero. */
export const fillZero = (code: Code, place: Local, bytes: number): void => {
  get(code, place);
  i32(code, 0);
  i32(code, bytes);
  code.bytes.byte(0xfc);
  code.bytes.u32(MEMORY_FILL);
  code.bytes.byte(0);
};

/** Rounds doubles from an address on to the nearest singles. */
const roundAll = (code: Code, place: Local, count: number): void => {
  const at = copyOf(code, place);
  inBlocks(code, count, 2, [by(at, DOUBLE)], (lanes) => {
    get(code, at);
    get(code, at);
    vector(code, lanes === 1 ? simd.load64Splat : simd.load);
    memarg(code, 0);
    vector(code, simd.demoteZero);
    vector(code, simd.promoteLow);
    vector(code, lanes === 1 ? simd.store64Lane : simd.store);
    memarg(code, 0);
    if (lanes === 1) code.bytes.byte(0);
  });
};

/** The product of one pair of matrices. */
export const emitMatrixProduct = (writer: ProductWriter, code: Code, { a, b, c }: Operands): void => {
  const { product, blocking } = writer;
  const [inA, inB] = stepsOf(product);
  const size = product.rows * product.columns;
  if (isSummed(writer)) fillZero(code, c, DOUBLE * size);
  const [blockB, blockC] = [copyOf(code, b), copyOf(code, c)];
  inBlocks(code, product.columns, blocking.width, [by(blockB, inB.outer), by(blockC, DOUBLE)], (width) => {
    const at = { a: copyOf(code, a), b: copyOf(code, blockB), c: blockC };
    inBlocks(code, product.inner, blocking.inner, [by(at.a, inA.inner), by(at.b, inB.inner)], (count) => emitBlock(writer, code, at, width, count));
  });
  if (isSummed(writer) && product.precision === 'float32') roundAll(code, c, size);
};
