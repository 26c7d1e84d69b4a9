/** Scopes: the loops that are open where code is being written, and the values that each of them has computed so far. */
import type { Axis, Expr, Memory } from '../../core/loop/expression.ts';
import type { Local } from './code.ts';
import type { Place } from './place.ts';
import type { Statement } from './program.ts';
import type { Target } from './scalarCode.ts';
import type { ShortSum } from './shortSum.ts';

/** A program while it is written: what its loops share. */
export interface ProgramCode extends Target {
  readonly placeOf: (memory: Memory) => Place;
  /** The axes on which an expression depends. */
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
  /** The scalars that statements of this function have named. */
  readonly scalars: Map<number, Local>;
  /** The bytes in memory where values of earlier functions of the program are found, scalars by their names. */
  readonly spilled: Map<Expr | number, number>;
  /** Takes memory for some bytes. */
  readonly reserve: (bytes: number) => number;
  /** The bytes in memory where values along one axis lie as singles, eight bytes apart. */
  readonly narrowed: Map<Expr, number>;
}

/** One open loop, or the function around all of them, and the values computed in it so far. */
export interface Scope {
  readonly axis: Axis | undefined;
  /** Eight times the index, or the index that `shift` is added to; nothing for the function, for rows that begin at 0, and where an axis is written out. */
  readonly counter: Local | undefined;
  readonly shift: number;
  /** Values that do not depend on the rows. */
  readonly shared: Map<Expr, Local>;
  /** For each vector of the rows, values that do. */
  readonly own: readonly Map<Expr, Local>[];
  /** Values as four singles: those that do not depend on the rows in each of the four, and, for each four of the rows, those that do. */
  readonly sharedSingles: Map<Expr, Local>;
  readonly ownSingles: readonly Map<Expr, Local>[];
  /** The addresses so far, by what they are made of: loads that differ only in an offset share one. */
  readonly addresses: Map<string, Local>;
  /** The sums that are written out here. */
  readonly sums: Map<Expr, ShortSum>;
}

/** The rows of a tile. */
export interface Rows {
  readonly axis: Axis;
  /** Whether there are many such tiles. */
  readonly isLong: boolean;
  readonly vectors: number;
  /** Over the lanes of the last vector, if the rows end within it. */
  readonly mask: Local | undefined;
  /** The bytes in memory where sums along a free axis are gathered as singles, four for each, before they are added to those of doubles. */
  readonly partials?: ReadonlyMap<Statement, number> | undefined;
}

/** The loops that are open where code is being written, the function first. */
export interface Nest {
  readonly program: ProgramCode;
  readonly scopes: readonly Scope[];
  readonly rows: Rows | undefined;
  /** Where nodes are emitted here, by whether both lanes of their values are the same; made when first asked for. */
  readonly targets: Map<boolean, Target>;
}

const makeScope = (axis: Axis | undefined, counter: Local | undefined, vectors: number, shift: number = 0): Scope => ({
  axis,
  counter,
  shift,
  shared: new Map(),
  own: Array.from({ length: vectors }, () => new Map<Expr, Local>()),
  sharedSingles: new Map(),
  ownSingles: Array.from({ length: vectors >> 1 }, () => new Map<Expr, Local>()),
  addresses: new Map(),
  sums: new Map(),
});

/** The function itself. */
export const functionNest = (program: ProgramCode): Nest => ({ program, scopes: [makeScope(undefined, undefined, 0)], rows: undefined, targets: new Map() });

/** With one more loop open, at its index plus `shift`, or at index `shift` of an axis that is written out. */
export const within = (nest: Nest, axis: Axis, counter: Local | undefined, shift: number, addresses: Scope['addresses']): Nest => ({
  ...nest,
  targets: new Map(),
  scopes: [...nest.scopes, { ...makeScope(axis, counter, nest.rows?.vectors ?? 0, shift), addresses }],
});

/** With a tile of rows open. */
export const withRows = (nest: Nest, rows: Rows, first: Local | undefined): Nest => ({
  ...nest,
  rows,
  targets: new Map(),
  scopes: [...nest.scopes, makeScope(rows.axis, first, rows.vectors)],
});

/** The innermost open loop on which an expression depends. */
export const scopeOf = ({ program, scopes }: Nest, e: Expr): Scope => {
  const axes = program.axesOf(e);
  if (axes.size > 0) for (let depth = scopes.length - 1; depth > 0; depth--) if (axes.has(scopes[depth]!.axis!)) return scopes[depth]!;
  return scopes[0]!;
};

export const isOfRows = ({ program, rows }: Nest, e: Expr): boolean => rows !== undefined && program.axesOf(e).has(rows.axis);

/** Whether no loop is open: the rows of a short tile are none. */
const isStraight = ({ scopes, rows }: Nest): boolean => rows?.isLong !== true && scopes.every(({ axis }) => axis === undefined || axis === rows?.axis);

/** Where nodes are emitted that vary along the rows, and those that do not: both lanes of their values are the same. */
export const targetOf = (nest: Nest, isUniform: boolean): Target => {
  const known = nest.targets.get(isUniform);
  if (known !== undefined) return known;
  const isInLoop = nest.program.isInLoop === true || (!isUniform && nest.rows?.isLong === true);
  const target = { ...nest.program, isUniform, isInLoop, isStraight: isStraight(nest) };
  nest.targets.set(isUniform, target);
  return target;
};
