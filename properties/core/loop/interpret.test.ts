/** Laws of the interpreter of procedures: steps run in order, loops and branches as they say, and a routine begins anew each time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, call, defineFunction, div, eq, fromBits, gt, le, lt, mul, select, sub, toBits, type Memory } from '../../../core/loop/expression.ts';
import { functionOf, runProcedure } from '../../../core/loop/interpret.ts';
import { makeLocal } from '../../../core/loop/local.ts';
import { defineRoutine, minus, numberOf, plus, readAt, repeat, repeatWhile, times, truncated, when, writeAt, type Step } from '../../../core/loop/procedure.ts';
import { laws } from '../../laws.ts';

const memoryOf = (name: string, size: number): Memory => ({ name, size });

/** What some steps leave in a memory. */
const run = (size: number, steps: (memory: Memory) => readonly Step[], initial: readonly number[] = []): number[] => {
  const memory = memoryOf('m', size);
  const data = new Float64Array(size);
  data.set(initial);
  runProcedure(steps(memory), new Map([[memory, data]]));
  return [...data];
};

/** Euclid's algorithm. */
const gcd = defineRoutine('gcd', 2, (x, y) => {
  const [a, b, rest] = [makeLocal('a'), makeLocal('b'), makeLocal('rest')];
  const quotient = numberOf(truncated(div(a.value, b.value)));
  const body = [rest.set(sub(a.value, mul(quotient, b.value))), a.set(b.value), b.set(rest.value)];
  return { steps: [a.set(x), b.set(y), repeatWhile(gt(b.value, 0), body)], result: a.value };
});

const gcdOf = (a: number, b: number): number => (b === 0 ? a : gcdOf(b, a % b));

laws('the interpreter of procedures', {
  'a routine loops until its condition fails': () =>
    fc.assert(fc.property(fc.nat(10_000), fc.nat(10_000), (a, b) => assert.equal(functionOf(gcd)(a, b), gcdOf(a, b)))),
  'a routine calls functions and routines': () => {
    const coprime = defineRoutine('coprime', 1, (n) => {
      const [k, count] = [makeLocal('k'), makeLocal('count')];
      const body = [when(eq(call(gcd, n, k.value), 1), [count.set(add(count.value, 1))]), k.set(add(k.value, 1))];
      return { steps: [k.set(1), repeatWhile(le(k.value, n), body)], result: count.value };
    });
    const twice = defineFunction('twice', 1, (n) => mul(call(coprime, n), 2));
    assert.deepEqual(
      [1, 2, 9, 12, 97].map((n) => functionOf(coprime)(n)),
      [1, 1, 6, 4, 96],
    );
    assert.equal(functionOf(twice)(9), 12);
  },
  'variables are 0 when a routine begins, every time': () => {
    const count = defineRoutine('count', 1, (n) => {
      const sum = makeLocal('sum');
      return { steps: [repeat('i', 0, truncated(n), () => [sum.set(add(sum.value, 1))])], result: sum.value };
    });
    assert.deepEqual(
      [3, 3, 0, -2, 5.9].map((n) => functionOf(count)(n)),
      [3, 3, 0, 0, 5],
    );
  },
  'an expression is computed where it stands, with the variables of that moment': () => {
    const x = makeLocal('x');
    const doubled = mul(x.value, 2);
    const values = run(3, (m) => [x.set(1), writeAt(m, 0, doubled), x.set(doubled), writeAt(m, 1, doubled), x.set(doubled), writeAt(m, 2, doubled)]);
    assert.deepEqual(values, [2, 4, 8]);
  },
  'repeat counts from its lower bound to below its upper, once computed': () =>
    fc.assert(
      fc.property(fc.integer({ min: -3, max: 8 }), fc.integer({ min: -3, max: 8 }), (from, to) => {
        const end = makeLocal('end');
        const steps = (m: Memory): readonly Step[] => [
          end.set(to),
          repeat('i', from, truncated(end.value), (i) => [end.set(100), writeAt(m, plus(i, 3), add(readAt(m, plus(i, 3)), 1))]),
        ];
        assert.deepEqual(
          run(11, steps),
          Array.from({ length: 11 }, (_, i) => Number(i - 3 >= from && i - 3 < to)),
        );
      }),
    ),
  'nested loops index a matrix: the product of a triangle with itself': () => {
    const n = 4;
    const [a, b] = [memoryOf('a', n * n), memoryOf('b', n * n)];
    const entries = Float64Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? i + 1 : 0));
    const out = new Float64Array(n * n);
    const at = (i: Parameters<typeof times>[0], j: Parameters<typeof times>[0]): ReturnType<typeof plus> => plus(times(i, n), j);
    const steps = [
      repeat('i', 0, n, (i) => [
        repeat('j', 0, plus(i, 1), (j) => [
          repeat('k', j, minus(plus(i, 1), 0), (k) => [writeAt(b, at(i, j), add(readAt(b, at(i, j)), mul(readAt(a, at(i, k)), readAt(a, at(k, j)))))]),
        ]),
      ]),
    ];
    runProcedure(
      steps,
      new Map([
        [a, entries],
        [b, out],
      ]),
    );
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += entries[i * n + k]! * entries[k * n + j]!;
        assert.equal(out[i * n + j], sum);
      }
    }
  },
  'truncation is that of WebAssembly, and whole numbers wrap at 32 bits': () => {
    const cut = [NaN, Infinity, -Infinity, 1e10, -1e10, 2.9, -2.9, -0.5, 2 ** 31 - 1, -(2 ** 31)];
    const whole = [0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31), 2, -2, 0, 2 ** 31 - 1, -(2 ** 31)];
    const toWhole = defineRoutine('toWhole', 1, (x) => ({ steps: [], result: numberOf(truncated(x)) }));
    cut.forEach((x, i) => assert.ok(Object.is(functionOf(toWhole)(x), whole[i]), `${x}`));
    const square = defineRoutine('square', 1, (x) => ({ steps: [], result: numberOf(plus(times(truncated(x), truncated(x)), 1)) }));
    assert.equal(functionOf(square)(65537), Math.imul(65537, 65537) + 1);
    const over = defineRoutine('over', 1, (x) => ({ steps: [], result: numberOf(plus(truncated(x), 1)) }));
    assert.equal(functionOf(over)(2 ** 31 - 1), -(2 ** 31));
  },
  'bits go through variables and selections unharmed': () => {
    const same = defineRoutine('same', 1, (x) => {
      const kept = makeLocal('kept');
      return { steps: [kept.set(x)], result: fromBits(select(lt(x, 0), toBits(kept.value), toBits(x))) };
    });
    fc.assert(fc.property(fc.double(), (x) => assert.ok(Object.is(functionOf(same)(x), x))));
  },
  'what lies outside of a memory, and a memory that is not there, are refused': () => {
    assert.throws(() => run(2, (m) => [writeAt(m, 2, 1)]), /has 2 elements/);
    assert.throws(() => run(2, (m) => [writeAt(m, 0, readAt(m, -1))]), /has 2 elements/);
    assert.throws(() => runProcedure([writeAt(memoryOf('missing', 1), 0, 1)], new Map()), /missing/);
  },
});
