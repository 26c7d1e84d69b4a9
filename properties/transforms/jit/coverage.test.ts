/** Laws of the compiler's reach: every kernel, its gradient, and plain tf.* calls compile to what the interpreter gives. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import '../../../core/kernels/index.ts';
import { kernels, type Kernel } from '../../../core/kernels/kernel.ts';
import { apply } from '../../../core/ops/apply.ts';
import * as ops from '../../../core/ops/index.ts';
import { avalOf, toTensor, type AnyArray } from '../../../core/value.ts';
import type { NDArray } from '../../../core/ndarray.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { compositeCalls } from '../../core/compositeCalls.ts';
import { kernelExamples } from '../../core/kernelExamples.ts';
import { tfCalls, type TfCall } from '../../core/tfCalls.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { gradientsOf, type Example, type KernelExamples } from '../../laws/kernelLaws.ts';
import { assertClose, forEachEntry } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, type Recorded } from '../../laws/recorded.ts';

const double = { relative: 1e-11, absolute: 1e-13, scaled: true };

const agree = (recorded: Recorded, what: string): void => {
  const expected = interpreted(recorded);
  compiled(recorded).forEach((x, i) => {
    assert.deepEqual([x.shape, x.dtype], [expected[i]!.shape, expected[i]!.dtype], what);
    assertClose(x, expected[i]!, double, `${what}, output ${i}`);
  });
};

const valueCompiles = (kernel: Kernel, { inputs, attrs = {} }: Example): void =>
  agree(
    recordAt((...values) => [apply(kernel, values, attrs)], inputs),
    `${kernel.name} of ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`,
  );

const gradientCompiles = (kernel: Kernel, { inputs, attrs = {} }: Example, { gradient }: KernelExamples): void => {
  if (gradient === 'none' || kernel.vjp === 'zero') return;
  const gradients = (...values: readonly AnyArray[]): readonly AnyArray[] => {
    const output = apply(kernel, values, attrs);
    return gradientsOf(kernel, values, output, ops.add(ops.mul(output, 0.5), 1), attrs).flatMap((dx) => (dx === undefined ? [] : [dx]));
  };
  agree(recordAt(gradients, inputs), `gradient of ${kernel.name} of ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`);
};

const callCompiles = (calls: TfCall | readonly TfCall[], name: string, seed: number): void => {
  for (const { shape, tf, exact } of [calls].flat() as readonly TfCall[]) {
    const x: NDArray = drawFrom(seed).away(shape);
    const [value, slope] = compiled(
      recordAt(
        (at) => {
          const [y, dx] = valueAndGrad((own: AnyArray) => ops.sum(tf(toTensor(own))))(at);
          return [y, dx];
        },
        [x],
      ),
    );
    const [y, dx] = valueAndGrad((own: AnyArray) => ops.sum(exact(own)))(x);
    // tfjs has rounded the literals of these calls to float32.
    const single = { relative: 1e-5, absolute: 1e-6, scaled: true };
    assertClose(value!, y, single, name);
    assertClose(slope!, dx, { relative: 1e-4, absolute: 1e-5, scaled: true }, `gradient of ${name}`);
    assert.equal(avalOf(value!).dtype, 'float');
  }
};

const table: Readonly<Record<string, Kernel>> = Object.fromEntries(kernels().map((kernel) => [kernel.name, kernel]));

laws('what compiles', {
  'every kernel, at every example': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) =>
        forEachEntry(table, (kernel, name) => kernelExamples[name]!.make(drawFrom(seed)).forEach((example) => valueCompiles(kernel, example))),
      ),
      { numRuns: 2, endOnFailure: true },
    ),
  'the gradient of every kernel, at every example': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) =>
        forEachEntry(table, (kernel, name) => {
          const examples = kernelExamples[name]!;
          examples.make(drawFrom(seed)).forEach((example) => gradientCompiles(kernel, example, examples));
        }),
      ),
      { numRuns: 2, endOnFailure: true },
    ),
  'plain tf.* calls and their gradients': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => forEachEntry({ ...tfCalls, ...compositeCalls }, (calls, name) => callCompiles(calls, name, seed))),
      { numRuns: 1, endOnFailure: true },
    ),
});
