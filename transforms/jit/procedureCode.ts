/** From the steps of a procedure to the code of a WebAssembly function; every double is there twice, in both lanes of a vector. */
import { kindlingError } from '../../core/errors.ts';
import type { Expr, Memory, ScalarFunction } from '../../core/loop/expression.ts';
import type { Counter, Integer, Step, Variable } from '../../core/loop/procedure.ts';
import { makeBytes, op, simd, truncateToI32S, type as types, type FunctionCode, type ValueType } from './assembler.ts';
import { firstLane, get, i32, makeCode, memarg, set, vector, type Code, type Local } from './code.ts';
import { pushInteger, type IndexTarget, type Scope } from './integerCode.ts';
import { emitCopy } from './iterate.ts';
import type { Literals } from './literals.ts';
import { evaluate, type FunctionTable, type Leaf, type Target } from './scalarCode.ts';
import type { Place } from './place.ts';

/** What a procedure is emitted into. */
export interface ProcedureTarget {
  readonly functions: FunctionTable;
  /** Where a memory begins; none that a procedure touches is stored in tiles. */
  readonly placeOf: (memory: Memory) => Place;
  /** The function that repeats the program which the procedure drives. */
  readonly iterate?: number | undefined;
}

/** A procedure while it is written. */
interface ProcedureCode extends ProcedureTarget {
  readonly code: Code;
  readonly scopes: readonly Scope[];
  readonly counters: Map<Counter, { readonly local: Local; readonly depth: number }>;
  readonly variables: Map<Variable, Local>;
}

/** The values so far of the expressions of one step, or of one condition: the next step may change them. */
interface StepCode {
  readonly procedure: ProcedureCode;
  readonly target: Target;
  readonly values: Map<Expr, Local>;
  readonly whole: Map<Expr, Local>;
  readonly index: IndexTarget;
}

/** The same code with bytes of its own, to be put in its place later. */
const apart = (code: Code): Code => ({ ...code, bytes: makeBytes() });

const makeScope = (code: Code): Scope => ({ head: apart(code), known: new Map() });

const variableOf = ({ code, variables }: ProcedureCode, variable: Variable): Local => {
  const known = variables.get(variable);
  if (known !== undefined) return known;
  const local = code.local(types.v128);
  variables.set(variable, local);
  return local;
};

const startStep = (procedure: ProcedureCode): StepCode => {
  const { code, functions, scopes, counters } = procedure;
  const truncate = (of: Expr): Local => {
    const known = step.whole.get(of);
    if (known !== undefined) return known;
    const local = code.local(types.i32);
    get(code, valueIn(step, of));
    firstLane(code);
    code.bytes.byte(0xfc);
    code.bytes.u32(truncateToI32S);
    set(code, local);
    step.whole.set(of, local);
    return local;
  };
  const step: StepCode = {
    procedure,
    target: { code, functions, isUniform: true, families: new Map() },
    values: new Map(),
    whole: new Map(),
    index: { code, scopes, counters, truncate },
  };
  return step;
};

/** Pushes what is added to the beginning of a memory for an element. */
const pushElement = ({ index }: StepCode, at: Integer): void => pushInteger(index, at, 8);

const leafOf =
  (step: StepCode): Leaf =>
  (e) => {
    const { procedure, values } = step;
    const { code } = procedure;
    if (e.op === 'param') return e.index;
    if (e.op === 'variable') return variableOf(procedure, e.variable);
    if (e.op !== 'read' && e.op !== 'number') return undefined;
    if (e.op === 'read') {
      pushElement(step, e.at);
      vector(code, simd.load64Splat);
      memarg(code, procedure.placeOf(e.memory).begin);
    } else {
      pushInteger(step.index, e.of);
      code.bytes.byte(op.f64FromI32S);
      vector(code, simd.splatF64);
    }
    const local = code.local(types.v128);
    set(code, local);
    values.set(e, local);
    return local;
  };

const valueIn = (step: StepCode, e: Expr): Local => evaluate(step.target, e, step.values, leafOf(step));

/** Pushes 1 where a condition holds. */
const pushCondition = (procedure: ProcedureCode, condition: Expr): void => {
  get(procedure.code, valueIn(startStep(procedure), condition));
  vector(procedure.code, simd.anyTrue);
};

const VOID = 0x40;

const emitRepeat = (procedure: ProcedureCode, { counter, from, to, body }: Step & { kind: 'repeat' }): void => {
  const { code } = procedure;
  const isKnown = from.kind === 'whole' && to.kind === 'whole';
  if (isKnown && from.value >= to.value) return;
  const [index, end] = [code.local(types.i32), code.local(types.i32)];
  const bounds = startStep(procedure);
  pushInteger(bounds.index, from);
  set(code, index);
  if (to.kind !== 'whole') {
    pushInteger(bounds.index, to);
    set(code, end);
  }
  const pushEnd = (): void => (to.kind === 'whole' ? i32(code, to.value) : get(code, end));
  if (!isKnown) {
    code.bytes.byte(op.block, VOID);
    get(code, index);
    pushEnd();
    code.bytes.byte(op.i32GeS, op.brIf, 0);
  }
  code.bytes.byte(op.loop, VOID);
  const scope = makeScope(code);
  const inner = { ...procedure, code: apart(code), scopes: [...procedure.scopes, scope] };
  procedure.counters.set(counter, { local: index, depth: procedure.scopes.length });
  emitSteps(inner, body);
  procedure.counters.delete(counter);
  code.bytes.append(scope.head.bytes.result());
  code.bytes.append(inner.code.bytes.result());
  get(code, index);
  i32(code, 1);
  code.bytes.byte(op.i32Add, op.localTee);
  code.bytes.u32(index);
  pushEnd();
  code.bytes.byte(op.i32LtS, op.brIf, 0, op.end);
  if (!isKnown) code.bytes.byte(op.end);
};

const emitCopyStep = (procedure: ProcedureCode, { from, fromAt, to, toAt, count }: Step & { kind: 'copy' }): void => {
  const { code, placeOf } = procedure;
  const copying = startStep(procedure);
  const base = (at: Integer): Local | undefined => {
    if (at.kind === 'whole') return undefined;
    const local = code.local(types.i32);
    pushElement(copying, at);
    set(code, local);
    return local;
  };
  const begin = (memory: Memory, at: Integer): number => placeOf(memory).begin + (at.kind === 'whole' ? 8 * at.value : 0);
  emitCopy(code, { from: begin(from, fromAt), to: begin(to, toAt), doubles: count }, base(fromAt), base(toAt));
};

const emitPerform = (procedure: ProcedureCode, { isGood }: Step & { kind: 'perform' }): void => {
  const { code, iterate } = procedure;
  if (iterate === undefined) throw kindlingError('InvalidArgument', { message: 'there is no program for the procedure to perform' });
  i32(code, 1);
  code.bytes.byte(op.call);
  code.bytes.u32(iterate);
  code.bytes.byte(op.f64FromI32S);
  vector(code, simd.splatF64);
  set(code, variableOf(procedure, isGood));
};

const emitStep = (procedure: ProcedureCode, step: Step): void => {
  const { code } = procedure;
  switch (step.kind) {
    case 'set':
      get(code, valueIn(startStep(procedure), step.value));
      return set(code, variableOf(procedure, step.variable));
    case 'assign': {
      const assigning = startStep(procedure);
      const values = step.values.map((value) => valueIn(assigning, value));
      for (const value of values) get(code, value);
      for (const variable of [...step.variables].reverse()) set(code, variableOf(procedure, variable));
      return;
    }
    case 'write': {
      const writing = startStep(procedure);
      const value = valueIn(writing, step.value);
      pushElement(writing, step.at);
      get(code, value);
      vector(code, simd.store64Lane);
      memarg(code, procedure.placeOf(step.memory).begin);
      return code.bytes.byte(0);
    }
    case 'repeat':
      return emitRepeat(procedure, step);
    case 'while':
      code.bytes.byte(op.block, VOID, op.loop, VOID);
      pushCondition(procedure, step.condition);
      code.bytes.byte(op.i32Eqz, op.brIf, 1);
      emitSteps(procedure, step.body);
      return code.bytes.byte(op.br, 0, op.end, op.end);
    case 'when':
      pushCondition(procedure, step.condition);
      code.bytes.byte(op.if, VOID);
      emitSteps(procedure, step.then);
      if (step.otherwise.length > 0) code.bytes.byte(op.else);
      emitSteps(procedure, step.otherwise);
      return code.bytes.byte(op.end);
    case 'copy':
      return emitCopyStep(procedure, step);
    case 'perform':
      return emitPerform(procedure, step);
  }
};

const emitSteps = (procedure: ProcedureCode, steps: readonly Step[]): void => {
  for (const step of steps) emitStep(procedure, step);
};

const makeProcedure = (target: ProcedureTarget, params: number): ProcedureCode => {
  const code = makeCode(params);
  return { ...target, code, scopes: [makeScope(code)], counters: new Map(), variables: new Map() };
};

/** One function without parameters and results that runs the steps. */
export const emitProcedure = (steps: readonly Step[], target: ProcedureTarget): FunctionCode => {
  const procedure = makeProcedure(target, 0);
  emitSteps(procedure, steps);
  return { params: [], results: [], locals: procedure.code.locals, body: procedure.code.bytes.result() };
};

/** A routine as a function: each parameter, and the result, is the same double in both lanes. */
const emitRoutine = ({ name, arity, body, steps = [] }: ScalarFunction, functions: FunctionTable): FunctionCode => {
  const placeOf = (memory: Memory): never => {
    throw kindlingError('InvalidArgument', { message: `routine ${name} touches the memory ${memory.name}: a routine is a function of doubles alone` });
  };
  const procedure = makeProcedure({ functions, placeOf }, arity);
  emitSteps(procedure, steps);
  get(procedure.code, valueIn(startStep(procedure), body));
  const params = new Array<ValueType>(arity).fill(types.v128);
  return { params, results: [types.v128], locals: procedure.code.locals, body: procedure.code.bytes.result() };
};

/** A module's functions, none so far. */
export const makeFunctionTable = (literals?: Literals): FunctionTable => ({
  codes: [],
  positions: new Map(),
  routines: new Map(),
  written: { loops: 0, elsewhere: 0 },
  literals,
  emitRoutine,
});
