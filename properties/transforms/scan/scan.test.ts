/** scan: it is the loop, whatever the form of its arguments and however it is transformed; trees, keys, errors, and the cost of long ones. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { array, isNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { compileGraph, instantiate } from '../../../transforms/jit/compile.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { scan, type ScanOptions } from '../../../transforms/scan/scan.ts';
import { loopPrograms, unrolled, type Carry, type LoopProgram, type Slice } from '../../arbitraries/loops.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { recordAt } from '../../laws/recorded.ts';

/** Sums in another order lose other digits, and so do derivatives of what is almost flat. */
const exactly = { relative: 1e-9, absolute: 1e-10, scaled: true } as const;
const roughly = { relative: 1e-3, absolute: 1e-4, scaled: true } as const;

type Loss = (p: Input, v: Input, u: Input, m: Input) => AnyArray;

const sumOf = (x: AnyArray): AnyArray => ops.sum(ops.mul(x, ops.add(1, ops.mul(0.1, ops.range(0, x.shape.at(-1) ?? 1)))));

/** A scalar in which every result of the loop counts. */
const lossBy =
  (program: LoopProgram, options: ScanOptions): Loss =>
  (p, v, u, m) => {
    const [carry, ys] = scan((c: unknown, x: unknown) => program.body(ops.add(p, 0), c as Carry, x as Slice), { v, s: program.init.s }, { u, m }, options);
    const { v: end, s } = carry;
    const { y, z } = ys as unknown as { y: AnyArray; z: AnyArray };
    return ops.add(ops.add(sumOf(end), s[0]), ops.add(sumOf(y), ops.sum(ops.sin(z))));
  };

const plainly =
  (program: LoopProgram, { reverse = false }: ScanOptions): Loss =>
  (p, v, u, m) => {
    const [{ v: end, s }, ys] = unrolled(program, ops.add(p, 0), { v: ops.add(v, 0), s: program.init.s }, { u: ops.add(u, 0), m: ops.add(m, 0) }, reverse);
    return ys.reduce<AnyArray>((sum, { y, z }) => ops.add(sum, ops.add(sumOf(y), ops.sin(z))), ops.add(sumOf(end), s[0]));
  };

const inputsOf = ({ p, init, xs }: LoopProgram): readonly [NDArray, NDArray, NDArray, NDArray] => [p, init.v, xs.u, xs.m] as never;

const options: fc.Arbitrary<ScanOptions> = fc.record({ reverse: fc.boolean(), checkpoint: fc.constantFrom(undefined, 1, 2, 3, 8) });

const closeAll = (actual: readonly Input[], expected: readonly Input[], tolerance: typeof exactly | typeof roughly, text: string): void =>
  actual.forEach((x, i) => assertClose(x, expected[i]!, tolerance, `${text}: ${i}`));

const all = [0, 1, 2, 3] as const;

laws('scan', {
  'is the loop: what is carried and what is stacked, eagerly, on tensors and compiled': () =>
    fc.assert(
      fc.property(loopPrograms, fc.boolean(), (program, reverse) => {
        const { body, p, init, xs, length, text } = program;
        const run = (parameter: AnyArray, start: Carry, slices: Slice): readonly AnyArray[] => {
          const [carry, ys] = scan((c: unknown, x: unknown) => body(parameter, c as Carry, x as Slice), start, slices, { reverse });
          const { v, s } = carry;
          const { y, z } = ys as unknown as { y: AnyArray; z: AnyArray };
          return [v, s[0], s[1], y, z];
        };
        const [{ v, s }, ys] = unrolled(program, p, init, xs, reverse);
        const stack = (parts: readonly AnyArray[], rest: readonly number[]): AnyArray => (length === 0 ? ops.zeros([0, ...rest]) : ops.stack(parts));
        const expected = [
          v,
          s[0],
          s[1],
          stack(
            ys.map(({ y }) => y),
            p.shape,
          ),
          stack(
            ys.map(({ z }) => z),
            [],
          ),
        ];
        const eager = run(p, init, xs);
        assert.ok(eager.every(isNDArray), text);
        closeAll(eager, expected, exactly, text);
        closeAll(jit(run)(p, init, xs), expected, exactly, `jit: ${text}`);
        tf.tidy(() => {
          const onTensors = run(toTensor(p), init, xs);
          closeAll(onTensors, expected, roughly, `tensors: ${text}`);
        });
      }),
    ),

  'has the gradients of the loop, by what is closed over, carried and sliced': () =>
    fc.assert(
      fc.property(loopPrograms, options, (program, how) => {
        const inputs = inputsOf(program);
        const [value, expected] = valueAndGrad(plainly(program, how), all)(...inputs);
        const text = `${JSON.stringify(how)} ${program.text}`;
        const check = ([own, grads]: readonly [Input, readonly Input[]], tolerance: typeof exactly | typeof roughly): void =>
          closeAll([own, ...grads], [value, ...expected], tolerance, text);
        const f = valueAndGrad(lossBy(program, how), all);
        check(f(...inputs), exactly);
        check(jit(f)(...inputs), exactly);
        tf.tidy(() => check(f(...(inputs.map((x) => toTensor(x)) as never as typeof inputs)), roughly));
      }),
    ),

  'has the second derivatives of the loop': () =>
    fc.assert(
      fc.property(loopPrograms, options, (program, how) => {
        const twice =
          (loss: Loss) =>
          (p: Input, v: Input, u: Input, m: Input): AnyArray => {
            const [dp, dv, du] = grad(loss, [0, 1, 2])(p, v, u, m);
            return ops.add(ops.sum(ops.square(dp as AnyArray)), ops.add(ops.sum(ops.sin(dv as AnyArray)), sumOf(du as AnyArray)));
          };
        const inputs = inputsOf(program);
        const expected = grad(twice(plainly(program, how)), all)(...inputs) as readonly Input[];
        const actual = jit(grad(twice(lossBy(program, how)), all))(...inputs) as readonly Input[];
        closeAll(actual, expected, exactly, `${JSON.stringify(how)} ${program.text}`);
      }),
    ),

  'within scan is a loop within a loop, gradient included': () => {
    const xs = array([
      [0.1, 0.2, 0.3],
      [0.4, -0.5, 0.6],
    ]);
    const nested = (a: Input, rows: Input): AnyArray => {
      const [total] = scan((c, row) => [scan((d, x) => [ops.sin(ops.add(ops.mul(d, a), x)), undefined], c, row)[0], undefined], 0.3, rows);
      return total;
    };
    const flat = (a: Input, rows: Input): AnyArray => scan((d, x) => [ops.sin(ops.add(ops.mul(d, a), x)), undefined], 0.3, ops.reshape(rows, [-1]))[0];
    const expected = valueAndGrad(flat, [0, 1])(0.9, xs).flat() as readonly Input[];
    closeAll(valueAndGrad(nested, [0, 1])(0.9, xs).flat(), expected, exactly, 'eager');
    closeAll(jit(valueAndGrad(nested, [0, 1]))(0.9, xs).flat(), expected, exactly, 'compiled');
  },

  'maps a batch of keys along xs and carries a key': () => {
    const key = random.PRNGKey(7);
    const keys = random.split(key, 3);
    const draws = (k: random.Key, batch: random.KeyBatch, a: Input): readonly [random.Key, AnyArray, random.Key] => {
      const [end, [ys, used]] = scan(
        (carried, own) => {
          const [next, now] = random.split(carried);
          return [next, [ops.mul(a, ops.add(random.normal(own), random.normal(now))), own] as const];
        },
        k,
        batch,
      );
      return [end, ys, used];
    };
    let carried: random.Key = key;
    const expected = keys.map((own) => {
      const [next, now] = random.split(carried);
      carried = next;
      return random.normal(own).item() + random.normal(now).item();
    });
    for (const run of [draws(key, keys, 1), jit(draws)(key, keys, 1) as ReturnType<typeof draws>]) {
      assertClose(run[1], expected, { relative: 1e-13 });
      assert.deepEqual(JSON.stringify(run[0]), JSON.stringify(carried));
      assert.deepEqual([...run[2].words], [...keys.words]);
    }
    const a = tf.scalar(1);
    const [end, ys, used] = draws(key, keys, a);
    assert.deepEqual(JSON.stringify(end), JSON.stringify(carried));
    assert.deepEqual([...used.words], [...keys.words]);
    tf.dispose([a, ys as Value]);
  },

  'carries one vector for [0, 0], and nothing for nothing': () => {
    const [total] = scan(
      (sum, x) => [ops.add(sum, x), undefined],
      [0, 0],
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.deepEqual(total.data, Float64Array.of(4, 6));
    const [none, squares] = scan((carry: undefined, x: Value) => [carry, { square: ops.square(x), nothing: null }], undefined, [1, 2, 3]);
    assert.equal(none, undefined);
    assert.deepEqual((squares as { readonly square: NDArray }).square.data, Float64Array.of(1, 4, 9));
    assert.equal((squares as { readonly nothing: unknown }).nothing, null);
  },

  'keeps counts whole': () => {
    const count = (xs: Input): AnyArray =>
      scan((n, x) => [ops.add(n, ops.cast(ops.greater(x, 0), 'int32')), undefined], array(new Int32Array(1)), ops.reshape(xs, [4, 1]))[0];
    for (const counted of [count([1, -1, 2, 3]), jit(count)([1, -1, 2, 3])]) {
      assert.deepEqual([...toNDArray(counted).data], [3]);
      assert.equal(toNDArray(counted).dtype, 'int32');
    }
  },

  'refuses what changes, saying where it was what and became what': () => {
    const refusal = (f: () => unknown): string => {
      try {
        f();
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing was refused';
    };
    assert.match(
      refusal(() => scan(({ a }) => [{ a: ops.stack([a[1], a[1]]) }, 0], { a: [[1, 2], [3]] } as never, [1])),
      /ragged/,
    );
    assert.match(
      refusal(() => scan((c) => [{ a: { b: ops.stack([c.a.b, c.a.b]) } }, 0], { a: { b: 1 } }, [1])),
      /at \.a\.b.*float\[\], then float\[2\]/,
    );
    assert.match(
      refusal(() => scan((c) => [ops.greater(c, 0), 0], 1, [1])),
      /float\[\], then bool\[\]/,
    );
    assert.match(
      refusal(() => scan((c) => [[c, c], 0], 1, [1])),
      /structure/,
    );
    assert.match(
      refusal(() => scan((c) => c as never, 1, [1])),
      /what it carries on and what it stacks/,
    );
    assert.match(
      refusal(() => scan((c, x) => [c, x], 1, { p: [1, 2], q: [1, 2, 3] })),
      /xs\.q .*\[3\]/s,
    );
    assert.match(
      refusal(() => scan((c) => [c, 0], 1)),
      /length/,
    );
    assert.match(
      refusal(() => scan((c, x) => [c, x], 1, 3)),
      /no axis/,
    );
    assert.match(
      refusal(() => scan((c) => [c, 0], 1, undefined, { length: -1 })),
      /whole number/,
    );
    assert.match(
      refusal(() =>
        scan(
          (c) => [c, 0],
          () => 1,
          [1],
        ),
      ),
      /function/,
    );
  },

  'leaves no tensors behind': () => {
    const f = (a: Input): AnyArray => scan((c, x) => [ops.sin(ops.add(ops.mul(c, a), x)), c], 0.5, [1, 2, 3])[0];
    const a = tf.scalar(0.4);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      const [value, gradient] = valueAndGrad(f)(a) as unknown as readonly [Value, Value];
      tf.dispose([value, gradient]);
      grad((a: number) => grad(f)(a))(0.2);
    }
    assert.equal(tf.memory().numTensors, before);
    a.dispose();
  },

  'takes as long to compile for 500 times as for 5, and gradients no more than four times the value': () => {
    const weights = random.normal(random.PRNGKey(0), [4, 4]);
    const f = (start: Input, xs: Input): AnyArray => ops.sum(scan((c, x) => [ops.tanh(ops.add(ops.dot(weights, c), x)), undefined], start, xs)[0]);
    const timesFor = (length: number): { readonly compile: number; readonly bytes: number; readonly run: readonly number[] } => {
      const inputs = [random.normal(random.PRNGKey(1), [4]), random.normal(random.PRNGKey(2), [length, 4])];
      const begun = performance.now();
      const graph = recordAt((start, xs) => valueAndGrad(f, [0, 1])(start, xs).flat(), inputs);
      const compiled = compileGraph(graph.graph);
      const compile = performance.now() - begun;
      const run = [recordAt((start, xs) => [f(start, xs)], inputs), graph].map((recorded) => {
        const instance = instantiate(compileGraph(recorded.graph));
        instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
        const repeat = (count: number): number => {
          const from = performance.now();
          for (let i = 0; i < count; i++) instance.run();
          return performance.now() - from;
        };
        repeat(200);
        return Math.min(...Array.from({ length: 9 }, () => repeat(20)));
      });
      return { compile, bytes: compiled.bytes.length, run };
    };
    timesFor(20);
    const [short, long] = [timesFor(20), timesFor(500)];
    assert.ok(long.bytes < 1.2 * short.bytes, `${long.bytes} bytes for 500 times, ${short.bytes} for 20`);
    assert.ok(long.compile < 3 * short.compile + 20, `${long.compile} ms for 500 times, ${short.compile} for 20`);
    assert.ok(long.run[1]! < 6 * long.run[0]!, `the gradient takes ${long.run[1]! / long.run[0]!} times the value`);
  },
});
