/** Laws of the batching rules: every kernel has one, and it does to each lane what the kernel does alone, with its gradient too. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import '../../../core/kernels/index.ts';
import { defineKernel, evaluate, kernels, type Attrs, type Kernel } from '../../../core/kernels/kernel.ts';
import type { NDArray } from '../../../core/ndarray.ts';
import { apply } from '../../../core/ops/apply.ts';
import * as ops from '../../../core/ops/index.ts';
import { scoped } from '../../../core/scope.ts';
import { showShape } from '../../../core/shape.ts';
import { avalOf, toNDArray, toTensor, type AnyArray, type Value } from '../../../core/value.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { batchRules } from '../../../transforms/vmap/batchRules.ts';
import { moveAxis } from '../../../transforms/vmap/lanes.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { kernelExamples } from '../../core/kernelExamples.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { gradientsOf, type KernelExamples } from '../../laws/kernelLaws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../../laws/numeric.ts';

const LANES = 3;
const double: Tolerance = { relative: 1e-12, absolute: 1e-13, scaled: true };

const table: Readonly<Record<string, Kernel>> = Object.fromEntries(kernels().map((kernel) => [kernel.name, kernel]));

type Arrays = readonly AnyArray[];

/** One example of a kernel in several lanes: for each input, its value in each. */
interface Lanes {
  readonly attrs: Attrs;
  readonly inputs: readonly (readonly NDArray[])[];
}

const lanesOf = ({ make }: KernelExamples, seed: number): readonly Lanes[] => {
  const drawn = Array.from({ length: LANES }, (_, lane) => make(drawFrom(seed + lane)));
  return drawn[0]!.map(({ attrs = {}, inputs }, k) => ({ attrs, inputs: inputs.map((_, i) => drawn.map((examples) => examples[k]!.inputs[i]!)) }));
};

/** Every non-empty choice of inputs that differ between lanes. */
const choices = (count: number): readonly (readonly boolean[])[] =>
  Array.from({ length: 2 ** count - 1 }, (_, bits) => Array.from({ length: count }, (__, i) => (((bits + 1) >> i) & 1) === 1));

/** Where lanes lie in an input, when it has `rank` axes without them: not always in front. */
const axisFor = (seed: number, i: number, rank: number): number => (seed + i) % (rank + 1);

/**
 * Checks a function of one lane against each lane by itself, for every choice of inputs that have lanes.
 *
 * @param mapped - makes the function of many lanes
 * @param alone - the function of one, on NDArrays
 */
const agrees = (
  { inputs }: Lanes,
  seed: number,
  chosen: readonly (readonly boolean[])[],
  mapped: (axes: readonly (number | null)[]) => (...args: Arrays) => Arrays,
  alone: (...args: readonly NDArray[]) => Arrays,
  tolerance: Tolerance,
): void => {
  for (const choice of chosen) {
    const axes = choice.map((isMapped, i) => (isMapped ? axisFor(seed, i, inputs[i]![0]!.shape.length) : null));
    const args = axes.map((axis, i) => (axis === null ? inputs[i]![0]! : (moveAxis(ops.stack(inputs[i]!), 0, axis) as NDArray)));
    const what = `of ${args.map(({ shape }, i) => `${showShape(shape)} along ${axes[i]}`).join(', ')}`;
    const results = mapped(axes)(...args);
    const expected = Array.from({ length: LANES }, (_, lane) => alone(...axes.map((axis, i) => inputs[i]![axis === null ? 0 : lane]!)));
    assert.equal(results.length, expected[0]!.length, what);
    results.forEach((result, k) => {
      const wanted = ops.stack(expected.map((lane) => lane[k]!));
      assert.equal(avalOf(result).dtype, avalOf(wanted).dtype, `dtype ${what}`);
      assertClose(result, wanted, tolerance, what);
    });
  }
};

const holds = (numRuns: number, check: (kernel: Kernel, examples: KernelExamples, lanes: Lanes, seed: number) => void): void =>
  fc.assert(
    fc.property(fc.nat(10_000), (seed) =>
      forEachEntry(table, (kernel, name) => {
        const examples = kernelExamples[name]!;
        for (const lanes of lanesOf(examples, seed)) check(kernel, examples, lanes, seed);
      }),
    ),
    { numRuns, endOnFailure: true },
  );

/** The gradients of Σ of something of the result, by the kernel's own rule. */
const gradients =
  (kernel: Kernel, attrs: Attrs) =>
  (...inputs: Arrays): Arrays => {
    const output = apply(kernel, inputs, attrs);
    return gradientsOf(kernel, inputs, output, ops.add(ops.mul(output, 0.5), 1), attrs).flatMap((dx) => (dx === undefined ? [] : [dx]));
  };

const hasGradient = (kernel: Kernel, { gradient }: KernelExamples): boolean => gradient !== 'none' && kernel.vjp !== 'zero';

laws('batching rules', {
  'every kernel has one, and there is none without a kernel': () => {
    const named = Object.keys(batchRules).filter((name) => table[name] === undefined);
    assert.deepEqual([Object.keys(table).filter((name) => batchRules[name] === undefined), named], [[], []]);
  },

  'a kernel without one is an error that names it': () => {
    const kernel = defineKernel({
      name: 'WithoutBatchingRule',
      inputs: ['x'],
      shape: ([x]) => x!,
      run: (out, [x]) => out.data.set(x!.data),
      saves: { inputs: false, output: false },
      vjp: 'zero',
    });
    tf.registerKernel({ kernelName: kernel.name, backendName: 'wasm', kernelFunc: ({ inputs }) => inputs['x']! });
    // The recorder may have been started before this kernel was there.
    const known = tf.getKernel('Neg', 'kindling-recorder');
    if (known === null || known === undefined) vmap((x: Value) => ops.neg(x))([1]);
    assert.throws(() => vmap((x: Value) => apply(kernel, [x]))([1, 2]), /WithoutBatchingRule/);
  },

  'each lane is the kernel alone, whichever inputs have lanes': () =>
    holds(2, (kernel, _, lanes, seed) => {
      const one = (...xs: Arrays): Arrays => [apply(kernel, xs, lanes.attrs)];
      agrees(
        lanes,
        seed,
        choices(lanes.inputs.length),
        (axes) =>
          (...args) =>
            vmap(one, axes)(...args),
        (...xs) => [evaluate(kernel, xs, lanes.attrs)],
        double,
      );
    }),

  'and so is its gradient': () =>
    holds(1, (kernel, examples, lanes, seed) => {
      if (!hasGradient(kernel, examples)) return;
      const one = gradients(kernel, lanes.attrs);
      agrees(
        lanes,
        seed,
        choices(lanes.inputs.length),
        (axes) =>
          (...args) =>
            vmap(one, axes)(...args),
        one,
        { ...double, relative: 1e-10 },
      );
    }),

  'on tensors': () =>
    holds(1, (kernel, { single = 1e-5 }, lanes, seed) => {
      const one = (...xs: Arrays): Arrays => [apply(kernel, xs, lanes.attrs)];
      const onTensors =
        (axes: readonly (number | null)[]) =>
        (...args: Arrays): Arrays =>
          scoped(
            () => (vmap(one, axes)(...args.map((x) => toTensor(x))) as Arrays).map(toNDArray),
            () => [],
          );
      agrees(lanes, seed, [lanes.inputs.map(() => true)], onTensors, (...xs) => [evaluate(kernel, xs, lanes.attrs)], {
        relative: 4 * single,
        absolute: 1e-5,
        scaled: true,
      });
    }),

  'compiled, with its gradient': () =>
    holds(1, (kernel, examples, lanes, seed) => {
      const withGradient = (...xs: Arrays): Arrays => [
        apply(kernel, xs, lanes.attrs),
        ...(hasGradient(kernel, examples) ? gradients(kernel, lanes.attrs)(...xs) : []),
      ];
      const all = choices(lanes.inputs.length);
      const some = [all.at(-1)!, ...(all.length > 1 ? [all[seed % (all.length - 1)]!] : [])];
      agrees(
        lanes,
        seed,
        some,
        (axes) =>
          (...args) =>
            jit(vmap(withGradient, axes))(...args),
        withGradient,
        { ...double, relative: 1e-10 },
      );
    }),
});
