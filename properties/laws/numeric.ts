/** Comparing arrays of numbers, differentiating numerically, and saying of a whole table which entries fail. */
import assert from 'node:assert/strict';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { sameShape, showShape } from '../../core/shape.ts';
import { toNDArray, type Input } from '../../core/value.ts';

/** How far apart two numbers may be: `relative` to the larger of the expected number and, where `scaled`, the largest of the array. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute?: number | undefined;
  readonly scaled?: boolean | undefined;
}

const largest = (x: NDArray): number => x.data.reduce((most, value) => (Number.isFinite(value) && Math.abs(value) > most ? Math.abs(value) : most), 0);

/** Whether two numbers agree; NaN agrees with NaN, and an infinity with itself alone. */
export const agrees = (actual: number, expected: number, bound: number): boolean =>
  Object.is(actual, expected) || actual === expected || (Number.isFinite(expected) && Math.abs(actual - expected) <= bound);

/** Fails unless both have one shape and agree element by element. */
export const assertClose = (actual: Input, expected: Input, { relative, absolute = 0, scaled = false }: Tolerance, label = 'value'): void => {
  const [a, b] = [toNDArray(actual), toNDArray(expected)];
  assert.ok(sameShape(a.shape, b.shape), `${label}: shape ${showShape(a.shape)}, expected ${showShape(b.shape)}`);
  const scale = scaled ? largest(b) : 0;
  const at = a.data.findIndex((value, i) => !agrees(value, b.data[i]!, absolute + relative * Math.max(Math.abs(b.data[i]!), scale)));
  assert.ok(at < 0, `${label}[${at}] of ${showShape(a.shape)}: ${a.data[at]}, expected ${b.data[at]}`);
};

/** An array with one element moved. */
export const nudged = (x: NDArray, at: number, by: number): NDArray => {
  const data = Float64Array.from(x.data);
  data[at]! += by;
  return makeNDArray(data, x.shape, x.dtype);
};

/** f′(0) by central differences of order six: with a step of 10⁻³ truncation and rounding both stay near 10⁻¹². */
export const derivativeAtZero = (f: (step: number) => number, step = 1e-3): number => {
  const slope = (h: number): number => (f(h) - f(-h)) / (2 * h);
  return (15 * slope(step) - 6 * slope(2 * step) + slope(3 * step)) / 10;
};

/** The gradient of a function of arrays with respect to one of them, by central differences. */
export const numericGradient = (f: (x: NDArray) => number, x: NDArray, step = 1e-3): NDArray =>
  makeNDArray(
    Float64Array.from(x.data, (value, i) => derivativeAtZero((h) => f(nudged(x, i, h)), step * Math.max(1e-2, Math.min(1, Math.abs(value))))),
    x.shape,
  );

/** Σ a·b over all elements: the loss through which vector-Jacobian products are compared. */
export const dotAll = (a: Input, b: Input): number => {
  const [x, y] = [toNDArray(a), toNDArray(b)];
  return x.data.reduce((sum, value, i) => sum + value * y.data[i]!, 0);
};

/** Checks every entry of a table before failing, so that one run names all that are wrong. */
export const forEachEntry = <A>(entries: Readonly<Record<string, A>>, check: (entry: A, name: string) => void): void => {
  const complaints = Object.entries(entries).flatMap(([name, entry]) => {
    try {
      check(entry, name);
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  assert.ok(complaints.length === 0, `${complaints.length} of ${Object.keys(entries).length} fail\n    ${complaints.join('\n    ')}`);
};
