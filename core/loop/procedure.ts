/** Procedures: loops and branches over variables and memories, for what no single expression can say. */
import { kindlingError } from '../errors.ts';
import { exprOf, paramsOf, type Expr, type Memory, type Operand, type ScalarFunction } from './expression.ts';
import { lazily } from './lazily.ts';

/** A double that steps change. */
export interface Variable {
  readonly name: string;
}

/** The index of a `repeat`, known within its body. */
export interface Counter {
  readonly name: string;
}

/** A whole number of 32 bits: an index, or a bound of a loop. */
export type Integer =
  | { readonly kind: 'whole'; readonly value: number }
  | { readonly kind: 'counter'; readonly counter: Counter }
  | { readonly kind: 'plus' | 'minus' | 'times'; readonly a: Integer; readonly b: Integer }
  /** A double cut to a whole number; NaN gives 0, what is too large the largest. */
  | { readonly kind: 'truncated'; readonly of: Expr };

/** One step of a procedure. Steps run in order; each sees what those before it have set and written. */
export type Step =
  | { readonly kind: 'set'; readonly variable: Variable; readonly value: Expr }
  /** Several at once: no value sees what another is set to, and what they share is computed once. */
  | { readonly kind: 'assign'; readonly variables: readonly Variable[]; readonly values: readonly Expr[] }
  | { readonly kind: 'write'; readonly memory: Memory; readonly at: Integer; readonly value: Expr }
  /** The body for counter = from, from + 1, … below to; not at all where from ≥ to. */
  | { readonly kind: 'repeat'; readonly counter: Counter; readonly from: Integer; readonly to: Integer; readonly body: readonly Step[] }
  | { readonly kind: 'while'; readonly condition: Expr; readonly body: readonly Step[] }
  | { readonly kind: 'when'; readonly condition: Expr; readonly then: readonly Step[]; readonly otherwise: readonly Step[] }
  | { readonly kind: 'copy'; readonly from: Memory; readonly fromAt: Integer; readonly to: Memory; readonly toAt: Integer; readonly count: number }
  /** The program that the procedure drives, once; the variable is then 1 where that went well, else 0. */
  | { readonly kind: 'perform'; readonly isGood: Variable };

/** Steps, and the memories that they have for themselves. */
export interface Procedure {
  readonly memories: readonly Memory[];
  readonly steps: readonly Step[];
}

const integerOf = (x: Integer | number): Integer => (typeof x === 'number' ? { kind: 'whole', value: x } : x);

const both =
  (kind: 'plus' | 'minus' | 'times', fold: (a: number, b: number) => number) =>
  (x: Integer | number, y: Integer | number): Integer => {
    const [a, b] = [integerOf(x), integerOf(y)];
    return a.kind === 'whole' && b.kind === 'whole' ? { kind: 'whole', value: fold(a.value, b.value) } : { kind, a, b };
  };

/** Arithmetic of whole numbers. */
export const plus: (a: Integer | number, b: Integer | number) => Integer = both('plus', (a, b) => a + b);
export const minus: (a: Integer | number, b: Integer | number) => Integer = both('minus', (a, b) => a - b);
export const times: (a: Integer | number, b: Integer | number) => Integer = both('times', (a, b) => a * b);
/** A double cut to a whole number. */
export const truncated = (of: Expr): Integer => ({ kind: 'truncated', of });
/** A whole number as a double. */
export const numberOf = (of: Integer | number): Expr => ({ op: 'number', type: 'f64', of: integerOf(of) });

/** A new variable; it is 0 until it is set. */
export const makeVariable = (name: string): Variable => ({ name });
/** The value of a variable where the expression stands. */
export const valueOf = (variable: Variable): Expr => ({ op: 'variable', type: 'f64', variable });
/** The element of a memory at a computed index. */
export const readAt = (memory: Memory, at: Integer | number): Expr => ({ op: 'read', type: 'f64', memory, at: integerOf(at) });

export const setTo = (variable: Variable, value: Operand): Step => ({ kind: 'set', variable, value: exprOf(value) });
export const writeAt = (memory: Memory, at: Integer | number, value: Operand): Step => ({ kind: 'write', memory, at: integerOf(at), value: exprOf(value) });

/** Sets several variables at once. */
export const assign = (...pairs: readonly (readonly [Variable, Operand])[]): Step => ({
  kind: 'assign',
  variables: pairs.map(([variable]) => variable),
  values: pairs.map(([, value]) => exprOf(value)),
});

/** The body for each whole number from `from` up to, not including, `to`. */
export const repeat = (name: string, from: Integer | number, to: Integer | number, body: (index: Integer) => readonly Step[]): Step => {
  const counter: Counter = { name };
  return { kind: 'repeat', counter, from: integerOf(from), to: integerOf(to), body: body({ kind: 'counter', counter }) };
};

const requireMask = (what: string, condition: Expr): Expr => {
  if (condition.type !== 'mask') throw kindlingError('InvalidArgument', { message: `${what} takes a truth value`, given: condition.type });
  return condition;
};

/** The body as long as the condition holds. */
export const repeatWhile = (condition: Expr, body: readonly Step[]): Step => ({ kind: 'while', condition: requireMask('repeatWhile', condition), body });
/** One of two branches. */
export const when = (condition: Expr, then: readonly Step[], otherwise: readonly Step[] = []): Step => ({
  kind: 'when',
  condition: requireMask('when', condition),
  then,
  otherwise,
});

/** `count` doubles from one memory to another. */
export const copyTo = (from: Memory, fromAt: Integer | number, to: Memory, toAt: Integer | number, count: number): Step => ({
  kind: 'copy',
  from,
  fromAt: integerOf(fromAt),
  to,
  toAt: integerOf(toAt),
  count,
});

export const perform = (isGood: Variable): Step => ({ kind: 'perform', isGood });

/** The body with a whole number that is computed once, before it. */
export const withIndex = (name: string, at: Integer, body: (index: Integer) => readonly Step[]): Step => repeat(name, at, plus(at, 1), body);

/** Names a function that takes loops or branches: the steps run first, then the result is computed from their variables. */
export const defineRoutine = (
  name: string,
  arity: number,
  body: (...params: readonly Expr[]) => { readonly steps: readonly Step[]; readonly result: Expr },
): ScalarFunction => {
  const written = lazily(() => body(...paramsOf(arity)));
  return Object.freeze({
    name,
    arity,
    get body(): Expr {
      return written().result;
    },
    get steps(): readonly Step[] {
      return written().steps;
    },
  });
};
