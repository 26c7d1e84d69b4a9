/** Recording: a tfjs backend that runs no arithmetic, but notes which kernel was applied to what. */
import * as tf from '@tensorflow/tfjs-core';
import { ensureGradients } from '../../core/backend.ts';
import { kindlingError } from '../../core/errors.ts';
import { kernels, type Kernel } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { sizeOf } from '../../core/shape.ts';
import { ndarrayDType, RECORDER, tensorDType, type Aval, type DType, type Value } from '../../core/value.ts';
import type { Graph, GraphNode } from './graph.ts';

/** The list that a recording grows. */
interface Recording {
  readonly nodes: GraphNode[];
  readonly ids: WeakMap<object, number>;
  readonly constants: Map<NDArray, Value>;
}

const dtypeOf = (dtype: tf.DataType): DType => (dtype === 'int32' || dtype === 'bool' ? dtype : 'float');

const cannotRead = (): never => {
  throw kindlingError('Unsupported', {
    message: 'the numbers of a recorded value are not there yet: the function is being compiled, not run',
    remedy: 'Choose between values with ops.where or cond, repeat with scan, and read numbers only from what the compiled function returns',
  });
};

let current: Recording | undefined;

const recording = (): Recording => {
  if (current === undefined)
    throw kindlingError('Unsupported', { message: 'a recorded value was used after its recording had ended', remedy: 'Return it from the compiled function' });
  return current;
};

const append = (node: GraphNode): { readonly dataId: object; readonly shape: number[]; readonly dtype: tf.DataType } => {
  const { nodes, ids } = recording();
  const dataId = {};
  ids.set(dataId, nodes.push(node) - 1);
  return { dataId, shape: [...node.aval.shape], dtype: tensorDType(node.aval.dtype) };
};

const constantNode = (value: NDArray, dtype: DType): GraphNode => ({ kind: 'constant', aval: { shape: value.shape, dtype }, value });

/** The position of a tensor in the list. One from outside is taken in as a constant. */
const positionOf = (info: tf.TensorInfo): number => {
  const { ids, nodes } = recording();
  const known = ids.get(info.dataId);
  if (known !== undefined) return known;
  const dtype = dtypeOf(info.dtype);
  const values = tf.engine().readSync(info.dataId) as Float32Array;
  const position = nodes.push(constantNode(makeNDArray(Float64Array.from(values), info.shape, ndarrayDType(dtype)), dtype)) - 1;
  ids.set(info.dataId, position);
  return position;
};

const recordKernel =
  (kernel: Kernel): tf.KernelFunc =>
  ({ inputs, attrs }) => {
    const named = inputs;
    const infos = kernel.inputs === 'list' ? (Object.values(named) as tf.TensorInfo[]) : kernel.inputs.map((name) => named[name]!);
    const aval = kernel.shape(
      infos.map(({ shape, dtype }) => ({ shape, dtype: dtypeOf(dtype) })),
      attrs ?? {},
    );
    return append({ kind: 'apply', aval, kernel, operands: infos.map(positionOf), attrs: attrs ?? {} });
  };

const asDoubles = (values: tf.backend_util.BackendValues, shape: readonly number[], dtype: DType): NDArray =>
  makeNDArray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Number((values as Float32Array)[i])),
    shape,
    ndarrayDType(dtype),
  );

/** The backend by which `toTensor` takes exact numbers in without rounding them to float32. */
const makeRecorder = (): tf.KernelBackend =>
  Object.assign(new tf.KernelBackend(), {
    exactConstant: (value: NDArray, dtype: DType): Value => {
      const { constants } = recording();
      const known = constants.get(value);
      if (known !== undefined && dtypeOf(known.dtype) === dtype) return known;
      const { dataId, shape, dtype: kind } = append(constantNode(value, dtype));
      const tensor = tf.engine().makeTensorFromDataId(dataId, shape, kind);
      constants.set(value, tensor);
      return tensor;
    },
    write: (values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object =>
      append(constantNode(asDoubles(values, shape, dtypeOf(dtype)), dtypeOf(dtype))).dataId,
    move: cannotRead,
    read: cannotRead,
    readSync: cannotRead,
    incRef: () => undefined,
    refCount: () => 1,
    disposeData: () => true,
    numDataIds: () => 0,
    memory: () => ({ unreliable: false }),
    floatPrecision: () => 32 as const,
    epsilon: () => 1e-7,
    timerAvailable: () => false,
    dispose: () => undefined,
  });

const register = (): void => {
  if (tf.findBackendFactory(RECORDER) !== null) return;
  tf.registerBackend(RECORDER, makeRecorder, 0);
  for (const kernel of kernels()) tf.registerKernel({ kernelName: kernel.name, backendName: RECORDER, kernelFunc: recordKernel(kernel) });
};

/**
 * Runs `f` where a draw without a key is an error: it would be made once, and then be a constant of what is compiled. tfjs takes the seeds
 * of its own draws from `Math.random`, so that this one gate catches `tf.randomNormal` and its like too.
 */
const withoutHiddenDraws = <A>(f: () => A): A => {
  /* eslint-disable no-restricted-properties -- the one place that closes it for others */
  const { random } = Math;
  Math.random = (): never => {
    throw kindlingError('MissingKey', {
      message: 'Math.random or a random function of tfjs was called while a model was being compiled: its draw would stay the same for ever',
      remedy: 'Draw with random.normal(prngKey(), shape) and its like, or state the draw as a sample site',
    });
  };
  try {
    return f();
  } finally {
    Math.random = random;
  }
  /* eslint-enable no-restricted-properties */
};

/**
 * Records what a function does to arrays of known shapes.
 *
 * @param f - a function of tensors, to the tensors to be returned
 * @param avals - the shape and dtype of each argument
 */
export const record = (f: (inputs: readonly Value[]) => readonly Value[], avals: readonly Aval[]): Graph => {
  if (current !== undefined) throw kindlingError('Unsupported', { message: 'a recording is under way already' });
  register();
  ensureGradients();
  const before = tf.getBackend();
  const own: Recording = { nodes: [], ids: new WeakMap(), constants: new Map() };
  current = own;
  try {
    void tf.setBackend(RECORDER);
    const outputs = tf.tidy(() => {
      const inputs = avals.map((aval, index) => {
        const { dataId, shape, dtype } = append({ kind: 'input', aval, index });
        return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
      });
      return { positions: withoutHiddenDraws(() => f(inputs)).map(positionOf) };
    }) as unknown as { readonly positions: readonly number[] };
    return { nodes: own.nodes, inputCount: avals.length, outputs: outputs.positions };
  } finally {
    current = undefined;
    void tf.setBackend(before);
  }
};
