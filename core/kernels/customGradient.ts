/** A value with a gradient of its own: the kernel by which `customGrad` is seen by every transform. */
import type { AnyArray } from '../value.ts';
import { defineKernel, type Attrs, type Kernel } from './kernel.ts';

/** The gradients by the inputs but the first, from that of the value; `undefined` is zero. */
export type Pull = (dy: AnyArray, inputs: readonly AnyArray[]) => readonly (AnyArray | undefined)[];

/** What an application of the kernel is told. */
export interface CustomGradientAttrs extends Attrs {
  readonly pull: Pull;
  /** The same for many lanes at once, some of the inputs but the first having a leading axis of them. */
  readonly batch: (isBatched: readonly boolean[]) => CustomGradientAttrs;
}

/** The first input, as if it were a function of the others with the gradients that `pull` gives. */
export const CustomGradient: Kernel = defineKernel({
  name: 'CustomGradient',
  inputs: 'list',
  shape: ([value]) => value!,
  run: (out, [value]) => out.data.set(value!.data),
  saves: { inputs: true, output: false },
  vjp: (ops, { dy, inputs, attrs }) => {
    const rest = inputs.slice(1);
    // For each by itself: tfjs frees what is made on the way to one gradient before it asks for the next.
    return [undefined, ...rest.map((x, i) => () => (attrs as CustomGradientAttrs).pull(dy, rest)[i] ?? ops.zerosLike(x))];
  },
});
