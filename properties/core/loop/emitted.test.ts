/** Every function as code: WebAssembly computes, in both lanes, the bits that the interpreter computes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import * as incompleteBeta from '../../../core/loop/functions/betainc.ts';
import * as incompleteGamma from '../../../core/loop/functions/gammainc.ts';
import * as incompleteGammaSlope from '../../../core/loop/functions/gammaincSlope.ts';
import * as incompleteInverse from '../../../core/loop/functions/incompleteInverse.ts';
import * as elementary from '../../../core/loop/functions/index.ts';
import { atan2 } from '../../../core/loop/functions/inverseTrigonometric.ts';
import { lbeta } from '../../../core/loop/functions/lbeta.ts';
import { logGammaVariate } from '../../../core/loop/functions/logGammaVariate.ts';
import { polygammaOfOrder } from '../../../core/loop/functions/polygammaOfOrder.ts';
import * as stirling from '../../../core/loop/functions/stirling.ts';
import * as threefry from '../../../core/loop/functions/threefry.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { CAPACITY, emittedOf } from '../../emitted.ts';
import { laws } from '../../laws.ts';

const isFunction = (x: unknown): x is ScalarFunction => typeof x === 'object' && x !== null && 'arity' in x && 'body' in x;
const functionsOf = (...modules: readonly Readonly<Record<string, unknown>>[]): readonly ScalarFunction[] => modules.flatMap(Object.values).filter(isFunction);

const edges: readonly number[] = [
  0,
  ...[1, 0.5, 2, 10, 40, 1e3, 709.5, 745, 1e15, 2 ** 45, 1e300, 5e-324, 2 ** -1022, 1e-8, Number.MAX_VALUE, Infinity].flatMap((x) => [x, -x]),
  -0,
  NaN,
];

/** Doubles of every size, those near 0, and those at which functions turn. */
const anything = fc.oneof(fc.double(), fc.double({ min: -20, max: 20, noNaN: true }), fc.constantFrom(...edges));
/** Where the incomplete functions have values: shapes of many sizes, and parts of one. */
const shapes = fc.double({ min: -8, max: 12, noNaN: true }).map((e) => 2 ** e);
const parts = fc.double({ min: 0, max: 1, noNaN: true });

const pointsOf = (arity: number, ordinary: fc.Arbitrary<number>, others: fc.Arbitrary<number>): fc.Arbitrary<number[][]> => {
  const one = fc.array(fc.oneof({ weight: 3, arbitrary: ordinary }, others), { minLength: arity, maxLength: arity });
  return fc.array(one, { minLength: 2, maxLength: CAPACITY });
};

/** Emitted and interpreted values are the same doubles; one NaN is as good as another. */
const isAsInterpreted = (functions: readonly ScalarFunction[], ordinary: fc.Arbitrary<number>, others: fc.Arbitrary<number> = anything): void => {
  for (const fn of functions) {
    const [interpreted, run] = [functionOf(fn), emittedOf(fn)];
    const law = fc.property(pointsOf(fn.arity, ordinary, others), (points) => {
      const emitted = run(points);
      points.forEach((point, i) => {
        const expected = interpreted(...point);
        assert.ok(Object.is(emitted[i], expected), `${fn.name}(${point.join(', ')}) is ${emitted[i]} emitted, ${expected} interpreted, in lane ${i % 2}`);
      });
    });
    fc.assert(law);
  }
};

laws('emitted functions', {
  'elementary and special functions': () => isAsInterpreted(functionsOf(elementary, { atan2 }), anything),
  "Stirling's series": () => isAsInterpreted(functionsOf(stirling), shapes),
  'derivatives of ψ': () => isAsInterpreted([2, 3, 7].map(polygammaOfOrder), shapes),
  'the incomplete gamma family': () => isAsInterpreted(functionsOf(incompleteGamma, incompleteGammaSlope), shapes),
  'the incomplete beta family': () => isAsInterpreted(functionsOf(incompleteBeta, { lbeta }), fc.oneof(parts, shapes)),
  'the quantiles': () => isAsInterpreted(functionsOf(incompleteInverse), fc.oneof(parts, shapes)),
  'Threefry, of whole words': () => {
    const words = fc.maxSafeNat().map((x) => x % 2 ** 32);
    isAsInterpreted(functionsOf(threefry), words, words);
  },
  'gamma variates': () => isAsInterpreted([logGammaVariate], shapes),
});
