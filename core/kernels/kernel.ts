/** A kernel: one value holding all that is known of one operation: its shape rule, how to run it, and its gradient. */
import type * as Ops from '../ops/index.ts';
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { sizeOf, type Shape } from '../shape.ts';
import { avalOf, ndarrayDType, type AnyArray, type Aval, type DType } from '../value.ts';

/** Static settings of one application, named as tfjs names them. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Numbers with a shape, in whichever precision the caller stores them; arithmetic in between is double. */
export interface Buffer {
  readonly shape: Shape;
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** What a vector-Jacobian product is given. An input or output is absent unless `saves` asks for it. */
export interface Backward {
  readonly dy: AnyArray;
  readonly inputs: readonly AnyArray[];
  readonly output: AnyArray;
  readonly attrs: Attrs;
}

/**
 * The gradient of each input, on demand; `undefined` is zero. Written with `ops`, so that it runs on NDArrays and on tensors and can be
 * differentiated again. On demand, because tfjs asks only for those that lead to an argument.
 */
export type Vjp = (ops: typeof Ops, backward: Backward) => readonly ((() => AnyArray) | undefined)[];

export interface Kernel {
  /** tfjs's name where tfjs has such a kernel. */
  readonly name: string;
  /** The names of the inputs, as tfjs passes them; `'list'` for a kernel of any number of inputs. */
  readonly inputs: readonly string[] | 'list';
  /** Shape and dtype of the result; throws where the inputs do not go together. */
  readonly shape: (inputs: readonly Aval[], attrs: Attrs) => Aval;
  /** The dtype in which each input must arrive; `undefined` leaves them as they are. */
  readonly cast?: (inputs: readonly Aval[], output: Aval) => readonly DType[];
  /** Computes into `out`, which is zeroed. */
  readonly run: (out: Buffer, inputs: readonly Buffer[], attrs: Attrs) => void;
  /** Where tfjs-wasm's kernel of this name gives wrong numbers, so that `run` is used in its place. */
  readonly tfjsFails?: (inputs: readonly Aval[], attrs: Attrs) => boolean;
  /** `'zero'` for a kernel whose result does not vary with its inputs where it is differentiable. */
  readonly vjp: Vjp | 'zero';
  /** What the backward pass reads: saving costs a copy of the handle, so name only what is used. */
  readonly saves: { readonly inputs: boolean; readonly output: boolean };
  /** What other interpreters of a recorded graph do with this kernel. */
  readonly rules?: KernelRules;
}

/** The place of the rules of `vmap` (batch) and `jit` (compile); each transform types its own by declaration merging. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface KernelRules {}

/** Every kernel by name. Filled while the modules of `core/kernels` load, and never after. */
const table = new Map<string, Kernel>();

/**
 * Defines a kernel and enters it in the table from which tfjs is taught its gradient, and its run where tfjs-wasm lacks it.
 *
 * @throws InvalidArgument for a name that is taken
 */
export const defineKernel = (kernel: Kernel): Kernel => {
  if (typeof (kernel as Kernel | undefined)?.name !== 'string' || typeof kernel.run !== 'function' || typeof kernel.shape !== 'function') {
    throw kindlingError('InvalidArgument', {
      message: 'a kernel has a name, a shape rule, a run and a gradient',
      expected: '{ name, inputs, shape, run, vjp, saves }',
    });
  }
  if (table.has(kernel.name)) throw kindlingError('InvalidArgument', { message: `a kernel named ${kernel.name} is defined already` });
  table.set(kernel.name, kernel);
  return kernel;
};

export const kernels = (): readonly Kernel[] => [...table.values()];

/** Runs a kernel on NDArrays, in float64. */
export const evaluate = (kernel: Kernel, inputs: readonly NDArray[], attrs: Attrs = {}): NDArray => {
  const { shape, dtype } = kernel.shape(inputs.map(avalOf), attrs);
  const data = new Float64Array(sizeOf(shape));
  kernel.run({ shape, data }, inputs, attrs);
  // Integers have no −0: 1 / 0 is +∞ whatever made the 0.
  if (dtype !== 'float') for (let i = 0; i < data.length; i++) data[i]! += 0;
  return makeNDArray(data, shape, ndarrayDType(dtype));
};
