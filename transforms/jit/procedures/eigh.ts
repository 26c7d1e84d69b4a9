/** The template of the symmetric eigenvalue problem. */
import { ROUNDING, STEPS_PER_VALUE, VANISHING } from '../../../core/kernels/eigh.ts';
import { abs, add, and, div, eq, gt, lt, max, min, mul, ne, select, sqrt, sub, type Expr, type Memory } from '../../../core/loop/expression.ts';
import {
  makeVariable,
  minus,
  numberOf,
  plus,
  readAt,
  repeat,
  repeatWhile,
  setTo,
  times,
  truncated,
  valueOf,
  when,
  writeAt,
} from '../../../core/loop/procedure.ts';
import type { Integer, Step, Variable } from '../../../core/loop/procedure.ts';
import { sizeOf } from '../../../core/shape.ts';
import { subtractProducts, withIndex, type ProcedureRule } from './loops.ts';
import { exchange, inGroups, makeReflection, reflectRows, scaleFor, setToLargest } from './matrices.ts';

/** What one matrix is worked on in. */
interface Work {
  readonly n: number;
  /** The matrix; then, right of the diagonal, the vectors of the reflections. */
  readonly own: Memory;
  readonly diagonal: Memory;
  /** Element i stands between i and i + 1. */
  readonly between: Memory;
  readonly betas: Memory;
  /** The eigenvectors so far, in rows. */
  readonly vectors: Memory;
  readonly q: Memory;
}

/** @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithms 8.3.1 and, for Q from its end, section 5.1.6 */
const tridiagonalise = ({ n, own, diagonal, between, betas, vectors, q }: Work): readonly Step[] => {
  const [head, beta, along, half] = [makeVariable('head'), makeVariable('beta'), makeVariable('along'), makeVariable('half')];
  const [vi, qi] = [makeVariable('vi'), makeVariable('qi')];
  const at = (i: Integer, j: Integer): Integer => plus(times(i, n), j);
  const update = (k: Integer): readonly Step[] => {
    const next = plus(k, 1);
    const count = minus(n - 1, k);
    const v = (i: Integer): Expr => readAt(own, at(k, i));
    return [
      ...inGroups(next, n, (row, width) =>
        subtractProducts(
          width,
          count,
          () => numberOf(0),
          (i) => v(plus(next, i)),
          (i, lane) => readAt(own, at(plus(row, lane), plus(next, i))),
          (rest, lane) => writeAt(q, plus(row, lane), mul(valueOf(beta), rest)),
        ),
      ),
      setTo(along, 0),
      repeat('i', next, n, (i) => [setTo(along, sub(valueOf(along), mul(readAt(q, i), v(i))))]),
      setTo(half, mul(mul(0.5, valueOf(beta)), valueOf(along))),
      repeat('i', next, n, (i) => [writeAt(q, i, add(readAt(q, i), mul(valueOf(half), v(i))))]),
      repeat('i', next, n, (i) => [
        setTo(vi, v(i)),
        setTo(qi, readAt(q, i)),
        repeat('j', next, n, (j) => [writeAt(own, at(i, j), add(readAt(own, at(i, j)), add(mul(valueOf(vi), readAt(q, j)), mul(valueOf(qi), v(j)))))]),
      ]),
    ];
  };
  return [
    repeat('k', 0, n - 1, (k) => [
      ...makeReflection(own, (i) => at(k, plus(plus(k, 1), i)), minus(n - 1, k), head, beta),
      writeAt(between, k, valueOf(head)),
      writeAt(betas, k, valueOf(beta)),
      when(ne(valueOf(beta), 0), update(k)),
    ]),
    repeat('i', 0, n * n, (i) => [writeAt(vectors, i, 0)]),
    repeat('i', 0, n, (i) => [writeAt(diagonal, i, readAt(own, at(i, i))), writeAt(vectors, at(i, i), 1)]),
    repeat('step', 0, n - 1, (step) => {
      const k = minus(n - 2, step);
      const next = minus(n - 1, step);
      const rows = inGroups(next, n, (row, width) =>
        reflectRows(
          width,
          plus(step, 1),
          valueOf(beta),
          (i) => readAt(own, at(k, plus(next, i))),
          vectors,
          (i, lane) => at(plus(row, lane), plus(next, i)),
        ),
      );
      return [setTo(beta, readAt(betas, k)), when(ne(valueOf(beta), 0), rows)];
    }),
  ];
};

/** One step, with Wilkinson's shift, on the block from `first` to `last`: Golub and Van Loan (4th ed.), algorithm 8.3.2. */
const qrStep = ({ n, diagonal, between, vectors }: Work, first: Variable, last: Variable): readonly Step[] => {
  const [corner, gap, x, z] = [makeVariable('corner'), makeVariable('gap'), makeVariable('x'), makeVariable('z')];
  const [r, c, s, turned] = [makeVariable('r'), makeVariable('c'), makeVariable('s'), makeVariable('turned')];
  const [upper, lower] = [makeVariable('upper'), makeVariable('lower')];
  const root = sqrt(add(mul(valueOf(gap), valueOf(gap)), 1));
  const side = select(lt(valueOf(gap), 0), sub(valueOf(gap), root), add(valueOf(gap), root));
  const [sizeX, sizeZ] = [abs(valueOf(x)), abs(valueOf(z))];
  const large = max(sizeX, sizeZ);
  const ratio = div(min(sizeX, sizeZ), large);
  const hypotenuse = select(eq(large, 0), 0, mul(large, sqrt(add(1, mul(ratio, ratio)))));
  const isNone = eq(valueOf(r), 0);
  const start = truncated(valueOf(first));
  return [
    withIndex('end', valueOf(last), (end) => [
      setTo(corner, readAt(between, minus(end, 1))),
      setTo(gap, div(div(sub(readAt(diagonal, minus(end, 1)), readAt(diagonal, end)), 2), valueOf(corner))),
      setTo(x, sub(readAt(diagonal, start), sub(readAt(diagonal, end), div(valueOf(corner), side)))),
    ]),
    setTo(z, readAt(between, start)),
    repeat('k', start, truncated(valueOf(last)), (k) => {
      const [here, next] = [readAt(diagonal, k), readAt(diagonal, plus(k, 1))];
      const lift = mul(valueOf(s), valueOf(turned));
      return [
        setTo(r, hypotenuse),
        setTo(c, select(isNone, 1, div(valueOf(x), valueOf(r)))),
        setTo(s, select(isNone, 0, div(valueOf(z), valueOf(r)))),
        when(gt(numberOf(k), valueOf(first)), [writeAt(between, minus(k, 1), valueOf(r))]),
        setTo(turned, add(mul(valueOf(s), sub(next, here)), mul(mul(2, valueOf(c)), readAt(between, k)))),
        writeAt(diagonal, k, add(here, lift)),
        writeAt(diagonal, plus(k, 1), sub(next, lift)),
        setTo(x, sub(mul(valueOf(c), valueOf(turned)), readAt(between, k))),
        writeAt(between, k, valueOf(x)),
        when(lt(numberOf(plus(k, 1)), valueOf(last)), [
          setTo(z, mul(valueOf(s), readAt(between, plus(k, 1)))),
          writeAt(between, plus(k, 1), mul(valueOf(c), readAt(between, plus(k, 1)))),
        ]),
        repeat('j', 0, n, (j) => {
          const [above, below] = [plus(times(k, n), j), plus(times(plus(k, 1), n), j)];
          return [
            setTo(upper, readAt(vectors, above)),
            setTo(lower, readAt(vectors, below)),
            writeAt(vectors, above, add(mul(valueOf(c), valueOf(upper)), mul(valueOf(s), valueOf(lower)))),
            writeAt(vectors, below, sub(mul(valueOf(c), valueOf(lower)), mul(valueOf(s), valueOf(upper)))),
          ];
        }),
      ];
    }),
  ];
};

/** `last` ends at 0 or below, unless the iteration is given up. */
const diagonalise = (work: Work, last: Variable): readonly Step[] => {
  const { n, diagonal, between } = work;
  const [first, steps, stands] = [makeVariable('first'), makeVariable('steps'), makeVariable('stands')];
  const counts = (i: Integer): Expr => {
    const neighbours = add(abs(readAt(diagonal, i)), abs(readAt(diagonal, plus(i, 1))));
    return gt(abs(readAt(between, i)), add(mul(ROUNDING, neighbours), VANISHING));
  };
  return [
    setTo(last, n - 1),
    setTo(steps, 0),
    repeatWhile(and(gt(valueOf(last), 0), lt(valueOf(steps), STEPS_PER_VALUE * n)), [
      setTo(first, valueOf(last)),
      setTo(stands, 1),
      repeatWhile(and(gt(valueOf(first), 0), eq(valueOf(stands), 1)), [
        withIndex('before', sub(valueOf(first), 1), (i) => [setTo(stands, select(counts(i), 1, 0))]),
        setTo(first, sub(valueOf(first), valueOf(stands))),
      ]),
      when(eq(valueOf(first), valueOf(last)), [setTo(last, sub(valueOf(last), 1))], [...qrStep(work, first, last), setTo(steps, add(valueOf(steps), 1))]),
    ]),
  ];
};

const sort = ({ n, diagonal, vectors }: Work): Step => {
  const [least, value] = [makeVariable('least'), makeVariable('value')];
  return repeat('i', 0, n - 1, (i) => [
    setTo(least, numberOf(i)),
    setTo(value, readAt(diagonal, i)),
    repeat('j', plus(i, 1), n, (j) => [when(lt(readAt(diagonal, j), valueOf(value)), [setTo(least, numberOf(j)), setTo(value, readAt(diagonal, j))])]),
    when(ne(valueOf(least), numberOf(i)), [
      withIndex('other', valueOf(least), (other) => [
        ...exchange(diagonal, i, other),
        repeat('j', 0, n, (j) => exchange(vectors, plus(times(i, n), j), plus(times(other, n), j))),
      ]),
    ]),
  ]);
};

/** An element undergoes the same operations in the same order as in the kernel's `run`. */
const eigh: ProcedureRule = ({ inputs: [ofA] }, { inputs: [a], output, scratch }) => {
  const n = ofA!.shape.at(-1)!;
  const work: Work = {
    n,
    own: scratch(n * n),
    diagonal: scratch(n),
    between: scratch(n),
    betas: scratch(n),
    vectors: scratch(n * n),
    q: scratch(n),
  };
  const { own, diagonal, vectors } = work;
  const [largest, scale, last] = [makeVariable('largest'), makeVariable('scale'), makeVariable('last')];
  const [most, sign, valid] = [makeVariable('most'), makeVariable('sign'), makeVariable('valid')];
  const matrix = (from: Integer, to: Integer): readonly Step[] => {
    const scaled = (i: Integer, j: Integer): Expr => mul(valueOf(scale), readAt(a!, plus(from, plus(times(i, n), j))));
    const finite = [
      setTo(scale, scaleFor(valueOf(largest))),
      repeat('i', 0, n, (i) => [repeat('j', 0, n, (j) => [writeAt(own, plus(times(i, n), j), div(add(scaled(i, j), scaled(j, i)), 2))])]),
      ...tridiagonalise(work),
      ...diagonalise(work, last),
      sort(work),
      setTo(valid, select(gt(valueOf(last), 0), NaN, 1)),
      repeat('i', 0, n, (i) => {
        const entry = (j: Integer): Expr => readAt(vectors, plus(times(i, n), j));
        return [
          setTo(most, 0),
          repeat('j', 0, n, (j) => [when(gt(abs(entry(j)), abs(valueOf(most))), [setTo(most, entry(j))])]),
          setTo(sign, mul(valueOf(valid), select(lt(valueOf(most), 0), -1, 1))),
          writeAt(output, plus(to, i), mul(valueOf(valid), div(readAt(diagonal, i), valueOf(scale)))),
          repeat('j', 0, n, (j) => [writeAt(output, plus(to, plus(times(plus(j, 1), n), i)), mul(valueOf(sign), entry(j)))]),
        ];
      }),
    ];
    return [
      ...setToLargest(largest, n * n, (i) => readAt(a!, plus(from, i))),
      when(lt(valueOf(largest), Infinity), finite, [repeat('i', 0, (n + 1) * n, (i) => [writeAt(output, plus(to, i), NaN)])]),
    ];
  };
  return [repeat('matrix', 0, sizeOf(ofA!.shape.slice(0, -2)), (b) => matrix(times(b, n * n), times(b, (n + 1) * n)))];
};

export const eighRules: Readonly<Record<string, ProcedureRule>> = { Eigh: eigh };
