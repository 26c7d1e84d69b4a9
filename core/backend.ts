/** startTfjs: starts tfjs-wasm and teaches it our kernels and their gradients. */
import * as tf from '#tfjs';
import '#tfjs-wasm';
import { kindlingError } from './errors.ts';
import './kernels/index.ts';
import { composites, type Composite } from './kernels/composite.ts';
import { kernels, type Buffer, type Kernel } from './kernels/kernel.ts';
import * as ops from './ops/index.ts';
import { refuseIteration, refuseNumbers } from './primitive.ts';
import { mendTape } from './tape.ts';
import { dtypeFromTfjs, isTensor, tensorDType, toTensor, type AnyArray, type Value } from './value.ts';

const BACKEND = 'wasm';

interface WasmBackend {
  readonly makeOutput: (shape: readonly number[], dtype: tf.DataType) => tf.TensorInfo;
  readonly typedArrayFromHeap: (tensor: tf.TensorInfo) => Buffer['data'];
}

const avalOfInfo = ({ shape, dtype }: tf.TensorInfo): Parameters<Kernel['shape']>[0][number] => ({
  shape,
  dtype: dtypeFromTfjs(dtype),
});

const inputsOf = (kernel: Kernel, inputs: tf.NamedTensorInfoMap): readonly tf.TensorInfo[] =>
  kernel.inputs === 'list' ? (Object.values(inputs) as tf.TensorInfo[]) : kernel.inputs.map((name) => inputs[name]!);

/** The kernel's own run over the heap of tfjs-wasm, for what tfjs-wasm has no kernel for. */
const runOnWasm =
  (kernel: Kernel): tf.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const wasm = backend as unknown as WasmBackend;
    const infos = inputsOf(kernel, inputs);
    const { shape, dtype } = kernel.shape(infos.map(avalOfInfo), attrs ?? {});
    // The heap may move when the output is made: take the views after.
    const output = wasm.makeOutput(shape, tensorDType(dtype));
    const data = wasm.typedArrayFromHeap(output).fill(0);
    kernel.run(
      { shape, data },
      infos.map((info) => ({ shape: info.shape, data: wasm.typedArrayFromHeap(info) })),
      attrs ?? {},
    );
    return output;
  };

/** tfjs-wasm's kernel where it has one that fits: it skips arrays of no elements and leaves the result unwritten. */
const runFitting =
  (kernel: Kernel, theirs: tf.KernelConfig | null | undefined): tf.KernelFunc =>
  (params) => {
    const infos = inputsOf(kernel, params.inputs);
    const isEmpty = infos.some(({ shape }) => shape.includes(0));
    const unfit = isEmpty || kernel.tfjsFails?.(infos.map(avalOfInfo), params.attrs ?? {}) === true;
    return theirs == null || unfit ? runOnWasm(kernel)(params) : theirs.kernelFunc(params);
  };

/**
 * The gradients as tfjs wants them: by name, of the input's shape (that of dy where inputs are not saved). tfjs frees the terms
 * of a sum of gradients, so each is a tensor of its own, never dy or a saved one.
 */
const namedGradients = (
  names: Kernel['inputs'],
  inputs: readonly Value[],
  gradients: readonly ((() => AnyArray) | undefined)[],
  shared: readonly Value[],
): ReturnType<tf.GradFunc> => {
  const gradient = (i: number) => (): Value => {
    const dx = gradients[i]?.();
    if (dx === undefined) return tf.zeros([...(inputs[i] ?? shared[0]!).shape]);
    return isTensor(dx) && (shared.includes(dx) || inputs.includes(dx)) ? tf.engine().runKernel<Value>('Identity', { x: dx }) : toTensor(dx);
  };
  return Object.fromEntries((names === 'list' ? inputs.map((_, i) => String(i)) : names).map((name, i) => [name, gradient(i)]));
};

/** A kernel without a gradient passes on zeros, for which tfjs needs the inputs' shapes. */
const gradientOf = (kernel: Kernel): tf.GradConfig => {
  const { saves, vjp, inputs: names } = kernel;
  return {
    kernelName: kernel.name,
    saveAllInputs: names === 'list',
    inputsToSave: names !== 'list' && (saves.inputs || vjp === 'zero') ? [...names] : [],
    outputsToSave: [saves.output],
    gradFunc: (dy, saved, attrs): ReturnType<tf.GradFunc> => {
      const inputs = saves.output ? saved.slice(0, -1) : saved;
      const output = saves.output ? saved.at(-1)! : (dy as Value);
      const gradients = vjp === 'zero' ? [] : vjp(ops, { dy: dy as Value, inputs, output, attrs });
      return namedGradients(names, inputs, gradients, [dy as Value, output]);
    },
  };
};

const compositeGradientOf = ({ name, inputs: names, vjp }: Composite): tf.GradConfig => ({
  kernelName: name,
  saveAllInputs: names === 'list',
  inputsToSave: names === 'list' ? [] : [...names],
  gradFunc: (dy, inputs, attrs): ReturnType<tf.GradFunc> => {
    const dys = Array.isArray(dy) ? dy : [dy];
    return namedGradients(names, inputs, vjp(ops, dys, inputs, attrs), dys);
  },
});

let configs: readonly tf.GradConfig[] = [];

/** Registers our gradients again where another library has overwritten them: tfjs's registry belongs to the whole page. */
export const ensureGradients = (): void => {
  for (const config of configs) if (tf.getGradient(config.kernelName) !== config) tf.registerGradient(config);
};

let started: Promise<void> | undefined;

const start = async (): Promise<void> => {
  if (!(await tf.setBackend(BACKEND))) {
    throw kindlingError('NotReady', {
      message: 'tfjs-wasm did not start',
      remedy: 'In a browser, tell it where its .wasm files are with setWasmPaths from @tensorflow/tfjs-backend-wasm, before ready().',
    });
  }
  await tf.ready();
  for (const kernel of kernels()) {
    const theirs = tf.getKernel(kernel.name, BACKEND);
    if (theirs != null) tf.unregisterKernel(kernel.name, BACKEND);
    tf.registerKernel({ ...theirs, kernelName: kernel.name, backendName: BACKEND, kernelFunc: runFitting(kernel, theirs) });
  }
  configs = [...kernels().map(gradientOf), ...composites().map(compositeGradientOf)];
  ensureGradients();
  mendTape();
  refuseNumbers();
  refuseIteration();
};

/**
 * Starts tfjs-wasm, and registers our kernels and gradients. Call it once before the first tensor; calling again is free.
 *
 * @throws NotReady where tfjs-wasm can't start, as in a browser that does not find its .wasm files
 * @example
 * await startTfjs();
 */
export const startTfjs = (): Promise<void> =>
  (started ??= start().catch((error: unknown) => {
    started = undefined;
    throw error;
  }));
