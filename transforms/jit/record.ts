/** Recording: a tfjs backend that runs no arithmetic, but notes which kernel was applied to what. */
import * as tf from '@tensorflow/tfjs-core';
import { ensureGradients } from '../../core/backend.ts';
import { kindlingError } from '../../core/errors.ts';
import { kernels, type Kernel } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { sizeOf } from '../../core/shape.ts';
import {
  ndarrayDType,
  RECORDER,
  requireBackend,
  tensorDType,
  toTensor,
  type AnyArray,
  type Aval,
  type DType,
  type Precision,
  type Value,
} from '../../core/value.ts';
import { foreignKernels } from './foreignKernels.ts';
import type { Graph, GraphNode } from './graph.ts';

export interface RecordOptions {
  /** In which precision draws are made where they do not say it themselves. */
  readonly precision?: Precision | undefined;
  /** Told of each kernel as it is called. */
  readonly onApply?: ((kernel: { readonly name: string }) => void) | undefined;
  /** Told of the numbers of each constant that came by way of tfjs, which rounds them to float32. */
  readonly onConstant?: ((values: ArrayLike<number>) => void) | undefined;
}

/** The list that a recording grows. */
interface Recording extends RecordOptions {
  readonly nodes: GraphNode[];
  readonly ids: WeakMap<object, number>;
  readonly constants: Map<NDArray, Value>;
  /** For the body of a loop: what is recorded around it, and the positions there of the values that the body reads. */
  readonly outer?: Recording | undefined;
  readonly captured: number[];
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

/** The position of a value of what is recorded around the body of a loop: it becomes one more input of the body. */
const capture = ({ outer, captured, nodes, ids }: Recording, info: tf.TensorInfo): number | undefined => {
  const position = outer === undefined ? undefined : (outer.ids.get(info.dataId) ?? capture(outer, info));
  if (position === undefined) return undefined;
  const index = captured.push(position) - 1;
  const own = nodes.push({ kind: 'input', aval: { shape: info.shape, dtype: dtypeOf(info.dtype) }, index }) - 1;
  ids.set(info.dataId, own);
  return own;
};

/** The position of a tensor in the list. One from outside is taken in as a constant. */
const positionOf = (info: tf.TensorInfo): number => {
  const { ids, nodes } = recording();
  const known = ids.get(info.dataId);
  if (known !== undefined) return known;
  const captured = capture(recording(), info);
  if (captured !== undefined) return captured;
  const dtype = dtypeOf(info.dtype);
  const values = tf.engine().readSync(info.dataId) as Float32Array;
  const position = nodes.push(constantNode(makeNDArray(Float64Array.from(values), info.shape, ndarrayDType(dtype)), dtype)) - 1;
  ids.set(info.dataId, position);
  return position;
};

/** Another handle of a value: tfjs's tape clones whatever it saves. */
const sameValue = (info: tf.TensorInfo): tf.TensorInfo => {
  const dataId = {};
  recording().ids.set(dataId, positionOf(info));
  return { dataId, shape: info.shape, dtype: info.dtype };
};

const recordKernel =
  (kernel: Kernel): tf.KernelFunc =>
  ({ inputs, attrs }) => {
    const named = inputs;
    recording().onApply?.(kernel);
    if (kernel.name === 'Identity') return sameValue(named[kernel.inputs[0] as string]!);
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
    precision: (): Precision => recording().precision ?? 'float64',
    write: (values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object => {
      if (dtype === 'float32') recording().onConstant?.(values as Float32Array);
      return append(constantNode(asDoubles(values, shape, dtypeOf(dtype)), dtypeOf(dtype))).dataId;
    },
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
  const constant = (value: NDArray): tf.TensorInfo => append(constantNode(value, value.dtype === 'float64' ? 'float' : value.dtype));
  for (const [kernelName, kernelFunc] of foreignKernels({ sameValue, constant, applied: (name) => recording().onApply?.({ name }) }))
    tf.registerKernel({ kernelName, backendName: RECORDER, kernelFunc });
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
export const record = (f: (inputs: readonly Value[]) => readonly Value[], avals: readonly Aval[], options: RecordOptions = {}): Graph => {
  if (current !== undefined) throw kindlingError('Unsupported', { message: 'a recording is under way already' });
  requireBackend();
  register();
  ensureGradients();
  const before = tf.getBackend();
  const own: Recording = { nodes: [], ids: new WeakMap(), constants: new Map(), captured: [], ...options };
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

/** A loop as a recorded function says it: what is carried, and what is stacked. */
export interface LoopResult {
  readonly carry: readonly Value[];
  readonly stacked: readonly Value[];
}

const valueOf = (node: GraphNode): Value => {
  const { dataId, shape, dtype } = append(node);
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
};

/**
 * Records a body once that is to run `length` times, within a recording that is under way.
 *
 * @param body - from what is carried and a slice of each of `xs`, to what is carried on and what is stacked
 * @param init - what is carried into the first time
 * @param xs - arrays with a leading axis of `length`
 */
export const recordLoop = (
  body: (carry: readonly Value[], slices: readonly Value[]) => { readonly carry: readonly AnyArray[]; readonly stacked: readonly AnyArray[] },
  init: readonly AnyArray[],
  xs: readonly AnyArray[],
  length: number,
): LoopResult => {
  const outer = recording();
  const own: Recording = { ...outer, nodes: [], ids: new WeakMap(), constants: new Map(), outer, captured: [] };
  const [starts, arrays] = [init, xs].map((values) => values.map((x) => toTensor(x))) as [Value[], Value[]];
  const avals = [
    ...starts.map(({ shape, dtype }): Aval => ({ shape, dtype: dtypeOf(dtype) })),
    ...arrays.map(({ shape, dtype }): Aval => ({ shape: shape.slice(1), dtype: dtypeOf(dtype) })),
  ];
  const operands = [...starts, ...arrays].map(positionOf);
  current = own;
  let outputs: readonly number[];
  try {
    const result = tf.tidy(() => {
      const values = avals.map((aval, i) => valueOf({ kind: 'input', aval, index: -1 - i }));
      const { carry, stacked } = body(values.slice(0, init.length), values.slice(init.length));
      return { positions: [...carry, ...stacked].map((x) => positionOf(toTensor(x))) };
    }) as unknown as { readonly positions: readonly number[] };
    outputs = result.positions;
  } finally {
    current = outer;
  }
  // The values of around come first; only now it is known how many there are.
  const fixedCount = own.captured.length;
  const nodes = own.nodes.map((node) => (node.kind === 'input' && node.index < 0 ? { ...node, index: fixedCount - 1 - node.index } : node));
  const graph: Graph = { nodes, inputCount: fixedCount + avals.length, outputs };
  const loop = outer.nodes.length;
  append({
    kind: 'loop',
    aval: { shape: [0], dtype: 'float' },
    length,
    body: graph,
    operands: [...own.captured, ...operands],
    fixedCount,
    carryCount: init.length,
  });
  const parts = outputs.map((id, index) => {
    const { shape, dtype } = nodes[id]!.aval;
    return valueOf({ kind: 'part', aval: { shape: index < init.length ? shape : [length, ...shape], dtype }, loop, index });
  });
  return { carry: parts.slice(0, init.length), stacked: parts.slice(init.length) };
};
