/** Building expressions so that equal ones are one node, with constants folded and identities dropped on the way. */
import { operandsOf, type Affine, type Axis, type Expr, type Memory, type ScalarFunction, type ScalarType } from '../../core/loop/expression.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import type { Constants } from './constants.ts';
import { decided } from './decided.ts';

/** The constructors of one compilation. */
export interface Builder {
  readonly constant: (value: number) => Expr;
  readonly node: (op: string, type: ScalarType, ...args: readonly Expr[]) => Expr;
  readonly add: (a: Expr, b: Expr) => Expr;
  readonly sub: (a: Expr, b: Expr) => Expr;
  readonly mul: (a: Expr, b: Expr) => Expr;
  readonly div: (a: Expr, b: Expr) => Expr;
  readonly neg: (x: Expr) => Expr;
  readonly call: (fn: ScalarFunction, ...args: readonly Expr[]) => Expr;
  readonly load: (memory: Memory, index: Affine) => Expr;
  readonly sum: (axis: Axis, body: Expr) => Expr;
  readonly ref: (id: number) => Expr;
  /** A number for each node, in the order in which they were built. */
  readonly idOf: (e: Expr) => number;
  /** The axes on which a node depends. */
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
  /** How many nodes an expression has at most, a sum counted as one: as many as if it shared none. */
  readonly mostNodes: (e: Expr) => number;
}

/** What is known of a node. */
interface Facts {
  readonly id: number;
  readonly axes: ReadonlySet<Axis>;
  readonly mostNodes: number;
}

const none: ReadonlySet<Axis> = new Set();

const isConst = (e: Expr, value?: number): e is Expr & { op: 'const' } => e.op === 'const' && (value === undefined || Object.is(e.value, value));

/** Whether an expression is ±2^k, of moderate size. */
const isPowerOfTwo = (e: Expr): e is Expr & { op: 'const' } =>
  e.op === 'const' && Math.abs(e.value) > 2 ** -64 && Math.abs(e.value) < 2 ** 64 && Number.isInteger(Math.log2(Math.abs(e.value)));

/** Interns the nodes of one compilation. The tables grow while it builds, and go with it. */
export const makeBuilder = (constants: Constants): Builder => {
  const table = new Map<string, Expr>();
  const facts = new Map<Expr, Facts>();
  /** The number of the first selection by each mask: an expression with a lower one has none within it. */
  const selections = new Map<Expr, number>();
  const objects = new Map<object, number>();
  const idOfObject = (o: object): number => {
    const known = objects.get(o);
    if (known !== undefined) return known;
    objects.set(o, objects.size);
    return objects.size - 1;
  };

  const enter = (key: string, e: Expr, axes: ReadonlySet<Axis>): Expr => {
    table.set(key, e);
    const mostNodes = operandsOf(e).reduce((count, part) => count + facts.get(part)!.mostNodes, 1);
    facts.set(e, { id: facts.size, axes, mostNodes });
    return e;
  };

  const idOf = (e: Expr): number => facts.get(e)!.id;
  const axesOf = (e: Expr): ReadonlySet<Axis> => facts.get(e)!.axes;
  const union = (parts: readonly Expr[]): ReadonlySet<Axis> =>
    parts.reduce((all, part) => {
      const own = axesOf(part);
      return own === all || own.size === 0 ? all : all.size === 0 ? own : new Set([...all, ...own]);
    }, none);

  const constant = (value: number): Expr => {
    const key = `c${Object.is(value, -0) ? '-0' : value}`;
    return table.get(key) ?? enter(key, { op: 'const', type: 'f64', value }, none);
  };
  const load = (memory: Memory, index: Affine): Expr => {
    const key = `l${idOfObject(memory)}[${index.offset};${index.terms.map(({ axis, stride }) => `${idOfObject(axis)}*${stride}`).join('+')}]`;
    return table.get(key) ?? enter(key, { op: 'load', type: 'f64', buffer: memory, index }, new Set(index.terms.map(({ axis }) => axis)));
  };
  /** Interns an operation. One on constant arrays becomes a load of the result. */
  const operation = (key: string, e: Expr): Expr => {
    const known = table.get(key);
    if (known !== undefined) return known;
    const folded = constants.folded(e);
    if (folded === undefined) return enter(key, e, union(operandsOf(e)));
    const result = typeof folded === 'number' ? constant(folded) : load(folded.memory, folded.index);
    table.set(key, result);
    return result;
  };
  const plain = (op: string, type: ScalarType, args: readonly Expr[]): Expr =>
    operation(`${op}(${args.map(idOf).join(',')})`, { op, type, args } as unknown as Expr);
  /** Whether a comparison of constants holds; `undefined` for any other mask. */
  const truthOf = (mask: Expr): boolean | undefined => {
    const parts = operandsOf(mask);
    if (mask.type !== 'mask' || parts.length === 0 || !parts.every((part) => isConst(part))) return undefined;
    const chosen: Expr = { op: 'select', type: 'f64', args: [mask, { op: 'const', type: 'f64', value: 1 }, { op: 'const', type: 'f64', value: 0 }] };
    return functionOf({ name: 'truth', arity: 0, body: chosen })() === 1;
  };
  const node = (op: string, type: ScalarType, ...args: readonly Expr[]): Expr => {
    if (op === 'select') {
      const [mask, ifTrue, ifFalse] = args as [Expr, Expr, Expr];
      const truth = ifTrue === ifFalse ? true : truthOf(mask);
      if (truth !== undefined) return truth ? ifTrue : ifFalse;
      const first = selections.get(mask) ?? Infinity;
      const asked = { mayAsk: (e: Expr): boolean => idOf(e) >= first, rebuild };
      const [chosen, other] = [decided(ifTrue, mask, true, asked), decided(ifFalse, mask, false, asked)];
      if (chosen !== ifTrue || other !== ifFalse) return node(op, type, mask, chosen, other);
    }
    const e = plain(op, type, args);
    if (op === 'select' && !selections.has(args[0]!)) selections.set(args[0]!, idOf(e));
    return type === 'f64' && args.every((arg) => isConst(arg)) ? constant(functionOf({ name: op, arity: 0, body: e })()) : e;
  };

  const neg = (x: Expr): Expr => (isConst(x) ? constant(-x.value) : x.op === 'neg' ? operandsOf(x)[0]! : plain('neg', 'f64', [x]));
  const add = (a: Expr, b: Expr): Expr => {
    if (isConst(a) && isConst(b)) return constant(a.value + b.value);
    if (isConst(a, 0)) return b;
    if (isConst(b, 0)) return a;
    if (b.op === 'neg') return sub(a, operandsOf(b)[0]!);
    if (a.op === 'neg') return sub(b, operandsOf(a)[0]!);
    // A sum is the same in either order: one order makes one node.
    return idOf(a) <= idOf(b) ? plain('add', 'f64', [a, b]) : plain('add', 'f64', [b, a]);
  };
  const sub = (a: Expr, b: Expr): Expr => {
    if (isConst(a) && isConst(b)) return constant(a.value - b.value);
    if (isConst(b, 0)) return a;
    if (isConst(a, 0)) return neg(b);
    if (b.op === 'neg') return add(a, operandsOf(b)[0]!);
    return plain('sub', 'f64', [a, b]);
  };
  const mul = (a: Expr, b: Expr): Expr => {
    if (isConst(a) && isConst(b)) return constant(a.value * b.value);
    if (isConst(a, 1)) return b;
    if (isConst(b, 1)) return a;
    if (isConst(a, -1)) return neg(b);
    if (isConst(b, -1)) return neg(a);
    if (a.op === 'neg') return neg(mul(operandsOf(a)[0]!, b));
    if (b.op === 'neg') return neg(mul(a, operandsOf(b)[0]!));
    if (isPowerOfTwo(b)) return mul(b, a);
    // Products of powers of two round nothing, in whatever order.
    const inner = operandsOf(b).find(isPowerOfTwo);
    if (isPowerOfTwo(a) && b.op === 'mul' && inner !== undefined)
      return mul(
        constant(a.value * inner.value),
        operandsOf(b).find((part) => part !== inner)!,
      );
    return idOf(a) <= idOf(b) ? plain('mul', 'f64', [a, b]) : plain('mul', 'f64', [b, a]);
  };
  const div = (a: Expr, b: Expr): Expr => {
    if (isConst(a) && isConst(b)) return constant(a.value / b.value);
    if (isConst(b, 1)) return a;
    if (isConst(b, -1)) return neg(a);
    if (a.op === 'neg') return neg(div(operandsOf(a)[0]!, b));
    return plain('div', 'f64', [a, b]);
  };

  const call = (fn: ScalarFunction, ...args: readonly Expr[]): Expr =>
    args.every((arg) => isConst(arg))
      ? constant(functionOf(fn)(...args.map((arg) => arg.value)))
      : operation(`f${idOfObject(fn)}(${args.map(idOf).join(',')})`, { op: 'call', type: 'f64', fn, args });
  const arithmetic: Readonly<Record<string, (...args: [Expr, Expr]) => Expr>> = { add, sub, mul, div, neg };
  /** A node with other operands. */
  const rebuild = (e: Expr, args: readonly Expr[]): Expr =>
    e.op === 'call' ? call(e.fn, ...args) : (arithmetic[e.op]?.(...(args as [Expr, Expr])) ?? node(e.op, e.type, ...args));

  return {
    constant,
    node,
    add,
    sub,
    mul,
    div,
    neg,
    call,
    load,
    sum: (axis, body) => {
      const key = `s${idOfObject(axis)}(${idOf(body)})`;
      return table.get(key) ?? enter(key, { op: 'sum', type: 'f64', axis, body }, new Set([...axesOf(body)].filter((own) => own !== axis)));
    },
    ref: (id) => table.get(`r${id}`) ?? enter(`r${id}`, { op: 'ref', type: 'f64', id }, none),
    idOf,
    axesOf,
    mostNodes: (e) => facts.get(e)!.mostNodes,
  };
};
