/** Arithmetic on shapes: sizes, strides, broadcasting and axes. A shape is a list of extents, `[]` for a scalar. */
import { kindlingError } from './errors.ts';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
};

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((extent, i) => extent === b[i]);

export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;

/**
 * Refuses what is no shape: anything but a list of whole numbers from 0.
 *
 * @throws InvalidShape
 */
export const checkShape = (what: string, shape: Shape): void => {
  if (Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return;
  throw kindlingError('InvalidShape', {
    message: `the shape of ${what} is none`,
    given: Array.isArray(shape) ? showShape(shape) : String(shape),
    expected: 'a list of whole numbers from 0, such as [3]; [] for a scalar',
  });
};

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
};

/** Strides with which an array of `shape` is read as if it had the larger shape `out`: 0 along every broadcast axis. */
export const broadcastStrides = (shape: Shape, out: Shape): number[] => {
  const own = stridesOf(shape);
  const lead = out.length - shape.length;
  return out.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]!));
};

/** NumPy's broadcasting of two shapes, or `undefined` where they do not go together. */
export const tryBroadcast = (a: Shape, b: Shape): number[] | undefined => {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out[i] = x === 1 ? y : x;
  }
  return out;
};

/**
 * NumPy's broadcasting of any number of shapes.
 *
 * @throws InvalidShape where two extents differ and neither is 1
 */
export const broadcastShapes = (...shapes: readonly Shape[]): number[] =>
  shapes.reduce<number[]>((all, shape) => {
    const both = tryBroadcast(all, shape);
    if (both === undefined) {
      throw kindlingError('InvalidShape', {
        message: 'these shapes do not broadcast together',
        given: shapes.map(showShape).join(', '),
        remedy: 'Reshape one of them so that each pair of trailing extents is equal or 1.',
      });
    }
    return both;
  }, []);

/** Whether an array of shape `from` broadcasts to exactly `to`. */
export const broadcastsTo = (from: Shape, to: Shape): boolean => {
  const both = tryBroadcast(from, to);
  return both !== undefined && sameShape(both, to);
};

/** An axis counted from the front, from one that may be negative. */
export const normalizeAxis = (axis: number, rank: number): number => {
  const from = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || from < 0 || from >= rank) {
    throw kindlingError('InvalidArgument', {
      message: `axis ${axis} does not exist in an array of rank ${rank}`,
      expected: rank === 0 ? 'no axis: a scalar has none' : `an integer from ${-rank} to ${rank - 1}`,
    });
  }
  return from;
};

/** Axes from the front, sorted; `undefined` means all of them. */
export const normalizeAxes = (axes: number | readonly number[] | undefined, rank: number): number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = Array.isArray(axes) ? (axes as readonly number[]) : [axes as number];
  const all = [...new Set(list.map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
  if (all.length !== list.length) {
    throw kindlingError('InvalidArgument', { message: `axes ${showShape(list)} name an axis twice in an array of rank ${rank}` });
  }
  return all;
};

/** The shape after reducing over `axes` (counted from the front). */
export const reducedShape = (shape: Shape, axes: readonly number[], keepDims = false): number[] =>
  keepDims ? shape.map((extent, i) => (axes.includes(i) ? 1 : extent)) : shape.filter((_, i) => !axes.includes(i));
