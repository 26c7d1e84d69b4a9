/** The code of scalar expressions, on two doubles at a time: an instruction for a node, and functions written out or called. */
import { kindlingError } from '../../core/errors.ts';
import { operandsOf, schedule, type Expr, type ScalarFunction } from '../../core/loop/expression.ts';
import { op, simd, type as types, type FunctionCode, type ValueType } from './assembler.ts';
import { constant, firstLane, get, i32, LANES, loadSplat, lowWordsTwice, makeCode, set, shuffle, vector, type Code, type Local } from './code.ts';
import type { Literals } from './literals.ts';
import { opcodes, shifts } from './opcodes.ts';

/** A function of no more nodes than this is written out where it is used; a longer one is called. */
const INLINE_NODES = 90;

/** Nodes of functions that a module may write out in all, within long loops and elsewhere: past them they are called, so that code does not grow with every use. */
const INLINE_BUDGET = { loops: 10_000, elsewhere: 1500 } as const;

const lengths = new WeakMap<ScalarFunction, number>();

const lengthOf = (fn: ScalarFunction): number => {
  const known = lengths.get(fn);
  if (known !== undefined) return known;
  const length = schedule([fn.body]).length;
  lengths.set(fn, length);
  return length;
};

/** Whether a function is to be written out here. A routine never is: where the lanes differ, it has to be called for each; nor what may leave by its short form. */
const isWrittenOut = (fn: ScalarFunction, { functions, isInLoop = false }: Target): boolean => {
  const length = lengthOf(fn);
  const where = isInLoop ? 'loops' : 'elsewhere';
  if (fn.steps !== undefined || fn.fast !== undefined || length > INLINE_NODES || functions.written[where] + length > INLINE_BUDGET[where]) return false;
  functions.written[where] += length;
  return true;
};

/** The functions that expressions call, at their positions in the module; a function is added when it is first called. */
export interface FunctionTable {
  readonly codes: FunctionCode[];
  readonly positions: Map<ScalarFunction, number>;
  /** The positions of routines that take and give the same double in both lanes. */
  readonly routines: Map<ScalarFunction, number>;
  /** How many nodes of functions have been written out so far. */
  readonly written: { loops: number; elsewhere: number };
  /** Where constants lie that are loaded; without it, all are made where they are used. */
  readonly literals?: Literals | undefined;
  /** Emits a routine. Given from outside, since steps are made of expressions. */
  readonly emitRoutine: (fn: ScalarFunction, functions: FunctionTable) => FunctionCode;
}

/** Where expressions are emitted: into the code of one function, beside the functions that it calls. */
export interface Target {
  readonly code: Code;
  readonly functions: FunctionTable;
  /** Whether both lanes of every value are the same, so that a routine need be called only once. */
  readonly isUniform?: boolean | undefined;
  /** What functions that are computed together have given so far, by their operands. Only for code in which each local is set once, and which runs through. */
  readonly families?: Map<string, readonly Local[]> | undefined;
  /** Whether this is the body of a long loop, where a call would be felt. */
  readonly isInLoop?: boolean | undefined;
  /** Whether no loop of the function is round this code. */
  readonly isStraight?: boolean | undefined;
}

/** Answers for a node whose value comes from elsewhere, a load, a sum or a name, with the local that holds it. */
export type Leaf = (e: Expr) => Local | undefined;

const eightBytes = new DataView(new ArrayBuffer(8));

const bitsOf = (value: number): bigint => {
  eightBytes.setFloat64(0, value);
  return eightBytes.getBigUint64(0);
};

const addFunction = (positions: Map<ScalarFunction, number>, fn: ScalarFunction, { codes }: FunctionTable, make: () => FunctionCode): number => {
  const known = positions.get(fn);
  if (known !== undefined) return known;
  const position = codes.push(make()) - 1;
  positions.set(fn, position);
  return position;
};

const vectors = (count: number): readonly ValueType[] => new Array<ValueType>(count).fill(types.v128);

const paramOf: Leaf = (e) => (e.op === 'param' ? e.index : undefined);

/** Pushes the short form of a function where it holds in both lanes, and otherwise what `rest` pushes, given the values that there are by then. */
const unlessFast = (target: Target, { fast }: ScalarFunction, rest: (values: Map<Expr, Local>, known?: Local) => void): void => {
  if (fast === undefined) return rest(new Map());
  const { code } = target;
  const values = new Map<Expr, Local>();
  const known = evaluate(target, fast.isKnown, values, paramOf);
  get(code, known);
  vector(code, simd.allTrue);
  code.bytes.byte(op.if, types.v128);
  get(code, evaluate(target, fast.value, new Map(values), paramOf));
  code.bytes.byte(op.else);
  rest(new Map(values), known);
  code.bytes.byte(op.end);
};

const plainFunction = (fn: ScalarFunction, functions: FunctionTable): FunctionCode => {
  const code = makeCode(fn.arity);
  const target = { code, functions, isStraight: true };
  unlessFast(target, fn, (values) => get(code, evaluate(target, fn.body, values, paramOf)));
  return { params: vectors(fn.arity), results: [types.v128], locals: code.locals, body: code.bytes.result() };
};

/** Where the routine is that takes and gives the same in both lanes. */
const routineAt = (functions: FunctionTable, fn: ScalarFunction): number =>
  addFunction(functions.routines, fn, functions, () => functions.emitRoutine(fn, functions));

/** A routine of vectors: called for each lane in turn, since its branches and loops can't go two ways at once; not where the short form holds. */
const laneByLane = (fn: ScalarFunction, functions: FunctionTable): FunctionCode => {
  const routine = routineAt(functions, fn);
  const code = makeCode(fn.arity);
  const target = { code, functions, isStraight: true };
  const callLane = (lane: number): void => {
    for (let param = 0; param < fn.arity; param++) {
      get(code, param);
      get(code, param);
      shuffle(code, lane, lane);
    }
    code.bytes.byte(op.call);
    code.bytes.u32(routine);
  };
  unlessFast(target, fn, (values, known) => {
    if (fn.fast === undefined || known === undefined) {
      for (let lane = 0; lane < LANES; lane++) callLane(lane);
      return shuffle(code, 0, LANES);
    }
    const result = evaluate(target, fn.fast.value, values, paramOf);
    for (let lane = 0; lane < LANES; lane++) {
      get(code, known);
      vector(code, simd.extractI64);
      code.bytes.byte(lane, op.i64Eqz, op.if, 0x40);
      get(code, result);
      callLane(lane);
      firstLane(code);
      vector(code, simd.replaceF64);
      code.bytes.byte(lane);
      set(code, result);
      code.bytes.byte(op.end);
    }
    get(code, result);
  });
  return { params: vectors(fn.arity), results: [types.v128], locals: code.locals, body: code.bytes.result() };
};

const positionOf = ({ functions, isUniform }: Target, fn: ScalarFunction): number => {
  if (fn.steps !== undefined && isUniform === true) return routineAt(functions, fn);
  return addFunction(functions.positions, fn, functions, () => (fn.steps === undefined ? plainFunction(fn, functions) : laneByLane(fn, functions)));
};

/** A function of vectors that gives the results of all siblings. */
const familyFunction = (siblings: readonly ScalarFunction[], functions: FunctionTable): FunctionCode => {
  const { arity } = siblings[0]!;
  const code = makeCode(arity);
  const values = new Map<Expr, Local>();
  const results = siblings.map(({ body }) => evaluate({ code, functions, isStraight: true }, body, values, (e) => (e.op === 'param' ? e.index : undefined)));
  for (const result of results) get(code, result);
  return { params: vectors(arity), results: vectors(siblings.length), locals: code.locals, body: code.bytes.result() };
};

/** Calls the function that gives the results of all siblings, and gives the locals they are in. */
export const siblingValues = ({ code, functions }: Target, siblings: readonly ScalarFunction[], args: readonly Local[]): readonly Local[] => {
  for (const arg of args) get(code, arg);
  code.bytes.byte(op.call);
  code.bytes.u32(addFunction(functions.positions, siblings[0]!, functions, () => familyFunction(siblings, functions)));
  const locals = siblings.map(() => code.local(types.v128));
  for (const local of [...locals].reverse()) set(code, local);
  return locals;
};

/** The local of one of several functions that are computed at once, and not again where the operands are the same. */
const siblingValue = ({ code, functions, families }: Target, fn: ScalarFunction, siblings: readonly ScalarFunction[], args: readonly Local[]): Local => {
  const key = `${siblings[0]!.name}(${args.join()})`;
  const known = families?.get(key)?.[siblings.indexOf(fn)];
  if (known !== undefined) return known;
  const locals = siblingValues({ code, functions }, siblings, args);
  families?.set(key, locals);
  return locals[siblings.indexOf(fn)]!;
};

/** Pushes a constant. Zero is one instruction anyhow. */
const emitConstant = ({ code, functions: { literals }, isStraight }: Target, bits: bigint): void =>
  literals === undefined || isStraight !== true || bits === 0n ? constant(code, bits) : loadSplat(code, undefined, literals.placeOf(bits));

const isZero = (e: Expr): boolean => e.op === 'const' && Object.is(e.value, 0);

/** Pushes a selection: of zero, one instruction, where any other takes three. */
const emitSelect = ({ code }: Target, [, ifTrue, ifFalse]: readonly Expr[], [mask, first, second]: readonly Local[]): void => {
  if (isZero(ifTrue!)) get(code, second!);
  else get(code, first!);
  if (!isZero(ifTrue!) && !isZero(ifFalse!)) get(code, second!);
  get(code, mask!);
  vector(code, isZero(ifTrue!) ? simd.andNot : isZero(ifFalse!) ? simd.and : simd.bitselect);
};

/** Pushes the value of a node whose operands are in locals. */
const emitNode = (target: Target, e: Expr, args: readonly Local[]): void => {
  const { code } = target;
  const push = (): void => args.forEach((arg) => get(code, arg));
  switch (e.op) {
    case 'const':
      return emitConstant(target, bitsOf(e.value));
    case 'bits':
      return emitConstant(target, BigInt.asUintN(64, e.value));
    case 'toBits':
    case 'fromBits':
      return push();
    case 'lowTwice':
      return lowWordsTwice(code, args[0]!);
    case 'select':
      return emitSelect(target, e.args, args);
    case 'call':
      if (e.fn.siblings !== undefined) return get(code, siblingValue(target, e.fn, e.fn.siblings, args));
      if (isWrittenOut(e.fn, target)) {
        const inner = evaluate(target, e.fn.body, new Map(), (p) => (p.op === 'param' ? args[p.index] : undefined));
        return get(code, inner);
      }
      push();
      code.bytes.byte(op.call);
      return code.bytes.u32(positionOf(target, e.fn));
    default: {
      const shift = shifts[e.op];
      if (shift !== undefined) {
        const by = operandsOf(e)[1]!;
        get(code, args[0]!);
        i32(code, by.op === 'bits' ? Number(by.value) : 0);
        return vector(code, shift);
      }
      const opcode = opcodes[e.op];
      if (opcode === undefined) throw kindlingError('Unsupported', { message: `${e.op} can't be emitted here` });
      push();
      return vector(code, opcode);
    }
  }
};

/** Emits a node whose operands are in locals; gives the local of its value. */
export const evaluateNode = (target: Target, e: Expr, args: readonly Local[]): Local => {
  const local = target.code.local(types.v128);
  emitNode(target, e, args);
  set(target.code, local);
  return local;
};

/** Emits what an expression still needs into locals, adds these to `values`, and gives the local of its value. */
export const evaluate = (target: Target, root: Expr, values: Map<Expr, Local>, leaf: Leaf): Local => {
  const lookup = (e: Expr): Local | undefined => values.get(e) ?? leaf(e);
  const stack = [root];
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    if (lookup(e) !== undefined) {
      stack.pop();
      continue;
    }
    const operands = operandsOf(e);
    const args = operands.map(lookup);
    const before = stack.length;
    for (let i = args.length - 1; i >= 0; i--) if (args[i] === undefined) stack.push(operands[i]!);
    if (stack.length > before) continue;
    stack.pop();
    values.set(e, evaluateNode(target, e, args as Local[]));
  }
  return lookup(root)!;
};
