/** The laws of a kernel: its gradient is the derivative, is linear, can be taken twice, and tfjs computes the same numbers. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { evaluate, type Attrs, type Kernel } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { apply } from '../../core/ops/apply.ts';
import { showShape } from '../../core/shape.ts';
import { avalOf, dtypeOf, toNDArray, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { drawFrom, type Draw } from './draw.ts';
import { assertClose, dotAll, numericGradient, type Tolerance } from './numeric.ts';
import { tapeGradients } from './tape.ts';

export interface Example {
  readonly inputs: readonly NDArray[];
  readonly attrs?: Attrs | undefined;
}

/** Where a kernel is tested, and which laws do not hold of it by intent. */
export interface KernelExamples {
  readonly make: (draw: Draw) => readonly Example[];
  /** `'none'`: asking for it is an error; `'other'`: by intent it is not the derivative of the run. */
  readonly gradient?: 'derivative' | 'none' | 'other' | undefined;
  /** `false`: its gradient can't be differentiated, and says so. */
  readonly twice?: false | undefined;
  /** `false`: integers are no input of it. */
  readonly integers?: false | undefined;
  /** Of float32 results, relative to the largest; 10⁻⁵ by default. */
  readonly single?: number | undefined;
}

const double: Tolerance = { relative: 1e-6, absolute: 1e-9, scaled: true };

const isFloat = (x: AnyArray): boolean => dtypeOf(x) === 'float';

/** The gradients of all inputs, given no more than the kernel asks to have saved; `undefined` is zero. */
export const gradientsOf = (kernel: Kernel, inputs: readonly AnyArray[], output: AnyArray, dy: AnyArray, attrs: Attrs): readonly (AnyArray | undefined)[] => {
  if (kernel.vjp === 'zero') return inputs.map(() => undefined);
  const saved = kernel.saves.inputs || kernel.inputs === 'list' ? inputs : [];
  const thunks = kernel.vjp(ops, { dy, inputs: saved, output: kernel.saves.output ? output : dy, attrs });
  return inputs.map((_, i) => thunks[i]?.());
};

const like = (draw: Draw, x: AnyArray): NDArray => draw.uniform(x.shape, -1, 1);

const replaced = (inputs: readonly NDArray[], at: number, x: NDArray): readonly NDArray[] => inputs.map((input, i) => (i === at ? x : input));

const describe = ({ inputs, attrs }: Example): string =>
  `${inputs.map((x) => `${x.dtype} ${showShape(x.shape)}`).join(', ')} ${attrs === undefined ? '' : JSON.stringify(attrs)}`;

/** An example with its attributes filled in. */
interface Prepared {
  readonly inputs: readonly NDArray[];
  readonly attrs: Attrs;
}

/** Every example of a kernel for one seed, with what went wrong told with its shapes. */
const eachExample = ({ make }: KernelExamples, seed: number, check: (example: Prepared, draw: Draw) => void): void => {
  const draw = drawFrom(seed);
  for (const example of make(draw)) {
    try {
      check({ inputs: example.inputs, attrs: example.attrs ?? {} }, draw);
    } catch (error) {
      throw new Error(`${describe(example)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
};

/** The vector-Jacobian product in float64 is the numerical derivative of Σ dy·f. */
export const gradientIsDerivative = (kernel: Kernel, examples: KernelExamples, seed: number): void => {
  if (examples.gradient === 'other') return;
  eachExample(examples, seed, ({ inputs, attrs }, draw) => {
    const output = evaluate(kernel, inputs, attrs);
    if (!isFloat(output)) return;
    const dy = like(draw, output);
    if (examples.gradient === 'none') {
      assert.throws(() => gradientsOf(kernel, inputs, output, dy, attrs), { _tag: 'Unsupported' });
      return;
    }
    const gradients = gradientsOf(kernel, inputs, output, dy, attrs);
    inputs.forEach((x, i) => {
      if (!isFloat(x)) return;
      const expected = numericGradient((moved) => dotAll(dy, evaluate(kernel, replaced(inputs, i, moved), attrs)), x);
      assertClose(gradients[i] ?? ops.zeros(x.shape), expected, double, `gradient of input ${i}`);
    });
  });
};

/** The vector-Jacobian product of a combination is the combination of the products. */
export const gradientIsLinear = (kernel: Kernel, examples: KernelExamples, seed: number): void =>
  eachExample(examples, seed, ({ inputs, attrs }, draw) => {
    if (examples.gradient === 'none') return;
    const output = evaluate(kernel, inputs, attrs);
    const [a, b] = [like(draw, output), like(draw, output)];
    const of = (dy: AnyArray): readonly (AnyArray | undefined)[] => gradientsOf(kernel, inputs, output, dy, attrs);
    const [ofA, ofB, ofBoth] = [of(a), of(b), of(ops.sub(ops.mul(2, a), ops.mul(3, b)))];
    ofBoth.forEach((both, i) => {
      if (both === undefined) return;
      assertClose(both, ops.sub(ops.mul(2, ofA[i]!), ops.mul(3, ofB[i]!)), { relative: 1e-11, absolute: 1e-12, scaled: true }, `gradient of input ${i}`);
    });
  });

/** The example with its floats rounded to what a tensor holds, so that both precisions start from the same numbers. */
const rounded = ({ inputs, attrs }: Prepared): Prepared => ({
  inputs: inputs.map((x) => (isFloat(x) ? makeNDArray(x.data.map(Math.fround), x.shape) : x)),
  attrs,
});

/** The tape's gradient is the kernel's own, and the tape's second derivative the numerical derivative of the first. */
export const tapeDifferentiates = (kernel: Kernel, examples: KernelExamples, seed: number): void =>
  eachExample(examples, seed, (example, draw) => {
    const { inputs, attrs } = rounded(example);
    const output = evaluate(kernel, inputs, attrs);
    const floats = inputs.flatMap((x, i) => (isFloat(x) ? [i] : []));
    if (!isFloat(output) || floats.length === 0 || examples.gradient === 'none') return;
    const dy = rounded({ inputs: [like(draw, output)], attrs }).inputs[0]!;
    const tangents = inputs.map((x) => rounded({ inputs: [like(draw, x)], attrs }).inputs[0]!);
    const { single = 1e-5 } = examples;

    const firstInDouble = (at: readonly NDArray[]): readonly NDArray[] => {
      const gradients = gradientsOf(kernel, at, evaluate(kernel, at, attrs), dy, attrs);
      return floats.map((i) => toNDArray(gradients[i] ?? ops.zeros(at[i]!.shape)));
    };
    const along = (gradients: readonly AnyArray[]): AnyArray =>
      gradients.map((g, k) => ops.sum(ops.mul(g, tangents[floats[k]!]!))).reduce((sum, term) => ops.add(sum, term));

    tf.tidy(() => {
      const tensors = inputs.map((x) => toTensor(x));
      const full = (xs: readonly Value[]): Value[] => tensors.map((x, i) => (floats.includes(i) ? xs[floats.indexOf(i)]! : x));
      const loss = (...xs: Value[]): AnyArray => ops.sum(ops.mul(dy, apply(kernel, full(xs), attrs)));
      const first = tapeGradients(
        loss,
        floats.map((i) => tensors[i]!),
      );
      firstInDouble(inputs).forEach((expected, k) =>
        assertClose(first[k]!, expected, { relative: 4 * single, absolute: 1e-6, scaled: true }, `tape gradient of input ${floats[k]}`),
      );

      const twice = (): Value[] =>
        tapeGradients(
          (...xs) => along(tapeGradients(loss, xs)),
          floats.map((i) => tensors[i]!),
        );
      if (examples.twice === false) {
        assert.throws(twice, { _tag: 'Unsupported' });
        return;
      }
      const second = twice();
      floats.forEach((i, k) => {
        const expected = numericGradient((moved) => toNDArray(along(firstInDouble(replaced(inputs, i, moved)))).item(), inputs[i]!);
        assertClose(second[k]!, expected, { relative: 20 * single, absolute: 20 * single, scaled: true }, `second derivative in input ${i}`);
      });
    });
  });

const toIntegers = (x: NDArray): NDArray =>
  isFloat(x)
    ? makeNDArray(
        x.data.map((v) => Math.trunc(2 * v) + 0),
        x.shape,
        'int32',
      )
    : x;
const toBooleans = (x: NDArray): NDArray =>
  isFloat(x)
    ? makeNDArray(
        x.data.map((v) => Number(v > 0.5)),
        x.shape,
        'bool',
      )
    : x;

/** What `tfjs` computes, ours or its own kernel, has the shape, the dtype and the numbers of the float64 run. */
export const tensorsAgree = (kernel: Kernel, examples: KernelExamples, seed: number): void => {
  const { single = 1e-5, integers } = examples;
  eachExample(examples, seed, (example) => {
    const floats = rounded(example);
    const variants = [
      floats,
      ...(integers === false
        ? []
        : [
            { ...floats, inputs: floats.inputs.map(toIntegers) },
            { ...floats, inputs: floats.inputs.map(toBooleans) },
          ]),
    ];
    for (const { inputs, attrs } of variants) {
      const kind = inputs.map((x) => x.dtype).join(', ');
      const promised = kernel.shape(inputs.map(avalOf), attrs);
      const expected = evaluate(kernel, inputs, attrs);
      tf.tidy(() => {
        const actual = apply(
          kernel,
          inputs.map((x) => toTensor(x)),
          attrs,
        );
        assert.deepEqual(actual.shape, [...promised.shape], `${kind}: shape`);
        assert.equal(dtypeOf(actual), promised.dtype, `${kind}: dtype`);
        assertClose(actual, expected, { relative: single, absolute: 1e-6, scaled: true }, kind);
      });
    }
  });
};
