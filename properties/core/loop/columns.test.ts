/** Laws of functions over columns: at many lists of numbers at once each gives the bits that the interpreter gives at one after another. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { numberFunction, runOver } from '../../../core/loop/columnFunctions.ts';
import { LANES } from '../../../core/loop/columns.ts';
import * as E from '../../../core/loop/expression.ts';
import * as bessel from '../../../core/loop/functions/bessel.ts';
import * as beta from '../../../core/loop/functions/betainc.ts';
import * as counts from '../../../core/loop/functions/counts.ts';
import * as density from '../../../core/loop/functions/density.ts';
import { elu } from '../../../core/loop/functions/elu.ts';
import { erfcx } from '../../../core/loop/functions/erfcx.ts';
import { decay } from '../../../core/loop/functions/exp.ts';
import * as gamma from '../../../core/loop/functions/gammainc.ts';
import * as slopes from '../../../core/loop/functions/gammaincSlope.ts';
import * as inverse from '../../../core/loop/functions/incompleteInverse.ts';
import * as elementary from '../../../core/loop/functions/index.ts';
import { atan2 } from '../../../core/loop/functions/inverseTrigonometric.ts';
import { lbeta } from '../../../core/loop/functions/lbeta.ts';
import { logAddExp } from '../../../core/loop/functions/logAddExp.ts';
import { polygammaOfOrder } from '../../../core/loop/functions/polygammaOfOrder.ts';
import * as stirling from '../../../core/loop/functions/stirling.ts';
import * as threefry from '../../../core/loop/functions/threefry.ts';
import * as trials from '../../../core/loop/functions/trials.ts';
import { variates } from '../../../core/loop/functions/variates.ts';
import { vonMisesCdf, vonMisesDensity, vonMisesVariateGrad } from '../../../core/loop/functions/vonMises.ts';
import * as xlogy from '../../../core/loop/functions/xlogy.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { makeLocal } from '../../../core/loop/local.ts';
import { defineRoutine, minus, numberOf, plus, repeat, repeatWhile, times, truncated, when, writeAt } from '../../../core/loop/procedure.ts';
import { laws } from '../../laws.ts';

const isFunction = (x: unknown): x is E.ScalarFunction => typeof x === 'object' && x !== null && 'arity' in x && 'body' in x;
const functionsOf = (...modules: readonly Readonly<Record<string, unknown>>[]): readonly E.ScalarFunction[] =>
  modules.flatMap(Object.values).filter(isFunction);

const edges = [0, 1, 0.5, 2, 10, 40, 1e3, 709.5, 745, 1e15, 2 ** 45, 1e300, 5e-324, 2 ** -1022, 1e-300, Infinity].flatMap((x) => [x, -x]);
const anything = fc.oneof(fc.double(), fc.double({ min: -20, max: 20, noNaN: true }), fc.constantFrom(...edges, NaN));
const shape = fc.double({ min: -8, max: 12, noNaN: true }).map((e) => 2 ** e);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** More than one column's worth, and not a multiple of it. */
const SIZE = LANES + 37;

const isAsInterpreted = (fn: E.ScalarFunction, ...operands: readonly fc.Arbitrary<number>[]): void => {
  const interpreted = functionOf(fn);
  const alone = numberFunction(fn);
  const lists = fc.array(fc.tuple(...operands), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(lists, fc.constantFrom(1, 3, SIZE), (points, size) => {
      const out = new Float64Array(size);
      const at = (i: number): readonly number[] => points[i % points.length]!;
      runOver(fn, out, (params, begin, count) => {
        for (let i = 0; i < count; i++) params.forEach(({ f }, p) => (f[i] = at(begin + i)[p]!));
      });
      const expected = points.map((point) => interpreted(...point));
      out.forEach((x, i) =>
        assert.ok(Object.is(x, expected[i % points.length]), `${fn.name}(${at(i).join(', ')}) is ${x}, not ${expected[i % points.length]}`),
      );
      assert.ok(Object.is(alone(...points[0]!), expected[0]), `${fn.name}(${points[0]!.join(', ')}) alone`);
    }),
    { numRuns: 12 },
  );
};

const all = (functions: readonly E.ScalarFunction[], operand: fc.Arbitrary<number>): void =>
  functions.forEach((fn) => isAsInterpreted(fn, ...Array.from({ length: fn.arity }, () => fc.oneof({ weight: 4, arbitrary: operand }, anything))));

/** A function of two doubles that applies an operation of integers to their bits; the result is shown as two numbers of 32 bits. */
const onBits = (name: string, of: (a: E.Expr, b: E.Expr) => E.Expr): readonly E.ScalarFunction[] =>
  [0, 32].map((from) =>
    E.defineFunction(`${name} from ${from}`, 2, (a, b) => {
      const result = of(E.toBits(a), E.toBits(b));
      const whole = result.type === 'mask' ? E.select(result, E.bits(1n), E.bits(0n)) : result;
      return E.fromBits(E.ior(E.iand(E.shrU(whole, from), E.bits(0xffffffffn)), E.bits(0x4330000000000000n)));
    }),
  );

const shiftsBy = (shift: (x: E.Expr, by: number) => E.Expr, most: number): readonly E.ScalarFunction[] =>
  Array.from({ length: most + 1 }, (_, by) => onBits(`${shift.name || 'shift'} by ${by}`, (a) => shift(a, by))).flat();

/** Loops in loops, of bounds that differ from lane to lane, with branches and whole numbers. */
const nested = defineRoutine('nested', 2, (x, y) => {
  const [sum, left, seen] = [makeLocal('sum'), makeLocal('left'), makeLocal('seen')];
  return {
    steps: [
      left.set(x),
      repeatWhile(E.gt(left.value, 0), [
        left.set(E.sub(left.value, 1)),
        when(E.lt(left.value, y), [sum.set(E.add(sum.value, left.value)), seen.set(E.add(sum.value, seen.value))], [sum.set(E.mul(sum.value, 0.5))]),
        repeat('i', truncated(y), plus(truncated(left.value), 1), (i) => [
          repeat('j', minus(i, 2), i, (j) => [sum.set(E.add(sum.value, E.div(numberOf(times(i, j)), E.add(seen.value, 3))))]),
        ]),
      ]),
      seen.set(E.add(seen.value, sum.value)),
      sum.set(E.sub(seen.value, sum.value)),
    ],
    result: E.add(E.mul(sum.value, 3), seen.value),
  };
});

laws('columns', {
  'elementary functions': () => all(functionsOf(elementary, { atan2, decay, elu, logAddExp, erfcx }, xlogy, bessel), anything),
  "Stirling's series and differences": () => all(functionsOf(stirling, counts), shape),
  'derivatives of ψ': () => all([2, 3, 7, 20, 350].map(polygammaOfOrder), shape),
  'the incomplete gamma family': () => all(functionsOf(gamma, slopes), shape),
  'the incomplete beta family': () => all(functionsOf(beta, density, { lbeta }), fc.oneof(part, shape)),
  quantiles: () => all(functionsOf(inverse), fc.oneof(part, shape)),
  'trials, and the von Mises family': () => all(functionsOf(trials, { vonMisesCdf, vonMisesDensity, vonMisesVariateGrad }), fc.oneof(part, shape)),
  Threefry: () => functionsOf(threefry).forEach((fn) => isAsInterpreted(fn, ...Array.from({ length: fn.arity }, () => word))),
  variates: () => {
    const parameters = { RandomBinomial: [fc.oneof(fc.nat(100), fc.nat(1e9)), part] } as Readonly<Record<string, readonly fc.Arbitrary<number>[]>>;
    for (const [name, fn] of Object.entries(variates))
      isAsInterpreted(fn, word, word, word, ...(parameters[name] ?? [fc.oneof({ weight: 5, arbitrary: shape }, anything)]));
  },

  'operations of 64 bits are exact': () => {
    const of = { iadd: E.iadd, isub: E.isub, iand: E.iand, ior: E.ior, ixor: E.ixor, addWords: E.addWords, ieq: E.ieq, ilt: E.ilt, igt: E.igt };
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const near = fc.tuple(finite, fc.integer({ min: -2, max: 2 })).map(([x, by]) => x + by * 5e-324);
    for (const [name, operation] of Object.entries(of)) onBits(name, operation).forEach((fn) => isAsInterpreted(fn, fc.oneof(finite, fc.constant(1)), near));
    onBits('lowTwice', (a) => E.lowTwice(a)).forEach((fn) => isAsInterpreted(fn, finite, finite));
    onBits('chosen', (a, b) => E.select(E.not(E.xor(E.ilt(a, b), E.igt(a, b))), a, b)).forEach((fn) => isAsInterpreted(fn, finite, finite));
  },
  'shifts are exact by every number of bits': () =>
    [...[E.shl, E.shrU, E.shrS].flatMap((shift) => shiftsBy(shift, 63)), ...[E.shlWords, E.shrWords].flatMap((shift) => shiftsBy(shift, 31))].forEach((fn) => {
      const interpreted = functionOf(fn);
      for (const x of [0.1, -0.1, Math.PI * 1e200, -5e-324, 2 ** 31 - 1, -1e-300])
        assert.equal(numberFunction(fn)(x, 0), interpreted(x, 0), `${fn.name} of ${x}`);
    }),
  'rounding, smaller and larger ones': () => {
    const { floor, ceil, trunc, nearest, min, max, pmin, pmax } = E;
    for (const of of [floor, ceil, trunc, nearest])
      isAsInterpreted(
        E.defineFunction('rounding', 1, (x) => of(x)),
        fc.oneof(
          anything,
          fc.integer({ min: -9, max: 9 }).map((n) => n / 2),
        ),
      );
    for (const of of [min, max, pmin, pmax])
      isAsInterpreted(
        E.defineFunction('extreme', 2, (x, y) => of(x, y)),
        anything,
        anything,
      );
  },

  'lanes go their own ways through loops and branches': () => {
    const few = fc.double({ min: -3, max: 9, noNaN: true });
    isAsInterpreted(nested, few, few);
  },
  'a variable that is set again, and read in between, has the value of its time': () => {
    const swap = defineRoutine('swap', 2, (x, y) => {
      const [a, b, t] = [makeLocal('a'), makeLocal('b'), makeLocal('t')];
      const steps = [a.set(x), b.set(y), t.set(a.value), a.set(b.value), b.set(t.value), a.set(E.add(a.value, a.value)), a.set(E.sub(a.value, b.value))];
      return { steps, result: E.add(E.mul(a.value, 1000), b.value) };
    });
    assert.equal(numberFunction(swap)(3, 5), 7003);
    isAsInterpreted(swap, anything, anything);
  },
  'a variable is 0 until it is set, in every call': () => {
    const local = makeLocal('sometimes');
    const fn = defineRoutine('sometimes', 1, (x) => ({ steps: [when(E.gt(x, 0), [local.set(x)])], result: local.value }));
    assert.deepEqual(
      [3, -1, 2, 0].map((x) => numberFunction(fn)(x)),
      [3, 0, 2, 0],
    );
  },
  'a function has no memory, no sums and no loads': () => {
    const memory = { name: 'm', size: 1 };
    const writing = defineRoutine('writing', 1, (x) => ({ steps: [writeAt(memory, 0, x)], result: x }));
    const loading = E.defineFunction('loading', 0, () => E.load(memory));
    for (const fn of [writing, loading]) assert.throws(() => numberFunction(fn), { _tag: 'Unsupported' });
  },
});
