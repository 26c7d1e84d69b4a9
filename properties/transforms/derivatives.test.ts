/** jvp, vjp, jacobian and hessian: against numerical derivatives and each other, in any form and nesting. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { isNDArray, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { flatten } from '../../core/tree.ts';
import { isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { hessian, jacfwd, jacobian } from '../../transforms/derivatives/jacobian.ts';
import { jvp } from '../../transforms/derivatives/jvp.ts';
import { vjp } from '../../transforms/derivatives/vjp.ts';
import { grad, valueAndGrad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { scan } from '../../transforms/scan/scan.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import { arrayPrograms } from '../arbitraries/functions.ts';
import { laws } from '../laws.ts';
import { drawFrom } from '../laws/draw.ts';
import { agrees, assertClose, derivativeAtZero, dotAll, type Tolerance } from '../laws/numeric.ts';

const double: Tolerance = { relative: 1e-10, absolute: 1e-12, scaled: true };
const numeric: Tolerance = { relative: 1e-8, absolute: 1e-9, scaled: true };

type Arrays = readonly AnyArray[];

const arraysIn = (tree: unknown): Arrays => flatten(tree)[0] as Arrays;

const number = (x: number): NDArray => makeNDArray(Float64Array.of(x), []);

/** Fails unless two trees have the same structure and their arrays agree. */
const same = (actual: unknown, expected: unknown, tolerance: Tolerance, what: string): void => {
  const [[xs, def], [ys, other]] = [flatten(actual), flatten(expected)];
  assert.deepEqual(def, other, what);
  xs.forEach((x, i) => assertClose(x as Input, ys[i] as Input, tolerance, `${what}, array ${i}`));
};

/** Σ of the products of the arrays of two trees. */
const dot = (a: unknown, b: unknown): number => arraysIn(a).reduce((sum, x, i) => sum + dotAll(x, arraysIn(b)[i]!), 0);

const numbers = (seed: number, ...shapes: readonly (readonly number[])[]): readonly NDArray[] => {
  const draw = drawFrom(seed);
  return shapes.map((shape) => draw.uniform(shape, -1, 1));
};

interface Point {
  readonly m: AnyArray;
  readonly v: AnyArray;
}

interface Result {
  readonly a: AnyArray;
  readonly b: readonly [AnyArray, AnyArray];
}

type Program = (point: Point, s: AnyArray) => Result;

/** Random functions of a tree and a scalar, to a tree of arrays of different shapes. */
const programs: fc.Arbitrary<{ readonly text: string; readonly f: Program }> = arrayPrograms(3).map(({ text, f }) => ({
  text,
  f: ({ m, v }, s) => {
    const x = f(m, v, s);
    return { a: ops.mul(ops.sin(v), x), b: [ops.add(x, s), ops.matMul(m, ops.mul(0.3, m), true)] };
  },
}));

const pointOf = (seed: number, rows: number, columns: number): readonly [Point, NDArray] => {
  const [m, v, s] = numbers(seed, [rows, columns], [columns], []) as readonly [NDArray, NDArray, NDArray];
  return [{ m, v }, s];
};

/** A smooth function, where numerical derivatives hold. */
const smooth: Program = ({ m, v }, s) => {
  const z = ops.tanh(ops.dot(m, v));
  return { a: ops.mul(ops.exp(ops.mul(0.5, v)), s), b: [ops.sum(ops.square(z)), ops.add(ops.sigmoid(z), ops.sum(ops.sin(m)))] };
};

const scalarOf = ({ m, v }: Point, s: AnyArray): AnyArray => {
  const { a, b } = smooth({ m, v }, s);
  return ops.add(ops.sum(ops.square(a)), ops.mul(b[0], ops.sum(b[1])));
};

const moved = (x: NDArray, by: NDArray, step: number): NDArray =>
  makeNDArray(
    x.data.map((value, i) => value + step * by.data[i]!),
    x.shape,
  );

const movedPoint = ({ m, v }: Point, along: Point, step: number): Point => ({
  m: moved(m as NDArray, along.m as NDArray, step),
  v: moved(v as NDArray, along.v as NDArray, step),
});

laws('derivatives', {
  'jvp = the numerical derivative along the tangent': () =>
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const [[point, s], [along, ds]] = [pointOf(seed, 3, 2), pointOf(seed + 1, 3, 2)];
        const [out, tangent] = jvp(smooth, [point, s], [along, ds]);
        same(out, smooth(point, s), double, 'value');
        const at = (step: number): Arrays => arraysIn(smooth(movedPoint(point, along, step), moved(s, ds, step)));
        arraysIn(tangent).forEach((dx, k) =>
          toNDArray(dx).data.forEach((d, i) => {
            const expected = derivativeAtZero((step) => toNDArray(at(step)[k]!).data[i]!);
            assert.ok(agrees(d, expected, 1e-9 * Math.max(1, Math.abs(expected))), `${d}, numerically ${expected}`);
          }),
        );
      }),
      { numRuns: 10 },
    ),

  'on random programs: uᵀ(Jv) = (uᵀJ)v, and jacobian, jacfwd, jvp and vjp are parts of one matrix': () =>
    fc.assert(
      fc.property(programs, fc.constantFrom(1, 3), fc.nat(10_000), ({ text, f }, columns, seed) => {
        const [[point, s], [along, ds]] = [pointOf(seed, 2, columns), pointOf(seed + 1, 2, columns)];
        const [out, tangent] = jvp(f, [point, s], [along, ds]);
        const [other, pullback] = vjp(f, point, s);
        same(out, other, double, `${text}: value`);
        same(out, f(point, s), double, `${text}: value by itself`);
        const u = { a: along.v, b: [s, ops.matMul(along.m, along.m, true)] as const } as const;
        const [dPoint, dS] = pullback(u);
        const [left, right] = [dot(u, tangent), dot([dPoint, dS], [along, ds])];
        assert.ok(
          agrees(left, right, 1e-9 * Math.max(1, Math.abs(left), ...arraysIn(tangent).flatMap((x) => [...toNDArray(x).data].map(Math.abs)))),
          `${text}: ${left} and ${right}`,
        );
        const rows = jacobian(f, [0, 1] as const)(point, s);
        same(jacfwd(f, [0, 1] as const)(point, s), rows, double, `${text}: jacfwd`);
        // J · (v, ds), by the blocks of J.
        const product = (blocks: readonly [Point, AnyArray]): AnyArray =>
          [
            [blocks[0].m, along.m],
            [blocks[0].v, along.v],
            [blocks[1], ds],
          ].reduce<AnyArray>(
            (sum, [block, x]) => {
              const [j, dx] = [toNDArray(block!), toNDArray(x!)];
              const kept = j.shape.slice(0, j.shape.length - dx.shape.length);
              return ops.add(sum, ops.reshape(ops.matMul(ops.reshape(j, [-1, dx.data.length]), ops.reshape(dx, [-1, 1])), kept));
            },
            makeNDArray(Float64Array.of(0), []),
          );
        const blocks = rows as unknown as { readonly a: readonly [Point, AnyArray]; readonly b: readonly (readonly [Point, AnyArray])[] };
        same({ a: product(blocks.a), b: blocks.b.map(product) }, tangent, { ...double, relative: 1e-9 }, `${text}: J · v`);
      }),
      { numRuns: 15 },
    ),

  'the hessian is symmetric, the jacobian of the gradient, and the numerical derivative of it': () =>
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const [point, s] = pointOf(seed, 2, 3);
        const h = hessian(scalarOf)(point, s);
        same(h, jacfwd(grad(scalarOf))(point, s), double, 'jacfwd of grad');
        same(toNDArray(h.v.v), ops.transpose(h.v.v), double, 'v with v');
        same(ops.reshape(h.m.v, [6, 3]), ops.transpose(ops.reshape(h.v.m, [3, 6])), double, 'm with v');
        const [along] = pointOf(seed + 1, 2, 3);
        const g = grad(scalarOf);
        for (const [name, shape] of [
          ['m', [2, 3]],
          ['v', [3]],
        ] as const) {
          const columns = [h[name].m, h[name].v].map((x) => ops.reshape(x, [name === 'm' ? 6 : 3, -1]));
          const change = [along.m, along.v].map((x, i) => ops.matMul(columns[i]!, ops.reshape(x, [-1, 1])));
          const expected = makeNDArray(
            Float64Array.from({ length: columns[0]!.shape[0] }, (_, i) =>
              derivativeAtZero((step) => toNDArray(g(movedPoint(point, along, step), s)[name]).data[i]!),
            ),
            [...shape],
          );
          assertClose(ops.reshape(ops.add(change[0]!, change[1]!), shape), expected, numeric, `row ${name}`);
        }
      }),
      { numRuns: 8 },
    ),

  'compiled, of a compiled function, and on tensors the same': () =>
    fc.assert(
      fc.property(programs, fc.nat(10_000), ({ text, f }, seed) => {
        const [[point, s], [along, ds]] = [pointOf(seed, 2, 3), pointOf(seed + 1, 2, 3)];
        const fj = jit(f) as unknown as Program;
        const expected = jvp(f, [point, s], [along, ds]);
        same(jvp(fj, [point, s], [along, ds]), expected, double, `${text}: jvp(jit f)`);
        same(jit((p: Point, t: AnyArray) => jvp(f, [p, t], [along, ds]))(point, s), expected, double, `${text}: jit(jvp f)`);
        const [, pullback] = vjp(f, point, s);
        const [, compiled] = vjp(fj, point, s);
        same(compiled(expected[0]), pullback(expected[0]), double, `${text}: vjp(jit f)`);
        same(jit((p: Point, t: AnyArray, u: Result) => vjp(f, p, t)[1](u))(point, s, expected[0]), pullback(expected[0]), double, `${text}: jit(vjp f)`);
        const rows = jacobian(f)(point, s);
        same(jacobian(fj)(point, s), rows, double, `${text}: jacobian(jit f)`);
        same(jit(jacobian(f))(point, s), rows, double, `${text}: jit(jacobian f)`);
        same(jit(jacfwd(f))(point, s), rows, double, `${text}: jit(jacfwd f)`);
      }),
      { numRuns: 6 },
    ),

  'on tensors: the same in single precision, and nothing is left behind': () => {
    const [point, s] = pointOf(1, 2, 3);
    const [along, ds] = pointOf(2, 2, 3);
    const [m, v, t] = [toTensor(point.m), toTensor(point.v), toTensor(s)];
    const before = tf.memory().numTensors;
    const single: Tolerance = { relative: 1e-5, absolute: 1e-5, scaled: true };
    const check = (actual: unknown, expected: unknown, what: string): void => {
      const arrays = arraysIn(actual);
      assert.ok(arrays.every(isTensor), what);
      same(actual, expected, single, what);
      arrays.forEach((x) => x.dispose());
      assert.equal(tf.memory().numTensors, before, `tensors after ${what}`);
    };
    check(jvp(smooth, [{ m, v }, t], [along, ds]), jvp(smooth, [point, s], [along, ds]), 'jvp');
    check(jacobian(smooth)({ m, v }, t), jacobian(smooth)(point, s), 'jacobian');
    check(jacfwd(smooth)({ m, v }, t), jacfwd(smooth)(point, s), 'jacfwd');
    check(hessian(scalarOf)({ m, v }, t), hessian(scalarOf)(point, s), 'hessian');
    const [out, pullback] = vjp(smooth, { m, v }, t);
    const [exact, other] = vjp(smooth, point, s);
    const gradients = pullback(out);
    same(gradients, other(exact), single, 'vjp');
    [...arraysIn(out), ...arraysIn(gradients), m, v, t].forEach((x) => (x as Value).dispose());
  },

  'numbers and NDArrays are differentiated in double precision, eagerly too; tensors among them make tensors': () => {
    const f = (x: Input): AnyArray => ops.exp(ops.mul(x, x));
    const x = 0.1;
    assert.ok(Math.abs(toNDArray(grad(f)(x)).item() - 2 * x * Math.exp(x * x)) < 1e-16);
    assert.ok(Math.abs(toNDArray(hessian(f)(x)).item() - (2 + 4 * x * x) * Math.exp(x * x)) < 1e-15);
    assert.deepEqual([valueAndGrad(f)(x)[1], jvp(f, [x], [1])[1], vjp(f, x)[1](1)[0], jacobian(f)(x)].map(isNDArray), [true, true, true, true]);
    const [, tangent] = jvp(f, [x], [toTensor(1)]);
    assert.ok(isTensor(tangent));
    tangent.dispose();
  },

  'a function that reads numbers on its way is differentiated in single precision': () => {
    const f = (x: Value): AnyArray => (x.dataSync()[0]! > 0 ? ops.square(x) : ops.neg(x));
    assert.deepEqual(
      [2, -2].map((x) => toNDArray(grad(f as unknown as (x: number) => AnyArray)(x)).item()),
      [4, -1],
    );
    const read = f as unknown as (x: number) => AnyArray;
    assert.deepEqual(
      [jvp(read, [3], [1])[1], vjp(read, 3)[1](1)[0], jacobian(read)(3), hessian(read)(3)].map((x) => toNDArray(x).item()),
      [6, 6, 6, 2],
    );
  },

  'derivatives nest, each by its own variable, in grad, vmap and jit': () => {
    const xs = [0.3, -0.7, 1.1];
    const third = (x: number): number => 8 * Math.exp(2 * x);
    const f = (x: Input): AnyArray => ops.exp(ops.mul(2, x));
    const slopeOf = (x: Input): AnyArray => jvp(f, [x], [1])[1];
    const nestings: readonly ((x: Input) => AnyArray)[] = [
      grad((x: Input): AnyArray => hessian(f)(x)),
      hessian(grad(f)),
      (x) => jacobian((y: Input): AnyArray => jacfwd(grad(f))(y))(x),
      grad(grad(slopeOf)),
      (x) => jvp((y: Input) => hessian(f)(y), [x], [1])[1],
      grad((x: Input) => vjp(grad(f), x)[1](1)[0]),
    ];
    nestings.forEach((g, i) => {
      xs.forEach((x) => assertClose(g(x), third(x), double, `nesting ${i}`));
      assertClose(jit(g)(xs[0]!), third(xs[0]!), double, `jit of nesting ${i}`);
      const expected = makeNDArray(Float64Array.from(xs, third), [3]);
      assertClose(vmap(g)(xs), expected, double, `vmap of nesting ${i}`);
      assertClose(jit(vmap(g))(xs), expected, double, `jit of vmap of nesting ${i}`);
    });
    assertClose(
      grad((x: Input) => ops.sum(vmap(slopeOf)(ops.mul(x, xs))))(1),
      xs.reduce((sum, x) => sum + 4 * x * Math.exp(2 * x), 0),
      double,
    );
    const rolled = (x: Input): AnyArray => scan((c: AnyArray, _: AnyArray) => [ops.sin(ops.mul(x, c)), c] as const, ops.mul(1, x), [1, 2, 3])[0];
    const unrolled = (x: Input): AnyArray => [1, 2, 3].reduce<AnyArray>((c) => ops.sin(ops.mul(x, c)), ops.mul(1, x));
    assertClose(hessian(rolled)(0.8), hessian(unrolled)(0.8), double, 'hessian of a scan');
    assertClose(jvp(rolled, [0.8], [1])[1], jvp(unrolled, [0.8], [1])[1], double, 'jvp of a scan');
  },

  'results without derivatives: integers, empty arrays, what is not used': () => {
    const f = (x: Input, _: Input): { readonly n: AnyArray; readonly x: AnyArray } => ({ n: ops.cast(ops.greater(x, 0), 'int32'), x: ops.mul(x, 2) });
    const [out, tangent] = jvp(f, [[1, -1], 5], [[1, 1], 1]);
    assert.deepEqual([out.n.dtype, [...toNDArray(out.n).data]], ['int32', [1, 0]]);
    same(tangent, { n: [0, 0], x: [2, 2] }, double, 'tangent');
    same(vjp(f, [1, -1], 5)[1]({ n: [7, 7], x: [1, 3] }), [makeNDArray(Float64Array.of(2, 6), [2]), number(0)], double, 'gradients');
    same(jacobian(f, 1)([1, -1], 5), { n: [0, 0], x: [0, 0] }, double, 'by what is not used');
    const empty = makeNDArray(new Float64Array(0), [0]);
    assert.deepEqual(toNDArray(jacobian((x: Input) => ops.mul(x, 2))(empty)).shape, [0, 0]);
    assert.deepEqual(toNDArray(jacfwd((x: Input) => ops.mul(x, 2))(empty)).shape, [0, 0]);
    assert.deepEqual(jacobian((_: Input) => ({}))(1), {});
  },

  'what does not go together is refused, by name': () => {
    const f = (p: { readonly a: Input }, _: Input): Input => p.a;
    assert.throws(() => jvp(f, [{ a: [1, 2] }, 3], [{ a: [1, 2, 3] }, 0]), { _tag: 'InvalidShape', message: /tangent of argument 0\.a .*\[3\].*\[2\]/ });
    assert.throws(() => jvp(f, [{ a: 1 }, 3], [{ b: 1 } as never, 0]), { _tag: 'InvalidArgument', message: /tangent differs in structure from argument 0/ });
    assert.throws(() => jvp(f, [{ a: 1 }, 3], [{ a: 1 }] as never), { _tag: 'InvalidArgument', message: /one tangent for each argument.*1 for 2/ });
    assert.throws(() => vjp(f, { a: [1, 2] }, 3)[1]([1]), { _tag: 'InvalidShape', message: /cotangent of the result .*\[1\].*\[2\]/ });
    assert.throws(() => hessian((x: Input) => x)([1, 2]), { _tag: 'InvalidShape', message: /hessian needs a function with a scalar result.*ops\.sum/ });
    assert.throws(() => jacobian(f, 2)({ a: 1 }, 2), { _tag: 'InvalidArgument', message: /no argument 2/ });
    assert.throws(() => vjp((x: Input) => x, true), { _tag: 'InvalidArgument', message: /boolean.*close over/ });
    assert.throws(() => jacobian((_: Input) => 'text' as unknown as Input)(1), { _tag: 'InvalidArgument', message: /jacobian needs a function whose result/ });
  },
});
