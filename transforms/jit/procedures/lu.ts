/** The templates of what rests on LU factors: linear systems and determinants. */
import { abs, add, call, div, gt, lt, mul, ne, neg, select, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { log } from '../../../core/loop/functions/log.ts';
import {
  makeVariable,
  minus,
  numberOf,
  plus,
  readAt,
  repeat,
  setTo,
  times,
  truncated,
  valueOf,
  when,
  writeAt,
  type Integer,
  type Step,
  type Variable,
} from '../../../core/loop/procedure.ts';
import { broadcastStrides, sizeOf, stridesOf } from '../../../core/shape.ts';
import { nest, subtractProducts, withIndex, type ProcedureRule } from './loops.ts';
import { exchange, inGroups } from './matrices.ts';

/** The factors of a stack of n × n matrices: P A = L U, and which row of A each of P A is. */
interface Factors {
  readonly n: number;
  readonly lu: Memory;
  readonly rows: Memory;
}

/**
 * Overwrites a matrix by its factors: in each round a column of L, the exchange of rows that makes its pivot the largest, a row of U.
 * An element undergoes the same operations in the same order as in `run`.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithm 3.4.1; the order of the loops is Crout's
 */
const factorise = ({ n, lu, rows }: Factors, first: Integer, firstRow: Integer, parity: Variable): readonly Step[] => {
  const at = (i: Integer, j: Integer, lane = 0): Integer => plus(plus(first, plus(times(i, n), j)), lane);
  const below = (i: Integer, j: Integer, lane: number): Integer => at(plus(i, lane), j);
  const [best, size, pivot] = [makeVariable('best'), makeVariable('size'), makeVariable('pivot')];
  const round = (k: Integer): readonly Step[] => [
    ...inGroups(k, n, (i, width) =>
      subtractProducts(
        width,
        k,
        (lane) => readAt(lu, below(i, k, lane)),
        (m) => readAt(lu, at(m, k)),
        (m, lane) => readAt(lu, below(i, m, lane)),
        (rest, lane) => writeAt(lu, below(i, k, lane), rest),
      ),
    ),
    setTo(best, numberOf(k)),
    setTo(size, abs(readAt(lu, at(k, k)))),
    repeat('i', plus(k, 1), n, (i) => [when(gt(abs(readAt(lu, at(i, k))), valueOf(size)), [setTo(best, numberOf(i)), setTo(size, abs(readAt(lu, at(i, k))))])]),
    when(ne(valueOf(best), numberOf(k)), [
      setTo(parity, neg(valueOf(parity))),
      withIndex('other', valueOf(best), (other) => [
        ...exchange(rows, plus(firstRow, k), plus(firstRow, other)),
        repeat('j', 0, n, (j) => exchange(lu, at(k, j), at(other, j))),
      ]),
    ]),
    setTo(pivot, readAt(lu, at(k, k))),
    when(ne(valueOf(pivot), 0), [repeat('i', plus(k, 1), n, (i) => [writeAt(lu, at(i, k), div(readAt(lu, at(i, k)), valueOf(pivot)))])]),
    ...inGroups(plus(k, 1), n, (j, width) =>
      subtractProducts(
        width,
        k,
        (lane) => readAt(lu, at(k, j, lane)),
        (m) => readAt(lu, at(k, m)),
        (m, lane) => readAt(lu, at(m, j, lane)),
        (rest, lane) => writeAt(lu, at(k, j, lane), rest),
      ),
    ),
  ];
  return [setTo(parity, 1), repeat('row', 0, n, (i) => [writeAt(rows, plus(firstRow, i), numberOf(i))]), repeat('round', 0, n, round)];
};

/** Factorises each matrix of a stack, and goes on with it: given where it is, and the determinant of its exchanges. */
const eachFactorised = (
  from: Memory,
  matrices: number,
  factors: Factors,
  then: (matrix: Integer, first: Integer, parity: Variable) => readonly Step[],
): readonly Step[] => {
  const { n, lu } = factors;
  const parity = makeVariable('parity');
  return [
    repeat('copy', 0, matrices * n * n, (i) => [writeAt(lu, i, readAt(from, i))]),
    repeat('matrix', 0, matrices, (matrix) => {
      const first = times(matrix, n * n);
      return [...factorise(factors, first, times(matrix, n), parity), ...then(matrix, first, parity)];
    }),
  ];
};

const solve: ProcedureRule = ({ inputs: [ofA, ofB], output: { shape }, attrs }, { inputs: [a, b], output: x, scratch }) => {
  const [n, columns] = shape.slice(-2) as [number, number];
  const isTransposed = attrs['transpose'] === true;
  const matrices = sizeOf(ofA!.shape.slice(0, -2));
  const factors: Factors = { n, lu: scratch(matrices * n * n), rows: scratch(matrices * n) };
  /** Of one system, before its rows are where they belong. */
  const work = isTransposed ? scratch(n * columns) : x;
  const batch = shape.slice(0, -2);
  const [stackA, stackB] = [broadcastStrides(ofA!.shape.slice(0, -2), batch), broadcastStrides(ofB!.shape.slice(0, -2), batch)];
  const wholes = (strides: readonly number[], size: number): number[] => strides.map((stride) => stride * size);
  const strides = [wholes(stackA, n * n), wholes(stackA, n), wholes(stackB, n * columns), wholes(stridesOf(batch), n * columns)];
  const systems = nest(batch, strides, ([inLU, inRows, inB, inX]) => {
    const rowOf = (i: Integer): Integer => truncated(readAt(factors.rows, plus(inRows!, i)));
    const factor = (i: Integer, k: Integer): Expr => readAt(factors.lu, plus(inLU!, isTransposed ? plus(times(k, n), i) : plus(times(i, n), k)));
    const place = (start: Integer, i: Integer, column: Integer): Integer => plus(start, plus(times(i, columns), column));
    const inWork: Integer = isTransposed ? { kind: 'whole', value: 0 } : inX!;
    const divided = (rest: Expr, i: Integer, isDone: boolean): Expr => (isDone ? rest : div(rest, factor(i, i)));
    return inGroups(0, columns, (first, width) => [
      repeat('i', 0, n, (i) =>
        subtractProducts(
          width,
          i,
          (lane) => readAt(b!, place(inB!, isTransposed ? i : rowOf(i), plus(first, lane))),
          (k) => factor(i, k),
          (k, lane) => readAt(work, place(inWork, k, plus(first, lane))),
          (rest, lane) => writeAt(work, place(inWork, i, plus(first, lane)), divided(rest, i, !isTransposed)),
        ),
      ),
      repeat('step', 0, n, (step) => {
        const i = minus(n - 1, step);
        return subtractProducts(
          width,
          step,
          (lane) => readAt(work, place(inWork, i, plus(first, lane))),
          (k) => factor(i, minus(n - 1, k)),
          (k, lane) => readAt(work, place(inWork, minus(n - 1, k), plus(first, lane))),
          (rest, lane) => writeAt(work, place(inWork, i, plus(first, lane)), divided(rest, i, isTransposed)),
        );
      }),
      ...(isTransposed
        ? [
            repeat('i', 0, n, (i) => [
              withIndex('row', readAt(factors.rows, plus(inRows!, i)), (row) =>
                Array.from({ length: width }, (_, lane) => writeAt(x, place(inX!, row, plus(first, lane)), readAt(work, place(inWork, i, plus(first, lane))))),
              ),
            ]),
          ]
        : []),
    ]);
  });
  return [...eachFactorised(a!, matrices, factors, () => []), ...systems];
};

/** A kernel of the pivots: what it gives from some variables that start at the parity or 0, and change with each pivot. */
const ofPivots =
  (
    make: (parity: Expr) => { readonly start: readonly Step[]; readonly next: (pivot: Expr) => readonly Step[]; readonly results: readonly Expr[] },
  ): ProcedureRule =>
  ({ inputs: [ofA] }, { inputs: [a], output, scratch }) => {
    const n = ofA!.shape.at(-1)!;
    const matrices = sizeOf(ofA!.shape.slice(0, -2));
    const factors: Factors = { n, lu: scratch(matrices * n * n), rows: scratch(matrices * n) };
    const pivot = makeVariable('pivot');
    return eachFactorised(a!, matrices, factors, (matrix, first, parity) => {
      const { start, next, results } = make(valueOf(parity));
      return [
        ...start,
        repeat('i', 0, n, (i) => [setTo(pivot, readAt(factors.lu, plus(first, times(i, n + 1)))), ...next(valueOf(pivot))]),
        ...results.map((result, i) => writeAt(output, plus(times(matrix, results.length), i), result)),
      ];
    });
  };

const slogdet: ProcedureRule = ofPivots((parity) => {
  const [sign, sum] = [makeVariable('sign'), makeVariable('sum')];
  const signOf = (x: Expr): Expr => select(gt(x, 0), 1, select(lt(x, 0), -1, x));
  return {
    start: [setTo(sign, parity), setTo(sum, 0)],
    next: (pivot) => [setTo(sign, mul(valueOf(sign), signOf(pivot))), setTo(sum, add(valueOf(sum), call(log, abs(pivot))))],
    results: [add(valueOf(sign), 0), valueOf(sum)],
  };
});

const det: ProcedureRule = ofPivots((parity) => {
  const product = makeVariable('product');
  return { start: [setTo(product, parity)], next: (pivot) => [setTo(product, mul(valueOf(product), pivot))], results: [add(valueOf(product), 0)] };
});

export const luRules: Readonly<Record<string, ProcedureRule>> = { Solve: solve, Slogdet: slogdet, Det: det };
