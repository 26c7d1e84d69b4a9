/** NDArray: an exact, immutable array of doubles outside tfjs, the form in which data come in and results go out. */
import { kindlingError } from './errors.ts';
import { showShape, sizeOf, type Shape } from './shape.ts';

/** What the numbers of an array mean; they are stored as doubles whatever it is. */
export type NDArrayDType = 'float64' | 'int32' | 'bool';

/** Nested arrays of numbers or booleans. */
export type Nested = number | boolean | readonly Nested[];

export type TypedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array | Uint8ClampedArray;

/** An array of doubles in row-major order. `data` is shared, not copied: treat it as read-only. */
export interface NDArray {
  readonly shape: Shape;
  readonly dtype: NDArrayDType;
  readonly data: Float64Array;
  /** The number in an array of one element. */
  item(): number;
  /** Nested plain arrays; a number for a scalar. */
  toArray(): Nested;
  /** `{ shape, dtype, data }` with NaN, infinities and −0 as strings, so that JSON keeps every bit; `array` reads it back. */
  toJSON(): NDArrayJSON;
  toString(): string;
}

export interface NDArrayJSON {
  readonly shape: Shape;
  readonly dtype: NDArrayDType;
  readonly data: readonly (number | string)[];
}

const nest = (data: ArrayLike<number>, shape: Shape, dtype: NDArrayDType): Nested => {
  const build = (axis: number, offset: number, size: number): Nested => {
    if (axis === shape.length) return dtype === 'bool' ? data[offset] !== 0 : data[offset]!;
    const extent = shape[axis]!;
    const inner = extent === 0 ? 0 : size / extent;
    return Array.from({ length: extent }, (_, i) => build(axis + 1, offset + i * inner, inner));
  };
  return build(0, 0, data.length);
};

const encodeNumber = (x: number): number | string => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? '-0' : String(x));

/** Longer arrays are shown by their first numbers. */
const SHOWN_WHOLE = 64;
const SHOWN_FIRST = 8;

const show = (value: Nested): string =>
  typeof value === 'object' ? `[${value.map(show).join(', ')}]` : typeof value === 'number' ? String(encodeNumber(value)) : String(value);

/** Shared by every NDArray, so that the own, enumerable fields stay plain data. */
const methods = {
  item(this: NDArray): number {
    if (this.data.length !== 1) {
      throw kindlingError('InvalidShape', {
        message: 'item() needs an array of one element',
        given: `shape ${showShape(this.shape)}`,
        remedy: 'Use toArray() or data.',
      });
    }
    return this.data[0]!;
  },
  toArray(this: NDArray): Nested {
    return nest(this.data, this.shape, this.dtype);
  },
  toJSON(this: NDArray): NDArrayJSON {
    return { shape: [...this.shape], dtype: this.dtype, data: Array.from(this.data, encodeNumber) };
  },
  /** An array of one element is its number where JavaScript wants one: `loss < best`. */
  [Symbol.toPrimitive](this: NDArray, hint: string): string | number {
    return hint === 'string' ? this.toString() : this.item();
  },
  toString(this: NDArray): string {
    if (this.data.length <= SHOWN_WHOLE) return `NDArray ${showShape(this.shape)} ${show(this.toArray())}`;
    const first = show(nest(this.data.subarray(0, SHOWN_FIRST), [SHOWN_FIRST], this.dtype));
    return `NDArray ${showShape(this.shape)} ${first.slice(0, -1)}, …]`;
  },
};

/** Wraps a buffer of doubles without copying it. */
export const makeNDArray = (data: Float64Array, shape: Shape, dtype: NDArrayDType = 'float64'): NDArray =>
  Object.freeze(Object.assign(Object.create(methods) as NDArray, { shape: Object.freeze([...shape]), dtype, data }));

/** Whether a value has the fields of an NDArray: one that came through `structuredClone` has them too. */
export const isNDArray = (value: unknown): value is NDArray =>
  typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float64Array && 'shape' in value && Array.isArray(value.shape);

/** Whether a value is an NDArray that went through JSON. */
export const isNDArrayJSON = (value: unknown): value is NDArrayJSON =>
  typeof value === 'object' &&
  value !== null &&
  'data' in value &&
  Array.isArray(value.data) &&
  'shape' in value &&
  Array.isArray(value.shape) &&
  'dtype' in value;

export const isTypedArray = (value: unknown): value is TypedArray => ArrayBuffer.isView(value) && !(value instanceof DataView);

/** The shape of nested arrays of numbers or booleans; `undefined` where a leaf is something else. Ragged ones throw. */
export const nestedShape = (value: unknown): number[] | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return [];
  if (isTypedArray(value)) return [value.length];
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return [0];
  const inner = value.map(nestedShape);
  const first = inner[0];
  if (inner.every((shape) => shape === undefined) || first === undefined || inner.includes(undefined)) return undefined;
  const odd = inner.findIndex((shape) => shape!.length !== first.length || shape!.some((extent, i) => extent !== first[i]));
  if (odd >= 0) {
    throw kindlingError('InvalidShape', {
      message: 'a nested array of numbers is ragged',
      given: `element 0 of shape ${showShape(first)}, element ${odd} of shape ${showShape(inner[odd]!)}`,
      expected: 'rows of equal length',
      remedy: 'Pad the rows, or pass a record of arrays.',
    });
  }
  return [value.length, ...first];
};

const fillNested = (value: Nested | TypedArray, data: Float64Array, offset: number): number => {
  if (typeof value === 'number' || typeof value === 'boolean') {
    data[offset] = Number(value);
    return offset + 1;
  }
  if (isTypedArray(value)) {
    data.set(value, offset);
    return offset + value.length;
  }
  let at = offset;
  for (const inner of value) at = fillNested(inner, data, at);
  return at;
};

const firstLeaf = (value: Nested | TypedArray): unknown =>
  Array.isArray(value) || isTypedArray(value) ? (value.length === 0 ? 0 : firstLeaf(value[0] as Nested)) : value;

const dtypeOf = (value: Nested | TypedArray): NDArrayDType => {
  if (value instanceof Float64Array || value instanceof Float32Array || value instanceof Uint32Array) return 'float64';
  if (isTypedArray(value)) return 'int32';
  return typeof firstLeaf(value) === 'boolean' ? 'bool' : 'float64';
};

/**
 * Makes an NDArray from numbers, nested arrays, a typed array or what `toJSON` gave, exactly: 53 bits are kept.
 *
 * @param value - nested arrays of numbers or booleans, a typed array, or an NDArray
 * @param shape - the shape, where it is not the nesting's own; its size must equal the number of elements
 * @throws InvalidShape for ragged nesting or a shape of another size
 * @example
 * array([[1, 2], [3, 4]]).shape; // [2, 2]
 * array(new Float64Array(6), [2, 3]).shape; // [2, 3]
 */
export const array = (value: Nested | TypedArray | NDArray | NDArrayJSON, shape?: Shape): NDArray => {
  if (isNDArray(value)) return shape === undefined ? value : reshaped(value.data, shape, value.dtype);
  if (isNDArrayJSON(value)) return reshaped(Float64Array.from(value.data, Number), shape ?? value.shape, value.dtype);
  const own = nestedShape(value);
  if (own === undefined) {
    throw kindlingError('InvalidArgument', { message: 'array() takes numbers, booleans, nested arrays of them, or a typed array', given: String(value) });
  }
  const data = isTypedArray(value) ? Float64Array.from(value) : new Float64Array(sizeOf(own));
  if (!isTypedArray(value)) fillNested(value, data, 0);
  return reshaped(data, shape ?? own, dtypeOf(value));
};

const reshaped = (data: Float64Array, shape: Shape, dtype: NDArrayDType): NDArray => {
  if (sizeOf(shape) !== data.length) {
    throw kindlingError('InvalidShape', {
      message: 'the number of elements does not fit the shape',
      given: `${data.length} elements for shape ${showShape(shape)}`,
      expected: `${sizeOf(shape)} elements`,
    });
  }
  return makeNDArray(data, shape, dtype);
};

export const scalar = (value: number, dtype: NDArrayDType = 'float64'): NDArray => makeNDArray(Float64Array.of(value), [], dtype);
