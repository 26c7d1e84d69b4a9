/** Programs of the loop language as text: each loop with what it computes, for people. */
import { operandsOf, type Affine, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Step } from '../../core/loop/procedure.ts';
import type { Loop, Program, Routine, Statement } from './program.ts';

/** Longer expressions are cut: shared parts would be written again and again. */
const LONGEST = 160;

const INFIX: Readonly<Record<string, string>> = {
  add: ' + ',
  sub: ' − ',
  mul: ' · ',
  div: ' / ',
  eq: ' = ',
  ne: ' ≠ ',
  lt: ' < ',
  le: ' ≤ ',
  gt: ' > ',
  ge: ' ≥ ',
};

const showIndex = ({ offset, terms }: Affine): string => {
  const parts = terms.map(({ axis, stride }) => (stride === 1 ? axis.name : `${stride}·${axis.name}`));
  return [...parts, ...(offset === 0 && parts.length > 0 ? [] : [String(offset)])].join(' + ');
};

/** An expression, of which no more is visited than can be shown. */
export const showExpr = (root: Expr): string => {
  let left = LONGEST;
  const write = (text: string): string => {
    left -= text.length;
    return text;
  };
  const show = (e: Expr): string => {
    if (left <= 0) return '…';
    switch (e.op) {
      case 'const':
        return write(String(e.value));
      case 'bits':
        return write(`0x${BigInt.asUintN(64, e.value).toString(16)}`);
      case 'param':
        return write(`x${e.index}`);
      case 'load':
        return write(`${e.buffer.name}[${showIndex(e.index)}]`);
      case 'ref':
        return write(`s${e.id}`);
      case 'variable':
      case 'read':
      case 'number':
        return write(e.op);
      case 'sum':
        return `Σ ${write(e.axis.name)} ${show(e.body)}`;
      case 'select': {
        const [mask, ifTrue, ifFalse] = e.args;
        return `(${show(mask)} ? ${show(ifTrue)} : ${show(ifFalse)})`;
      }
      default: {
        const name = e.op === 'call' ? e.fn.name : e.op;
        const infix = INFIX[name];
        if (infix === undefined) write(name);
        const args = operandsOf(e).map(show);
        if (infix !== undefined) return `(${args.join(infix)})`;
        return `${name}(${args.join(', ')})`;
      }
    }
  };
  return show(root);
};

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const showSize = ({ name, size }: Memory): string => `${name} (${size})`;

const countSteps = (steps: readonly Step[]): number =>
  steps.reduce((count, step) => {
    if (step.kind === 'repeat' || step.kind === 'while') return count + 1 + countSteps(step.body);
    return count + 1 + (step.kind === 'when' ? countSteps(step.then) + countSteps(step.otherwise) : 0);
  }, 0);

const showRoutine = (routine: Routine, reads: readonly Memory[], writes: readonly Memory[]): readonly string[] => {
  const [from, to] = [reads, writes].map((memories) => memories.map(showSize).join(', '));
  switch (routine.kind) {
    case 'product': {
      const { batch, rows, inner, columns, precision } = routine.product;
      const times = batch.reduce((count, { extent }) => count * extent, 1);
      const size = `[${rows}, ${inner}] · [${inner}, ${columns}]`;
      return [
        `${routine.out.name} := ${routine.a.name} · ${routine.b.name}: a product of matrices, ${times === 1 ? '' : `${times} times `}${size} in ${precision}`,
      ];
    }
    case 'procedure':
      return [`${to} := a procedure of ${countSteps(routine.steps)} steps on ${from}`];
    case 'loop': {
      const { length, reverse, slices, starts, stacks } = routine;
      const moves = [
        `carries ${starts.reduce((sum, { doubles }) => sum + doubles, 0)} numbers`,
        `reads ${slices.reduce((sum, { doubles }) => sum + doubles, 0)} and stacks ${stacks.reduce((sum, { doubles }) => sum + doubles, 0)} each time`,
      ];
      return [`repeat ${length} times${reverse ? ' in reverse' : ''}, from ${from} to ${to}: ${moves.join(', ')}`, ...indented(showLoops(routine.body))];
    }
  }
};

const showAxis = ({ name, extent }: Axis): string => `${name} below ${extent}`;

/** Where a statement writes, and the axes that it runs over by itself. */
const showTarget = (memory: Memory, index: Affine, axes: readonly Axis[]): readonly [target: string, own: string] => {
  const own = index.terms.map(({ axis }) => axis).filter((axis) => !axes.includes(axis));
  return [`${memory.name}[${showIndex(index)}] := `, own.length === 0 ? '' : `, for each ${own.map(showAxis).join(', ')}`];
};

const showStatement = (statement: Statement, axis: Axis | undefined, axes: readonly Axis[]): readonly string[] => {
  switch (statement.kind) {
    case 'sum':
      return [`s${statement.id} := ${axis === undefined ? '' : `Σ ${axis.name} `}${showExpr(statement.body)}`];
    case 'sumAlong': {
      const { memory, free, index, body } = statement;
      const [target, own] = showTarget(memory, { ...index, terms: [...index.terms, { axis: free, stride: 1 }] }, axes);
      return [`${target}Σ ${axis!.name} ${showExpr(body)}${own}`];
    }
    case 'store': {
      const [target, own] = showTarget(statement.memory, statement.index, axes);
      return [`${target}${showExpr(statement.body)}${own}`];
    }
    case 'let':
      return [`once for all that follow: ${showExpr(statement.body)}`];
    case 'call':
      return showRoutine(statement.routine, statement.reads, statement.writes);
  }
};

const showLoop = ({ axis, outer, statements }: Loop): readonly string[] => {
  const axes = axis === undefined ? outer : [...outer, axis];
  const lines = statements.flatMap((statement) => showStatement(statement, axis, axes));
  return axes.length === 0 ? lines : [`for ${axes.map(showAxis).join(', ')}:`, ...indented(lines)];
};

/** The lines of a program. Indices are named by their extents: n2500_0 and n2500_1 are two that stay below 2500. */
export const showLoops = (program: Program): readonly string[] => program.loops.flatMap(showLoop);
