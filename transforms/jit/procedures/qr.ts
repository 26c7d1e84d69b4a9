/** The template of the QR factorisation. */
import { div, lt, max, mul, ne, select, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { makeVariable, minus, plus, readAt, repeat, setTo, times, valueOf, when, writeAt } from '../../../core/loop/procedure.ts';
import type { Integer, Step } from '../../../core/loop/procedure.ts';
import { sizeOf } from '../../../core/shape.ts';
import type { ProcedureRule } from './loops.ts';
import { inGroups, makeReflection, reflectRows, scaleFor, setToLargest } from './matrices.ts';

/** What one matrix is worked on in: its columns and those of Q as rows, so that a reflection runs along memory. */
interface Work {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly columns: Memory;
  readonly q: Memory;
  readonly diagonal: Memory;
  readonly betas: Memory;
}

/**
 * As the kernel's `run`.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithms 5.2.1 and, for Q from its end, section 5.1.6
 */
const reflect = ({ m, n, k, columns, q, diagonal, betas }: Work): readonly Step[] => {
  const [head, beta] = [makeVariable('head'), makeVariable('beta')];
  const element = (row: Integer, i: Integer | number): Integer => plus(times(row, m), i);
  /** Applies reflection j to the rows of a memory from `from` up to `to`. */
  const apply = (j: Integer, memory: Memory, from: Integer, to: number): Step =>
    when(
      ne(valueOf(beta), 0),
      inGroups(from, to, (row, width) =>
        reflectRows(
          width,
          minus(m, j),
          valueOf(beta),
          (i) => readAt(columns, element(j, plus(j, i))),
          memory,
          (i, lane) => element(plus(row, lane), plus(j, i)),
        ),
      ),
    );
  return [
    repeat('j', 0, k, (j) => [
      ...makeReflection(columns, (i) => element(j, plus(j, i)), minus(m, j), head, beta),
      writeAt(diagonal, j, valueOf(head)),
      writeAt(betas, j, valueOf(beta)),
      apply(j, columns, plus(j, 1), n),
    ]),
    repeat('i', 0, k * m, (i) => [writeAt(q, i, 0)]),
    repeat('j', 0, k, (j) => [writeAt(q, element(j, j), 1)]),
    repeat('step', 0, k, (step) => {
      const j = minus(k - 1, step);
      return [setTo(beta, readAt(betas, j)), apply(j, q, j, k)];
    }),
  ];
};

const qr: ProcedureRule = ({ inputs: [ofA] }, { inputs: [a], output, scratch }) => {
  const [m, n] = ofA!.shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  const work: Work = { m, n, k, columns: scratch(n * m), q: scratch(k * m), diagonal: scratch(k), betas: scratch(k) };
  const { columns, q, diagonal } = work;
  const scales = scratch(n);
  const [largest, overall, scale, sign] = [makeVariable('largest'), makeVariable('overall'), makeVariable('scale'), makeVariable('sign')];
  const matrix = (from: Integer, to: Integer): readonly Step[] => {
    const place = (row: Integer, column: Integer): Integer => plus(to, plus(times(row, k), column));
    const put = (r: Integer, j: Integer, x: Expr): Step => writeAt(output, place(plus(m, j), r), div(mul(valueOf(sign), x), readAt(scales, j)));
    const scaleColumns = repeat('j', 0, n, (j) => {
      const element = (i: Integer): Expr => readAt(a!, plus(from, plus(times(i, n), j)));
      return [
        ...setToLargest(largest, m, element),
        setTo(overall, max(valueOf(overall), valueOf(largest))),
        setTo(scale, scaleFor(valueOf(largest))),
        writeAt(scales, j, valueOf(scale)),
        repeat('i', 0, m, (i) => [writeAt(columns, plus(times(j, m), i), mul(valueOf(scale), element(i)))]),
      ];
    });
    const finite = [
      ...reflect(work),
      repeat('r', 0, k, (r) => [
        setTo(sign, select(lt(readAt(diagonal, r), 0), -1, 1)),
        repeat('i', 0, m, (i) => [writeAt(output, place(i, r), mul(valueOf(sign), readAt(q, plus(times(r, m), i))))]),
        repeat('j', 0, r, (j) => [writeAt(output, place(plus(m, j), r), 0)]),
        put(r, r, readAt(diagonal, r)),
        repeat('j', plus(r, 1), n, (j) => [put(r, j, readAt(columns, plus(times(j, m), r)))]),
      ]),
    ];
    const invalid = repeat('i', 0, (m + n) * k, (i) => [writeAt(output, plus(to, i), NaN)]);
    return [setTo(overall, 0), scaleColumns, when(lt(valueOf(overall), Infinity), finite, [invalid])];
  };
  return [repeat('matrix', 0, sizeOf(ofA!.shape.slice(0, -2)), (b) => matrix(times(b, m * n), times(b, (m + n) * k)))];
};

export const qrRules: Readonly<Record<string, ProcedureRule>> = { Qr: qr };
