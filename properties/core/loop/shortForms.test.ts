/** Laws of functions that have a short form, or a form for two lists of operands at once: the same bits as the function itself, also compiled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { call, defineFunction, type ScalarFunction } from '../../../core/loop/expression.ts';
import { logPoissonPeak } from '../../../core/loop/functions/counts.ts';
import { logGammaPeakDrops, logMinusDigammaDrops } from '../../../core/loop/functions/drops.ts';
import { erfinv } from '../../../core/loop/functions/erfinv.ts';
import { log1pmx, poissonExponent } from '../../../core/loop/functions/log1pmx.ts';
import { threefryUnit, threefryXor } from '../../../core/loop/functions/threefry.ts';
import { variates } from '../../../core/loop/functions/variates.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import * as random from '../../../core/random/index.ts';
import { threefry, unit52 } from '../../../core/random/threefry.ts';
import { toNDArray, type AnyArray } from '../../../core/value.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { laws } from '../../laws.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const signedWord = fc.integer();
const block = fc.tuple(word, word, word, word);

const wordsOf = ([k0, k1, c0, c1]: readonly [number, number, number, number]): readonly [number, number] => {
  const out = new Uint32Array(2);
  threefry(k0, k1, c0, c1, out);
  return [out[0]!, out[1]!];
};

/** What a function gives by its short form, or NaN where that does not hold. */
const shortOf = (fn: ScalarFunction): ScalarFunction => {
  const { isKnown, value } = fn.fast!;
  const select = { op: 'select', type: 'f64', args: [isKnown, value, { op: 'const', type: 'f64', value: NaN }] } as const;
  return defineFunction(`${fn.name}Short`, fn.arity, () => select);
};

const moderate = fc.double({ min: 0.1, max: 30, noNaN: true });

const shortForms: Readonly<Record<string, { readonly fn: ScalarFunction; readonly operands: fc.Arbitrary<readonly number[]>; readonly share: number }>> = {
  erfinv: { fn: erfinv, operands: fc.tuple(fc.double({ min: -1, max: 1, noNaN: true })), share: 0.9 },
  log1pmx: { fn: log1pmx, operands: fc.tuple(fc.double({ min: -0.9, max: 2, noNaN: true })), share: 0.3 },
  poissonExponent: { fn: poissonExponent, operands: fc.tuple(moderate, moderate), share: 0.1 },
  logPoissonPeak: { fn: logPoissonPeak, operands: fc.tuple(moderate), share: 0.3 },
  logGammaPeak: { fn: logGammaPeakDrops.term, operands: fc.tuple(moderate), share: 0.3 },
  logMinusPsi: { fn: logMinusDigammaDrops.term, operands: fc.tuple(moderate), share: 0.3 },
  logGammaPeakDrop: { fn: logGammaPeakDrops.elsewhere, operands: fc.tuple(moderate, moderate), share: 0.1 },
  ...Object.fromEntries(
    (
      [
        ['RandomLogGamma', [fc.double({ min: 1, max: 1e6, noNaN: true })], 0.9],
        ['RandomPoisson', [fc.double({ min: 10, max: 1e6, noNaN: true })], 0.7],
        ['RandomBinomial', [fc.integer({ min: 40, max: 1e6 }), fc.double({ min: 0.3, max: 0.7, noNaN: true })], 0.7],
        ['RandomVonMises', [fc.double({ min: 0, max: 1e6, noNaN: true })], 0.5],
      ] as const
    ).map(([name, parameters, share]) => [
      name,
      { fn: variates[name]!, operands: fc.tuple(signedWord, signedWord, fc.nat(1e6), ...(parameters as readonly fc.Arbitrary<number>[])), share },
    ]),
  ),
};

laws('short forms', {
  'a short form has the bits of the function wherever it holds, and holds mostly': () => {
    for (const { fn, operands, share } of Object.values(shortForms)) {
      const short = functionOf(shortOf(fn));
      const whole = functionOf({ ...fn, fast: undefined });
      let [known, all] = [0, 0];
      fc.assert(
        fc.property(operands, (args) => {
          const value = short(...args);
          all++;
          if (Number.isNaN(value)) return;
          known++;
          assert.ok(Object.is(value, whole(...args)), `${fn.name}(${args.join()}) is ${value} in short, ${whole(...args)} in whole`);
        }),
      );
      // Fewer only by chance: fast-check likes the ends of intervals.
      assert.ok(known >= 0.3 * share * all, `${fn.name}: known at ${known} of ${all}`);
    }
  },

  'outside its domain a function has no short form': () => {
    for (const args of [[NaN], [1], [-1], [2], [Infinity]]) assert.ok(Number.isNaN(functionOf(shortOf(erfinv))(...args)));
    for (const a of [NaN, 0, -1, 0.5, Infinity]) assert.ok(Number.isNaN(functionOf(shortOf(variates['RandomLogGamma']!))(1, 2, 3, a)));
  },

  'blocks in pairs are the blocks, one by one': () =>
    fc.assert(
      fc.property(block, block, (first, second) => {
        const numbers = { unit: (high: number, low: number) => unit52(high, low), xor: (high: number, low: number) => (high ^ low) >>> 0 };
        for (const [fn, of] of [
          [threefryUnit, numbers.unit],
          [threefryXor, numbers.xor],
        ] as const) {
          const expected = [first, second].map((one) => of(...wordsOf(one)));
          assert.deepEqual(
            [first, second].map((one) => functionOf(fn)(...one)),
            expected,
          );
          assert.deepEqual(
            fn.pair!.map((of) => functionOf(of)(...first, ...second)),
            expected,
          );
          assert.equal(functionOf(defineFunction('called', 0, () => call(fn, ...first)))(), expected[0]);
        }
      }),
    ),

  'compiled, draws of any size have the bits of the eager ones': () => {
    const numbers = (x: unknown): readonly number[] => [...toNDArray(x as AnyArray).data];
    fc.assert(
      fc.property(fc.nat(2 ** 32), fc.integer({ min: 1, max: 45 }), (seed, size) => {
        const key = random.PRNGKey(seed);
        for (const draw of [
          (k: random.Key) => random.bits(k, [size]),
          (k: random.Key) => random.uniform(k, [size]),
          (k: random.Key) => random.uniform(k, [size], { minval: -3, maxval: 5 }),
          (k: random.Key) => random.uniform(k, [size], { minval: 0.1, maxval: 0.7 }),
          (k: random.Key) => random.uniform(k, [size, 3], { dtype: 'float32' }),
          (k: random.Key) => random.normal(k, [size]),
        ]) {
          assert.deepEqual(numbers(jit(draw)(key)), numbers(draw(key)));
        }
      }),
      { numRuns: 12 },
    );
  },
});
