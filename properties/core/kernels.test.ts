/** Laws of the whole kernel table: no kernel is without examples, gradients, or agreement with tfjs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import '../../core/kernels/index.ts';
import { kernels, type Kernel } from '../../core/kernels/kernel.ts';
import { laws } from '../laws.ts';
import { gradientIsDerivative, gradientIsLinear, tapeDifferentiates, tensorsAgree, type KernelExamples } from '../laws/kernelLaws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { kernelExamples } from './kernelExamples.ts';

const table: Readonly<Record<string, Kernel>> = Object.fromEntries(kernels().map((kernel) => [kernel.name, kernel]));

type KernelLaw = (kernel: Kernel, examples: KernelExamples, seed: number) => void;

const holds = (law: KernelLaw, numRuns: number): void =>
  fc.assert(
    fc.property(fc.nat(), (seed) => forEachEntry(table, (kernel, name) => law(kernel, kernelExamples[name]!, seed))),
    { numRuns, endOnFailure: true },
  );

laws('kernels', {
  'every kernel has examples': () =>
    assert.deepEqual(
      Object.keys(table).filter((name) => kernelExamples[name] === undefined),
      [],
    ),
  'every example is of a kernel': () =>
    assert.deepEqual(
      Object.keys(kernelExamples).filter((name) => table[name] === undefined),
      [],
    ),
  'the gradient is the derivative': () => holds(gradientIsDerivative, 10),
  'the gradient is linear': () => holds(gradientIsLinear, 5),
  'tfjs computes the same numbers, shapes and dtypes': () => holds(tensorsAgree, 5),
  'the tape of tfjs differentiates once and twice': () => holds(tapeDifferentiates, 3),
});
