/** From a program of the loop language to a WebAssembly module: a function `run` of loops over tiles of rows, and the functions it calls. */
import { kindlingError } from '../../core/errors.ts';
import { partsOf, walk, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Loop, Program, Statement } from '../../core/loop/program.ts';
import { assemble, simd, type as types, type FunctionCode } from './assembler.ts';
import { addLanes, address, constant, countedLoop, get, i32, LANES, makeCode, memarg, set, storeFirstLane, vector, zeros, type Local } from './code.ts';
import { emitIteration, type Iteration } from './iterate.ts';
import { evaluate, type Leaf } from './scalarCode.ts';
import { emitTile, TILE_ROWS, type Place, type ProgramCode } from './tile.ts';

/** An axis no longer than this is straight-line code. */
export const UNROLL = 16;

export type Placement = ReadonlyMap<Memory, Place>;

/** The axes on which an expression depends. */
const makeAxesOf = (): ((e: Expr) => ReadonlySet<Axis>) => {
  const known = new Map<Expr, ReadonlySet<Axis>>();
  const none: ReadonlySet<Axis> = new Set();
  return (root) => {
    const stack = [root];
    while (stack.length > 0) {
      const e = stack.at(-1)!;
      if (known.has(e)) {
        stack.pop();
        continue;
      }
      const parts = partsOf(e);
      const waiting = parts.filter((part) => !known.has(part));
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (e.op === 'load') known.set(e, new Set(e.index.terms.map(({ axis }) => axis)));
      else if (e.op === 'sum') known.set(e, new Set([...known.get(e.body)!].filter((axis) => axis !== e.axis)));
      else known.set(e, parts.length === 0 ? none : new Set(parts.flatMap((part) => [...known.get(part)!])));
    }
    return known.get(root)!;
  };
};

const makeProgramCode = (placement: Placement): ProgramCode => ({
  code: makeCode(0),
  functions: { codes: [], positions: new Map() },
  placeOf: (memory) => {
    const place = placement.get(memory);
    if (place === undefined) throw kindlingError('InvalidArgument', { message: `memory ${memory.name} has no place` });
    return place;
  },
  axesOf: makeAxesOf(),
  scalars: new Map(),
  uniform: new Map(),
});

const uniformLeaf =
  ({ code, placeOf, axesOf, scalars, uniform }: ProgramCode): Leaf =>
  (e) => {
    if (e.op === 'ref') return scalars.get(e.id);
    if (e.op !== 'load' || axesOf(e).size > 0) return undefined;
    const local = code.local(types.v128);
    i32(code, 0);
    vector(code, simd.load64Splat);
    memarg(code, placeOf(e.buffer).begin + 8 * e.index.offset);
    set(code, local);
    uniform.set(e, local);
    return local;
  };

const uniformValue = (program: ProgramCode, e: Expr): Local => evaluate(program, e, program.uniform, uniformLeaf(program));

/** Makes sure that every part of an expression that does not vary has its value before the loop. */
const hoist = (program: ProgramCode, root: Expr): void => {
  walk([root], (e) => {
    if (e.op === 'sum' || program.axesOf(e).size > 0) return partsOf(e);
    if (e.op !== 'param') uniformValue(program, e);
    return [];
  });
};

const emitScalars = (program: ProgramCode, statements: readonly Statement[]): void => {
  for (const statement of statements) {
    if (statement.kind === 'let') program.scalars.set(statement.id, uniformValue(program, statement.body));
    else if (statement.kind === 'store') {
      const value = uniformValue(program, statement.body);
      storeFirstLane(program.code, undefined, program.placeOf(statement.memory).begin + 8 * statement.index.offset, value);
    }
  }
};

/** Sets all sums to zero: totals, in the locals it gives, and sums along a free axis, each a vector in memory. */
const startSums = ({ code, placeOf }: ProgramCode, statements: readonly Statement[]): ReadonlyMap<Statement, Local> => {
  const totals = new Map<Statement, Local>();
  for (const statement of statements) {
    if (statement.kind === 'sum') totals.set(statement, zeros(code));
    else if (statement.kind === 'sumAlong') {
      countedLoop(code, 16 * statement.free.extent, 16, (counter) => {
        get(code, counter);
        constant(code, 0n);
        vector(code, simd.store);
        memarg(code, placeOf(statement.memory).begin + 16 * statement.index.offset);
      });
    }
  }
  return totals;
};

/** A vector with all bits set in its first lane. */
const firstLaneMask = ({ code }: ProgramCode): Local => {
  const mask = code.local(types.v128);
  vector(code, simd.const);
  for (let i = 0; i < 16; i++) code.bytes.byte(i < 8 ? 0xff : 0);
  set(code, mask);
  return mask;
};

/** Whole tiles in a loop, and the rows that are left, or all rows of a short axis, in a shorter tile. */
const emitTiles = (program: ProgramCode, axis: Axis, statements: readonly Statement[], totals: ReadonlyMap<Statement, Local>): void => {
  const { code } = program;
  const tiles = axis.extent <= UNROLL ? 0 : Math.floor(axis.extent / TILE_ROWS);
  const end = 8 * TILE_ROWS * tiles;
  if (tiles > 0) {
    countedLoop(code, end, 8 * TILE_ROWS, (first) => emitTile(program, { axis, first, vectors: TILE_ROWS / LANES, mask: undefined }, statements, totals));
  }
  const rest = axis.extent - tiles * TILE_ROWS;
  if (rest > 0) {
    const first = tiles === 0 ? undefined : code.local(types.i32);
    if (first !== undefined) {
      i32(code, end);
      set(code, first);
    }
    const mask = rest % LANES === 0 ? undefined : firstLaneMask(program);
    emitTile(program, { axis, first, vectors: Math.ceil(rest / LANES), mask }, statements, totals);
  }
};

/** Adds up the two lanes of every sum, and names the totals. */
const finishSums = ({ code, placeOf, scalars }: ProgramCode, statements: readonly Statement[], totals: ReadonlyMap<Statement, Local>): void => {
  for (const [statement, total] of totals) {
    addLanes(code, total);
    if (statement.kind === 'sum') scalars.set(statement.id, total);
  }
  for (const statement of statements) {
    if (statement.kind !== 'sumAlong') continue;
    const { begin } = placeOf(statement.memory);
    // The two lanes of each sum, added, move to the front of the memory they were gathered in.
    countedLoop(code, 8 * statement.free.extent, 8, (counter) => {
      const wide = address(code, [[counter, 2]])!;
      const total = code.local(types.v128);
      get(code, wide);
      vector(code, simd.load);
      memarg(code, begin + 16 * statement.index.offset);
      set(code, total);
      addLanes(code, total);
      storeFirstLane(code, counter, begin + 8 * statement.index.offset, total);
    });
  }
};

const emitLoop = (program: ProgramCode, { axis, statements }: Loop): void => {
  if (axis === undefined) return emitScalars(program, statements);
  for (const statement of statements) hoist(program, statement.body);
  const totals = startSums(program, statements);
  emitTiles(program, axis, statements, totals);
  finishSums(program, statements, totals);
};

/** Emits a program as the exported function `run`, with the scalar functions it calls before it, and `iterate` after it where it is asked for. */
export const emit = (program: Program, placement: Placement, pages: number, iteration?: Iteration): Uint8Array => {
  const emitted = makeProgramCode(placement);
  program.loops.forEach((loop) => emitLoop(emitted, loop));
  const { code, functions } = emitted;
  const run: FunctionCode = { params: [], results: [], locals: code.locals, body: code.bytes.result(), export: 'run' };
  const driver = iteration === undefined ? [] : [emitIteration(iteration, functions.codes.length)];
  return assemble([...functions.codes, run, ...driver], pages);
};
