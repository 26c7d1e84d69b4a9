/** Scalar expressions: the straight-line code that kernels are made of, on doubles, on their 64 bits, and on truth values. */
import { kindlingError } from '../errors.ts';
import { lazily } from './lazily.ts';
import type { Integer, Step, Variable } from './procedure.ts';

/** A double, the 64 bits of one as an integer, or a truth value. */
export type ScalarType = 'f64' | 'i64' | 'mask';

/** What one or two doubles give. All are correctly rounded or exact, and so the same on every machine. */
export type F64Op = 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pmin' | 'pmax';
/**
 * Integer operations on bits; shifts take a constant. Those of words treat the two halves apart, as two numbers of 32 bits; `lowTwice` is the
 * low half in both.
 */
export type I64Op = 'iadd' | 'isub' | 'iand' | 'ior' | 'ixor' | 'shl' | 'shrU' | 'shrS' | 'addWords' | 'shlWords' | 'shrWords' | 'lowTwice';
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'ieq' | 'ilt' | 'igt';
export type MaskOp = 'and' | 'or' | 'xor' | 'not';
/** The same 64 bits read as the other type. */
export type CastOp = 'toBits' | 'fromBits';

/** A node of an expression. Nodes are shared: what is written once is computed once. */
export type Expr =
  | { readonly op: 'const'; readonly type: 'f64'; readonly value: number }
  | { readonly op: 'bits'; readonly type: 'i64'; readonly value: bigint }
  | { readonly op: 'param'; readonly type: 'f64'; readonly index: number }
  | { readonly op: F64Op | I64Op | CompareOp | MaskOp | CastOp; readonly type: ScalarType; readonly args: readonly Expr[] }
  | { readonly op: 'select'; readonly type: 'f64' | 'i64'; readonly args: readonly [mask: Expr, ifTrue: Expr, ifFalse: Expr] }
  | { readonly op: 'call'; readonly type: 'f64'; readonly fn: ScalarFunction; readonly args: readonly Expr[] }
  | { readonly op: 'load'; readonly type: 'f64'; readonly buffer: Memory; readonly index: Affine }
  | { readonly op: 'sum'; readonly type: 'f64'; readonly axis: Axis; readonly body: Expr }
  | { readonly op: 'ref'; readonly type: 'f64'; readonly id: number }
  | { readonly op: 'variable'; readonly type: 'f64'; readonly variable: Variable }
  | { readonly op: 'read'; readonly type: 'f64'; readonly memory: Memory; readonly at: Integer }
  | { readonly op: 'number'; readonly type: 'f64'; readonly of: Integer };

/** One dimension of an index space; two axes of one extent are different axes. */
export interface Axis {
  readonly name: string;
  readonly extent: number;
}

/** A run of doubles in linear memory. */
export interface Memory {
  readonly name: string;
  /** How many doubles. */
  readonly size: number;
}

/** An element of a memory: offset + Σ stride · axis. */
export interface Affine {
  readonly offset: number;
  readonly terms: readonly { readonly axis: Axis; readonly stride: number }[];
}

/** A function of doubles with a name: emitted once, inlined or called as the compiler sees fit. */
export interface ScalarFunction {
  readonly name: string;
  readonly arity: number;
  readonly body: Expr;
  /** What runs before the body can be computed, for a function that takes loops or branches: its variables end up in the body. */
  readonly steps?: readonly Step[] | undefined;
  /** All the functions that come of one computation, this one among them: whoever needs two at the same operands computes them at once. */
  readonly siblings?: readonly ScalarFunction[] | undefined;
  /** Siblings that give the function at two lists of operands at once, the first list and the second, for less than twice the work. */
  readonly pair?: readonly [ScalarFunction, ScalarFunction] | undefined;
  /** What the function is, in fewer steps, where `isKnown` holds, as it mostly does: the same bits. */
  readonly fast?: { readonly isKnown: Expr; readonly value: Expr } | undefined;
}

/** An expression, or a number that stands for a constant. */
export type Operand = Expr | number;

export const exprOf = (x: Operand): Expr => (typeof x === 'number' ? { op: 'const', type: 'f64', value: x } : x);

const requireType = (op: string, type: ScalarType, args: readonly Expr[]): void => {
  const wrong = args.find((arg) => arg.type !== type);
  if (wrong !== undefined) throw kindlingError('InvalidArgument', { message: `${op} takes operands of type ${type}`, given: wrong.type });
};

const node =
  (op: F64Op | I64Op | CompareOp | MaskOp | CastOp, from: ScalarType, to: ScalarType) =>
  (...operands: readonly Operand[]): Expr => {
    const args = operands.map(exprOf);
    requireType(op, from, args);
    return { op, type: to, args };
  };

type Unary = (x: Operand) => Expr;
type Binary = (a: Operand, b: Operand) => Expr;

export const neg: Unary = node('neg', 'f64', 'f64');
export const abs: Unary = node('abs', 'f64', 'f64');
export const sqrt: Unary = node('sqrt', 'f64', 'f64');
export const floor: Unary = node('floor', 'f64', 'f64');
export const ceil: Unary = node('ceil', 'f64', 'f64');
export const trunc: Unary = node('trunc', 'f64', 'f64');
/** To the nearest integer, halves to the even one. */
export const nearest: Unary = node('nearest', 'f64', 'f64');
export const add: Binary = node('add', 'f64', 'f64');
export const sub: Binary = node('sub', 'f64', 'f64');
export const mul: Binary = node('mul', 'f64', 'f64');
export const div: Binary = node('div', 'f64', 'f64');
/** NaN where either is; −0 below +0. */
export const min: Binary = node('min', 'f64', 'f64');
export const max: Binary = node('max', 'f64', 'f64');
/** `b < a ? b : a`: a where either is NaN, or both are zeros. One instruction on every machine, where `min` is several. */
export const pmin: Binary = node('pmin', 'f64', 'f64');
/** `a < b ? b : a`: a where either is NaN, or both are zeros. */
export const pmax: Binary = node('pmax', 'f64', 'f64');

export const eq: Binary = node('eq', 'f64', 'mask');
export const ne: Binary = node('ne', 'f64', 'mask');
export const lt: Binary = node('lt', 'f64', 'mask');
export const le: Binary = node('le', 'f64', 'mask');
export const gt: Binary = node('gt', 'f64', 'mask');
export const ge: Binary = node('ge', 'f64', 'mask');
export const and: Binary = node('and', 'mask', 'mask');
export const or: Binary = node('or', 'mask', 'mask');
export const xor: Binary = node('xor', 'mask', 'mask');
export const not: Unary = node('not', 'mask', 'mask');

/** The bits of a double. */
export const toBits: Unary = node('toBits', 'f64', 'i64');
/** The double of some bits. */
export const fromBits: Unary = node('fromBits', 'i64', 'f64');
/** A constant of 64 bits. */
export const bits = (value: bigint): Expr => ({ op: 'bits', type: 'i64', value: BigInt.asIntN(64, value) });
export const iadd: Binary = node('iadd', 'i64', 'i64');
export const isub: Binary = node('isub', 'i64', 'i64');
export const addWords: Binary = node('addWords', 'i64', 'i64');
export const lowTwice: Unary = node('lowTwice', 'i64', 'i64');
export const iand: Binary = node('iand', 'i64', 'i64');
export const ior: Binary = node('ior', 'i64', 'i64');
export const ixor: Binary = node('ixor', 'i64', 'i64');
export const ieq: Binary = node('ieq', 'i64', 'mask');
export const ilt: Binary = node('ilt', 'i64', 'mask');
export const igt: Binary = node('igt', 'i64', 'mask');

const shift =
  (op: 'shl' | 'shrU' | 'shrS' | 'shlWords' | 'shrWords', most = 63) =>
  (x: Expr, by: number): Expr => {
    requireType(op, 'i64', [x]);
    if (!Number.isInteger(by) || by < 0 || by > most)
      throw kindlingError('InvalidArgument', { message: `${op} shifts by 0 to ${most} bits`, given: String(by) });
    return { op, type: 'i64', args: [x, bits(BigInt(by))] };
  };
export const shl: (x: Expr, by: number) => Expr = shift('shl');
export const shrU: (x: Expr, by: number) => Expr = shift('shrU');
export const shrS: (x: Expr, by: number) => Expr = shift('shrS');
export const shlWords: (x: Expr, by: number) => Expr = shift('shlWords', 31);
export const shrWords: (x: Expr, by: number) => Expr = shift('shrWords', 31);

/** `ifTrue` where the mask holds, else `ifFalse`; both are computed. */
export const select = (mask: Expr, ifTrue: Operand, ifFalse: Operand): Expr => {
  const [a, b] = [exprOf(ifTrue), exprOf(ifFalse)];
  requireType('select', 'mask', [mask]);
  requireType('select', a.type, [b]);
  return { op: 'select', type: a.type as 'f64' | 'i64', args: [mask, a, b] };
};

/** The parameters that the body of a function is written in. */
export const paramsOf = (arity: number): readonly Expr[] => Array.from({ length: arity }, (_, index): Expr => ({ op: 'param', type: 'f64', index }));

/** Names a function of doubles, written as an expression of its parameters. */
export const defineFunction = (name: string, arity: number, body: (...params: readonly Expr[]) => Expr): ScalarFunction => {
  const written = lazily(() => {
    const result = body(...paramsOf(arity));
    requireType(`the body of ${name}`, 'f64', [result]);
    return result;
  });
  return Object.freeze({
    name,
    arity,
    get body(): Expr {
      return written();
    },
  });
};

/** The same function with a short form, written as expressions of its parameters. */
export const withShortForm = (fn: ScalarFunction, form: (...params: readonly Expr[]) => NonNullable<ScalarFunction['fast']>): ScalarFunction => {
  const short = lazily(() => form(...paramsOf(fn.arity)));
  return Object.freeze({
    name: fn.name,
    arity: fn.arity,
    get body(): Expr {
      return fn.body;
    },
    get steps(): ScalarFunction['steps'] {
      return fn.steps;
    },
    get fast(): ScalarFunction['fast'] {
      return short();
    },
  });
};

/** Names several functions of the same parameters, which share most of their work. */
export const defineSiblings = (names: readonly string[], arity: number, body: (...params: readonly Expr[]) => readonly Expr[]): readonly ScalarFunction[] => {
  const results = body(...paramsOf(arity));
  const siblings: ScalarFunction[] = [];
  siblings.push(...results.map((result, i) => Object.freeze({ name: names[i]!, arity, body: result, siblings })));
  return siblings;
};

/** The value of a function at some operands. */
export const call = (fn: ScalarFunction, ...operands: readonly Operand[]): Expr => {
  if (operands.length !== fn.arity)
    throw kindlingError('InvalidArgument', { message: `${fn.name} takes ${fn.arity} operands`, given: String(operands.length) });
  const args = operands.map(exprOf);
  requireType(fn.name, 'f64', args);
  return { op: 'call', type: 'f64', fn, args };
};

/** c0 + x (c1 + x (c2 + …)): Horner's rule. */
export const horner = (x: Expr, coefficients: readonly number[]): Expr =>
  coefficients.reduceRight<Expr>((sum, c, i) => (i === coefficients.length - 1 ? exprOf(c) : add(mul(sum, x), c)), exprOf(0));

/** The same polynomial as its even part plus x times its odd one: half as long a chain of operations, for one more. */
export const polynomial = (x: Expr, coefficients: readonly number[]): Expr => {
  const square = mul(x, x);
  const [even, odd] = [0, 1].map((parity) =>
    horner(
      square,
      coefficients.filter((_, i) => i % 2 === parity),
    ),
  ) as [Expr, Expr];
  return add(even, mul(x, odd));
};

/**
 * The same polynomial by Estrin's scheme: neighbours in pairs, these in pairs, and so on. The chain of operations grows as the logarithm of the
 * degree.
 *
 * @see J.-M. Muller: Elementary Functions, 3rd edition (2016), section 5.6
 */
export const estrin = (x: Expr, coefficients: readonly Operand[]): Expr => {
  if (coefficients.length <= 1) return exprOf(coefficients[0] ?? 0);
  const pairs = coefficients.flatMap((c, i) => {
    if (i % 2 === 1) return [];
    const next = coefficients[i + 1];
    return [next === undefined ? c : add(mul(next, x), c)];
  });
  return pairs.length === 1 ? exprOf(pairs[0]!) : estrin(mul(x, x), pairs);
};

export const axis = (name: string, extent: number): Axis => ({ name, extent });

/** The element of a memory at an index per dimension: `[axis, stride]` pairs and an offset. */
export const load = (buffer: Memory, terms: readonly (readonly [Axis, number])[] = [], offset: number = 0): Expr => ({
  op: 'load',
  type: 'f64',
  buffer,
  index: { offset, terms: terms.map(([along, stride]) => ({ axis: along, stride })) },
});

/** Σ of the body over an axis, computed anew wherever it is needed. */
export const sumOver = (along: Axis, body: Expr): Expr => ({ op: 'sum', type: 'f64', axis: along, body });

/** The value of a scalar that an earlier statement has named. */
export const ref = (id: number): Expr => ({ op: 'ref', type: 'f64', id });

const nothing: readonly Expr[] = [];

/** The operands of a node. The body of a sum is none: it has a loop of its own. */
export const operandsOf = (e: Expr): readonly Expr[] => ('args' in e ? e.args : nothing);

/** Visits each node once, from the results down; `visit` gives the parts of a node to go on with. A loop: expressions may be deeper than the stack. */
export const walk = (results: readonly Expr[], visit: (e: Expr) => readonly Expr[]): void => {
  const seen = new Set<Expr>();
  const stack = [...results];
  while (stack.length > 0) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    stack.push(...visit(e));
  }
};

/** What a node is made of: its operands, or the body of a sum. */
export const partsOf = (e: Expr): readonly Expr[] => (e.op === 'sum' ? [e.body] : operandsOf(e));

/** Every node that some results need, operands first. Written as a loop: expressions may be deeper than the stack. */
export const schedule = (results: readonly Expr[]): readonly Expr[] => {
  // A set keeps the order in which it was filled.
  const done = new Set<Expr>();
  const stack = [...results].reverse();
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    const args = done.has(e) ? nothing : operandsOf(e);
    const before = stack.length;
    for (let i = args.length - 1; i >= 0; i--) if (!done.has(args[i]!)) stack.push(args[i]!);
    if (stack.length > before) continue;
    done.add(e);
    stack.pop();
  }
  return [...done];
};
