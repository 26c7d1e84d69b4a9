/** The templates of linear algebra: Einstein sums, Cholesky factors and triangular solves. */
import { extentsOf, labelStrides, parseEquation, sizesOf } from '../../../core/kernels/linalg.ts';
import { add, div, gt, mul, select, sqrt, type Expr } from '../../../core/loop/expression.ts';
import { makeVariable, minus, plus, readAt, repeat, setTo, times, valueOf, when, writeAt } from '../../../core/loop/procedure.ts';
import type { Integer, Step } from '../../../core/loop/procedure.ts';
import { broadcastStrides, sizeOf, stridesOf } from '../../../core/shape.ts';
import { fill, isNaN, nest, subtractProducts, type ProcedureRule } from './loops.ts';
import { inGroups } from './matrices.ts';

/** Output labels outermost, in their order; the others sum. */
const einsum: ProcedureRule = ({ inputs, output: result, attrs }, { inputs: operands, output }) => {
  const equation = parseEquation(attrs['equation'] as string);
  const extents = extentsOf(
    equation,
    inputs.map((x) => x.shape),
    sizesOf(attrs),
  );
  const own = [...new Set(equation.output)];
  const summed = Object.keys(extents).filter((label) => !own.includes(label));
  const stridesIn = (labels: readonly string[]): number[][] => inputs.map((x, k) => labelStrides(equation.inputs[k]!, x.shape, labels));
  const extentsIn = (labels: readonly string[]): number[] => labels.map((label) => extents[label]!);
  const sum = makeVariable('sum');
  const steps = nest(extentsIn(own), [labelStrides(equation.output, result.shape, own), ...stridesIn(own)], ([to, ...starts]) => [
    setTo(sum, 0),
    ...nest(extentsIn(summed), stridesIn(summed), (offsets) => {
      const product = operands.map((x, k): Expr => readAt(x, plus(starts[k]!, offsets[k]!))).reduce((all, factor) => mul(all, factor));
      return [setTo(sum, add(valueOf(sum), product))];
    }),
    writeAt(output, to!, valueOf(sum)),
  ]);
  // A label written twice in the output fills a diagonal alone.
  return own.length === equation.output.length ? steps : [fill(output, result, 0), ...steps];
};

/**
 * Column by column, the rows below the diagonal a few at a time.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithm 4.2.1, in its version by inner products
 */
const cholesky: ProcedureRule = ({ output: { shape } }, { inputs: [a], output: l }) => {
  const n = shape.at(-1)!;
  const root = makeVariable('root');
  const matrix = (first: Integer): readonly Step[] => {
    const at = (i: Integer, j: Integer): Integer => plus(first, plus(times(i, n), j));
    const mean = (i: Integer, j: Integer): Expr => div(add(readAt(a!, at(i, j)), readAt(a!, at(j, i))), 2);
    const column = (j: Integer): readonly Step[] => {
      const below = (row: Integer, rows: number): readonly Step[] => {
        const at_ = (lane: number, k: Integer): Integer => at(plus(row, lane), k);
        return subtractProducts(
          rows,
          j,
          (lane) => mean(plus(row, lane), j),
          (k) => readAt(l, at(j, k)),
          (k, lane) => readAt(l, at_(lane, k)),
          (rest, lane) => writeAt(l, at_(lane, j), div(rest, valueOf(root))),
        );
      };
      return [
        ...subtractProducts(
          1,
          j,
          () => mean(j, j),
          (k) => readAt(l, at(j, k)),
          (k) => readAt(l, at(j, k)),
          (rest) => setTo(root, select(gt(rest, 0), sqrt(rest), NaN)),
        ),
        writeAt(l, at(j, j), valueOf(root)),
        ...inGroups(plus(j, 1), n, below),
        repeat('right', plus(j, 1), n, (right) => [writeAt(l, at(j, right), 0)]),
      ];
    };
    return [
      repeat('j', 0, n, column),
      // A pivot that is not positive makes its root NaN, and with it the last one.
      when(isNaN(readAt(l, plus(first, n * n - 1))), [repeat('i', 0, n, (i) => [repeat('j', 0, plus(i, 1), (j) => [writeAt(l, at(i, j), NaN)])])]),
    ];
  };
  return n === 0 ? [] : [repeat('matrix', 0, sizeOf(shape) / (n * n), (b) => matrix(times(b, n * n)))];
};

/** Substitution, a few columns of the right-hand side at a time. */
const triangularSolve: ProcedureRule = ({ inputs: [ofA, ofB], output: { shape }, attrs }, { inputs: [a, b], output: x }) => {
  const [n, columns] = shape.slice(-2) as [number, number];
  const [row, column] = attrs['transpose'] === true ? [1, n] : [n, 1];
  const isForward = (attrs['lower'] !== false) !== (attrs['transpose'] === true);
  const index = (step: Integer): Integer => (isForward ? step : minus(n - 1, step));
  const batch = shape.slice(0, -2);
  const wholes = (strides: readonly number[], size: number): number[] => strides.map((stride) => stride * size);
  const strides = [
    wholes(broadcastStrides(ofA!.shape.slice(0, -2), batch), n * n),
    wholes(broadcastStrides(ofB!.shape.slice(0, -2), batch), n * columns),
    wholes(stridesOf(batch), n * columns),
  ];
  return nest(batch, strides, ([inA, inB, inX]) => {
    const block = (first: Integer | number, width: number): Step =>
      repeat('step', 0, n, (step) => {
        const i = index(step);
        const at = (start: Integer, k: Integer, lane: number): Integer => plus(start, plus(times(k, columns), plus(first, lane)));
        return subtractProducts(
          width,
          step,
          (lane) => readAt(b!, at(inB!, i, lane)),
          (k) => readAt(a!, plus(inA!, plus(times(i, row), times(index(k), column)))),
          (k, lane) => readAt(x, at(inX!, index(k), lane)),
          (rest, lane) => writeAt(x, at(inX!, i, lane), div(rest, readAt(a!, plus(inA!, times(i, n + 1))))),
        );
      });
    return inGroups(0, columns, (first, width) => [block(first, width)]);
  });
};

export const linalgRules: Readonly<Record<string, ProcedureRule>> = { Einsum: einsum, Cholesky: cholesky, TriangularSolve: triangularSolve };
