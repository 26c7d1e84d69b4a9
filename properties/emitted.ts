/** Functions of the loop language as WebAssembly runs them, two doubles at a time. */
import assert from 'node:assert/strict';
import type { ScalarFunction } from '../core/loop/expression.ts';
import { makeWideFunction } from '../transforms/jit/wideFunction.ts';

/** How many points a module takes at once. */
export const CAPACITY = 40;

/** A function as its code in WebAssembly computes it, at up to `CAPACITY` points in one call: those at 2i and 2i + 1 share a vector. */
export const emittedOf = (fn: ScalarFunction): ((points: readonly (readonly number[])[]) => readonly number[]) => {
  const { params, result, run } = makeWideFunction(fn, CAPACITY);
  return (points) => {
    assert.ok(points.length <= CAPACITY, 'no more points than a module takes');
    params.forEach(({ f }, k) => {
      f.fill(0);
      points.forEach((point, i) => (f[i] = point[k]!));
    });
    run();
    return [...result.subarray(0, points.length)];
  };
};
