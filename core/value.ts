/** Values: what our functions take (`Input`), and the passage between exact NDArrays and tfjs tensors. */
import * as tf from '#tfjs';
import { kindlingError } from './errors.ts';
import {
  array,
  isNDArray,
  isNDArrayJSON,
  isTypedArray,
  makeNDArray,
  scalar,
  type NDArray,
  type NDArrayDType,
  type Nested,
  type TypedArray,
} from './ndarray.ts';
import type { Shape } from './shape.ts';

/** A tfjs tensor: what `sample`, `param`, plate indices and recorded arguments give. */
export type Value = tf.Tensor;

/** Anything our functions take for an array. */
export type Input = Value | NDArray | TypedArray | Nested;

/** An array in one of its two forms. */
export type AnyArray = Value | NDArray;

/** The form of a result: a tensor if any argument is one, else an NDArray. */
export type Out<A> = A extends Value ? Value : NDArray;
export type Out2<A, B> = A extends Value ? Value : Out<B>;
export type Out3<A, B, C> = A extends Value ? Value : Out2<B, C>;

export type DType = 'float' | 'int32' | 'bool';

/** What is known of an array without its numbers. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

export const isTensor = (value: unknown): value is Value => value instanceof tf.Tensor;

export const isArray = (value: unknown): value is AnyArray => isTensor(value) || isNDArray(value);

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array that is not of numbers' : typeof value === 'object' ? 'a record' : typeof value;

/** An input as an array: tensors and NDArrays as they are, everything else as an exact NDArray. */
export const asArray = (input: Input): AnyArray => {
  if (typeof input === 'number') return scalar(input);
  if (isTensor(input) || (isNDArray(input) && typeof input.item === 'function')) return input;
  if (isNDArray(input)) return makeNDArray(input.data, input.shape, input.dtype);
  if (typeof input === 'boolean') return scalar(Number(input), 'bool');
  if (Array.isArray(input) || isTypedArray(input) || isNDArrayJSON(input)) return array(input as Nested | TypedArray);
  throw kindlingError('InvalidArgument', {
    message: 'an array was expected',
    given: describe(input),
    expected: 'a number, a boolean, nested arrays of them, a typed array, an NDArray or a tensor',
  });
};

/** Our dtype for one of tfjs. */
export const dtypeFromTfjs = (dtype: unknown): DType => (dtype === 'int32' || dtype === 'bool' ? dtype : 'float');

export const dtypeOf = (x: AnyArray): DType => (isTensor(x) ? dtypeFromTfjs(x.dtype) : x.dtype === 'float64' ? 'float' : x.dtype);

export const avalOf = (x: AnyArray): Aval => ({ shape: x.shape, dtype: dtypeOf(x) });

export const shapeOf = (input: Input): Shape => (typeof input === 'number' ? [] : asArray(input).shape);

export const ndarrayDType = (dtype: DType): NDArrayDType => (dtype === 'float' ? 'float64' : dtype);

export const tensorDType = (dtype: DType): 'float32' | 'int32' | 'bool' => (dtype === 'float' ? 'float32' : dtype);

const tensorData = (x: NDArray, dtype: DType): Float32Array | Int32Array | Uint8Array =>
  dtype === 'float' ? Float32Array.from(x.data) : dtype === 'int32' ? Int32Array.from(x.data) : Uint8Array.from(x.data, (v) => Number(v !== 0));

/** Throws NotReady before `ready()`. */
export const requireBackend = (): void => {
  if (tf.findBackend('wasm') === null) {
    throw kindlingError('NotReady', { message: 'tfjs-wasm has not been started', remedy: 'Call `await ready()` once before running models.' });
  }
};

/** How the names of the backends that record begin, in all copies of the library. */
export const RECORDER_OF_ANY = 'kindling-recorder ';

/**
 * The name of the tfjs backend that records: while it is active, tensors have no numbers. tfjs is one for all of a process, so that another
 * copy of the library in it needs another name.
 */
export const RECORDER: string = `${RECORDER_OF_ANY}${import.meta.url}`;

/** The precision of floating numbers: double, or single where it is asked for. */
export type Precision = 'float64' | 'float32';

interface ExactBackend {
  readonly exactConstant: (value: NDArray, dtype: DType) => Value;
  readonly anotherHandle: (x: Value) => Value;
  readonly precision: () => Precision;
}

/** In which precision draws are made where they do not say it themselves: double, unless what is being recorded was asked for in single. */
export const drawPrecision = (): Precision => (tf.getBackend() === RECORDER ? (tf.backend() as unknown as ExactBackend).precision() : 'float64');

/** Another tensor for a recorded value, which is freed by itself; `undefined` while nothing is recorded. */
export const anotherHandle = (x: Value): Value | undefined =>
  tf.getBackend() === RECORDER ? (tf.backend() as unknown as ExactBackend).anotherHandle(x) : undefined;

/** A tensor with the input's numbers, rounded to what tfjs stores; a tensor passes through. */
export const toTensor = (input: Input, dtype?: DType): Value => {
  const x = asArray(input);
  if (isTensor(x)) return x;
  requireBackend();
  const as = dtype ?? dtypeOf(x);
  // A recording takes doubles as they are.
  if (tf.getBackend() === RECORDER) return (tf.backend() as unknown as ExactBackend).exactConstant(x, as);
  return tf.engine().makeTensor(tensorData(x, as), [...x.shape], tensorDType(as));
};

/** An exact copy of an input's numbers outside tfjs; an NDArray passes through. Reads a tensor synchronously. */
export const toNDArray = (input: Input): NDArray => {
  const x = asArray(input);
  return isTensor(x) ? makeNDArray(Float64Array.from(x.dataSync<'float32'>()), x.shape, ndarrayDType(dtypeOf(x))) : x;
};

/** The number in an input of one element. */
export const toNumber = (input: Input): number => (typeof input === 'number' ? input : toNDArray(input).item());

/** Whether the numbers can be looked at: never so while a function is recorded, nor while tfjs tapes a gradient, where reading them back would be wasted. */
export const isConcrete = (x: AnyArray): boolean => !isTensor(x) || (tf.engine().state.gradientDepth === 0 && tf.getBackend() !== RECORDER);
