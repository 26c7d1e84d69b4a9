/** vmap f is map f: values and gradients of random programs, in every nesting with grad and jit; trees, axes, loops and what is refused. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { array, isNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../../core/shape.ts';
import { isTensor, toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { moveAxis } from '../../../transforms/vmap/lanes.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { arrayPrograms, type ArrayProgram } from '../../arbitraries/functions.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { assertClose, type Tolerance } from '../../laws/numeric.ts';

const double: Tolerance = { relative: 1e-9, absolute: 1e-10, scaled: true };

type Program = (matrix: Value, vector: Value, scalar: Value) => AnyArray;
type Arrays = readonly AnyArray[];
type Axes = readonly (number | null)[];

/** The arguments of random programs in one lane. */
const SHAPES: readonly Shape[] = [[3, 2], [2], []];

/** A call of a program in several lanes: the axes, the arguments with lanes along them, and the arguments of each lane. */
interface Call {
  readonly axes: Axes;
  readonly mapped: readonly NDArray[];
  readonly alone: readonly (readonly NDArray[])[];
}

const calls = (lanes: number): fc.Arbitrary<Call> =>
  fc
    .tuple(fc.nat(10_000), ...SHAPES.map(({ length }) => fc.option(fc.nat(length))))
    .filter(([, ...axes]) => axes.some((axis) => axis !== null))
    .map(([seed, ...axes]) => {
      const draw = drawFrom(seed);
      const inputs = SHAPES.map((shape) => Array.from({ length: lanes }, () => draw.away(shape)));
      return {
        axes,
        mapped: axes.map((axis, i) => (axis === null ? inputs[i]![0]! : (moveAxis(ops.stack(inputs[i]!), 0, axis) as NDArray))),
        alone: Array.from({ length: lanes }, (_, lane) => axes.map((axis, i) => inputs[i]![axis === null ? 0 : lane]!)),
      };
    });

const stacked = (results: readonly Arrays[]): Arrays => results[0]!.map((_, k) => ops.stack(results.map((result) => result[k]!)));

const assertAll = (actual: unknown, expected: Arrays, what: string): void => {
  const list = [actual].flat() as Arrays;
  assert.equal(list.length, expected.length, what);
  expected.forEach((x, i) => assertClose(list[i]!, x, double, `${what}, result ${i}`));
};

/** Checks a transform of random programs of which `alone` is the meaning. */
const onPrograms = (depth: number, check: (program: Program, call: Call, text: string) => void, numRuns?: number): void =>
  fc.assert(
    fc.property(arrayPrograms(depth), calls(3), ({ f, text }: ArrayProgram, call) => check(f, call, `${text} along ${call.axes.join(', ')}`)),
    numRuns === undefined ? {} : { numRuns },
  );

/** Value and gradients in one list. */
const withGradients =
  (f: Program) =>
  (...args: readonly Input[]): Arrays => {
    const [value, gradients] = valueAndGrad(f as (...args: readonly Input[]) => AnyArray, [0, 1, 2] as const)(...args);
    return [value, ...(gradients as unknown as Arrays)];
  };

const f2 = (a: Input, b: Input): AnyArray => ops.sum(ops.mul(ops.exp(a), b));

laws('vmap', {
  'of a program is the program in each lane, whatever is mapped': () =>
    onPrograms(4, (f, { axes, mapped, alone }, text) =>
      assertAll(vmap(f, axes)(...(mapped as [Input, Input, Input])), stacked(alone.map((args) => [f(...(args as unknown as [Value, Value, Value]))])), text),
    ),

  'of a gradient is the gradient in each lane': () =>
    onPrograms(3, (f, { axes, mapped, alone }, text) => {
      const both = withGradients(f);
      assertAll(vmap(both, axes)(...mapped), stacked(alone.map((args) => both(...args))), text);
    }),

  'compiled, it is the same; and of a compiled function it is compiled': () =>
    onPrograms(
      3,
      (f, { axes, mapped, alone }, text) => {
        const both = withGradients(f);
        const expected = stacked(alone.map((args) => both(...args)));
        assertAll(jit(vmap(both, axes))(...mapped), expected, `jit vmap ${text}`);
        assertAll(vmap(jit(both), axes)(...mapped), expected, `vmap jit ${text}`);
        assert.equal(typeof (vmap(jit(both), axes) as unknown as { compile: unknown }).compile, 'function');
      },
      20,
    ),

  'its gradient is that of the sum of the lanes': () =>
    onPrograms(
      3,
      (f, { axes, mapped, alone }, text) => {
        const total = (...args: readonly Input[]): AnyArray => ops.sum(vmap(f, axes)(...(args as unknown as [Input, Input, Input])));
        const singles = alone.map((args) => withGradients(f)(...args).slice(1));
        const expected = axes.map((axis, i) => {
          const lanes = ops.stack(singles.map((gradients) => gradients[i]!));
          return axis === null ? ops.sum(lanes, 0) : moveAxis(lanes, 0, axis);
        });
        assertAll(grad(total, [0, 1, 2] as const)(...mapped), expected, `grad vmap ${text}`);
        assertAll(jit(grad(total, [0, 1, 2] as const))(...mapped), expected, `jit grad vmap ${text}`);
        assertAll(grad(jit(total), [0, 1, 2] as const)(...mapped), expected, `grad jit vmap ${text}`);
      },
      20,
    ),

  'of vmap maps two axes, in either order, and three deep with grad and jit': () =>
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom<readonly [Axes, Axes]>(
          [
            [0, null],
            [0, 0],
          ],
          [
            [1, 0],
            [null, 0],
          ],
          [
            [0, 0],
            [0, null],
          ],
        ),
        (seed, [outer, inner]) => {
          const [rows, columns] = [2, 3];
          const draw = drawFrom(seed);
          const lanes = (axes: readonly [boolean, boolean], own: Shape): Shape => [...(axes[0] ? [rows] : []), ...(axes[1] ? [columns] : []), ...own];
          const shapeFor = (i: number): Shape => {
            const shape = [...lanes([outer[i] !== null, inner[i] !== null], [4])];
            return outer[i] === 1 ? [shape[1]!, shape[0]!, ...shape.slice(2)] : shape;
          };
          const [a, b] = [0, 1].map((i) => draw.away(shapeFor(i))) as [NDArray, NDArray];
          const at = (x: NDArray, i: number, row: number, column: number): AnyArray => {
            const ofRow =
              outer[i] === null
                ? x
                : ops.reshape(
                    ops.gather(x, row, outer[i]),
                    x.shape.filter((_, axis) => axis !== outer[i]),
                  );
            return inner[i] === null ? ofRow : ops.gather(ofRow, column, inner[i]);
          };
          const both = valueAndGrad(f2, [0, 1] as const);
          const one = (x: Input, y: Input): Arrays => both(x, y).flat();
          const cells = Array.from({ length: rows }, (_, row) =>
            stacked(Array.from({ length: columns }, (__, column) => one(at(a, 0, row, column), at(b, 1, row, column)))),
          );
          const expected = stacked(cells);
          assertAll(vmap(vmap(one, inner), outer)(a, b), expected, 'vmap vmap valueAndGrad');
          assertAll(jit(vmap(vmap(one, inner), outer))(a, b), expected, 'jit vmap vmap valueAndGrad');
          assertAll(vmap(jit(vmap(one, inner)), outer)(a, b), expected, 'vmap jit vmap valueAndGrad');
          const inside = grad((x: Input, y: Input) => ops.sum(vmap(f2, inner)(x, y)));
          const slopes = vmap(inside, outer)(a, b);
          const perRow = (x: NDArray, i: number, row: number): AnyArray =>
            outer[i] === null
              ? x
              : ops.reshape(
                  ops.gather(x, row, outer[i]),
                  x.shape.filter((_, axis) => axis !== outer[i]),
                );
          assertAll(slopes, [ops.stack(Array.from({ length: rows }, (_, row) => inside(perRow(a, 0, row), perRow(b, 1, row))))], 'vmap grad vmap');
        },
      ),
      { numRuns: 15 },
    ),

  'takes trees: axes for a tree or for its parts; leaves that are not mapped stay what they are': () => {
    const seen: unknown[] = [];
    const f = (p: { readonly w: Input; readonly b: readonly [Input, { readonly c: number }] }, name: string, flag: boolean, more?: undefined): AnyArray => {
      seen.push(p.b[1].c, name, flag, more);
      return ops.add(ops.sum(p.w), ops.mul(p.b[0], p.b[1].c));
    };
    const args = [
      {
        w: [
          [1, 2],
          [3, 4],
        ],
        b: [[10, 20], { c: 2 }] as const,
      },
      'text',
      true,
      undefined,
    ] as const;
    const result = vmap(f as (...args: readonly unknown[]) => AnyArray, [{ w: 1, b: [0, null] }, null, 0, null])(...args);
    assert.deepEqual(result.toArray(), [24, 46]);
    assert.deepEqual(seen, [2, 'text', true, undefined]);
  },

  'results are trees like the function’s, their lanes where outAxes puts them': () => {
    const f = (x: Value): { readonly sum: AnyArray; readonly parts: readonly [AnyArray, { readonly none: null }]; readonly same: number } => ({
      sum: ops.sum(x),
      parts: [ops.mul(x, 2), { none: null }],
      same: 7,
    });
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const first = vmap(f)(x) as unknown as { sum: NDArray; parts: [NDArray, { none: null }]; same: NDArray };
    assert.deepEqual(
      [first.sum.toArray(), first.parts[0].toArray(), first.parts[1], first.same.toArray()],
      [
        [6, 15],
        [
          [2, 4, 6],
          [8, 10, 12],
        ],
        { none: null },
        [7, 7],
      ],
    );
    const moved = vmap(f, 0, { outAxes: { sum: 0, parts: [-1, 0], same: null } })(x) as unknown as typeof first;
    assert.deepEqual(
      [moved.parts[0].toArray(), moved.same.toArray()],
      [
        [
          [2, 8],
          [4, 10],
          [6, 12],
        ],
        7,
      ],
    );
    assert.throws(() => vmap(f, 0, { outAxes: { sum: null, parts: 0, same: 0 } })(x), {
      _tag: 'InvalidArgument',
      message: /result\.sum differs between lanes/,
    });
  },

  'NDArrays come out of numbers and NDArrays, exactly; tensors where one goes in; nothing is left behind': () => {
    const f = (a: Input, b: Input): AnyArray => ops.div(a, b);
    const before = tf.memory().numTensors;
    const exact = vmap(f, [0, null])([1, 2], 3);
    assert.ok(isNDArray(exact));
    assert.deepEqual([...exact.data], [1 / 3, 2 / 3]);
    const outside = toTensor([2, 4]);
    const captured = vmap((x: Value) => ops.div(x, outside))([
      [1, 1],
      [3, 3],
    ]);
    assert.ok(isNDArray(captured));
    assert.deepEqual([...captured.data], [0.5, 0.25, 1.5, 0.75]);
    const given = toTensor([1, 2]);
    for (const result of [vmap(f, [0, null])(given, 3), vmap(f, [null, 0])(1, given)]) {
      assert.ok(isTensor(result));
      result.dispose();
    }
    tf.dispose([given, outside]);
    assert.equal(tf.memory().numTensors, before);
  },

  'on tensors it computes as tfjs does, with its gradient, and frees what it made': () =>
    onPrograms(
      3,
      (f, { axes, mapped, alone }, text) => {
        const single: Tolerance = { relative: 1e-3, absolute: 1e-3, scaled: true };
        const before = tf.memory().numTensors;
        const tensors = mapped.map((x) => toTensor(x));
        const total = (...args: readonly Input[]): AnyArray => ops.sum(vmap(f, axes)(...(args as unknown as [Input, Input, Input])));
        const lanes = stacked(alone.map((args) => withGradients(f)(...args)));
        const results = vmap(withGradients(f), axes)(...tensors);
        results.forEach((x, i) => assertClose(x, lanes[i]!, single, `vmap grad ${text}`));
        const [value, gradients] = valueAndGrad(total, [0, 1, 2] as const)(...tensors);
        const slopes = gradients as unknown as readonly Value[];
        slopes.forEach((x, i) => {
          const own = lanes[i + 1]!;
          const axis = axes[i]!;
          assertClose(x, axis === null ? ops.sum(own, 0) : moveAxis(own, 0, axis), single, `grad vmap ${text}`);
        });
        tf.dispose([value as unknown as Value, ...results, ...slopes, ...tensors]);
        assert.equal(tf.memory().numTensors, before, text);
      },
      20,
    ),

  'plain functions of tfjs are mapped too': () => {
    const f = (x: Value): Value => tf.sum(tf.softmax(tf.add(tf.matMul(x, tf.ones([2, 2])), tf.range(0, 2))), 0, true);
    const x = drawFrom(3).away([4, 3, 2]);
    const each = tf.tidy(() => tf.stack(tf.unstack(toTensor(x) as tf.Tensor3D).map(f)));
    assertClose(vmap(f)(x), each, { relative: 1e-5, absolute: 1e-6 });
    each.dispose();
  },

  'booleans and whole numbers keep their kind': () => {
    const f = (x: Value): readonly [AnyArray, AnyArray] => [ops.greater(x, 1), ops.argMax(x)];
    const [above, at] = vmap(f)([
      [1, 3],
      [2, 0],
    ]);
    assert.deepEqual(
      [above.dtype, at.dtype, above.toArray(), at.toArray()],
      [
        'bool',
        'int32',
        [
          [false, true],
          [true, false],
        ],
        [1, 0],
      ],
    );
  },

  'refuses axes that do not fit, and says which': () => {
    const add = (a: Input, b: Input): AnyArray => ops.add(a, b);
    const refused = (run: () => unknown, _tag: string, message: RegExp): void => assert.throws(run, { _tag, message });
    refused(() => vmap(add)([1, 2], [1, 2, 3]), 'InvalidShape', /argument 0 has 2 along axis 0 of \[2\], argument 1 has 3 along axis 0 of \[3\]/);
    refused(() => vmap(add, [0, 1])([1, 2], [1, 2]), 'InvalidArgument', /argument 1 has no axis 1/);
    refused(() => vmap(add)([1, 2], 3), 'InvalidArgument', /argument 1 has no axis 0.*null/);
    refused(() => vmap(add, [0])([1, 2], [3, 4]), 'InvalidArgument', /inAxes does not fit the 2 arguments/);
    refused(() => vmap(add, [0, { b: 0 }])([1, 2], [3, 4]), 'InvalidArgument', /inAxes does not fit argument 1/);
    refused(() => vmap(add, null)([1, 2], [3, 4]), 'InvalidArgument', /nothing to map/);
    refused(() => vmap((p: { a: Input; b: Input }) => add(p.a, p.b), [{ a: 0 }])({ a: [1], b: [2] }), 'InvalidArgument', /inAxes does not fit argument 0/);
    refused(() => vmap(3 as never), 'InvalidArgument', /takes a function/);
    refused(() => vmap((x: Value) => x.dataSync()[0])([1, 2]), 'Unsupported', /numbers of a recorded value/);
    assert.equal(
      sizeOf(
        vmap(add, [0, -1])(
          [[1, 2]],
          [[3], [4]].map(([x]) => [x!]),
        ).shape,
      ),
      2,
    );
  },
});
