/** The laws of a distribution's density and shapes, in float64 and by the tape. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { identity, type Bijector } from '../../core/bijectors/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { isKindlingError } from '../../core/errors.ts';
import { array, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { PRNGKey, type Key } from '../../core/random/key.ts';
import { asArray, isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import type { Params, ShelfEntry } from '../core/shelf/entry.ts';
import { assertClose, dotAll, numericGradient } from './numeric.ts';
import { tapeGradients } from './tape.ts';

export const key: Key = PRNGKey(20260101);

export const unsupported = (error: unknown): boolean => isKindlingError(error) && error._tag === 'Unsupported';

/** What a distribution offers, or `undefined` where it says that it has none. */
export const offered = (f: () => AnyArray): NDArray | undefined => {
  try {
    return toNDArray(f());
  } catch (error) {
    if (unsupported(error)) return undefined;
    throw error;
  }
};

/** A column of values, to be broadcast against the batch and event axes of a distribution. */
export const column = (d: Distribution, values: ArrayLike<number>): NDArray =>
  makeNDArray(Float64Array.from(values), [values.length, ...d.batchShape.map(() => 1), ...d.eventShape.map(() => 1)]);

/** Outside the support the log-probability is −∞, with gradients that are numbers; of NaN it is NaN. */
export const outsideIsImpossible = ({ make, params, outside: given = [] }: ShelfEntry, set: Params): void => {
  const d = make(set);
  const outside = typeof given === 'function' ? given(set) : given;
  for (const value of outside) {
    if (!Number.isNaN(value)) assert.ok(d.logProb(value) && toNDArray(d.logProb(value)).data.every((lp) => lp === -Infinity), `logProb(${String(value)})`);
  }
  const events = outside.filter((value) => array(value).shape.length === d.eventShape.length && array(value).data.every(Number.isFinite));
  const values = array(events);
  if (events.length === 0 || set !== params[0]) return;
  tf.tidy(() => {
    const names = Object.keys(set);
    const loss = (x: Value, ...given: Value[]): AnyArray => {
      const lp = make(Object.fromEntries(names.map((name, i) => [name, given[i]!]))).logProb(x);
      // Beside the impossible values stands a sum that is finite, as under a mask.
      return ops.sum(ops.where(ops.isFinite(lp), lp, 0));
    };
    const gradients = tapeGradients(loss, [
      toTensor(ops.reshape(values, [events.length, ...d.batchShape.map(() => 1), ...values.shape.slice(1)])),
      ...names.map((name) => toTensor(set[name]!)),
    ]);
    gradients.forEach((g, i) => assert.ok(g.dataSync().every(Number.isFinite), `gradient of ${i === 0 ? 'the value' : names[i - 1]!}: ${g.dataSync().join()}`));
  });
};

/** The log-density is 0 at a point of the support, with a gradient of 0; a draw is an error that says so. */
export const improperIsLevel = (d: Distribution): void => {
  const x = d.support.feasible([...d.batchShape, ...d.eventShape]);
  assertClose(d.logProb(x), ops.zeros(d.batchShape), { relative: 0 }, 'log-density');
  tf.tidy(() => {
    const [gradient] = tapeGradients((value) => ops.sum(d.logProb(value)), [toTensor(x)]);
    assert.ok(gradient!.dataSync().every((g) => g === 0));
  });
  assert.throws(() => d.sample(key), unsupported);
};

export const nanStaysNaN = (d: Distribution): void => {
  const shape = [...d.batchShape, ...d.eventShape];
  const lp = toNDArray(d.logProb(ops.fill(shape, NaN)));
  assert.ok(lp.data.every(Number.isNaN), `logProb(NaN) = ${lp.toString()}`);
};

/** The numerical gradient in each element that may be moved without leaving the parameter's constraint; NaN elsewhere. */
const whereValid = (f: (x: NDArray) => number, x: NDArray, step: number): NDArray =>
  numericGradient(
    (moved) => {
      try {
        return f(moved);
      } catch (error) {
        if (isKindlingError(error) && error._tag === 'InvalidParameter') return NaN;
        throw error;
      }
    },
    x,
    step,
  );

/** The map from free numbers onto values whose entries depend on one another; others are moved as they are. */
const freely = ({ isDiscrete, support }: Distribution): Pick<Bijector, 'forward' | 'inverse'> => {
  const innermost = (c: Distribution['support']): string => (c.base === undefined ? c.kind : innermost(c.base));
  if (support.kind === 'sphere') return { forward: (x) => ops.div(asArray(x), ops.norm(asArray(x), -1, true)), inverse: asArray };
  const isFree = ['real', 'censoredInterval'].includes(innermost(support));
  return isDiscrete || support.eventDim === 0 || isFree ? identity : bijectTo(support);
};

/** The tape's gradients of the log-density in the value and in every parameter are the numerical ones. */
export const logProbDifferentiates = ({ make, at: valuesOf, fixed = [], atoms = [] }: ShelfEntry, set: Params): void => {
  const names = Object.keys(set);
  const params = names.map((name) => makeNDArray(array(set[name]!).data.map(Math.fround), array(set[name]!).shape));
  const build = (given: readonly Input[]): Distribution => make(Object.fromEntries(names.map((name, i) => [name, given[i]!])));
  const d = build(params);
  const draws = valuesOf?.(d) ?? d.sample(key, [5]);
  // An atom can't be moved.
  const drawn = atoms.reduce<NDArray>((x, at) => toNDArray(ops.where(ops.equal(x, at), d.support.feasible(x.shape), x)), toNDArray(draws));
  const onto = freely(d);
  const free = toNDArray(onto.inverse(drawn));
  const at = makeNDArray(free.data.map(Math.fround), free.shape);
  const x = toNDArray(onto.forward(at));
  const weights = ops.add(
    1,
    ops.cos(
      ops.reshape(
        ops.range(
          0,
          d.logProb(x).shape.reduce((n, extent) => n * extent, 1),
        ),
        d.logProb(x).shape,
      ),
    ),
  );
  const loss = (value: Input, given: readonly Input[]): number => dotAll(weights, build(given).logProb(onto.forward(value)));
  tf.tidy(() => {
    const [ofValue, ...ofParams] = tapeGradients(
      (value, ...given) => ops.sum(ops.mul(weights, build(given).logProb(onto.forward(value)))),
      [toTensor(at), ...params.map((p) => toTensor(p))],
    );
    if (!d.isDiscrete)
      assertClose(
        ofValue!,
        numericGradient((v) => loss(v, params), at),
        { relative: 1e-4, absolute: 1e-4, scaled: true },
        'gradient of the value',
      );
    ofParams.forEach((actual, i) => {
      if (fixed.includes(names[i]!)) return;
      // A step that keeps probabilities on the simplex as far as it is checked.
      const expected = whereValid(
        (p) =>
          loss(
            at,
            params.map((other, k) => (k === i ? p : other)),
          ),
        params[i]!,
        1e-6,
      );
      const compared = makeNDArray(
        expected.data.map((v, k) => (Number.isNaN(v) ? toNDArray(actual).data[k]! : v)),
        expected.shape,
      );
      assert.ok(expected.data.some(Number.isFinite), `no element of ${names[i]!} can be moved`);
      assertClose(actual, compared, { relative: 3e-4, absolute: 3e-4, scaled: true }, `gradient of ${names[i]!}`);
    });
  });
};

/** Tensors in give tensors out, of the same numbers in single precision; numbers give NDArrays. */
export const tensorsInTensorsOut = ({ make, certain }: ShelfEntry, set: Params): void => {
  const exact = make(set);
  const x = toNDArray(exact.sample(key, [3]));
  tf.tidy(() => {
    const single = make(Object.fromEntries(Object.entries(set).map(([name, value]) => [name, toTensor(value)])));
    const both: Readonly<Record<string, (d: Distribution) => AnyArray>> = {
      mean: (d) => d.mean,
      variance: (d) => d.variance,
      logProb: (d) => d.logProb(x),
      sample: (d) => d.sample(key, [3]),
      cdf: (d) => d.cdf(x),
      icdf: (d) => d.icdf(0.3),
      entropy: (d) => d.entropy(),
    };
    for (const [name, of] of Object.entries(both)) {
      const expected = offered(() => of(exact));
      if (expected === undefined) continue;
      assert.ok(!isTensor(of(exact)), `${name} of numbers is a tensor`);
      const actual = of(single);
      const isConstant = expected.data.every(Number.isNaN) || (certain === true && name === 'entropy');
      assert.ok(isTensor(actual) || isConstant, `${name} of tensors is no tensor`);
      assertClose(actual, expected, { relative: 1e-4, absolute: 1e-5 }, name);
    }
    assert.ok(isTensor(exact.logProb(toTensor(x))), 'logProb of a tensor is no tensor');
  });
};

/** At top level each method leaves no tensor but its result; making a distribution, or another of it, leaves none. */
export const leavesNoTensors = ({ make }: ShelfEntry, set: Params): void => {
  const params = Object.fromEntries(Object.entries(set).map(([name, value]) => [name, toTensor(value)]));
  const count = (): number => tf.memory().numTensors;
  const kept = (f: () => unknown, label: string, expected: number): void => {
    const before = count();
    const result = f();
    assert.equal(count() - before, expected, `tensors left by ${label}`);
    if (isTensor(result)) result.dispose();
  };
  kept(() => make(params), 'the constructor', 0);
  const d = make(params);
  kept(() => d.expand([2, ...d.batchShape]), 'expand', 0);
  kept(() => d.expand([2, ...d.batchShape]).toEvent(1), 'toEvent', 0);
  kept(() => d.mask(true), 'mask', 0);
  for (const other of [d, d.expand([2, ...d.batchShape]), d.expand([2, ...d.batchShape]).toEvent(1), d.mask(true)]) {
    const value = toTensor(other.sample(key));
    const methods: Readonly<Record<string, () => AnyArray>> = {
      sample: () => other.sample(key, [2]),
      logProb: () => other.logProb(value),
      mean: () => other.mean,
      variance: () => other.variance,
      cdf: () => other.cdf(value),
      icdf: () => other.icdf(0.3),
      entropy: () => other.entropy(),
    };
    for (const [name, f] of Object.entries(methods)) {
      const before = count();
      try {
        const result = f();
        assert.equal(count() - before, isTensor(result) ? 1 : 0, `tensors left by ${name}`);
        if (isTensor(result)) result.dispose();
      } catch (error) {
        if (!unsupported(error)) throw error;
        assert.equal(count(), before, `tensors left by ${name}, which throws`);
      }
    }
    value.dispose();
  }
  tf.dispose(Object.values(params));
};
