/** The laws of a distribution's density and shapes, in float64 and by the tape. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { isKindlingError } from '../../core/errors.ts';
import { array, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { PRNGKey, type Key } from '../../core/random/key.ts';
import { isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import type { Params, ShelfEntry } from '../core/shelf.ts';
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

const grid = (from: number, to: number, step: number): Float64Array =>
  Float64Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

/** The members of a discrete support. */
const members = ({ kind, params }: Distribution['support']): readonly number[] => {
  if (kind === 'boolean') return [0, 1];
  assert.equal(kind, 'integerInterval');
  const [low, high] = [toNDArray(params['low']!).item(), toNDArray(params['high']!).item()];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
};

/** ∫ p over a line, by the trapezoidal rule in s, where x is the bijection's image of sinh s: doubly exponential at both ends. */
const integral = (d: Distribution): AnyArray => {
  const step = 0.005;
  const s = grid(-7.3, 7.3, step);
  const onto = bijectTo(d.support);
  const t = column(d, s.map(Math.sinh));
  const [x, logDet] = onto.forwardAndLogDet(t);
  // Where x has run into an edge, the mass beyond is below all tolerance.
  const inside = ops.logicalAnd(ops.isFinite(x), ops.equal(onto.inverse(x), onto.inverse(x)));
  const atEdge = ops.logicalOr(ops.isInf(onto.inverse(x)), ops.logicalNot(inside));
  const terms = ops.exp(
    ops.add(
      ops.add(d.logProb(ops.where(atEdge, d.support.feasible(x.shape), x)), logDet),
      column(
        d,
        s.map((v) => Math.log(Math.cosh(v))),
      ),
    ),
  );
  return ops.mul(ops.sum(ops.where(atEdge, 0, terms), 0), step);
};

const planeIntegral = (d: Distribution): AnyArray => {
  const step = 0.2;
  const axis = grid(-20, 20, step);
  const points = Float64Array.from({ length: 2 * axis.length ** 2 }, (_, i) =>
    i % 2 === 0 ? axis[Math.floor(i / 2 / axis.length)]! : axis[Math.floor(i / 2) % axis.length]!,
  );
  const values = makeNDArray(points, [axis.length ** 2, ...d.batchShape.map(() => 1), 2]);
  return ops.mul(ops.sum(ops.exp(d.logProb(values)), 0), step * step);
};

/** The density integrates, or sums, to 1. */
export const densityIsProper = (d: Distribution): void => {
  const total = d.isDiscrete ? ops.sum(ops.exp(d.logProb(column(d, members(d.support)))), 0) : d.eventShape.length === 0 ? integral(d) : planeIntegral(d);
  assertClose(total, ops.ones(d.batchShape), { relative: 1e-7 }, 'integral');
};

/** cdf and icdf are inverse to each other, and the cdf rises from 0 to 1. */
export const quantilesInvert = (d: Distribution): void => {
  if (d.eventShape.length > 0) return;
  const q = column(d, [1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-6]);
  const x = offered(() => d.icdf(q));
  if (x === undefined) return;
  assert.ok(
    toNDArray(d.support.check(x)).data.every((ok) => ok !== 0),
    'a quantile lies outside the support',
  );
  assertClose(d.cdf(x), ops.broadcastTo(q, x.shape), { relative: 1e-9 }, 'cdf(icdf(q))');
};

/** Outside the support the log-probability is −∞, with gradients that are numbers; of NaN it is NaN. */
export const outsideIsImpossible = ({ make, params, outside = [] }: ShelfEntry, set: Params): void => {
  const d = make(set);
  for (const value of outside) {
    if (!Number.isNaN(value)) assert.ok(d.logProb(value) && toNDArray(d.logProb(value)).data.every((lp) => lp === -Infinity), `logProb(${String(value)})`);
  }
  const values = outside.filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (values.length === 0 || set !== params[0]) return;
  tf.tidy(() => {
    const names = Object.keys(set);
    const loss = (x: Value, ...given: Value[]): AnyArray => {
      const lp = make(Object.fromEntries(names.map((name, i) => [name, given[i]!]))).logProb(x);
      // Beside the impossible values stands a sum that is finite, as under a mask.
      return ops.sum(ops.where(ops.isFinite(lp), lp, 0));
    };
    const gradients = tapeGradients(loss, [tf.tensor(values, [values.length, ...d.batchShape.map(() => 1)]), ...names.map((name) => toTensor(set[name]!))]);
    gradients.forEach((g, i) => assert.ok(g.dataSync().every(Number.isFinite), `gradient of ${i === 0 ? 'the value' : names[i - 1]!}: ${g.dataSync().join()}`));
  });
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

/** The tape's gradients of the log-density in the value and in every parameter are the numerical ones. */
export const logProbDifferentiates = ({ make }: ShelfEntry, set: Params): void => {
  const names = Object.keys(set);
  const params = names.map((name) => makeNDArray(array(set[name]!).data.map(Math.fround), array(set[name]!).shape));
  const build = (given: readonly Input[]): Distribution => make(Object.fromEntries(names.map((name, i) => [name, given[i]!])));
  const drawn = toNDArray(build(params).sample(key, [5]));
  const x = makeNDArray(drawn.data.map(Math.fround), drawn.shape);
  const d = build(params);
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
  const loss = (value: Input, given: readonly Input[]): number => dotAll(weights, build(given).logProb(value));
  tf.tidy(() => {
    const [ofValue, ...ofParams] = tapeGradients(
      (value, ...given) => ops.sum(ops.mul(weights, build(given).logProb(value))),
      [toTensor(x), ...params.map((p) => toTensor(p))],
    );
    if (!d.isDiscrete)
      assertClose(
        ofValue!,
        numericGradient((v) => loss(v, params), x),
        { relative: 1e-4, absolute: 1e-4, scaled: true },
        'gradient of the value',
      );
    ofParams.forEach((actual, i) => {
      // A step that keeps probabilities on the simplex as far as it is checked.
      const expected = whereValid(
        (p) =>
          loss(
            x,
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
