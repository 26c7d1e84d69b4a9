/** The code of indices: sums of multiples of counters, each part computed in the outermost loop in which it is known. */
import { kindlingError } from '../../core/errors.ts';
import type { Expr } from '../../core/loop/expression.ts';
import type { Counter, Integer } from '../../core/loop/procedure.ts';
import { op, type as types } from './assembler.ts';
import { get, i32, set, type Code, type Local } from './code.ts';

/** The body of a loop while it is written. */
export interface Scope {
  /** What runs at the beginning of each round. It can't trap, and so may be there though a branch does not need it. */
  readonly head: Code;
  /** The sums that the head has computed. */
  readonly known: Map<string, Local>;
}

/** Where indices are emitted. */
export interface IndexTarget {
  readonly code: Code;
  /** The loops round the code, from the outside; the first is the function itself. */
  readonly scopes: readonly Scope[];
  readonly counters: ReadonlyMap<Counter, { readonly local: Local; readonly depth: number }>;
  /** Computes a double cut to a whole number, where the code stands. */
  readonly truncate: (of: Expr) => Local;
}

/** What a sum is made of beside its constant; at the depth of no scope if it holds only where the code stands. */
interface Atom {
  readonly key: string;
  readonly depth: number;
  readonly push: (code: Code) => void;
}

/** constant + Σ factor · atom. */
interface Sum {
  readonly constant: number;
  readonly terms: readonly (readonly [Atom, number])[];
}

const HERE = Infinity;

const constantSum = (constant: number): Sum => ({ constant, terms: [] });

const sumOf = (atom: Atom): Sum => ({ constant: 0, terms: [[atom, 1]] });

const scaled = ({ constant, terms }: Sum, by: number): Sum =>
  by === 0 ? constantSum(0) : { constant: by * constant, terms: terms.map(([a, f]) => [a, by * f]) };

const added = (a: Sum, b: Sum): Sum => {
  const terms = new Map<string, readonly [Atom, number]>();
  for (const [atom, factor] of [...a.terms, ...b.terms]) terms.set(atom.key, [atom, factor + (terms.get(atom.key)?.[1] ?? 0)]);
  return { constant: a.constant + b.constant, terms: [...terms.values()].filter(([, factor]) => factor !== 0) };
};

const keyOf = ({ constant, terms }: Sum): string => [constant, ...terms.map(([{ key }, factor]) => `${factor}*${key}`).sort()].join('+');

const depthOf = ({ terms }: Sum): number => Math.max(0, ...terms.map(([{ depth }]) => depth));

const localAtom = (local: Local, depth: number): Atom => ({ key: `l${local}`, depth, push: (code) => get(code, local) });

const product = (target: IndexTarget, a: Sum, b: Sum): Sum => {
  if (a.terms.length === 0) return scaled(b, a.constant);
  if (b.terms.length === 0) return scaled(a, b.constant);
  const key = `(${[keyOf(a), keyOf(b)].sort().join(')(')})`;
  const push = (code: Code): void => {
    pushSum({ ...target, code }, a);
    pushSum({ ...target, code }, b);
    code.bytes.byte(op.i32Mul);
  };
  return sumOf({ key, depth: Math.max(depthOf(a), depthOf(b)), push });
};

const sumFor = (target: IndexTarget, integer: Integer): Sum => {
  switch (integer.kind) {
    case 'whole':
      return constantSum(integer.value);
    case 'counter': {
      const counter = target.counters.get(integer.counter);
      if (counter === undefined) throw kindlingError('InvalidArgument', { message: `counter ${integer.counter.name} is used outside its loop` });
      return sumOf(localAtom(counter.local, counter.depth));
    }
    case 'plus':
      return added(sumFor(target, integer.a), sumFor(target, integer.b));
    case 'minus':
      return added(sumFor(target, integer.a), scaled(sumFor(target, integer.b), -1));
    case 'times':
      return product(target, sumFor(target, integer.a), sumFor(target, integer.b));
    case 'truncated':
      return sumOf(localAtom(target.truncate(integer.of), HERE));
  }
};

const pushMultiple = (code: Code, [atom, factor]: readonly [Atom, number]): void => {
  atom.push(code);
  const shift = Math.log2(factor);
  if (factor === 1) return;
  i32(code, Number.isInteger(shift) ? shift : factor);
  code.bytes.byte(Number.isInteger(shift) ? op.i32Shl : op.i32Mul);
};

/** Pushes a sum whose parts are all within one scope of each other. */
const pushFlat = (code: Code, { constant, terms }: Sum, inner: Local | undefined): void => {
  if (inner !== undefined) get(code, inner);
  terms.forEach((term, i) => {
    pushMultiple(code, term);
    if (i > 0 || inner !== undefined) code.bytes.byte(op.i32Add);
  });
  const isEmpty = inner === undefined && terms.length === 0;
  if (constant === 0 && !isEmpty) return;
  i32(code, constant);
  if (!isEmpty) code.bytes.byte(op.i32Add);
};

/** The local in which the part of a sum that is known at a depth is computed, at the beginning of that loop. */
const hoisted = (target: IndexTarget, sum: Sum): Local | undefined => {
  const depth = depthOf(sum);
  if (depth === 0) return undefined;
  const { head, known } = target.scopes[depth]!;
  const key = keyOf(sum);
  const found = known.get(key);
  if (found !== undefined) return found;
  const outer: Sum = { constant: sum.constant, terms: sum.terms.filter(([atom]) => atom.depth < depth) };
  const base = hoisted(target, outer);
  const own = sum.terms.filter(([atom]) => atom.depth === depth);
  const local = head.local(types.i32);
  pushFlat(head, { constant: base === undefined ? sum.constant : 0, terms: own }, base);
  set(head, local);
  known.set(key, local);
  return local;
};

const pushSum = (target: IndexTarget, sum: Sum): void => {
  const known: Sum = { constant: sum.constant, terms: sum.terms.filter(([{ depth }]) => depth !== HERE) };
  const base = hoisted(target, known);
  const here = sum.terms.filter(([{ depth }]) => depth === HERE);
  pushFlat(target.code, { constant: base === undefined ? sum.constant : 0, terms: here }, base);
};

/** Pushes `factor` times a whole number. */
export const pushInteger = (target: IndexTarget, integer: Integer, factor: number = 1): void => pushSum(target, scaled(sumFor(target, integer), factor));
