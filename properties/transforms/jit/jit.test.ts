/** jit: a compiled function is the function, whatever the form of its arguments; when it is compiled anew, and how it composes with grad. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { array, isNDArray, makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import type { Shape } from '../../../core/shape.ts';
import { isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { arrayPrograms } from '../../arbitraries/functions.ts';
import { laws } from '../../laws.ts';

const numbers = (shape: Shape, seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);

/** Sums in another order lose other digits. */
const TOLERANCE = 1e-10;

const close = (actual: Input, expected: Input, what: string): void => {
  const [x, y] = [toNDArray(actual), toNDArray(expected)];
  assert.deepEqual([...x.shape], [...y.shape], what);
  const scale = y.data.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  x.data.forEach((v, i) => {
    const w = y.data[i]!;
    assert.ok(Object.is(v, w) || v === w || Math.abs(v - w) <= TOLERANCE * scale, `${what}: ${v} and ${w} at ${i}`);
  });
};

const shapes = fc.tuple(fc.constantFrom(1, 2, 3, 17, 33), fc.constantFrom(1, 2, 5));

interface Point {
  readonly m: AnyArray;
  readonly rest: readonly [AnyArray, AnyArray];
}

/** A function and how often it was run in full: when it was recorded, that is. */
const counted = <A extends readonly unknown[], R>(f: (...args: A) => R): { readonly f: (...args: A) => R; readonly runs: () => number } => {
  let runs = 0;
  return {
    f: (...args) => {
      runs++;
      return f(...args);
    },
    runs: () => runs,
  };
};

const cube = (x: Input): AnyArray => ops.mul(x, ops.mul(x, x));

laws('jit', {
  'jit(f) = f on random programs, called again and again with other numbers': () =>
    fc.assert(
      fc.property(arrayPrograms(5), shapes, fc.nat(1000), (program, [rows, columns], seed) => {
        const f = ({ m, rest: [v, s] }: Point): AnyArray => program.f(m, v, s);
        const compiled = jit(f);
        const m = numbers([rows, columns], seed);
        for (let call = 0; call < 3; call++) {
          const point: Point = { m, rest: [numbers([columns], seed + call), numbers([], seed + 2 * call)] };
          close(compiled(point), f(point), `${program.text}, call ${call}`);
        }
      }),
    ),

  'valueAndGrad(jit(f)) = jit(valueAndGrad(f)) = valueAndGrad(f), the last on tensors': () =>
    fc.assert(
      fc.property(arrayPrograms(4), shapes, fc.nat(1000), (program, [rows, columns], seed) => {
        const f = (m: Input, v: Input, s: Input): AnyArray => program.f(m as Value, v as Value, s as Value);
        const args = [numbers([rows, columns], seed), numbers([columns], seed + 1), numbers([], seed + 2)] as const;
        const argnums = [0, 1, 2] as const;
        const [value, grads] = valueAndGrad(jit(f), argnums)(...args);
        const [other, others] = jit(valueAndGrad(f, argnums))(...args);
        close(value, other, program.text);
        grads.forEach((x, i) => close(x, others[i]!, `${program.text}, gradient ${i}`));
        const [plain] = valueAndGrad(f, argnums)(...args);
        const [x, y] = [value, plain].map((v) => toNDArray(v).item()) as [number, number];
        assert.ok(Math.abs(x - y) <= 1e-2 * (1 + Math.abs(y)) || !Number.isFinite(y), `${program.text}: ${x} and ${y}`);
      }),
    ),

  'gradients of gradients, in any order with jit': () => {
    const six = [grad(grad(jit(cube))), grad(jit(grad(cube))), jit(grad(grad(cube))), jit(jit(grad(jit(grad(cube)))))];
    assert.deepEqual(
      six.map((f) => toNDArray(f(0.1)).item().toFixed(12)),
      Array(4).fill((0.6).toFixed(12)),
    );
    assert.equal(toNDArray(grad((x: Input) => ops.mul(x, jit(cube)(x)))(2)).item(), 32);
    const closesOver = (x: Input): AnyArray => ops.mul(2, jit((y: Input) => ops.mul(x, y))(5));
    assert.equal(toNDArray(grad(closesOver)(1)).item(), 10);
    assert.equal(toNDArray(jit(grad(closesOver))(1) as AnyArray).item(), 10);
  },

  'the gradient of a compiled function is compiled once, however often it is asked for': () => {
    const { f, runs } = counted(cube);
    const compiled = jit(f);
    for (let i = 0; i < 3; i++) {
      assert.equal(grad(compiled)(i).item(), 3 * i * i);
      assert.equal(valueAndGrad(compiled)(i)[0].item(), i ** 3);
    }
    assert.equal(runs(), 2);
  },

  'numbers, nested arrays, typed arrays and NDArrays give NDArrays; a tensor anywhere gives tensors': () => {
    const twice = jit((x: Input) => ops.mul(2, x));
    assert.equal(twice(0.1).item(), 0.2);
    assert.deepEqual([...twice(0.1).shape], []);
    for (const x of [[0.1, 0.3], Float64Array.of(0.1, 0.3), array([0.1, 0.3])]) assert.deepEqual([...twice(x).data], [0.2, 0.6]);
    assert.deepEqual(twice([[1], [2]]).toArray(), [[2], [4]]);
    const tensor = toTensor([1, 2]);
    const sum = jit(({ a, b }: { a: Input; b: readonly [Input, Input] }) => ops.add(ops.mul(a, b[0]), b[1]));
    const result = sum({ a: 1, b: [tensor, 3] });
    assert.ok(isTensor(result) && isNDArray(sum({ a: 1, b: [[1, 2], 3] })));
    assert.deepEqual([...result.dataSync()], [4, 5]);
    const one = toTensor(1);
    assert.deepEqual(
      [twice(one), twice(3), twice(one)].map((x) => toNDArray(x).item()),
      [2, 6, 2],
    );
    [tensor, result, one].forEach((t) => t.dispose());
  },

  'an array that its owner has changed is read again': () => {
    const total = jit((x: Input) => ops.sum(x));
    const typed = Float64Array.from({ length: 100 }, () => 1);
    const nested = Array.from(typed);
    const variable = tf.variable(tf.ones([100]));
    const before = [total(typed), total(nested), total(variable)].map((x) => toNDArray(x).item());
    typed[3] = 5;
    nested[3] = 5;
    const held = tf.tensor1d(nested);
    variable.assign(held);
    assert.deepEqual([before, [total(typed), total(nested), total(variable)].map((x) => toNDArray(x).item())], [Array(3).fill(100), Array(3).fill(104)]);
    [variable, held].forEach((tensor) => tensor.dispose());
  },

  'a constant array, read at every call, is not written over by a result that is': () => {
    const x = numbers([40], 3);
    const f = jit((a: Input, b: Input) => [a, ops.add(a, b), ops.mul(ops.exp(a), b)] as const);
    for (let i = 0; i < 3; i++) assert.deepEqual([...f(x, i)[0].data], [...x.data]);
  },

  'results are trees, of numbers computed and of what is always the same': () => {
    const f = (x: Input, label: string): { readonly label: string; readonly all: readonly [AnyArray, { readonly n: number }]; readonly none: undefined } => ({
      label,
      all: [ops.neg(x), { n: 4 }],
      none: undefined,
    });
    const result = jit(f)([1, 2], 'a');
    assert.deepEqual([result.label, result.none, Object.keys(result)], ['a', undefined, ['label', 'all', 'none']]);
    assert.deepEqual([[...result.all[0].data], result.all[1].n.item()], [[-1, -2], 4]);
    assert.equal(jit(() => undefined)(), undefined);
    const typed = jit((x: Input) => ({ int: ops.cast(x, 'int32'), is: ops.greater(x, 1), float: ops.square(x) }))([0.5, 2.5]);
    assert.deepEqual(
      Object.entries(typed).map(([name, x]) => [name, x.dtype, [...x.data]]),
      [
        ['int', 'int32', [0, 2]],
        ['is', 'bool', [0, 1]],
        ['float', 'float64', [0.25, 6.25]],
      ],
    );
  },

  'keys go in and come out: draws differ by key, and are the same as eagerly': () => {
    const f = (key: random.Key): readonly [AnyArray, random.KeyBatch] => {
      const [a, b] = random.split(key);
      return [random.uniform(a, [3]), random.split(b, 4)];
    };
    const compiled = jit(f);
    for (const key of [random.PRNGKey(1), random.PRNGKey(2)]) {
      const [[draws, keys], [expected, others]] = [compiled(key), f(key)];
      assert.deepEqual([...draws.data], [...(expected as NDArray).data]);
      assert.deepEqual(keys.map(random.keyData), others.map(random.keyData));
    }
    const batch = jit((keys: random.KeyBatch) => ops.stack(keys.map((key) => random.uniform(key))));
    const keys = random.split(random.PRNGKey(3), 3);
    assert.deepEqual(
      [...batch(keys).data],
      keys.map((key) => random.uniform(key).item()),
    );
  },

  'compiled anew for another structure, shape, dtype or static value, and for nothing else': () => {
    const { f, runs } = counted((x: unknown, flag: boolean | ((y: Input) => Input) | string): AnyArray =>
      ops.sum(typeof flag === 'function' ? (flag(x as Input) as Value) : (x as Value)),
    );
    const compiled = jit(f);
    const square = (x: Input): Input => ops.square(x);
    const steps: readonly (readonly [unknown, boolean | string | ((y: Input) => Input), number])[] = [
      [1, true, 1],
      [2, true, 1],
      [toTensor(2), true, 1],
      [array(3), true, 1],
      [[1, 2], true, 2],
      [Float64Array.of(5, 6), true, 2],
      [Int32Array.of(5, 6), true, 3],
      [[true, false], true, 4],
      [1, false, 5],
      [1, 'a', 6],
      [1, square, 7],
      [3, square, 7],
      [3, (x: Input): Input => ops.square(x), 8],
      [1, true, 8],
    ];
    for (const [x, flag, expected] of steps) {
      compiled(x, flag);
      assert.equal(runs(), expected, `${String(x)}, ${String(flag)}`);
    }
  },

  'static numbers are numbers, and count by value': () => {
    const { f, runs } = counted((x: Input, n: number, shape: readonly number[]): AnyArray => ops.reshape(ops.mul(n === 2 ? ops.square(x) : x, 1), shape));
    const compiled = jit(f, { static: [1, 2] });
    assert.deepEqual(compiled([3, 4], 2, [2, 1]).toArray(), [[9], [16]]);
    assert.deepEqual(compiled([3, 5], 2, [2, 1]).toArray(), [[9], [25]]);
    assert.equal(runs(), 1);
    assert.deepEqual(compiled([3, 5], 1, [2]).toArray(), [3, 5]);
    assert.equal(runs(), 2);
    assert.deepEqual([...toNDArray(grad(jit((x: Input, n: number) => ops.sum(ops.mul(x, n + 1)), { static: [1] }))([1, 2], 2) as AnyArray).data], [3, 3]);
  },

  'the names of a record may come in another order': () => {
    const f = jit((r: Readonly<Record<string, Input>>) => Object.values(r).reduce<AnyArray>((a, b) => ops.sub(a, b), toTensor(0)));
    assert.equal(f({ a: 1, b: 5 }).item(), -6);
    const first = jit((r: Readonly<Record<string, Input>>) => ops.mul(1, Object.values(r)[0]!));
    assert.deepEqual([first({ a: 1, b: 5 }).item(), first({ b: 5, a: 1 }).item()], [1, 5]);
  },

  'a bounded number of signatures is kept, those used last': () => {
    const { f, runs } = counted((x: Input): AnyArray => ops.sum(x));
    const compiled = jit(f);
    const call = (n: number): unknown => compiled(makeNDArray(new Float64Array(n), [n]));
    for (let n = 1; n <= 33; n++) {
      call(n);
      call(1);
    }
    assert.equal(runs(), 33);
    call(33);
    call(1);
    assert.equal(runs(), 33);
    call(2);
    assert.equal(runs(), 34);
  },

  'in single precision results are rounded and draws are the single ones': () => {
    const f = jit((x: Input) => ({ product: ops.mul(x, 1), int: ops.cast(x, 'int32') }), { precision: 'float32' });
    assert.deepEqual([f(0.1).product.item(), f(16777217).int.item()], [Math.fround(0.1), 16777217]);
    const [a, b] = [numbers([20, 300], 1), numbers([300, 20], 2)];
    const exact = jit((x: Input, y: Input) => ops.matMul(x, y));
    const single = jit((x: Input, y: Input) => ops.matMul(x, y), { precision: 'float32' });
    const errors = single(a, b).data.map((v, i) => Math.abs(v - exact(a, b).data[i]!));
    const most = errors.reduce((x, y) => Math.max(x, y));
    assert.ok(most > 1e-8 && most < 2e-5, `products of matrices differ by ${most}`);
    const draw = jit((key: random.Key) => [random.uniform(key, [4]), key] as const, { precision: 'float32' });
    const key = random.PRNGKey(5);
    const [draws, same] = draw(key);
    assert.deepEqual([...draws.data], [...random.uniform(key, [4], { dtype: 'float32' }).data]);
    assert.deepEqual(random.keyData(same), random.keyData(key));
  },
});
