/** Laws of the compiler on whole programs: layouts, sums and products of several axes, loops with a body, and graphs of thousands of operations. */
import assert from 'node:assert/strict';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { random } from '../../../infer/kindling.ts';
import { sizeOf, type Shape } from '../../../core/shape.ts';
import { toTensor, type AnyArray, type Value } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { compileGraph } from '../../../transforms/jit/compile.ts';
import { evaluateGraph, showGraph, type Graph } from '../../../transforms/jit/graph.ts';
import { recordLoop } from '../../../transforms/jit/recordLoop.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, type Recorded } from '../../laws/recorded.ts';

const numbers = (shape: Shape, seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);
const inputsOf = (shapes: readonly Shape[]): readonly NDArray[] => shapes.map((shape, i) => numbers(shape, i + 1));

const agree = (recorded: Recorded, what: string): void => {
  const expected = interpreted(recorded);
  compiled(recorded).forEach((x, i) => assertClose(x, expected[i]!, { relative: 1e-10, absolute: 1e-12, scaled: true }, `${what}, output ${i}`));
};

type Program = (...inputs: readonly AnyArray[]) => AnyArray;

const [x0, x1, x2] = [0, 1, 2];
const table: Readonly<Record<string, readonly [program: Program, ...shapes: readonly Shape[]]>> = {
  'broadcasting over three axes': [(...v) => ops.add(v[x0]!, v[x1]!), [4, 5, 6], [5, 1]],
  'a transpose of three axes': [(...v) => ops.exp(ops.transpose(v[x0]!, [2, 0, 1])), [3, 4, 5]],
  'a reshape that splits': [(...v) => ops.mul(ops.reshape(v[x0]!, [4, 5]), [1, 2, 3, 4, 5]), [20]],
  'a reshape that joins': [(...v) => ops.square(ops.reshape(ops.exp(v[x0]!), [20])), [4, 5]],
  'a reshape that does both': [(...v) => ops.square(ops.reshape(ops.exp(v[x0]!), [6, 10])), [4, 15]],
  'sums over the first axis': [(...v) => ops.sum(ops.exp(v[x0]!), 0), [20, 4, 5]],
  'means over two of four axes': [(...v) => ops.mean(ops.exp(v[x0]!), [1, 3]), [3, 4, 5, 6]],
  'a product of matrices': [(...v) => ops.tanh(ops.matMul(v[x0]!, v[x1]!)), [30, 20], [20, 17]],
  'a product of stacks that broadcast': [(...v) => ops.sin(ops.matMul(v[x0]!, v[x1]!)), [2, 6, 3, 4], [6, 4, 5]],
  'a chain of products': [(...v) => ops.matMul(ops.matMul(v[x0]!, v[x1]!), v[x2]!), [5, 6], [6, 7], [7, 3]],
  'an outer product, summed': [(...v) => ops.sum(ops.exp(ops.mul(0.1, ops.mul(ops.expandDims(v[x0]!, 1), ops.expandDims(v[x1]!, 0)))), 1), [40], [30]],
  softmax: [(...v) => ops.square(ops.softmax(v[x0]!)), [20, 5]],
  'a gather along the second axis': [(...v) => ops.exp(ops.gather(v[x0]!, [0, 2, 2, 1, 4], 1)), [3, 5]],
  'an Einstein sum': [(...v) => ops.exp(ops.mul(0.1, ops.einsum('bij,kj->bik', v[x0]!, v[x1]!))), [4, 7, 5], [6, 5]],
  'joined and padded': [
    (...v) =>
      ops.exp(
        ops.pad(ops.concat([v[x0]!, v[x1]!], 1), [
          [1, 0],
          [0, 2],
        ]),
      ),
    [3, 4],
    [3, 2],
  ],
  'tiled and reversed': [(...v) => ops.mul(ops.reverse(ops.tile(v[x0]!, [2, 3]), [0]), 2), [3, 4]],
  'a Cholesky factor': [(...v) => ops.cholesky(ops.add(ops.matMul(v[x0]!, v[x0]!, false, true), ops.mul(5, ops.eye(6)))), [6, 6]],
  'a triangular system': [(...v) => ops.triangularSolve(ops.add(v[x0]!, ops.mul(6, ops.eye(6))), v[x1]!), [6, 6], [6, 2]],
  'a layer of a network': [(...v) => ops.tanh(ops.add(ops.matMul(v[x0]!, v[x1]!), v[x2]!)), [50, 8], [8, 16], [16]],
};

const chain = (x: Value, count: number): AnyArray => {
  let y: AnyArray = x;
  for (let i = 0; i < count; i++) y = i % 3 === 0 ? ops.mul(y, 0.999) : i % 3 === 1 ? ops.sin(y) : ops.add(y, x);
  return y;
};

/** Each value is read by the two after it. */
const shared = (x: Value, count: number): AnyArray => {
  let [a, b]: readonly [AnyArray, AnyArray] = [x, ops.mul(x, 0.5)];
  for (let i = 0; i < count; i++) [a, b] = [b, ops.mul(ops.add(a, b), 0.5)];
  return b;
};

const bytesOf = (graph: Graph): number => compileGraph(graph).bytes.length;

laws('compiled programs', {
  'values and gradients are those of the interpreter': () => {
    for (const [name, [program, ...shapes]] of Object.entries(table)) {
      const inputs = inputsOf(shapes);
      agree(
        recordAt((...values) => [program(...values)], inputs),
        name,
      );
      const all = inputs.map((_, i) => i);
      const gradient = (...values: readonly Value[]): readonly AnyArray[] => {
        const [value, grads] = valueAndGrad((...own: readonly Value[]) => ops.sum(ops.square(program(...own))), all)(...values);
        return [value, ...(grads as readonly AnyArray[])];
      };
      agree(recordAt(gradient, inputs), `gradient of ${name}`);
    }
  },
  'a loop carries, slices, stacks, and reads what is around it': () => {
    const body = (...[x, w]: readonly Value[]): readonly AnyArray[] => {
      const step = (
        [sum, last]: readonly Value[],
        [slice]: readonly Value[],
      ): { readonly carry: readonly AnyArray[]; readonly stacked: readonly AnyArray[] } => ({
        carry: [ops.add(sum!, ops.sum(ops.mul(slice!, w!))), slice!],
        stacked: [ops.exp(slice!), ops.sum(ops.mul(slice!, last!))],
      });
      const { carry, stacked } = recordLoop(
        step,
        [0, ops.zerosLike(w!)].map((v) => toTensor(v)),
        [x!],
        7,
      );
      return [...carry, ...stacked];
    };
    agree(recordAt(body, inputsOf([[7, 5], [5]])), 'loop');
  },
  'loops nest, and a body may hold a gradient and products of matrices': () => {
    const nested = (...[x]: readonly Value[]): readonly AnyArray[] => {
      const { carry, stacked } = recordLoop(
        ([c], [row]) => {
          const inner = recordLoop(([d], [t]) => ({ carry: [ops.add(ops.mul(d!, 0.5), t!)], stacked: [ops.mul(t!, c!)] }), [c!], [row!], 5);
          return { carry: inner.carry, stacked: inner.stacked };
        },
        [toTensor(1)],
        [x!],
        4,
      );
      return [...carry, ...stacked];
    };
    agree(recordAt(nested, inputsOf([[4, 5]])), 'nested loops');
    const recurrent = (...[x, w]: readonly Value[]): readonly AnyArray[] => {
      const step = ([h]: readonly Value[], [slice]: readonly Value[]): { readonly carry: readonly AnyArray[]; readonly stacked: readonly AnyArray[] } => {
        const next = ops.tanh(ops.add(ops.matMul(h!, w!), slice!));
        const [, slope] = valueAndGrad((own: Value) => ops.sum(ops.sin(own)))(next);
        return { carry: [next], stacked: [slope] };
      };
      const { carry, stacked } = recordLoop(step, [ops.zeros([4, 6])], [x!], 9);
      return [...carry, ...stacked];
    };
    agree(
      recordAt(
        recurrent,
        inputsOf([
          [9, 4, 6],
          [6, 6],
        ]),
      ),
      'a recurrent network',
    );
  },
  'thousands of operations compile, in code that grows with their number': () => {
    for (const [build, shape] of [
      [chain, []],
      [chain, [40]],
      [shared, []],
      [shared, [40]],
    ] as const) {
      const [few, many] = [1000, 4000].map((count) => recordAt((...[x]) => [build(x!, count)], [numbers(shape, 3)])) as [Recorded, Recorded];
      agree(many, 'a long graph');
      assert.ok(bytesOf(many.graph) < 5 * bytesOf(few.graph), 'code grows no faster than operations');
    }
  },
  'a product with a matrix that changes from run to run is not read in an old form': () => {
    const recorded = recordAt((...[m, v]) => [ops.dot(m!, v!)], [numbers([40, 3], 1), numbers([3], 2)]);
    agree(recorded, 'rows in tiles');
    agree({ ...recorded, inputs: [numbers([40, 3], 5), numbers([3], 6)] }, 'other rows');
  },
  'a graph prints a line for each value, bodies indented': () => {
    const { graph } = recordAt(
      (...[x]) => recordLoop(([c], [s]) => ({ carry: [ops.add(c!, s!)], stacked: [] }), [toTensor(0)], [x!], 3).carry,
      [numbers([3], 1)],
    );
    assert.match(showGraph(graph), /loop 3 times, 0 fixed, 1 carried[^]*\n {2}%\d+: float\[\] = Add[^]*part 0 of %\d+/);
  },
  'sums over nothing are 0': () => {
    const recorded = recordAt((...[x]) => [ops.sum(x!), ops.sum(x!, 1), ops.matMul(x!, ops.transpose(x!))], [makeNDArray(new Float64Array(0), [3, 0])]);
    agree(recorded, 'empty arrays');
    assert.equal(sizeOf(evaluateGraph(recorded.graph, recorded.inputs)[1]!.shape), 3);
  },
});
