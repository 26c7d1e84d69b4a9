/** Programs of the loop language: passes over one axis each, with statements that accumulate, store or name a scalar, and calls of code of its own. */
import { partsOf, walk, type Affine, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Step } from '../../core/loop/procedure.ts';
import type { Product } from './product.ts';

/** Doubles that are copied from one memory to another. */
export interface Transfer {
  readonly from: Memory;
  readonly to: Memory;
  readonly doubles: number;
}

/** What code of its own does. */
export type Routine =
  | { readonly kind: 'procedure'; readonly steps: readonly Step[] }
  | { readonly kind: 'product'; readonly product: Product; readonly a: Memory; readonly b: Memory; readonly out: Memory; readonly scratch: Memory }
  | {
      readonly kind: 'loop';
      readonly length: number;
      readonly reverse: boolean;
      readonly body: Program;
      /** A scalar that is 0 after a time that ends the loop and does not count. */
      readonly condition: Memory | undefined;
      /** Before the first time; each time before and after the body, the i-th time from or to the i-th run of so many doubles; and at the end. */
      readonly starts: readonly Transfer[];
      readonly slices: readonly Transfer[];
      readonly turns: readonly Transfer[];
      readonly stacks: readonly Transfer[];
      readonly ends: readonly Transfer[];
    };

/** One result of a pass over an axis, or of scalar code. */
export type Statement =
  /** scalar `id` := Σ_axis body. */
  | { readonly kind: 'sum'; readonly id: number; readonly body: Expr }
  /** memory[index] := Σ_axis body, for each element of the free axis. */
  | { readonly kind: 'sumAlong'; readonly free: Axis; readonly memory: Memory; readonly index: Affine; readonly body: Expr }
  /** memory[index] := body, for each element of the axes of the index. */
  | { readonly kind: 'store'; readonly memory: Memory; readonly index: Affine; readonly body: Expr }
  /** Values of the expression that later ones share. */
  | { readonly kind: 'let'; readonly body: Expr }
  | { readonly kind: 'call'; readonly routine: Routine; readonly reads: readonly Memory[]; readonly writes: readonly Memory[] };

/** Statements that share one pass over an axis, within loops over the outer axes; or scalar code and calls where there is none. */
export interface Loop {
  readonly axis: Axis | undefined;
  readonly outer: readonly Axis[];
  readonly statements: readonly Statement[];
}

/** Loops in order. */
export interface Program {
  readonly loops: readonly Loop[];
}

/** The expressions of some statements. */
export const bodiesOf = (statements: readonly Statement[]): readonly Expr[] => statements.flatMap((one) => (one.kind === 'call' ? [] : [one.body]));

/** All loads in some expressions. */
export const loadsIn = (roots: readonly Expr[]): readonly (Expr & { readonly op: 'load' })[] => {
  const loads: (Expr & { op: 'load' })[] = [];
  walk(roots, (e) => {
    if (e.op === 'load') loads.push(e);
    return partsOf(e);
  });
  return loads;
};

const transfersOf = (routine: Routine & { readonly kind: 'loop' }): readonly Transfer[] => [
  ...routine.starts,
  ...routine.slices,
  ...routine.turns,
  ...routine.stacks,
  ...routine.ends,
];

/** What a statement reads and writes, within the bodies of loops too. */
export const touchedBy = (statement: Statement): readonly Memory[] => {
  if (statement.kind !== 'call') {
    const written = statement.kind === 'store' || statement.kind === 'sumAlong' ? [statement.memory] : [];
    return [...written, ...loadsIn([statement.body]).map((e) => e.buffer)];
  }
  const { routine, reads, writes } = statement;
  const inner = routine.kind === 'loop' ? routine.body.loops.flatMap(({ statements }) => statements.flatMap(touchedBy)) : [];
  const moved =
    routine.kind === 'loop'
      ? [...transfersOf(routine).flatMap(({ from, to }) => [from, to]), ...(routine.condition === undefined ? [] : [routine.condition])]
      : [];
  return [...reads, ...writes, ...inner, ...moved];
};

/** The loops of a program and of the bodies within it. */
export const allLoops = (program: Program): readonly Loop[] =>
  program.loops.flatMap((loop) => [
    loop,
    ...loop.statements.flatMap((one) => (one.kind === 'call' && one.routine.kind === 'loop' ? allLoops(one.routine.body) : [])),
  ]);

/** The memories that a program's calls take as they lie: row after row. */
export const takenWhole = (program: Program): ReadonlySet<Memory> =>
  new Set(
    allLoops(program).flatMap(({ statements }) =>
      statements.flatMap((one) =>
        one.kind !== 'call' ? [] : one.routine.kind === 'loop' ? transfersOf(one.routine).flatMap(({ from, to }) => [from, to]) : [...one.reads, ...one.writes],
      ),
    ),
  );
