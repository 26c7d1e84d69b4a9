/** Laws of tangents, inverse and hyperbolic functions and of the normal quantile as code: errors against exact arithmetic, edges, symmetry. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import * as functions from '../../../core/loop/functions/index.ts';
import { atan2 } from '../../../core/loop/functions/inverseTrigonometric.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import * as special from '../../special/erf.ts';
import { laws } from '../../laws.ts';
import { reference } from '../../reference.ts';
import { between, elementaryFixed, fixed, logFixed, ndtrFixed, ONE, over, PI, ulpError, type Fixed } from '../fixed.ts';

type Elementary = keyof typeof elementaryFixed;

const within = (bound: number, fn: ScalarFunction, exact: (...args: Fixed[]) => Fixed, ...domains: readonly fc.Arbitrary<number>[]): void =>
  fc.assert(
    fc.property(fc.array(fc.tuple(...domains), { minLength: 5, maxLength: 5 }), (cases) => {
      for (const args of cases) {
        const actual = functionOf(fn)(...args);
        const error = ulpError(actual, exact(...args.map(fixed)));
        assert.ok(error <= bound, `${fn.name}(${args.join(', ')}) = ${actual} is ${error} ulp off`);
      }
    }),
  );

const check = (bound: number, name: Elementary, ...domains: readonly fc.Arbitrary<number>[]): void =>
  domains.forEach((domain) => within(bound, functions[name], elementaryFixed[name], domain));

/** 1 less numbers of every size. */
const belowOne = between(-53, -1).map((e) => 1 - 2 ** e);
const aboveOne = between(-52, 10).map((e) => 1 + 2 ** e);
/** Numbers below ½ of every size, down to where 100 bits of their cube are held exactly. */
const tiny = between(-300, -1).map((e) => 2 ** e);

const edges: readonly number[] = [
  ...[0, 5e-324, 1e-310, 1e-300, 1e-20, 2 ** -27, 0.25, 0.5, 0.75, 1 - 2 ** -53, 1, 1 + 2 ** -52, 2, 38.9, 39, 40, 709.7, 710, 710.4, 710.5, 711],
  ...[1e5, 2 ** 28 - 1, 2 ** 28, 1e10, 1e154, 1e155, 1e300, Number.MAX_VALUE, Infinity],
].flatMap((x) => [x, -x]);

const oracles: Readonly<Partial<Record<keyof typeof functions, (x: number) => number>>> = {
  atan: Math.atan,
  asin: Math.asin,
  acos: Math.acos,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  ndtri: special.ndtri,
  logNdtr: special.logNdtr,
};

const same = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Object.is(actual, expected) || Math.abs(actual / expected - 1) <= tolerance, `${what} is ${actual}, not ${expected}`);

interface Case {
  readonly fn: string;
  readonly args: readonly number[];
  readonly value: number;
}

laws('elementary functions as code', {
  'tan is within 3 ulp up to 2^20 π/2, beside its zeros and poles too': () => {
    const multiples = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => n * (Math.PI / 2));
    check(3, 'tan', between(-1647099, 1647099), between(-7, 7), multiples, tiny);
  },
  'atan is within 2.3 ulp, asin and acos are within 1': () => {
    check(2.3, 'atan', between(-3, 3), between(-1e300, 1e300), between(0.41, 0.42), tiny);
    check(1, 'asin', between(-1, 1), between(0.49, 0.51), belowOne, tiny);
    check(1, 'acos', between(-1, 1), between(0.49, 0.51), belowOne, tiny);
    check(
      1,
      'acos',
      belowOne.map((x) => -x),
    );
  },
  'atan2 is within 3 ulp in every quadrant': () => {
    const angle = (y: Fixed, x: Fixed): Fixed => {
      const inner = elementaryFixed.atan(over(y, x));
      return x < 0n ? inner + (y < 0n ? -PI : PI) : inner;
    };
    const off = (limit: number): fc.Arbitrary<number> => between(-limit, limit).filter((x) => x !== 0);
    for (const limit of [2, 1e9]) within(3, atan2, angle, off(limit), off(limit));
    const signed = [0, 5e-324, 1e-300, 1, 1e300, Number.MAX_VALUE, Infinity].flatMap((x) => [x, -x]);
    for (const y of [...signed, NaN]) for (const x of [...signed, NaN]) same(functionOf(atan2)(y, x), Math.atan2(y, x), 2e-15, `atan2(${y}, ${x})`);
  },
  'sinh and cosh are within 2 ulp up to where they overflow': () => {
    check(2, 'sinh', between(-710.47, 710.47), between(-2, 2), between(0.9, 1.1), tiny);
    check(2, 'cosh', between(-710.47, 710.47), between(-2, 2));
  },
  'asinh, acosh and atanh are within 3 ulp': () => {
    check(3, 'asinh', between(-10, 10), between(-1e300, 1e300), between(2 ** 28 - 1000, 2 ** 28 + 1000), tiny);
    check(3, 'acosh', between(1, 10), between(1, 1e300), aboveOne);
    check(3, 'atanh', between(-1 + 2 ** -53, 1 - 2 ** -53), belowOne, tiny);
  },
  'logNdtr is within 4 ulp to where Φ leaves the doubles': () =>
    within(4, functions.logNdtr, (x) => logFixed(ndtrFixed(x)), fc.oneof(between(-38, 8), between(-1, 1), between(-20, 38))),
  'logNdtr goes on by its asymptotic series': () =>
    fc.assert(
      fc.property(
        between(1.5, 100).map((e) => -(10 ** e)),
        (x) => same(functionOf(functions.logNdtr)(x), special.logNdtr(x), 1e-15, `logNdtr(${x})`),
      ),
    ),
  'ndtri is within 4 ulp of what Φ takes back': () => {
    const isClose = (q: number): void => {
      const x = functionOf(functions.ndtri)(q);
      const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 52, -1074);
      const [low, high] = [fixed(x) - 4n * fixed(unit), fixed(x) + 4n * fixed(unit)].map(ndtrFixed) as [Fixed, Fixed];
      // Φ itself is known to 2^−1200 only.
      const slack = ONE >> 1190n;
      assert.ok(low - slack <= fixed(q) && fixed(q) <= high + slack, `ndtri(${q}) = ${x}`);
    };
    const small = between(-1073, -3).map((e) => 2 ** e);
    fc.assert(fc.property(between(0.001, 0.999), small, belowOne, (...all) => all.forEach(isClose)));
    for (const q of [2 ** -1074, 2 ** -1022, 0.125, 0.875, 1 - 2 ** -53]) isClose(q);
    assert.equal(functionOf(functions.ndtri)(0.5), 0);
  },
  'edges are those of Math and of the kernels': () => {
    for (const [name, oracle] of Object.entries(oracles)) {
      const code = functionOf(functions[name as keyof typeof functions]);
      for (const x of [...edges, NaN]) same(code(x), oracle(x), 2e-15, `${name}(${x})`);
    }
    for (const x of [0, -0, 5e-324, 1e-300]) assert.ok(Object.is(functionOf(functions.tan)(x), x), `tan(${x})`);
    for (const x of [Infinity, -Infinity, NaN]) assert.ok(Number.isNaN(functionOf(functions.tan)(x)), `tan(${x})`);
    for (const q of [-0.1, 1.1, -Infinity, Infinity, NaN]) assert.ok(Number.isNaN(functionOf(functions.ndtri)(q)), `ndtri(${q})`);
  },
  'odd functions are odd to the bit, cosh is even': () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true }), between(-1, 1), (wide, unit) => {
        for (const name of ['tan', 'sinh', 'asinh', 'atan', 'asin', 'atanh'] as const) {
          const code = functionOf(functions[name]);
          for (const x of [wide, unit]) assert.ok(Object.is(code(-x), -code(x)), `${name}(${x})`);
        }
        assert.ok(Object.is(functionOf(functions.cosh)(-wide), functionOf(functions.cosh)(wide)));
      }),
    ),
  'reference/special.json has the same normal quantiles and log probabilities': () => {
    const known: Readonly<Record<string, ScalarFunction>> = { ndtri: functions.ndtri, log_ndtr: functions.logNdtr };
    for (const { fn, args, value } of reference<{ readonly cases: readonly Case[] }>('special.json')?.cases ?? []) {
      const code = known[fn];
      if (code !== undefined) same(functionOf(code)(...args), value, 1e-15, `${fn}(${args.join(', ')})`);
    }
  },
});
