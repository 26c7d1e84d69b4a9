/** Laws of the functions as code: errors in units of the last place against exact arithmetic, special values, order and symmetry. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../core/loop/expression.ts';
import * as functions from '../../core/loop/functions/index.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { laws } from '../laws.ts';
import { between, erfFixed, expFixed, fixed, gammaFixed, logFixed, ONE, over, PI, sinFixed, times, ulpError, type Fixed } from './fixed.ts';
import { reference } from '../reference.ts';

type Real = (...args: number[]) => number;

const names = Object.keys(functions) as (keyof typeof functions)[];
const code = Object.fromEntries(names.map((name) => [name, functionOf(functions[name])])) as Readonly<Record<keyof typeof functions, Real>>;

const within = (bound: number, name: keyof typeof functions, exact: (...args: Fixed[]) => Fixed, ...domains: readonly fc.Arbitrary<number>[]): void =>
  fc.assert(
    fc.property(fc.array(fc.tuple(...domains), { minLength: 10, maxLength: 10 }), (cases) => {
      for (const args of cases) {
        const actual = code[name](...args);
        const error = ulpError(actual, exact(...args.map(fixed)));
        assert.ok(error <= bound, `${name}(${args.join(', ')}) = ${actual} is ${error} ulp off`);
      }
    }),
  );

const gives = (name: Exclude<keyof typeof functions, 'pow'>, at: readonly number[], values: readonly number[]): void =>
  at.forEach((x, i) => assert.ok(Object.is(code[name](x), values[i]), `${name}(${x}) is ${code[name](x)}, not ${values[i]}`));

const MIN = 5e-324;
const MAX = Number.MAX_VALUE;
/** 2^20 π/2, up to where sin and cos keep their bounds. */
const TURNS = 1647099.3;

interface Case {
  readonly fn: string;
  readonly args: readonly number[];
  readonly value: number;
}

laws('functions as code', {
  'every function of reference/special.json agrees with it within its bound': () => {
    const known: Readonly<Record<string, keyof typeof functions>> = {
      ...Object.fromEntries(['erf', 'erfc', 'erfinv', 'expm1', 'log1p', 'tanh', 'sigmoid', 'softplus', 'lgamma', 'digamma'].map((name) => [name, name])),
      log_sigmoid: 'logSigmoid',
    };
    for (const { fn, args, value } of reference<{ readonly cases: readonly Case[] }>('special.json')?.cases ?? []) {
      const isTrigamma = fn === 'polygamma' && args[0] === 1;
      const name = isTrigamma ? 'trigamma' : known[fn];
      if (name === undefined) continue;
      const x = args.at(-1)!;
      const actual = code[name](x);
      if (Object.is(actual, value)) continue;
      const terms = x < 0 && /gamma/.test(name) ? Math.max(Math.abs(value), Math.abs(code[name](-x)), Math.abs(code[name](1 - x))) : Math.abs(value);
      const unit = 2 ** Math.max(Math.floor(Math.log2(terms)) - 52, -1074);
      assert.ok(Math.abs(actual - value) <= 4.5 * unit, `${name}(${x}) = ${actual}, not ${value}`);
    }
  },

  'exp is within 1 ulp, subnormal results and overflow included': () => {
    within(0.8, 'exp', expFixed, between(-746, 710));
    within(0.8, 'exp', expFixed, between(-746, -707));
    within(0.8, 'exp', expFixed, between(-1, 1));
  },
  'log is within 1 ulp, subnormal arguments included': () => {
    within(0.93, 'log', logFixed, between(MIN, MAX));
    within(0.93, 'log', logFixed, between(0.5, 2));
    within(0.93, 'log', logFixed, between(MIN, 2 ** -1020));
  },
  'expm1 and log1p are within 2 ulp': () => {
    const expm1 = (x: Fixed): Fixed => expFixed(x) - ONE;
    const log1p = (x: Fixed): Fixed => logFixed(ONE + x);
    within(2, 'expm1', expm1, between(-40, 710));
    within(2, 'expm1', expm1, between(-2, 2));
    within(2, 'log1p', log1p, between(-1 + 2 ** -53, 2));
    within(2, 'log1p', log1p, between(0, MAX));
  },
  'pow is within 2 ulp, with a logarithm of two doubles': () => {
    const power = (x: Fixed, y: Fixed): Fixed => {
      const exponent = times(y, logFixed(x));
      // Far outside of the doubles what is needed is only on which side.
      return exponent > 720n * ONE ? ONE << 1100n : exponent < -760n * ONE ? 0n : expFixed(exponent);
    };
    within(2, 'pow', power, between(0.001, 10), between(-300, 300));
    within(2, 'pow', power, between(MIN, MAX), between(-2, 2));
    within(2, 'pow', power, between(0.999, 1.001), between(-700_000, 700_000));
  },
  'tanh, sigmoid, softplus and logSigmoid are within 3 ulp': () => {
    const sigmoid = (x: Fixed): Fixed => over(ONE, ONE + expFixed(-x));
    const softplus = (x: Fixed): Fixed => logFixed(ONE + expFixed(x));
    const tanh = (x: Fixed): Fixed => over(expFixed(2n * x) - ONE, expFixed(2n * x) + ONE);
    within(3, 'tanh', tanh, between(-25, 25));
    within(3, 'tanh', tanh, between(-1, 1));
    within(3, 'sigmoid', sigmoid, between(-750, 50));
    within(3, 'softplus', softplus, between(-750, 750));
    within(3, 'softplus', softplus, between(-3, 3));
    within(3, 'logSigmoid', (x) => -softplus(-x), between(-750, 750));
  },
  'sin and cos are within 2 ulp up to 2^20 π/2, and stay between −1 and 1 beyond': () => {
    const cosine = (x: Fixed): Fixed => sinFixed(x + PI / 2n);
    within(2, 'sin', sinFixed, between(-TURNS, TURNS));
    within(2, 'sin', sinFixed, between(-7, 7));
    within(2, 'cos', cosine, between(-TURNS, TURNS));
    within(2, 'cos', cosine, between(-7, 7));
    const multiples = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => n * (Math.PI / 2));
    within(2, 'sin', sinFixed, multiples);
    within(2, 'cos', cosine, multiples);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        assert.ok(Math.abs(code.sin(x)) <= 1 && Math.abs(code.cos(x)) <= 1);
        if (Math.abs(x) < 2 ** 45) assert.ok(Math.abs(code.sin(x) - Math.sin(x)) <= 2 ** -51 * Math.max(1, Math.abs(x)));
      }),
    );
  },
  'erf and erfc are within 4 ulp, erfc down to underflow': () => {
    within(3, 'erf', erfFixed, between(-7, 7));
    within(3, 'erf', erfFixed, between(-1, 1));
    within(4, 'erfc', (x) => ONE - erfFixed(x), between(-6, 27));
    within(4, 'erfc', (x) => ONE - erfFixed(x), between(0, 2));
  },
  'erfinv is within 4 ulp of what erf takes back': () => {
    const isClose = (p: number): void => {
      const y = code.erfinv(p);
      const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(y))) - 52, -1074);
      const [low, high] = [fixed(y) - 4n * fixed(unit), fixed(y) + 4n * fixed(unit)].map(erfFixed) as [Fixed, Fixed];
      assert.ok(low <= fixed(p) && fixed(p) <= high, `erfinv(${p}) = ${y}`);
    };
    const open = between(-1 + 2 ** -53, 1 - 2 ** -53).filter((p) => Math.abs(p) > 1e-300);
    fc.assert(fc.property(fc.array(open, { minLength: 4, maxLength: 4 }), (all) => all.forEach(isClose)));
    const nearOne = between(-53, -1).map((e) => 1 - 2 ** e);
    fc.assert(fc.property(fc.array(nearOne, { minLength: 4, maxLength: 4 }), (all) => all.filter((p) => p < 1).forEach(isClose)));
  },
  'lgamma and digamma are within 4 ulp for positive arguments, beside the zeros too': () => {
    const domains = [between(1e-3, 6), between(1, 200), between(1e-200, 1e15), between(0.9, 1.1), between(1.9, 2.1), between(1.45, 1.47)];
    fc.assert(
      fc.property(fc.tuple(...domains), (all) => {
        for (const x of all) {
          const exact = gammaFixed(fixed(x));
          for (const name of ['lgamma', 'lgammaPositive', 'digamma'] as const) {
            const value = exact[name === 'digamma' ? 'digamma' : 'lgamma'];
            // The zeros at 1 and 2 are exact; the series is not.
            if (value === 0n || (name !== 'digamma' && (x === 1 || x === 2))) continue;
            const error = ulpError(code[name](x), value);
            assert.ok(error <= 4, `${name}(${x}) = ${code[name](x)} is ${error} ulp off`);
          }
        }
      }),
    );
  },
  'below 0 the reflections hold within the rounding of their terms': () => {
    fc.assert(
      fc.property(between(-50, -1e-3), (x) => {
        const a = -x;
        if (Number.isInteger(a)) return;
        const angle = Math.PI * (a - Math.round(a));
        const near = (actual: number, ...terms: readonly number[]): void => {
          const scale = Math.max(...terms.map(Math.abs), Math.abs(actual), 1);
          assert.ok(Math.abs(actual - terms.reduce((sum, term) => sum + term, 0)) <= 8 * 2 ** -52 * scale, `${x}`);
        };
        near(code.lgamma(x), Math.log(Math.PI), -Math.log(a * Math.abs(Math.sin(angle))), -code.lgamma(a));
        near(code.digamma(x), code.digamma(a), 1 / a, Math.PI / Math.tan(angle));
        near(code.trigamma(x), (Math.PI / Math.sin(angle)) ** 2, -code.trigamma(a), 1 / a ** 2);
      }),
    );
  },
  'trigamma is the difference of its neighbours, and the slope of digamma': () => {
    fc.assert(
      fc.property(between(1e-3, 100), (x) => {
        const next = x + 1;
        const step = next - 1 === x ? 1 / (x * x) : NaN;
        if (!Number.isNaN(step)) assert.ok(Math.abs(code.trigamma(x) - (code.trigamma(next) + step)) <= 4 * 2 ** -52 * code.trigamma(x), `${x}`);
        const h = 2 ** -12 * x;
        const slope = (code.digamma(x - 2 * h) - 8 * code.digamma(x - h) + 8 * code.digamma(x + h) - code.digamma(x + 2 * h)) / (12 * h);
        assert.ok(Math.abs(slope / code.trigamma(x) - 1) < 1e-9, `${x}`);
      }),
    );
  },

  'special values': () => {
    for (const name of names) if (name !== 'pow') gives(name, [NaN], [NaN]);
    for (const name of ['expm1', 'log1p', 'tanh', 'sin', 'erf', 'erfinv'] as const) gives(name, [0, -0], [0, -0]);
    for (const name of ['expm1', 'log1p', 'tanh', 'sin'] as const) gives(name, [MIN, -MIN], [MIN, -MIN]);
    gives('exp', [0, -0, Infinity, -Infinity, 710, -746, 1e300, -1e300], [1, 1, Infinity, 0, Infinity, 0, Infinity, 0]);
    gives('expm1', [Infinity, -Infinity, 710, -50], [Infinity, -1, Infinity, -1]);
    gives('log', [1, 0, -0, -1, -MIN, -Infinity, Infinity], [0, -Infinity, -Infinity, NaN, NaN, NaN, Infinity]);
    gives('log1p', [-1, -2, -Infinity, Infinity], [-Infinity, NaN, NaN, Infinity]);
    gives('tanh', [Infinity, -Infinity, 100], [1, -1, 1]);
    gives('sigmoid', [0, Infinity, -Infinity], [0.5, 1, 0]);
    gives('softplus', [0, Infinity, -Infinity], [Math.LN2, Infinity, 0]);
    gives('logSigmoid', [0, Infinity, -Infinity], [-Math.LN2, 0, -Infinity]);
    gives('sin', [Infinity, -Infinity], [NaN, NaN]);
    gives('cos', [0, -0, Infinity, -Infinity], [1, 1, NaN, NaN]);
    gives('erf', [Infinity, -Infinity, 6], [1, -1, 1]);
    gives('erfc', [0, -0, MIN, Infinity, -Infinity, 28], [1, 1, 1, 0, 2, 0]);
    gives('erfinv', [1, -1, 1.5, -Infinity], [Infinity, -Infinity, NaN, NaN]);
    const poles = [0, -0, -1, -2, -1e15, -Infinity, Infinity];
    gives('lgamma', poles, new Array<number>(poles.length).fill(Infinity));
    for (const name of ['lgamma', 'lgammaPositive'] as const) gives(name, [1, 2, 0, -0, Infinity], [-0, 0, Infinity, Infinity, Infinity]);
    gives('lgammaPositive', [-1.5, -Infinity], [NaN, NaN]);
    gives('digamma', [0, -0, -1, -7, -Infinity, Infinity], [-Infinity, Infinity, NaN, NaN, NaN, Infinity]);
    gives('trigamma', [0, -0, -3, Infinity, -Infinity], [Infinity, Infinity, Infinity, 0, NaN]);
  },
  'pow has the special values of **, but 1 where the base is 1 or the exponent infinite and the base −1': () => {
    const edges = [
      0,
      -0,
      1,
      -1,
      0.5,
      -0.5,
      2,
      -2,
      3,
      -3,
      1 / 3,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      2 ** 53,
      1e300,
      -1e300,
      MIN,
      -MIN,
      MAX,
      -MAX,
      Infinity,
      -Infinity,
      NaN,
    ];
    for (const x of edges) {
      for (const y of edges) {
        const isOne = x === 1 || (x === -1 && Math.abs(y) === Infinity);
        const expected = isOne ? 1 : x ** y;
        const actual = code.pow(x, y);
        assert.ok(Object.is(actual, expected) || Math.abs(actual / expected - 1) < 1e-15, `pow(${x}, ${y}) is ${actual}, not ${expected}`);
      }
    }
    fc.assert(fc.property(fc.double({ noNaN: true }), (x) => assert.ok(Object.is(code.pow(x, 1), x), `pow(${x}, 1)`)));
    fc.assert(
      fc.property(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 0, max: 10 }), (n, k) => assert.equal(code.pow(n, k), Number(BigInt(n) ** BigInt(k)))),
    );
  },
  'odd functions are odd, even ones even, to the bit': () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        for (const name of ['tanh', 'sin', 'erf', 'erfinv'] as const) assert.ok(Object.is(code[name](-x), -code[name](x)), `${name}(${x})`);
        assert.ok(Object.is(code.cos(-x), code.cos(x)));
        assert.equal(code.logSigmoid(x) + code.softplus(-x), Math.abs(x) === Infinity && x < 0 ? NaN : 0);
      }),
    );
  },
  'exp, log, sigmoid, tanh and erf never fall where the exact values rise by more than their errors': () => {
    fc.assert(
      fc.property(between(-30, 30), between(2 ** -50, 2 ** -40), (x, step) => {
        const y = x + Math.abs(x) * step * 8;
        for (const name of ['exp', 'sigmoid', 'tanh', 'erf', 'softplus'] as const) {
          const [low, high] = [code[name](x), code[name](y)];
          assert.ok(high >= low - 3 * 2 ** -52 * Math.abs(low), `${name}(${x}), ${name}(${y})`);
        }
        if (x > 0) assert.ok(code.log(y) >= code.log(x));
      }),
    );
  },
  'every function has the name under which it is exported': () => {
    const all: readonly ScalarFunction[] = Object.values(functions);
    assert.deepEqual(new Set(all.map(({ name }) => name)), new Set(names));
  },
});
