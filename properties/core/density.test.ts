/** Laws of the densities of the gamma and beta distributions as derivatives: recurrences, both versions, edges, and what they make of second derivatives. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as code from '../../core/loop/functions/density.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { betaincDx, gammaincDx } from '../special/density.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { compiled, recordAt } from '../laws/recorded.ts';

type Real = (...args: readonly number[]) => number;

const gammas: readonly Real[] = [gammaincDx, functionOf(code.gammaincDx)];
const betas: readonly Real[] = [betaincDx, functionOf(code.betaincDx)];

/** Positive numbers spread evenly in their logarithm. */
const spread = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map((x) => Math.min(high, Math.max(low, Math.exp(x))));

const close = (actual: number, expected: number, relative: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-290, `${what} is ${actual}, not ${expected}`);

const numbers = (...data: readonly number[]): NDArray => makeNDArray(Float64Array.from(data), [data.length]);

const both = (f: (...xs: readonly AnyArray[]) => AnyArray, ...xs: readonly NDArray[]): readonly NDArray[] => [
  toNDArray(f(...xs)),
  compiled(recordAt((...values) => [f(...values)], xs))[0]!,
];

laws('densities', {
  'one more in the shape is x / a times as much: across every change of method, for large shapes too': () =>
    fc.assert(
      fc.property(spread(1e-3, 1e7), fc.double({ min: -4, max: 4, noNaN: true }), (a, z) => {
        const x = Math.max(0.01 * a, a + z * Math.sqrt(a));
        // The sum a + 1 is rounded, by so much of the density's slope in a.
        const slack = 1e-13 + 2e-16 * a * Math.abs(Math.log(x / a) - 0.5 / a);
        for (const f of gammas) close(f(a + 1, x) * a, f(a, x) * x, slack, `gammaincDx(${a} + 1, ${x})`);
      }),
    ),
  'one more in a is x (a + b) / a times as much, and the arguments mirror': () =>
    fc.assert(
      fc.property(spread(1e-2, 1e5), spread(1e-2, 1e5), fc.double({ min: -4, max: 4, noNaN: true }), (a, b, z) => {
        const mean = a / (a + b);
        const x = Math.round(1024 * Math.min(0.999, Math.max(0.001, mean + z * Math.sqrt((mean * (1 - mean)) / (a + b + 1))))) / 1024;
        fc.pre(x > 0 && x < 1);
        for (const f of betas) {
          close(f(a + 1, b, x) * a, f(a, b, x) * x * (a + b), 1e-11, `betaincDx(${a} + 1, ${b}, ${x})`);
          close(f(b, a, 1 - x), f(a, b, x), 1e-11, `betaincDx(${b}, ${a}, ${1 - x})`);
        }
      }),
    ),
  'shapes of 1 are exponential, uniform, powers': () =>
    fc.assert(
      fc.property(spread(1e-10, 600), fc.double({ min: 1e-3, max: 0.999, noNaN: true }), spread(1e-3, 1e3), (t, x, a) => {
        for (const f of gammas) close(f(1, t), Math.exp(-t), 1e-14, `gammaincDx(1, ${t})`);
        for (const f of betas) close(f(a, 1, x), a * Math.pow(x, a - 1), 1e-11, `betaincDx(${a}, 1, ${x})`);
      }),
    ),
  'values of mpmath at 50 digits': () => {
    for (const f of gammas) {
      close(f(0.5, 1e-5), 178.41062750008155, 2e-13, 'gammaincDx(0.5, 1e-5)');
      close(f(3.3, 7.25), 0.025202925510872422, 2e-13, 'gammaincDx(3.3, 7.25)');
      close(f(9.99, 2), 0.00019394769258320818, 2e-13, 'gammaincDx(9.99, 2)');
      close(f(10.5, 30), 8.901861964497906e-6, 2e-13, 'gammaincDx(10.5, 30)');
      close(f(1000000, 1001000), 0.00024180950473148182, 2e-13, 'gammaincDx(1000000, 1001000)');
      close(f(1000000000, 1000000000), 1.2615662609049494e-5, 2e-13, 'gammaincDx(1000000000, 1000000000)');
    }
    for (const f of betas) {
      close(f(0.5, 0.25, 1e-5), 60.30190626978986, 5e-12, 'betaincDx(0.5, 0.25, 1e-5)');
      close(f(3.3, 7.25, 0.3), 2.7683738271976894, 5e-12, 'betaincDx(3.3, 7.25, 0.3)');
      close(f(9.99, 2000, 0.004), 251.17477902550246, 5e-12, 'betaincDx(9.99, 2000, 0.004)');
      close(f(1000, 900, 0.5), 2.4960237256186972, 5e-12, 'betaincDx(1000, 900, 0.5)');
      close(f(1000000, 3000000, 0.2505), 128.16525693833347, 5e-12, 'betaincDx(1000000, 3000000, 0.2505)');
    }
  },
  'edges: the poles and zeros at the ends, and NaN outside': () => {
    const gammaEdges = [
      [0.5, 0, Infinity],
      [1, 0, 1],
      [2, 0, 0],
      [3, Infinity, 0],
      [12, Infinity, 0],
      [3, 1e5, 0],
      [-1, 1, NaN],
      [1, -1, NaN],
      [NaN, 1, NaN],
    ] as const;
    const betaEdges = [
      [0.5, 3, 0, Infinity],
      [1, 3, 0, 3],
      [2, 3, 0, 0],
      [2, 1, 1, 2],
      [2, 0.5, 1, Infinity],
      [2, 3, 1, 0],
      [2, 3, 1.5, NaN],
      [-1, 3, 0.5, NaN],
      [20, 30, NaN, NaN],
    ] as const;
    for (const f of gammas) for (const [a, x, value] of gammaEdges) assert.ok(Object.is(f(a, x), value), `gammaincDx(${a}, ${x}) is ${f(a, x)}`);
    for (const f of betas) for (const [a, b, x, value] of betaEdges) assert.ok(Object.is(f(a, b, x), value), `betaincDx(${a}, ${b}, ${x}) is ${f(a, b, x)}`);
  },
  'the mixed second derivatives of the incomplete functions are one, whichever is taken first': () =>
    fc.assert(
      fc.property(spread(0.3, 30), spread(0.3, 30), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (a, b, x) => {
        const [as, bs, xs] = [numbers(a), numbers(b), numbers(x)];
        const slope =
          (f: (...args: readonly AnyArray[]) => AnyArray, i: number) =>
          (...args: readonly AnyArray[]): AnyArray =>
            grad((t: AnyArray) => ops.sum(f(...args.map((arg, k) => (k === i ? t : arg)))))(args[i]!);
        const gamma = (...[p, q]: readonly AnyArray[]): AnyArray => ops.gammainc(p!, q!);
        const beta = (...[p, q, r]: readonly AnyArray[]): AnyArray => ops.betainc(p!, q!, r!);
        const same = (f: (...args: readonly AnyArray[]) => AnyArray, i: number, j: number, ...args: readonly NDArray[]): void => {
          const size = Math.abs(toNDArray(slope(f, j)(...args)).item()) * (1 + 1 / a + 1 / b);
          const [one] = both(slope(slope(f, i), j), ...args);
          for (const other of both(slope(slope(f, j), i), ...args))
            assert.ok(
              Math.abs(one!.item() - other.item()) <= 1e-10 * size,
              `${i}, ${j} at ${args.map((arg) => arg.item()).join(', ')}: ${one!.item()}, ${other.item()}`,
            );
        };
        same(gamma, 0, 1, as, numbers(x * a * 2));
        same(beta, 0, 2, as, bs, xs);
        same(beta, 1, 2, as, bs, xs);
      }),
      { numRuns: 15 },
    ),
});
