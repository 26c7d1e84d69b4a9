/** The templates of linear systems, determinants and factorisations give the doubles of the kernels' `run`, whatever they are given. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as kernels from '../../../core/kernels/index.ts';
import { evaluate, type Attrs, type Kernel } from '../../../core/kernels/kernel.ts';
import type { Memory } from '../../../core/loop/expression.ts';
import { runProcedure } from '../../../core/loop/interpret.ts';
import { array, makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import { apply } from '../../../core/ops/apply.ts';
import * as ops from '../../../core/ops/index.ts';
import { showShape, sizeOf, type Shape } from '../../../core/shape.ts';
import { avalOf } from '../../../core/value.ts';
import { procedureRules } from '../../../transforms/jit/procedures/index.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { compiled, recordAt } from '../../laws/recorded.ts';

/** Numbers that no rule would leave standing. */
const GARBAGE = 1234.5;

/** The output of a kernel's template, interpreted: an index outside a memory is an error there. */
const interpreted = (kernel: Kernel, inputs: readonly NDArray[], attrs: Attrs): readonly number[] => {
  const output = kernel.shape(inputs.map(avalOf), attrs);
  const held = new Map<Memory, Float64Array>();
  const memory = (data: Float64Array): Memory => {
    const made: Memory = { name: `memory ${held.size}`, size: data.length };
    held.set(made, data);
    return made;
  };
  const garbage = (size: number): Memory => memory(new Float64Array(size).fill(GARBAGE));
  const reads = inputs.map(({ data }) => memory(Float64Array.from(data)));
  const result = garbage(sizeOf(output.shape));
  runProcedure(procedureRules[kernel.name]!({ inputs: inputs.map(avalOf), output, attrs }, { inputs: reads, output: result, scratch: garbage }), held);
  reads.forEach((read, i) => assert.deepEqual(held.get(read), Float64Array.from(inputs[i]!.data), 'inputs stay as they are'));
  return [...held.get(result)!];
};

/** Fails unless the template and the whole compiled function give the doubles of `run`; `ulps` are for logarithms. */
const agrees = (kernel: Kernel, inputs: readonly NDArray[], attrs: Attrs = {}, ulps: number = 0): void => {
  const expected = evaluate(kernel, inputs, attrs).data;
  const [whole] = compiled(recordAt((...xs) => [apply(kernel, xs, attrs)], inputs));
  const forms = { interpreted: interpreted(kernel, inputs, attrs), compiled: [...whole!.data] };
  for (const [form, actual] of Object.entries(forms)) {
    assert.equal(actual.length, expected.length);
    const at = actual.findIndex((x, i) => !Object.is(x, expected[i]) && !(Math.abs(x - expected[i]!) <= ulps * 2 ** -52 * Math.abs(expected[i]!)));
    assert.ok(at < 0, `${kernel.name} of ${inputs.map(({ shape }) => showShape(shape)).join(' and ')}, ${form}: ${actual[at]} is not ${expected[at]} at ${at}`);
  }
};

const special = fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e308, 1e-308, 1e200, 1e-200);

/** Dense numbers, perhaps with some that are not finite, very large or very small, or whole numbers alone. */
const arrays = (shape: Shape): fc.Arbitrary<NDArray> => {
  const size = sizeOf(shape);
  const dense = fc.nat().map((seed) => drawFrom(seed).uniform(shape, -2, 2));
  return fc.oneof(
    dense,
    dense.map((x) => ops.round(ops.mul(x, 1))),
    dense.map((x) => ops.mul(x, 1e180)),
    dense.map((x) => ops.mul(x, 1e-180)),
    fc.tuple(dense, fc.array(fc.tuple(fc.nat(Math.max(size - 1, 0)), special), { maxLength: 4 })).map(([x, changes]) => {
      const data = Float64Array.from(x.data);
      for (const [at, value] of size === 0 ? [] : changes) data[at] = value;
      return makeNDArray(data, shape);
    }),
  );
};

const extent = fc.integer({ min: 0, max: 9 });
const batch = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 });
const squares = fc.tuple(batch, extent).chain(([lead, n]) => arrays([...lead, n, n]));

laws('templates of factorisations', {
  'Solve, transposed too, batches broadcast': () =>
    fc.assert(
      fc.property(
        fc
          .tuple(fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), extent, extent)
          .chain(([lead, ones, n, columns]) => {
            const part = (from: number): number[] => lead.map((length, i) => (ones[from + i] === true ? 1 : length));
            return fc.tuple(arrays([...part(0), n, n]), arrays([...part(2), n, columns]));
          }),
        fc.boolean(),
        (inputs, transpose) => agrees(kernels.Solve, inputs, { transpose }),
      ),
    ),
  'Slogdet and Det': () =>
    fc.assert(
      fc.property(squares, (a) => {
        agrees(kernels.Slogdet, [a], {}, 64);
        agrees(kernels.Det, [a]);
      }),
    ),
  Eigh: () => fc.assert(fc.property(squares, (a) => agrees(kernels.Eigh, [a]))),
  Qr: () =>
    fc.assert(
      fc.property(
        fc.tuple(batch, extent, extent).chain(([lead, m, n]) => arrays([...lead, m, n])),
        (a) => agrees(kernels.Qr, [a]),
      ),
    ),
  'matrices of more rows than are taken at a time': () => {
    const a = drawFrom(1).uniform([37, 37], -1, 1);
    agrees(kernels.Solve, [a, drawFrom(2).uniform([37, 6], -1, 1)], { transpose: false });
    agrees(kernels.Det, [a]);
    agrees(kernels.Eigh, [a]);
    agrees(kernels.Qr, [a]);
  },
  'eigenvalues that all but vanish beside another': () => {
    for (const tiny of [1e-150, 1e-200, 5e-324])
      agrees(kernels.Eigh, [
        array([
          [1, 0, 0],
          [0, 0, tiny],
          [0, tiny, 0],
        ]),
      ]);
  },
});
