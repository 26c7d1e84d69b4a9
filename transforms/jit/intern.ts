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
}

const none: ReadonlySet<Axis> = new Set();

const isConst = (e: Expr, value?: number): e is Expr & { op: 'const' } => e.op === 'const' && (value === undefined || Object.is(e.value, value));

/** Whether an expression is ±2^k, of moderate size. */
const isPowerOfTwo = (e: Expr): e is Expr & { op: 'const' } =>
  e.op === 'const' && Math.abs(e.value) > 2 ** -64 && Math.abs(e.value) < 2 ** 64 && Number.isInteger(Math.log2(Math.abs(e.value)));

/** Interns the nodes of one compilation. The tables grow while it builds, and go with it. */
export const makeBuilder = (constants: Constants): Builder => {
  const table = new Map<string, Expr>();
  const ids = new Map<Expr, number>();
  const axes = new Map<Expr, ReadonlySet<Axis>>();
  const objects = new Map<object, number>();
  const idOfObject = (o: object): number => {
    const known = objects.get(o);
    if (known !== undefined) return known;
    objects.set(o, objects.size);
    return objects.size - 1;
  };

  const intern = (key: string, make: () => Expr, axesOfNode: () => ReadonlySet<Axis>): Expr => {
    const known = table.get(key);
    if (known !== undefined) return known;
    const e = make();
    table.set(key, e);
    ids.set(e, ids.size);
    axes.set(e, axesOfNode());
    return e;
  };

  const idOf = (e: Expr): number => ids.get(e)!;
  const union = (parts: readonly Expr[]): ReadonlySet<Axis> => {
    const all = parts.map((part) => axes.get(part)!);
    const [first] = all;
    if (first === undefined) return none;
    return all.every((own) => own === first || own.size === 0) ? first : new Set(all.flatMap((own) => [...own]));
  };

  const constant = (value: number): Expr =>
    intern(
      `c${Object.is(value, -0) ? '-0' : value}`,
      () => ({ op: 'const', type: 'f64', value }),
      () => none,
    );
  const load = (memory: Memory, index: Affine): Expr =>
    intern(
      `l${idOfObject(memory)}[${index.offset};${index.terms.map(({ axis, stride }) => `${idOfObject(axis)}*${stride}`).join('+')}]`,
      () => ({ op: 'load', type: 'f64', buffer: memory, index }),
      () => new Set(index.terms.map(({ axis }) => axis)),
    );
  /** Interns an operation. One on constant arrays becomes a load of the result. */
  const operation = (key: string, e: Expr): Expr => {
    const known = table.get(key);
    if (known !== undefined) return known;
    const folded = constants.folded(e);
    if (folded === undefined) {
      return intern(
        key,
        () => e,
        () => union(operandsOf(e)),
      );
    }
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
      const [chosen, other] = [decided(ifTrue, mask, true, rebuild), decided(ifFalse, mask, false, rebuild)];
      if (chosen !== ifTrue || other !== ifFalse) return node(op, type, mask, chosen, other);
    }
    const e = plain(op, type, args);
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
    sum: (axis, body) =>
      intern(
        `s${idOfObject(axis)}(${idOf(body)})`,
        () => ({ op: 'sum', type: 'f64', axis, body }),
        () => new Set([...axes.get(body)!].filter((own) => own !== axis)),
      ),
    ref: (id) =>
      intern(
        `r${id}`,
        () => ({ op: 'ref', type: 'f64', id }),
        () => none,
      ),
    idOf,
    axesOf: (e) => axes.get(e)!,
  };
};
