/** Steps over columns: each lane takes its own branches and rounds, and only the lanes that take one are computed. */
import { kindlingError } from '../errors.ts';
import { compileColumns, type ColumnContext, type ColumnFunction, type Source } from './columnExpression.ts';
import { LANES, makeColumn, type Column, type Fill } from './columns.ts';
import { add, eq, lt, mul, operandsOf, pmax, pmin, select, sub, trunc, type Expr, type ScalarFunction } from './expression.ts';
import { repeatWhile, setTo, valueOf, type Counter, type Integer, type Step, type Variable } from './procedure.ts';

/** What a routine keeps for each lane. Columns are made as they are met. */
interface Frame {
  readonly params: readonly Column[];
  readonly variables: Map<Variable, Column>;
  readonly counters: Map<Counter, Variable>;
  readonly functionOf: (fn: ScalarFunction) => ColumnFunction;
}

/** Computes the first n of some lanes. */
type StepRun = (n: number, lanes: Int32Array) => void;

const known = <K, V>(table: Map<K, V>, key: K, make: () => V): V => {
  const value = table.get(key) ?? make();
  table.set(key, value);
  return value;
};

const columnOf = (frame: Frame, e: Expr): Column => {
  if (e.op === 'param') return frame.params[e.index]!;
  if (e.op === 'variable') return known(frame.variables, e.variable, makeColumn);
  throw kindlingError('Unsupported', { message: `a function of numbers has no ${e.op}` });
};

const gather =
  ({ f: from }: Column) =>
  ({ f: to }: Column): Fill =>
  (n, lanes) => {
    for (let k = 0; k < n; k++) to[k] = from[lanes[k]!]!;
  };

/** A counter as a variable. */
const variableOf = (frame: Frame, counter: Counter): Variable => known(frame.counters, counter, () => ({ name: counter.name }));

/** A whole number as an expression of doubles, which hold all of them. */
const expressionOf = (frame: Frame, of: Integer): Expr => {
  switch (of.kind) {
    case 'whole':
      return { op: 'const', type: 'f64', value: of.value };
    case 'counter':
      return valueOf(variableOf(frame, of.counter));
    case 'truncated': {
      const x = withNumbers(frame, of.of);
      return select(eq(x, x), pmin(pmax(trunc(x), -(2 ** 31)), 2 ** 31 - 1), 0);
    }
    default: {
      const [a, b] = [expressionOf(frame, of.a), expressionOf(frame, of.b)];
      return of.kind === 'plus' ? add(a, b) : of.kind === 'minus' ? sub(a, b) : mul(a, b);
    }
  }
};

/** The same expression with whole numbers written as doubles. */
const withNumbers = (frame: Frame, e: Expr, done: Map<Expr, Expr> = new Map()): Expr =>
  known(done, e, () => {
    if (e.op === 'number') return expressionOf(frame, e.of);
    const parts = operandsOf(e);
    const args = parts.map((part) => withNumbers(frame, part, done));
    return args.every((part, i) => part === parts[i]) ? e : ({ ...e, args } as Expr);
  });

/** A run of settings as one: what each variable is in the end, and any other values, in terms of what the variables were before. */
interface Settings {
  readonly finals: ReadonlyMap<Variable, Expr>;
  readonly others: readonly Expr[];
}

type Set = Step & { readonly kind: 'set' };

/** Nodes by what they are made of, so that what several settings share stays one node. */
const makeRenaming = (finals: ReadonlyMap<Variable, Expr>): ((e: Expr) => Expr) => {
  const made = new Map<Expr, Expr[]>();
  const renamed = (e: Expr, args: readonly Expr[]): Expr => {
    const earlier = known(made, e, () => []);
    const same = earlier.find((one) => operandsOf(one).every((part, i) => part === args[i]));
    if (same !== undefined) return same;
    const fresh = { ...e, args } as Expr;
    earlier.push(fresh);
    return fresh;
  };
  return (root) => {
    const done = new Map<Expr, Expr>();
    const visit = (e: Expr): Expr =>
      known(done, e, () => {
        if (e.op === 'variable') return finals.get(e.variable) ?? e;
        const parts = operandsOf(e);
        const args = parts.map(visit);
        return args.every((part, i) => part === parts[i]) ? e : renamed(e, args);
      });
    return visit(root);
  };
};

const settingsOf = (sets: readonly Set[], others: readonly Expr[], frame: Frame): Settings => {
  const finals = new Map<Variable, Expr>();
  const rename = makeRenaming(finals);
  for (const { variable, value } of sets) finals.set(variable, rename(withNumbers(frame, value)));
  return { finals, others: others.map((e) => rename(withNumbers(frame, e))) };
};

/** Computes settings in the first n of some lanes, and puts other values one after another in the columns that it gives. */
const settingsIn = (sets: readonly Set[], others: readonly Expr[], frame: Frame): { readonly run: StepRun; readonly values: readonly Column[] } => {
  const { finals, others: rest } = settingsOf(sets, others, frame);
  const context: ColumnContext = { sourceOf: (leaf): Source => gather(columnOf(frame, leaf)), functionOf: frame.functionOf };
  const { fills, results } = compileColumns([...finals.values(), ...rest], context);
  const to = [...finals.keys()].map((variable) => known(frame.variables, variable, makeColumn).f);
  const run: StepRun = (n, lanes) => {
    for (let k = 0; k < fills.length; k++) fills[k]!(n, lanes);
    for (let s = 0; s < to.length; s++) {
      const [column, value] = [to[s]!, results[s]!.column.f];
      for (let k = 0; k < n; k++) column[lanes[k]!] = value[k]!;
    }
  };
  return { run, values: results.slice(to.length).map(({ column }) => column) };
};

/** Lists the lanes where a condition holds after some settings in `yes`, the others in `no`, and gives the number of the former. */
const partIn = (sets: readonly Set[], condition: Expr, frame: Frame): ((n: number, lanes: Int32Array, yes: Int32Array, no: Int32Array) => number) => {
  const { run, values } = settingsIn(sets, [condition], frame);
  const mask = values[0]!.w;
  return (n, lanes, yes, no) => {
    run(n, lanes);
    let held = 0;
    for (let k = 0; k < n; k++) {
      if (mask[k] !== 0) yes[held++] = lanes[k]!;
      else no[k - held] = lanes[k]!;
    }
    return held;
  };
};

const whileIn = (condition: Expr, body: readonly Step[], frame: Frame): StepRun => {
  const [part, round] = [partIn([], condition, frame), stepsIn(body, frame)];
  const [yes, no] = [new Int32Array(LANES), new Int32Array(LANES)];
  return (n, lanes) => {
    // What is written to `yes` has been read by then.
    for (let left = part(n, lanes, yes, no); left > 0; left = part(left, yes, yes, no)) round(left, yes);
  };
};

const whenIn = (sets: readonly Set[], { condition, then, otherwise }: Step & { kind: 'when' }, frame: Frame): StepRun => {
  const [part, ifTrue, ifFalse] = [partIn(sets, condition, frame), stepsIn(then, frame), stepsIn(otherwise, frame)];
  const [yes, no] = [new Int32Array(LANES), new Int32Array(LANES)];
  return (n, lanes) => {
    const held = part(n, lanes, yes, no);
    if (held > 0) ifTrue(held, yes);
    if (held < n) ifFalse(n - held, no);
  };
};

/** A loop with a counter as one with a variable. */
const repeatAsWhile = ({ counter, from, to, body }: Step & { kind: 'repeat' }, frame: Frame): readonly Step[] => {
  const [index, end] = [variableOf(frame, counter), { name: `end of ${counter.name}` }];
  return [
    setTo(end, expressionOf(frame, to)),
    setTo(index, expressionOf(frame, from)),
    repeatWhile(lt(valueOf(index), valueOf(end)), [...body, setTo(index, add(valueOf(index), 1))]),
  ];
};

/** Steps in runs of settings, each with the choice that comes after it. */
const stepsIn = (steps: readonly Step[], frame: Frame): StepRun => {
  const runs: StepRun[] = [];
  let sets: readonly Set[] = [];
  const flush = (): void => {
    if (sets.length > 0) runs.push(settingsIn(sets, [], frame).run);
    sets = [];
  };
  for (const step of steps) {
    if (step.kind === 'set') sets = [...sets, step];
    else if (step.kind === 'when') {
      runs.push(whenIn(sets, step, frame));
      sets = [];
    } else {
      flush();
      if (step.kind === 'write' || step.kind === 'copy' || step.kind === 'perform' || step.kind === 'assign')
        throw kindlingError('Unsupported', {
          message: 'a function of numbers sets one variable at a time, has no memory, and performs no program',
          given: step.kind,
        });
      runs.push(step.kind === 'while' ? whileIn(step.condition, step.body, frame) : stepsIn(repeatAsWhile(step, frame), frame));
    }
  }
  flush();
  return (n, lanes) => {
    for (let k = 0; k < runs.length; k++) runs[k]!(n, lanes);
  };
};

/** All lanes. */
const everyLane = Int32Array.from({ length: LANES }, (_, i) => i);

/** The loops that run the steps of a function and then compute its body, and where the value is. */
export const compileRoutine = (
  { steps = [], body }: ScalarFunction,
  params: readonly Column[],
  functionOf: (fn: ScalarFunction) => ColumnFunction,
): { readonly run: (n: number) => void; readonly result: Column } => {
  const frame: Frame = { params, variables: new Map(), counters: new Map(), functionOf };
  const before = stepsIn(steps, frame);
  const { fills, results } = compileColumns([withNumbers(frame, body)], { sourceOf: (e) => columnOf(frame, e), functionOf });
  const variables = [...frame.variables.values()];
  const run = (n: number): void => {
    for (let k = 0; k < variables.length; k++) variables[k]!.f.fill(0, 0, n);
    before(n, everyLane);
    for (let k = 0; k < fills.length; k++) fills[k]!(n, everyLane);
  };
  return { run, result: results[0]!.column };
};
