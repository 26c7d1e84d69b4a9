/** Laws of the special functions that are put together of others: inverses, derivatives, exact counts, edges; eager and compiled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { erfcx as erfcxCode } from '../../core/loop/functions/erfcx.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { erfcx } from '../special/erf.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { compiled, recordAt } from '../laws/recorded.ts';

type Call = (x: AnyArray) => AnyArray;

const vector = (numbers: readonly number[]): NDArray => makeNDArray(Float64Array.from(numbers), [numbers.length]);

const both = (f: Call, x: readonly number[]): readonly NDArray[] => [toNDArray(f(vector(x))), compiled(recordAt((at) => [f(at)], [vector(x)]))[0]!];

const between = (min: number, max: number): fc.Arbitrary<readonly number[]> => fc.array(fc.double({ min, max, noNaN: true }), { minLength: 6, maxLength: 6 });

/** Fails unless f gives what is expected, eager and compiled, within `relative` of it or `absolute`. */
const gives = (f: Call, x: readonly number[], expected: (x: number) => number, relative: number, absolute: number = 0): void => {
  for (const y of both(f, x))
    y.data.forEach((value, i) => {
      const exact = expected(x[i]!);
      const isRight = Object.is(value, exact) || value === exact || Math.abs(value - exact) <= relative * Math.abs(exact) + absolute;
      assert.ok(isRight, `at ${x[i]} it is ${value}, not ${exact}`);
    });
};

const slopeOf =
  (f: Call): Call =>
  (x) =>
    grad((t: AnyArray) => ops.sum(f(t)))(x);

laws('compound functions', {
  'logit and sigmoid, erfc and its inverse, softplus and its inverse undo each other': () =>
    fc.assert(
      fc.property(between(-30, 30), between(1e-12, 2 - 1e-12), between(1e-12, 40), (xs, ys, positive) => {
        gives(
          (x) => ops.sigmoid(ops.logit(x)),
          ys.map((y) => y / 2),
          (p) => p,
          1e-14,
        );
        gives(
          (x) => ops.logit(ops.sigmoid(x)),
          xs.map((x) => -Math.abs(x)),
          (x) => x,
          2e-14,
          4e-16,
        );
        gives(
          (x) => ops.erfc(ops.erfcinv(x)),
          ys,
          (y) => y,
          5e-14,
        );
        gives(
          (x) => ops.softplus(ops.softplusInverse(x)),
          positive,
          (x) => x,
          1e-14,
        );
      }),
      { numRuns: 20 },
    ),
  'logit is exact beside ½, where it is 4 (p − ½)': () =>
    gives(
      ops.logit,
      [-40, -30, -20, -10].map((e) => 0.5 + 2 ** e),
      (p) => Math.log1p((2 * p - 1) / (1 - p)),
      1e-15,
    ),
  'the derivative of logCosh is tanh, across its seams and at 0': () =>
    fc.assert(
      fc.property(between(-3, 3), (xs) => gives(slopeOf(ops.logCosh), [...xs, 0, 1, -1, 1e-9, 500, -500], Math.tanh, 2e-14)),
      { numRuns: 10 },
    ),
  'the second derivative of logCosh is 1 − tanh²': () => gives(slopeOf(slopeOf(ops.logCosh)), [0, 0.5, -0.5, 2], (x) => 1 - Math.tanh(x) ** 2, 1e-12),
  'erfcx as code is that of JavaScript, which mpmath has checked; and beyond 27.5 its asymptotic series': () => {
    const code = functionOf(erfcxCode);
    fc.assert(
      fc.property(between(-26, 27), between(27, 29), between(29, 1e10), (...all) => {
        for (const x of all.flat()) assert.ok(Math.abs(code(x) / erfcx(x) - 1) < 4e-15, `erfcx(${x}) = ${code(x)}, not ${erfcx(x)}`);
      }),
    );
    assert.deepEqual([code(Infinity), code(-Infinity), code(-27), code(0), code(NaN)], [0, Infinity, Infinity, 1, NaN]);
  },
  'the derivative of erfcx is 2 x erfcx x − 2 / √π': () =>
    gives(slopeOf(ops.erfcx), [-3, -0.5, 0, 0.5, 3], (x) => 2 * x * erfcx(x) - 2 / Math.sqrt(Math.PI), 1e-12),
  'logBinomial counts, and multigammaln steps by one dimension': () => {
    for (let n = 0, row = [1]; n <= 40; n++, row = [1, ...row.slice(1).map((c, k) => c + row[k]!), 1])
      gives(
        (k) => ops.logBinomial(n, k),
        row.map((_, k) => k),
        (k) => Math.log(row[k]!),
        2e-14,
        2e-14,
      );
    gives(
      (a) => ops.multigammaln(a, 1),
      [0.5, 3],
      (a) => toNDArray(ops.lgamma(a)).item(),
      1e-15,
      1e-15,
    );
    for (const d of [1, 2, 3])
      gives(
        (a) => ops.sub(ops.multigammaln(a, d + 1), ops.multigammaln(a, d)),
        [2.5, 4, 10],
        (a) => toNDArray(ops.lgamma(a - d / 2)).item() + (d / 2) * Math.log(Math.PI),
        1e-12,
        1e-14,
      );
  },
  'xlogy and xlog1py are 0 where x is 0, and so is what flows back into y': () => {
    gives(
      (y) => ops.xlogy(0, y),
      [0, 5, Infinity, -1],
      () => 0,
      0,
    );
    gives(
      (y) => ops.xlog1py(0, y),
      [-1, 5, Infinity, -2],
      () => 0,
      0,
    );
    gives(
      slopeOf((y) => ops.xlogy(0, y)),
      [2, 5],
      () => 0,
      0,
    );
    gives(
      slopeOf((x) => ops.xlogy(x, 3)),
      [0, 2],
      () => Math.log(3),
      1e-15,
    );
    gives(
      slopeOf((x) => ops.xlog1py(x, 3)),
      [0, 2],
      () => Math.log(4),
      1e-15,
    );
    gives(
      (x) => ops.ndtr(x),
      [-Infinity, 0, Infinity],
      (x) => (x === 0 ? 0.5 : x < 0 ? 0 : 1),
      0,
    );
  },
});
