/** Laws of the gamma family as code: agreement with the functions of doubles, with independent values, at edges, and of the variates. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import * as code from '../../../core/loop/functions/gammainc.ts';
import * as slopes from '../../../core/loop/functions/gammaincSlope.ts';
import { logGammaVariate } from '../../../core/loop/functions/logGammaVariate.ts';
import { polygammaOfOrder } from '../../../core/loop/functions/polygammaOfOrder.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { polygamma } from '../../special/gamma.ts';
import * as special from '../../special/gammainc.ts';
import { laws } from '../../laws.ts';
import { reference } from '../../reference.ts';
import { between } from '../fixed.ts';

interface Pair {
  readonly code: ScalarFunction;
  readonly oracle: (a: number, x: number) => number;
  /** Relative, over the range where it is measured here. */
  readonly bound: number;
}

const pairs: Readonly<Record<string, Pair>> = {
  gammainc: { code: code.gammainc, oracle: special.gammainc, bound: 1e-12 },
  gammaincc: { code: code.gammaincc, oracle: special.gammaincc, bound: 1e-12 },
  gammainc_da: { code: slopes.gammaincDa, oracle: special.gammaincDa, bound: 1e-12 },
  random_gamma_grad: { code: slopes.randomGammaGrad, oracle: special.randomGammaGrad, bound: 2e-14 },
};

/** Numbers spread evenly in their logarithm. */
const spread = (low: number, high: number): fc.Arbitrary<number> => between(Math.log(low), Math.log(high)).map((x) => Math.exp(x));

const edges: readonly number[] = [0, -0, 5e-324, 1e-300, 1e-20, 0.3, 0.5, 1, 1.1, 2, 10, 20, 50, 1e5, 1e15, 1e150, 1e300, Infinity, -1, -Infinity, NaN];

/** What lies below 1e-300 may go to 0. */
const close = (actual: number, expected: number, relative: number, what: string): void =>
  assert.ok(
    Object.is(actual, expected) || Math.abs(actual - expected) <= Math.max(relative * Math.abs(expected), 1e-300),
    `${what} is ${actual}, not ${expected}`,
  );

interface Case {
  readonly fn: string;
  readonly args: readonly number[];
  readonly value: number;
}

/** The file's shape derivatives are differences taken at 60 digits, which lose the upper tail where Q is below 1e-30. */
const isLost = ({ fn, args: [a = NaN, x = NaN] }: Case): boolean => (fn === 'gammainc_da' || fn === 'random_gamma_grad') && special.gammaincc(a, x) < 1e-30;

laws('the gamma family as code', {
  'the incomplete functions and their slopes are those of properties/special': () =>
    fc.assert(
      fc.property(spread(1e-6, 1e10), spread(0.1, 10), between(-6, 6), spread(1e-10, 1e3), (a, ratio, z, alone) => {
        const beside = Math.max(1e-3 * a, a + z * Math.sqrt(a));
        for (const [name, pair] of Object.entries(pairs)) {
          for (const x of [a * ratio, beside, alone]) close(functionOf(pair.code)(a, x), pair.oracle(a, x), pair.bound, `${name}(${a}, ${x})`);
        }
      }),
    ),
  'at 0, infinity, and outside of their domain too': () => {
    for (const [name, pair] of Object.entries(pairs)) {
      for (const a of edges) {
        for (const x of edges) close(functionOf(pair.code)(a, x), pair.oracle(a, x), 1e-12, `${name}(${a}, ${x})`);
      }
    }
  },
  'P + Q = 1 to rounding, across every change of method': () =>
    fc.assert(
      fc.property(spread(1e-3, 1e6), spread(0.1, 5), (a, ratio) => {
        const sum = functionOf(code.gammainc)(a, a * ratio) + functionOf(code.gammaincc)(a, a * ratio);
        assert.ok(Math.abs(sum - 1) <= 1e-14, `${a}, ${a * ratio}: ${sum}`);
      }),
    ),
  'the gradient of a log variate is that of properties/special, far to the left too': () =>
    fc.assert(
      fc.property(spread(1e-4, 1e5), between(0, 1), (a, t) => {
        const logX = -60 + t * (62 + Math.log(a));
        close(functionOf(slopes.logGammaVariateGrad)(a, logX), special.logGammaVariateGrad(a, logX), 1e-13, `logGammaVariateGrad(${a}, ${logX})`);
      }),
    ),
  'polygamma of any order is that of properties/special, on both sides of 0': () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 4, 5, 9, 63, 64, 150, 300, 301), spread(1e-4, 1e5), spread(1e-2, 50), (n, x, left) => {
        close(functionOf(polygammaOfOrder(n))(x), polygamma(n, x), n > 300 ? 1e-12 : 1e-14, `polygamma(${n}, ${x})`);
        // The largest terms of the reflection: the pole to the left of the origin, and the one next to x.
        const distance = left - Math.floor(left);
        fc.pre(distance > 1e-3 && distance < 0.999);
        const terms = Math.abs(polygamma(n, distance)) + Math.abs(polygamma(n, 1 - distance));
        const error = Math.abs(functionOf(polygammaOfOrder(n))(-left) - polygamma(n, -left));
        assert.ok(terms === Infinity || error <= 1e-12 * terms, `polygamma(${n}, ${-left}) is off by ${error}`);
      }),
    );
    for (const n of [0, 1, 2, 3, 6, 0.5, -1, NaN]) {
      for (const x of [...edges, -2, -2.5, -1e15]) close(functionOf(polygammaOfOrder(n))(x), polygamma(n, x), 1e-14, `polygamma(${n}, ${x})`);
    }
    assert.equal(polygammaOfOrder(7), polygammaOfOrder(7), 'one function for an order');
  },
  'reference/special.json has the same values': () => {
    let count = 0;
    for (const one of reference<{ readonly cases: readonly Case[] }>('special.json')?.cases ?? []) {
      const { fn, args, value } = one;
      const [a, x] = args as [number, number];
      if (isLost(one)) continue;
      if (fn === 'polygamma') close(functionOf(polygammaOfOrder(a))(x), value, 1e-12, `polygamma(${a}, ${x})`);
      const pair = pairs[fn];
      if (pair === undefined) continue;
      count++;
      close(functionOf(pair.code)(a, x), value, 1e-12, `${fn}(${a}, ${x})`);
    }
    assert.ok(count === 0 || count > 100, `${count} cases`);
  },
  'log-gamma variates are the same whether the words of a key have a sign or none': () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.nat(), spread(1e-5, 1e10), (key0, key1, i, a) => {
        const variate = functionOf(logGammaVariate);
        assert.equal(variate(key0 >>> 0, key1 >>> 0, i, a), variate(key0, key1, i, a));
      }),
    ),
  'variates of no shape': () => {
    for (const [a, value] of [
      [0, -Infinity],
      [-0, -Infinity],
      [-1, NaN],
      [NaN, NaN],
      [Infinity, Infinity],
    ] as const)
      assert.ok(Object.is(functionOf(logGammaVariate)(1, 2, 3, a), value), `shape ${a}`);
  },
});
