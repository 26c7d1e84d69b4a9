/** From a program of the loop language to the functions of a WebAssembly module. */
import { kindlingError } from '../../core/errors.ts';
import { partsOf, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Step } from '../../core/loop/procedure.ts';
import { addPartials, finishSums, startSums } from './accumulators.ts';
import { op, simd, type as types, type FunctionCode } from './assembler.ts';
import { address, countedLoop, get, i32, LANES, makeCode, memarg, set, storeFirstLane, vector, type Code, type Local } from './code.ts';
import { emitCopy, emitIteration, type Iteration } from './iterate.ts';
import { makeLiterals, type Literals } from './literals.ts';
import { compute, loopOver, prepare } from './nest.ts';
import { rowsInTile, type Place } from './place.ts';
import { emitProcedure, makeFunctionTable } from './procedureCode.ts';
import { emitProduct } from './product.ts';
import { bodiesOf, loadsIn, type Loop, type Program, type Routine, type Statement, type Transfer } from './program.ts';
import type { FunctionTable } from './scalarCode.ts';
import { functionNest, withRows, type Nest, type ProgramCode } from './scope.ts';
import { emitTile, narrowAlong, reservePartials } from './tile.ts';

/** An axis no longer than this is straight-line code. */
export const UNROLL = 16;

/** When a function is longer than this, the next loop begins another: engines optimise long ones late or not at all. */
const PART_BYTES = 24_000;

/** A module while it is written. */
interface Writer {
  readonly functions: FunctionTable;
  readonly placeOf: (memory: Memory) => Place;
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
  /** Takes memory for some bytes. */
  readonly reserve: (bytes: number) => number;
}

const call = (code: Code, position: number): void => {
  code.bytes.byte(op.call);
  code.bytes.u32(position);
};

/** A vector with all bits set in its first lane. */
const firstLaneMask = ({ code }: ProgramCode): Local => {
  const mask = code.local(types.v128);
  vector(code, simd.const);
  for (let i = 0; i < 16; i++) code.bytes.byte(i < 8 ? 0xff : 0);
  set(code, mask);
  return mask;
};

/** Tiles over which sums along a free axis are gathered in singles: each of their four lanes then adds up 32 rows. */
const SINGLE_TILES = 8;

/** Code that runs in the last of every n times of a loop; n is a power of 2. */
const everyNth = (code: Code, n: number, step: number, counter: Local, body: () => void): void => {
  get(code, counter);
  i32(code, step * (n - 1));
  code.bytes.byte(op.i32And);
  i32(code, step * (n - 1));
  code.bytes.byte(op.i32Eq, op.if, 0x40);
  body();
  code.bytes.byte(op.end);
};

/** Rows that a pass takes at a time: those of the tiles in which a matrix that it reads is stored. */
const rowsOfTile = ({ program: { placeOf } }: Nest, statements: readonly Statement[]): number =>
  rowsInTile(loadsIn(bodiesOf(statements)).some(({ buffer }) => placeOf(buffer).isTiled && placeOf(buffer).isSingle === true));

/** Whole tiles in a loop, and the rows that are left, or all rows of a short axis, in a shorter tile. */
const emitTiles = (nest: Nest, axis: Axis, statements: readonly Statement[], totals: ReadonlyMap<Statement, Local>): void => {
  const { code } = nest.program;
  const height = rowsOfTile(nest, statements);
  const tiles = axis.extent <= UNROLL ? 0 : Math.floor(axis.extent / height);
  const end = 8 * height * tiles;
  if (tiles > 0) {
    const whole = { axis, isLong: true, vectors: height / LANES, mask: undefined };
    const partials = reservePartials(nest, whole, statements);
    narrowAlong(nest, whole, statements);
    countedLoop(code, end, 8 * height, (first) => {
      emitTile(withRows(nest, { ...whole, partials }, first), statements, totals);
      if (partials.size > 0 && tiles > SINGLE_TILES) everyNth(code, SINGLE_TILES, 8 * height, first, () => addPartials(nest.program, partials));
    });
    addPartials(nest.program, partials);
    nest.program.narrowed.clear();
  }
  const rest = axis.extent - tiles * height;
  if (rest > 0) {
    const first = tiles === 0 ? undefined : code.local(types.i32);
    if (first !== undefined) {
      i32(code, end);
      set(code, first);
    }
    const mask = rest % LANES === 0 ? undefined : firstLaneMask(nest.program);
    emitTile(withRows(nest, { axis, isLong: false, vectors: Math.ceil(rest / LANES), mask }, first), statements, totals);
  }
};

const emitPass = (nest: Nest, axis: Axis, outer: readonly Axis[], statements: readonly Statement[]): void => {
  const bodies = bodiesOf(statements);
  prepare(nest, bodies);
  const totals = startSums(nest.program, statements);
  const go = (here: Nest, axes: readonly Axis[]): void => {
    const [next, ...rest] = axes;
    if (next === undefined) emitTiles(here, axis, statements, totals);
    else loopOver(here, next, bodies, (times) => times.forEach((deeper) => go(deeper, rest)));
  };
  go(nest, outer);
  finishSums(nest.program, statements, totals);
};

const emitTransfers = (
  { placeOf }: Writer,
  code: Code,
  transfers: readonly Transfer[],
  moving?: { readonly side: 'from' | 'to'; readonly counter: Local; readonly isGrowing?: boolean },
): void => {
  for (const { from, to, doubles } of transfers) {
    const base = moving === undefined ? undefined : address(code, [[moving.counter, 8 * doubles]]);
    emitCopy(
      code,
      // Behind every memory there is room. A row of a stack that grows is followed by rows that are still to come.
      { from: placeOf(from).begin, to: placeOf(to).begin, doubles, isRoomy: moving?.side !== 'to' || moving.isGrowing === true },
      moving?.side === 'from' ? base : undefined,
      moving?.side === 'to' ? base : undefined,
    );
  }
};

/** length − 1 − time. */
const countedDown = (code: Code, length: number, time: Local): Local => {
  const local = code.local(types.i32);
  i32(code, length - 1);
  get(code, time);
  code.bytes.byte(op.i32Sub);
  set(code, local);
  return local;
};

/** Leaves the block around the loop that is open where the number at a place is 0. */
const leaveAtZero = (code: Code, at: number): void => {
  i32(code, 0);
  code.bytes.byte(op.f64Load);
  memarg(code, at);
  code.bytes.byte(op.f64Const);
  code.bytes.f64(0);
  code.bytes.byte(op.f64Eq, op.brIf, 1);
};

/** The position of a function that does what a routine says. */
const emitRoutine = (writer: Writer, routine: Routine): number => {
  const { functions, placeOf } = writer;
  if (routine.kind === 'procedure') {
    const code = emitProcedure(routine.steps, writer);
    return functions.codes.push(code) - 1;
  }
  if (routine.kind === 'product') {
    const [a, b, c, scratch] = [routine.a, routine.b, routine.out, routine.scratch].map((memory) => placeOf(memory).begin) as [number, number, number, number];
    functions.codes.push(...emitProduct(routine.product, { a, b, c, scratch, first: functions.codes.length }));
    return functions.codes.length - 1;
  }
  const body = emitProgram(writer, routine.body, routine.length > UNROLL);
  const code = makeCode(0);
  emitTransfers(writer, code, routine.starts);
  if (routine.length > 0) {
    code.bytes.byte(op.block, 0x40);
    countedLoop(code, routine.length, 1, (time) => {
      const counter = routine.reverse ? countedDown(code, routine.length, time) : time;
      emitTransfers(writer, code, routine.slices, { side: 'from', counter });
      call(code, body);
      if (routine.condition !== undefined) leaveAtZero(code, placeOf(routine.condition).begin);
      // Stacked first: what was carried in may be stacked from where the next is to lie.
      emitTransfers(writer, code, routine.stacks, { side: 'to', counter, isGrowing: !routine.reverse });
      emitTransfers(writer, code, routine.turns);
    });
    code.bytes.byte(op.end);
  }
  emitTransfers(writer, code, routine.ends);
  return functions.codes.push({ params: [], results: [], locals: code.locals, body: code.bytes.result() }) - 1;
};

const emitLoop = (writer: Writer, nest: Nest, { axis, outer, statements }: Loop): void => {
  if (axis !== undefined) return emitPass(nest, axis, outer, statements);
  const { code, placeOf } = nest.program;
  for (const statement of statements) {
    if (statement.kind === 'call') call(code, emitRoutine(writer, statement.routine));
    else {
      const value = compute(nest, statement.body, 0);
      if (statement.kind === 'store') storeFirstLane(code, undefined, placeOf(statement.memory).begin + 8 * statement.index.offset, value);
    }
  }
};

const makeProgramCode = ({ functions, placeOf, axesOf, reserve }: Writer, spilled: ProgramCode['spilled'], isInLoop: boolean): ProgramCode => ({
  code: makeCode(0),
  functions,
  placeOf,
  axesOf,
  scalars: new Map(),
  families: new Map(),
  spilled,
  reserve,
  narrowed: new Map(),
  isInLoop,
});

/** Writes to memory those values of a function that later loops need. */
const spill = (writer: Writer, { program, scopes }: Nest, later: readonly Loop[]): void => {
  const { code, scalars, spilled } = program;
  const seen = new Set<Expr>();
  const stack = later.flatMap(({ statements }) => bodiesOf(statements));
  while (stack.length > 0) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    const key = e.op === 'ref' ? e.id : e;
    if (spilled.has(key)) continue;
    const local = e.op === 'ref' ? scalars.get(e.id) : e.op === 'const' || e.op === 'load' ? undefined : scopes[0]!.shared.get(e);
    if (local === undefined) stack.push(...partsOf(e));
    else {
      const place = writer.reserve(8);
      storeFirstLane(code, undefined, place, local);
      spilled.set(key, place);
    }
  }
};

/** Emits a program as one function, or as one that calls several; gives its position. `isInLoop` for the body of a long loop. */
const emitProgram = (writer: Writer, { loops }: Program, isInLoop: boolean): number => {
  const { codes } = writer.functions;
  const spilled: ProgramCode['spilled'] = new Map();
  const parts: number[] = [];
  // Scalar code can be parted between any two statements.
  const units = loops.flatMap((loop) => (loop.axis === undefined ? loop.statements.map((one): Loop => ({ ...loop, statements: [one] })) : [loop]));
  let nest = functionNest(makeProgramCode(writer, spilled, isInLoop));
  const close = (): number => {
    const { code } = nest.program;
    return codes.push({ params: [], results: [], locals: code.locals, body: code.bytes.result() }) - 1;
  };
  units.forEach((unit, i) => {
    emitLoop(writer, nest, unit);
    if (nest.program.code.bytes.length() < PART_BYTES || i === units.length - 1) return;
    spill(writer, nest, units.slice(i + 1));
    parts.push(close());
    nest = functionNest(makeProgramCode(writer, spilled, isInLoop));
  });
  const last = close();
  if (parts.length === 0) return last;
  const code = makeCode(0);
  for (const part of [...parts, last]) call(code, part);
  return codes.push({ params: [], results: [], locals: code.locals, body: code.bytes.result() }) - 1;
};

/** The functions of a module: `run` is the program, `iterate` repeats it where that is asked for, procedures around it have names of their own; the constants they load; and where memory ends, of which they may need more. */
export const emit = (
  program: Program,
  placement: ReadonlyMap<Memory, Place>,
  axesOf: (e: Expr) => ReadonlySet<Axis>,
  begin: number,
  iteration?: Iteration,
  procedures: Readonly<Record<string, readonly Step[]>> = {},
): { readonly functions: readonly FunctionCode[]; readonly literals: ReturnType<Literals['runs']>; readonly end: number } => {
  let end = begin;
  const reserve = (bytes: number): number => (end += bytes) - bytes;
  const literals = makeLiterals(reserve);
  const functions = makeFunctionTable(literals);
  const placeOf = (memory: Memory): Place => {
    const place = placement.get(memory);
    if (place === undefined) throw kindlingError('InvalidArgument', { message: `memory ${memory.name} has no place` });
    return place;
  };
  const run = emitProgram({ functions, placeOf, axesOf, reserve }, program, false);
  functions.codes[run] = { ...functions.codes[run]!, export: 'run' };
  if (iteration !== undefined) {
    const iterate = functions.codes.push(emitIteration(iteration, run)) - 1;
    for (const [name, steps] of Object.entries(procedures)) functions.codes.push({ ...emitProcedure(steps, { functions, placeOf, iterate }), export: name });
  }
  return { functions: functions.codes, literals: literals.runs(), end };
};
