/** vmap over loops: a scan in every lane is the scan alone, whatever differs between lanes, with its gradient; and loops that end at different times. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import type { AnyArray, Input, Value } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { whileLoop } from '../../../transforms/scan/whileLoop.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { assertClose } from '../../laws/numeric.ts';

const [LANES, TIMES] = [3, 4];

type Axes = readonly (number | null)[];
type Walk = (...args: readonly Input[]) => readonly AnyArray[];

/** A rate that every time reads, what is carried at first (two values, of which one may be the same in all lanes), and slices. */
const walk =
  (reverse: boolean): Walk =>
  (rate, start, other, xs) => {
    const [[last, count], ys] = scan(
      ([state, c]: readonly [Value, Value], x: Value) => {
        const next = ops.add(ops.mul(state, rate), ops.mul(ops.tanh(x), state));
        return [[next, ops.add(ops.mul(c, 0.5), 1)], { sum: ops.add(next, c), twice: ops.mul(c, 2) }] as const;
      },
      [ops.mul(start, 1), ops.mul(other, 1)] as const,
      xs,
      { reverse },
    ) as readonly [readonly [AnyArray, AnyArray], { readonly sum: AnyArray; readonly twice: AnyArray }];
    return [last, count, ys.sum, ys.twice];
  };

const shapes = [[], [2], [], [TIMES, 2]] as const;

const inputsFor = (seed: number, axes: Axes): readonly NDArray[] => {
  const draw = drawFrom(seed);
  return shapes.map((shape, i) => draw.away(axes[i] === null ? shape : [LANES, ...shape]));
};

const laneOf = (inputs: readonly NDArray[], axes: Axes, lane: number): readonly AnyArray[] =>
  inputs.map((x, i) => (axes[i] === null ? x : ops.gather(x, lane)));

const eachLane = (f: (...args: readonly Input[]) => readonly AnyArray[], inputs: readonly NDArray[], axes: Axes): readonly AnyArray[] => {
  const lanes = Array.from({ length: LANES }, (_, lane) => f(...laneOf(inputs, axes, lane)));
  return lanes[0]!.map((_, k) => ops.stack(lanes.map((results) => results[k]!)));
};

const assertAll = (actual: unknown, expected: readonly AnyArray[], what: string): void => {
  assert.equal((actual as readonly AnyArray[]).length, expected.length);
  expected.forEach((x, i) => assertClose((actual as readonly AnyArray[])[i]!, x, { relative: 1e-10, absolute: 1e-12, scaled: true }, `${what} ${i}`));
};

const axesOf: fc.Arbitrary<Axes> = fc.tuple(...shapes.map(() => fc.constantFrom(0, null))).filter((axes) => axes.some((axis) => axis !== null));

/** Adds `step` while the sum stays below `limit`, and counts. */
const countTo = (limit: Value, step: Value): readonly AnyArray[] =>
  whileLoop(
    ([sum]) => ops.less(sum, limit),
    ([sum, count]) => [ops.add(sum, step), ops.add(count, 1)],
    [ops.mul(limit, 0), ops.mul(step, 0)] as const,
  );

const countedTo = (limit: number, step: number): readonly [sum: number, count: number] => {
  let [sum, count] = [0, 0];
  while (sum < limit) [sum, count] = [sum + step, count + 1];
  return [sum, count];
};

laws('vmap over loops', {
  'a scan in each lane is the scan alone, whatever differs': () =>
    fc.assert(
      fc.property(fc.nat(10_000), axesOf, fc.boolean(), (seed, axes, reverse) => {
        const f = walk(reverse);
        const inputs = inputsFor(seed, axes);
        const expected = eachLane(f, inputs, axes);
        assertAll(vmap(f, axes)(...inputs), expected, 'eager');
        assertAll(jit(vmap(f, axes))(...inputs), expected, 'compiled');
      }),
      { numRuns: 10 },
    ),

  'and so is its gradient, in each nesting': () =>
    fc.assert(
      fc.property(fc.nat(10_000), axesOf, fc.boolean(), (seed, axes, reverse) => {
        const f = walk(reverse);
        const total = (...args: readonly Input[]): AnyArray => f(...args).reduce<AnyArray>((sum, x) => ops.add(sum, ops.sum(x)), ops.zeros([]));
        const both = (...args: readonly Input[]): readonly AnyArray[] => {
          const [value, gradients] = valueAndGrad(total, [0, 1, 2, 3] as const)(...args);
          return [value, ...(gradients as unknown as readonly AnyArray[])];
        };
        const inputs = inputsFor(seed, axes);
        const expected = eachLane(both, inputs, axes);
        assertAll(vmap(both, axes)(...inputs), expected, 'vmap grad');
        assertAll(jit(vmap(both, axes))(...inputs), expected, 'jit vmap grad');
        const ofAll = grad((...args: readonly Input[]) => ops.sum(vmap(total, axes)(...args)), [0, 1, 2, 3] as const);
        const summed = expected.slice(1).map((lanes, i) => (axes[i] === null ? ops.sum(lanes, 0) : lanes));
        assertAll(ofAll(...inputs), summed, 'grad vmap');
        assertAll(jit(ofAll as never as (...args: readonly Input[]) => readonly AnyArray[])(...inputs), summed, 'jit grad vmap');
      }),
      { numRuns: 5 },
    ),

  'a scan over lanes is lanes of a scan; keys are carried and sliced': () => {
    const keys = random.split(random.PRNGKey(3), [LANES, TIMES]);
    const f = (own: random.Key): AnyArray =>
      scan((sum: Value, key: random.Key) => [ops.add(sum, random.normal(key)), ops.add(sum, random.uniform(key))] as const, 0, own)[1];
    const expected = ops.stack(Array.from(keys as Iterable<random.Key>, (row) => f(row)));
    assertClose(vmap(f)(keys), expected, { relative: 1e-12 });
    assertClose(jit(vmap(f))(keys), expected, { relative: 1e-12 });
    const inside = scan(
      (sum: Value, row: random.Key) => [ops.add(sum, vmap((key: random.Key) => random.normal(key))(row)), 0] as const,
      ops.zeros([TIMES]),
      keys,
    )[0];
    const columns = Array.from({ length: TIMES }, (_, time) =>
      Array.from(keys as Iterable<random.Key>, (row) => random.normal((row as random.KeyBatch)[time]!).item()).reduce((sum, x) => sum + x, 0),
    );
    assertClose(inside, columns, { relative: 1e-12 });
  },

  'loops that end at different times each end at their own': () => {
    const [limits, steps] = [
      [3, 10, 0.5, 7],
      [1, 3, 1, 0.2],
    ];
    const expected = limits.map((limit, i) => countedTo(limit, steps[i]!));
    for (const run of [vmap(countTo), jit(vmap(countTo))]) {
      const [sums, counts] = run(limits, steps) as readonly [NDArray, NDArray];
      assertClose(
        sums,
        expected.map(([sum]) => sum),
        { relative: 1e-12 },
      );
      assertClose(
        counts,
        expected.map(([, count]) => count),
        { relative: 0 },
      );
    }
    const [, same] = vmap(countTo, [null, 0])(5 as never, steps as never) as readonly [NDArray, NDArray];
    assertClose(
      same,
      steps.map((step) => countedTo(5, step)[1]),
      { relative: 0 },
    );
  },
});
