/** Recording: a tfjs backend that runs no arithmetic, but notes which kernel was applied to what. */
import * as tf from '#tfjs';
import { ensureGradients } from '../../core/backend.ts';
import { kindlingError } from '../../core/errors.ts';
import { kernels, type Kernel } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { sizeOf } from '../../core/shape.ts';
import { withOwnTape } from '../../core/tape.ts';
import {
  dtypeFromTfjs,
  dtypeOf,
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
  /** For a body: the tensors from outside that it reads. Without it, these are constants. */
  readonly captured?: Value[] | undefined;
}

const cannotRead = (): never => {
  throw kindlingError('Unsupported', {
    message: 'the numbers of a recorded value are not there yet: the function is being compiled, not run',
    remedy: 'Choose between values with ops.where or cond, repeat with scan, and read numbers only from what the compiled function returns',
  });
};

let current: Recording | undefined;

/** Whether something is being recorded. */
export const isRecording = (): boolean => current !== undefined;

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

/** The position of a tensor in the list. One from outside is taken in as a constant, or as one more input of a body. */
export const positionOf = (info: tf.TensorInfo): number => {
  const { ids, nodes, captured: outside } = recording();
  const known = ids.get(info.dataId);
  if (known !== undefined) return known;
  const dtype = dtypeFromTfjs(info.dtype);
  if (outside !== undefined) {
    // A body's own inputs are numbered when it is known how many come from outside.
    const index = outside.push(info as Value) - 1;
    const own = nodes.push({ kind: 'input', aval: { shape: info.shape, dtype }, index }) - 1;
    ids.set(info.dataId, own);
    return own;
  }
  const values = tf.engine().readSync(info.dataId) as Float32Array;
  const position = nodes.push(constantNode(makeNDArray(Float64Array.from(values), info.shape, ndarrayDType(dtype)), dtype)) - 1;
  ids.set(info.dataId, position);
  return position;
};

/** The numbers of a value of the recording that is under way, where it is a constant. */
export const constantOf = (tensor: Value): NDArray | undefined => {
  const { nodes, ids } = recording();
  const position = ids.get(tensor.dataId);
  const node = position === undefined ? undefined : nodes[position];
  return node?.kind === 'constant' ? node.value : undefined;
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
      infos.map(({ shape, dtype }) => ({ shape, dtype: dtypeFromTfjs(dtype) })),
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
      if (known !== undefined && dtypeFromTfjs(known.dtype) === dtype) return known;
      const { dataId, shape, dtype: kind } = append(constantNode(value, dtype));
      const tensor = tf.engine().makeTensorFromDataId(dataId, shape, kind);
      constants.set(value, tensor);
      return tensor;
    },
    anotherHandle: (x: Value): Value => {
      const { dataId, shape, dtype } = sameValue(x);
      return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
    },
    precision: (): Precision => recording().precision ?? 'float64',
    write: (values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object => {
      if (dtype === 'float32') recording().onConstant?.(values as Float32Array);
      return append(constantNode(asDoubles(values, shape, dtypeFromTfjs(dtype)), dtypeFromTfjs(dtype))).dataId;
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
  const constant = (value: NDArray): tf.TensorInfo => append(constantNode(value, dtypeOf(value)));
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

/** A handle, in the recording that is under way, of a new value. */
export const valueOf = (node: GraphNode): Value => {
  const { dataId, shape, dtype } = append(node);
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
};

/** What is used of tfjs's engine to switch backends. */
interface Switch {
  backendName: string;
  backendInstance: tf.KernelBackend;
  readonly registry: Readonly<Record<string, tf.KernelBackend>>;
}

/** Makes a backend the active one. `tf.setBackend` sets up every kernel anew, which takes longer than recording a small function. */
const switchTo = (name: string): void => {
  const engine = tf.engine() as unknown as Switch;
  const backend = engine.registry[name];
  if (engine.backendName === name) return;
  if (backend === undefined) void tf.setBackend(name);
  else [engine.backendName, engine.backendInstance] = [name, backend];
};

/** Makes the backend that records, and what tfjs sets up for it: else the first recording does. */
export const readyRecorder = (): void => {
  register();
  const before = tf.getBackend();
  switchTo(RECORDER);
  switchTo(before);
};

/** Runs a function that records into a list of its own; gives the positions of its results. */
const recordInto = (own: Recording, f: () => readonly AnyArray[]): readonly number[] => {
  requireBackend();
  register();
  ensureGradients();
  const [before, outer] = [tf.getBackend(), current];
  current = own;
  try {
    switchTo(RECORDER);
    const { positions } = tf.tidy(() => ({ positions: withoutHiddenDraws(f).map((x) => positionOf(toTensor(x))) })) as unknown as {
      readonly positions: readonly number[];
    };
    return positions;
  } finally {
    current = outer;
    switchTo(before);
  }
};

/**
 * Records what a function does to arrays of known shapes.
 *
 * @param f - a function of tensors, to the tensors to be returned
 * @param avals - the shape and dtype of each argument
 */
export const record = (f: (inputs: readonly Value[]) => readonly AnyArray[], avals: readonly Aval[], options: RecordOptions = {}): Graph => {
  if (current !== undefined) throw kindlingError('Unsupported', { message: 'a recording is under way already' });
  const own: Recording = { nodes: [], ids: new WeakMap(), constants: new Map(), ...options };
  const outputs = recordInto(own, () => f(avals.map((aval, index) => valueOf({ kind: 'input', aval, index }))));
  return { nodes: own.nodes, inputCount: avals.length, outputs };
};

/** A function recorded by itself: a graph whose first inputs are tensors from outside, whatever these belong to. */
export interface Body {
  readonly graph: Graph;
  readonly captured: readonly Value[];
}

/**
 * Records a function that is to be run in other ways than once and now: for each element of a batch, or many times. Works within
 * another recording, and under a gradient: what the function takes from around it becomes an input.
 */
export const recordBody = (f: (inputs: readonly Value[]) => readonly AnyArray[], avals: readonly Aval[]): Body => {
  const captured: Value[] = [];
  const own: Recording = { ...current, nodes: [], ids: new WeakMap(), constants: new Map(), captured };
  const outputs = withOwnTape(() => recordInto(own, () => f(avals.map((aval, i) => valueOf({ kind: 'input', aval, index: -1 - i })))));
  const nodes = own.nodes.map((node) => (node.kind === 'input' && node.index < 0 ? { ...node, index: captured.length - 1 - node.index } : node));
  return { graph: { nodes, inputCount: captured.length + avals.length, outputs }, captured };
};
