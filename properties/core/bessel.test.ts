/** Laws of the modified Bessel functions: exact series, independent values, derivatives, limits; eager and as code. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../core/loop/expression.ts';
import * as code from '../../core/loop/functions/bessel.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import * as ops from '../../core/ops/index.ts';
import * as plain from '../special/bessel.ts';
import { asArray, toNDArray } from '../../core/value.ts';
import { valueAndGrad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { compiled, recordAt } from '../laws/recorded.ts';
import { reference } from '../reference.ts';
import { between, expFixed, fixed, logFixed, ONE, over, PI, sqrtFixed, times, ulpError, type Fixed } from './fixed.ts';

type Name = 'i0' | 'i1' | 'i0e' | 'i1e' | 'logI0';
type Real = (x: number) => number;

const named: Readonly<Record<Name, ScalarFunction>> = { i0: code.i0, i1: code.i1, i0e: code.i0e, i1e: code.i1e, logI0: code.logI0 };
const names = Object.keys(named) as readonly Name[];
/** Each function twice: of plain JavaScript, and as code. */
const versions = (name: Name): readonly Real[] => [plain[name], functionOf(named[name])];

const sumOf = (first: Fixed, next: (term: Fixed, k: bigint) => Fixed): Fixed => {
  let [sum, term] = [0n, first];
  for (let k = 1n; term !== 0n; k++) {
    sum += term;
    term = next(term, k);
  }
  return sum;
};

/** DLMF 10.25.2, whose terms have one sign. */
const bySeries = (order: bigint, x: Fixed): Fixed => {
  const square = times(x, x) / 4n;
  return sumOf(order === 0n ? ONE : x / 2n, (term, k) => times(term, square) / (k * (k + order)));
};

/** e^−x I(x) by DLMF 10.40.1 up to its least term, which is e^−2x of the whole. */
const byExpansion = (order: bigint, x: Fixed): Fixed => {
  let [sum, term] = [0n, ONE];
  for (let k = 1n; ; k++) {
    sum += term;
    const odd = 2n * k - 1n;
    const next = -over(term * (4n * order * order - odd * odd), 8n * k * x);
    if (next === 0n || (next < 0n ? -next : next) >= (term < 0n ? -term : term)) return over(sum, sqrtFixed(2n * times(PI, x)));
    term = next;
  }
};

const exactly: Readonly<Record<Name, (x: Fixed) => Fixed>> = {
  i0: (x) => bySeries(0n, x),
  i1: (x) => bySeries(1n, x),
  i0e: (x) => over(bySeries(0n, x), expFixed(x)),
  i1e: (x) => over(bySeries(1n, x), expFixed(x)),
  logI0: (x) => logFixed(bySeries(0n, x)),
};

const within = (bound: number, name: Name, exact: (x: Fixed) => Fixed, xs: readonly number[]): void =>
  versions(name).forEach((f, version) => {
    for (const x of xs) {
      const error = ulpError(f(x), exact(fixed(x)));
      assert.ok(error <= bound, `${version === 0 ? 'eager' : 'code'} ${name}(${x}) = ${f(x)} is ${error} ulp off`);
    }
  });

const points = (low: number, high: number): fc.Arbitrary<readonly number[]> => fc.array(between(low, high), { minLength: 8, maxLength: 8 });

const slope = (f: (x: never) => unknown, x: number): number => {
  const [, dx] = valueAndGrad(f as never)(asArray(x));
  return toNDArray(dx as never).item();
};

laws('bessel', {
  'near and at the seam the functions are within 4 ulp of the exact series': () =>
    fc.assert(
      fc.property(points(1e-3, 10), points(9.7, 10.3), points(1e-200, 1), (...all) => {
        for (const xs of all) for (const name of names) if (name !== 'logI0' || xs !== all[2]) within(4, name, exactly[name], xs);
      }),
      { numRuns: 15 },
    ),
  'far out too, up to overflow and beyond': () =>
    fc.assert(
      fc.property(points(10, 120), points(600, 713), points(713, 1e12), (middle, last, beyond) => {
        for (const name of names) within(4, name, exactly[name], middle);
        for (const name of ['i0', 'i1'] as const) within(4, name, exactly[name], last.slice(0, 2));
        within(4, 'i0e', (x) => byExpansion(0n, x), [...last, ...beyond]);
        within(4, 'i1e', (x) => byExpansion(1n, x), [...last, ...beyond]);
        within(4, 'logI0', (x) => x + logFixed(byExpansion(0n, x)), beyond);
      }),
      { numRuns: 8 },
    ),
  'logI0 is x²/4 near 0, with all its digits': () =>
    fc.assert(
      fc.property(points(-140, -14), (exponents) => {
        for (const f of versions('logI0'))
          for (const x of exponents.map((e) => 2 ** e)) assert.ok(Math.abs(f(x) / (0.25 * x * x) - 1) < x * x + 4e-16, `logI0(${x}) = ${f(x)}`);
      }),
    ),
  'all cases of special.json': () => {
    const known: Readonly<Record<string, Name>> = { i0e: 'i0e', i1e: 'i1e', log_i0: 'logI0' };
    for (const { fn, args, value } of reference<{ cases: readonly { fn: string; args: number[]; value: number }[] }>('special.json')?.cases ?? []) {
      const name = known[fn];
      for (const f of name === undefined ? [] : versions(name)) {
        const actual = f(args[0]!);
        assert.ok(Math.abs(actual - value) <= 2e-15 * Math.abs(value) + 1e-307, `${fn}(${args[0]}) = ${actual}, not ${value}`);
      }
    }
  },
  'even and odd to the bit; zeros, infinities and NaN': () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        for (const name of names)
          for (const f of versions(name))
            assert.ok(Object.is(f(-x), name === 'i1' || name === 'i1e' ? -f(x) : f(x)), `${name}(${x}) is ${f(x)}, of −x ${f(-x)}`);
      }),
    );
    const at: Readonly<Record<Name, readonly number[]>> = {
      i0: [1, 1, Infinity, Infinity, NaN],
      i1: [0, -0, Infinity, -Infinity, NaN],
      i0e: [1, 1, 0, 0, NaN],
      i1e: [0, -0, 0, -0, NaN],
      logI0: [0, 0, Infinity, Infinity, NaN],
    };
    for (const name of names)
      for (const f of versions(name)) [0, -0, Infinity, -Infinity, NaN].forEach((x, i) => assert.ok(Object.is(f(x), at[name][i]), `${name}(${x}) is ${f(x)}`));
  },
  'the slopes at 0 are the limits: 0, ½, and 0 at the kink': () => {
    assert.equal(slope(ops.i0, 0), 0);
    assert.equal(slope(ops.i1, 0), 0.5);
    assert.equal(slope(ops.i0e, 0), 0);
    assert.equal(slope(ops.i1e, 0), 0.5);
    assert.equal(slope(ops.logI0, 0), 0);
  },
  'compiled, each gives the bits of its code': () =>
    fc.assert(
      fc.property(points(-40, 40), (xs) => {
        const x = asArray([...xs, 0, -0, 720, Infinity, -Infinity, NaN]);
        const outputs = compiled(recordAt((at) => names.map((name) => ops[name](at)), [toNDArray(x)]));
        names.forEach((name, k) =>
          outputs[k]!.data.forEach((y, i) => assert.ok(Object.is(y, functionOf(named[name])(toNDArray(x).data[i]!)), `${name} at ${i}`)),
        );
      }),
      { numRuns: 5 },
    ),
});
