/** Random bodies of loops: smooth functions of what is carried, a slice and a parameter, written for `scan` and for a plain loop alike. */
import fc from 'fast-check';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import * as random from '../../core/random/index.ts';
import type { Shape } from '../../core/shape.ts';
import type { AnyArray, Input } from '../../core/value.ts';

/** What is carried: a vector, a scalar, and a count that is no float. */
export interface Carry {
  readonly v: AnyArray;
  readonly s: readonly [AnyArray, AnyArray];
}

/** A slice: a vector and a matrix. */
export interface Slice {
  readonly u: AnyArray;
  readonly m: AnyArray;
}

export interface LoopProgram {
  readonly body: (p: AnyArray, carry: Carry, x: Slice) => readonly [Carry, { readonly y: AnyArray; readonly z: AnyArray }];
  readonly p: NDArray;
  readonly init: Carry;
  readonly xs: Slice;
  readonly length: number;
  readonly text: string;
}

type Step = (p: AnyArray, v: AnyArray, s: AnyArray, x: Slice) => AnyArray;

/** From vectors to vectors, bounded and smooth. */
const steps: Readonly<Record<string, Step>> = {
  tanh: (p, v, s, { u }) => ops.tanh(ops.add(ops.mul(v, s), ops.mul(p, u))),
  product: (p, v, _, { m }) => ops.mul(0.4, ops.dot(m, ops.add(v, p))),
  softmax: (p, v, s, { u }) => ops.softmax(ops.add(ops.mul(ops.add(v, u), s), p)),
  logSumExp: (p, v, _, { u, m }) => ops.mul(0.3, ops.logSumExp(ops.add(ops.add(ops.expandDims(v, 1), m), ops.mul(p, u)), 0)),
  slicesAlone: (p, _, __, { u, m }) => ops.sin(ops.add(ops.mul(p, u), ops.sum(m, 1))),
  turned: (_, v, s, { u }) => ops.add(ops.mul(0.5, ops.reverse(v, 0)), ops.where(ops.greater(u, 0), ops.mul(u, ops.tanh(s)), 0)),
  same: (_, v) => v,
  fixedAlone: (p) => ops.exp(ops.neg(ops.square(p))),
};

const names = Object.keys(steps);

const numbers = (shape: Shape, seed: number): NDArray => ops.mul(0.7, random.normal(random.PRNGKey(seed), shape));

/** The sum that is only added to, a scalar that feeds back, or both at rest. */
const scalars: Readonly<Record<string, (s: AnyArray, v: AnyArray, p: AnyArray) => AnyArray>> = {
  sum: (s, v) => ops.add(s, ops.sum(ops.square(v))),
  feedback: (s, v) => ops.sin(ops.add(s, ops.mean(v))),
  rest: (s) => s,
};

export const loopPrograms: fc.Arbitrary<LoopProgram> = fc
  .record({
    step: fc.constantFrom(...names),
    read: fc.constantFrom(...names),
    scalar: fc.constantFrom(...Object.keys(scalars)),
    length: fc.constantFrom(0, 1, 2, 3, 7, 19),
    extent: fc.constantFrom(1, 2, 3, 5),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ step, read, scalar, length, extent, seed }) => ({
    body: (p, { v, s: [s, count] }, x) => {
      const next = steps[step]!(p, v, s, x);
      const y = ops.add(steps[read]!(p, v, s, x), ops.mul(0.1, s));
      return [
        { v: next, s: [scalars[scalar]!(s, v, p), ops.add(count, ops.cast(1, 'int32'))] },
        { y, z: ops.mul(ops.mul(0.05, s), ops.cast(count, 'float32')) },
      ];
    },
    p: numbers([extent], seed),
    init: { v: numbers([extent], seed + 1), s: [numbers([], seed + 2), makeNDArray(Float64Array.of(3), [], 'int32')] },
    xs: { u: numbers([length, extent], seed + 3), m: numbers([length, extent, extent], seed + 4) },
    length,
    text: `${step}, reading ${read}, ${scalar}, ${length} times ${extent}, seed ${seed}`,
  }));

const sliceAt = (x: Input, i: number): AnyArray => ops.gather(x, makeNDArray(Float64Array.of(i), [], 'int32'), 0);

/** The loop as a plain one: what is carried at the end, and the results by time. */
export const unrolled = (
  { body, length }: LoopProgram,
  p: AnyArray,
  init: Carry,
  xs: Slice,
  isReversed: boolean,
): readonly [Carry, readonly { readonly y: AnyArray; readonly z: AnyArray }[]] => {
  let carry = init;
  const ys: { readonly y: AnyArray; readonly z: AnyArray }[] = [];
  for (let time = 0; time < length; time++) {
    const i = isReversed ? length - 1 - time : time;
    const [next, y] = body(p, carry, { u: sliceAt(xs.u, i), m: sliceAt(xs.m, i) });
    carry = next;
    ys[i] = y;
  }
  return [carry, ys];
};
