/** The laws of a distribution's draws: shapes, support, moments, distribution function, and derivatives of expectations. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../../core/distributions/index.ts';
import { array, makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import type { Params, ShelfEntry } from '../core/shelf/entry.ts';
import { key, offered } from './distributionLaws.ts';
import { assertCounts, assertDistribution, assertMean, assertSameMean, assertVariance } from './statistics.ts';
import { tapeGradients } from './tape.ts';

const DRAWS = 10_000;

/** The draws of one element of the batch and event, from an array with the draws along its first axis. */
const lane = (draws: NDArray, at: number): Float64Array => {
  const width = draws.data.length / draws.shape[0]!;
  return Float64Array.from({ length: draws.shape[0]! }, (_, i) => draws.data[i * width + at]!);
};

const lanes = (d: Distribution): readonly number[] => Array.from({ length: sizeOf([...d.batchShape, ...d.eventShape]) }, (_, i) => i);

/** Draws have shape sampleShape ++ batchShape ++ eventShape and lie in the support, whatever the distribution has been through. */
export const drawsLieInSupport = (d: Distribution): void => {
  const wide = d.expand([4, ...d.batchShape]);
  const forms: readonly (readonly [Distribution, Shape, Shape])[] = [
    [d, d.batchShape, d.eventShape],
    [wide, [4, ...d.batchShape], d.eventShape],
    [wide.toEvent(), [], [4, ...d.batchShape, ...d.eventShape]],
    [wide.toEvent(d.batchShape.length), [4], [...d.batchShape, ...d.eventShape]],
    [d.mask(true), d.batchShape, d.eventShape],
  ];
  for (const [form, batchShape, eventShape] of forms) {
    assert.deepEqual([form.batchShape, form.eventShape], [batchShape, eventShape]);
    for (const sampleShape of [[], [3], [2, 3], [0]]) {
      const x = form.sample(key, sampleShape);
      assert.deepEqual([...x.shape], [...sampleShape, ...batchShape, ...eventShape]);
      const inside = toNDArray(form.support.check(x));
      assert.deepEqual([...inside.shape], [...sampleShape, ...batchShape], 'shape of the check');
      assert.ok(
        inside.data.every((ok) => ok !== 0),
        'a draw outside the support',
      );
      assert.deepEqual([...form.logProb(x).shape], [...sampleShape, ...batchShape], 'shape of logProb');
    }
    assert.deepEqual([...form.mean.shape], [...batchShape, ...eventShape]);
    assert.deepEqual([...form.variance.shape], [...batchShape, ...eventShape]);
  }
};

/** toEvent sums the log-probability, expand repeats it, mask leaves it out. */
export const combinatorsAddUp = (d: Distribution): void => {
  const x = toNDArray(d.sample(key, [3]));
  const base = toNDArray(d.logProb(x));
  const same = (a: AnyArray, b: AnyArray): void => {
    assert.deepEqual(a.shape, b.shape);
    toNDArray(a).data.forEach((v, i) => assert.ok(Math.abs(v - toNDArray(b).data[i]!) <= 1e-12 * Math.abs(v), `${v} and ${toNDArray(b).data[i]}`));
  };
  same(d.expand([3, ...d.batchShape]).logProb(x), base);
  same(
    d.toEvent().logProb(x),
    ops.sum(
      base,
      d.batchShape.map((_, i) => i + 1),
    ),
  );
  same(
    d
      .expand([3, ...d.batchShape])
      .toEvent()
      .logProb(x),
    ops.sum(base),
  );
  const mask = makeNDArray(
    Float64Array.from(base.data, (_, i) => Number(i % 2 === 0)),
    base.shape,
    'bool',
  );
  same(d.mask(mask).logProb(x), ops.where(mask, base, 0));
};

/** Each batch element is drawn anew, also where the parameters are repeated. */
export const drawsAreIndependent = (d: Distribution, atoms: readonly number[] = []): void => {
  const repeated = toNDArray(d.expand([DRAWS, ...d.batchShape]).sample(key));
  const spread = toNDArray(d.variance).data;
  for (const at of lanes(d)) {
    const x = lane(repeated, at);
    const free = x.filter((v) => !atoms.includes(v));
    // An element that is certain, as the 1 in the corner of a correlation matrix, is the same in all.
    if (!d.isDiscrete && spread[at] !== 0) assert.equal(new Set(free).size, free.length, 'expanded draws repeat');
    const sign = x.map((v, i) => (v > x[(i + 1) % DRAWS]! ? 1 : v < x[(i + 1) % DRAWS]! ? -1 : 0));
    // Neighbours in the batch: the sign of the next difference opposes this one's in two cases of three.
    assertMean(sign, 0, 'order of neighbours', 1);
  }
};

/** Draws at an atom come as often as it says, and the others have the distribution function that it leaves. */
const drawsFollow = (
  x: Float64Array,
  atoms: readonly (readonly [at: number, mass: number])[],
  cdf: (sorted: Float64Array) => Float64Array,
  label: string,
): void => {
  atoms.forEach(([at, mass]) =>
    assertMean(
      x.map((v) => Number(v === at)),
      mass,
      `${label}, at ${at}`,
      Math.sqrt(mass * (1 - mass)),
    ),
  );
  const mass = (from: (at: number) => boolean): number => atoms.reduce((sum, [at, own]) => sum + (from(at) ? own : 0), 0);
  const rest = 1 - mass(() => true);
  const below = (sorted: Float64Array): Float64Array => cdf(sorted).map((f, i) => (f - mass((at) => at <= sorted[i]!)) / rest);
  assertDistribution(
    x.filter((v) => !atoms.some(([at]) => at === v)),
    below,
    label,
  );
};

/** Angles have the mean direction, and 1 − variance is their mean resultant length. */
const directionsAre = (angles: Float64Array, mean: number, variance: number, label: string): void => {
  assertMean(
    angles.map((x) => Math.sin(x - mean)),
    0,
    `${label}, direction`,
  );
  assertMean(
    angles.map((x) => Math.cos(x - mean)),
    1 - variance,
    `${label}, resultant length`,
  );
};

/** Mean, variance, entropy and distribution function are those of the draws. */
export const momentsAreTheDraws = (d: Distribution, { moments, atoms = [] }: ShelfEntry): void => {
  const draws = toNDArray(d.sample(key, [DRAWS]));
  const [mean, variance] = [toNDArray(d.mean), toNDArray(d.variance)];
  for (const at of lanes(d)) {
    const x = lane(draws, at);
    if (moments !== false && d.support.kind === 'circular') directionsAre(x, mean.data[at]!, variance.data[at]!, `element ${at}`);
    else if (moments !== false) {
      assertMean(x, mean.data[at]!, `element ${at}`, Math.sqrt(variance.data[at]!));
      assertVariance(x, variance.data[at]!, `element ${at}`);
    }
    if (d.isDiscrete && d.eventShape.length === 0) {
      const each = (values: readonly number[]): Float64Array =>
        lane(
          toNDArray(
            ops.broadcastTo(ops.exp(d.logProb(makeNDArray(Float64Array.from(values), [values.length, ...d.batchShape.map(() => 1)]))), [
              values.length,
              ...d.batchShape,
            ]),
          ),
          at,
        );
      assertCounts(x, each, `element ${at}`);
    }
    if (!d.isDiscrete && d.eventShape.length === 0 && offered(() => d.cdf(0)) !== undefined) {
      const below = (sorted: Float64Array): Float64Array => {
        const spread = ops.broadcastTo(makeNDArray(sorted, [sorted.length, ...d.batchShape.map(() => 1)]), [sorted.length, ...d.batchShape]);
        return lane(toNDArray(d.cdf(spread)), at);
      };
      const masses = atoms.map((value) => [value, Math.exp(toNDArray(d.logProb(value)).data[at]!)] as const);
      drawsFollow(x, masses, below, `element ${at}`);
    }
  }
  const entropy = offered(() => d.entropy());
  const surprise = toNDArray(ops.neg(d.logProb(draws)));
  if (entropy !== undefined) entropy.data.forEach((h, at) => assertMean(lane(surprise, at), h, `entropy ${at}`));
};

const withParam = ({ make }: ShelfEntry, set: Params, name: string, value: Input): Distribution => make({ ...set, [name]: value });

/** Whether this is an entry above the diagonal of a factor, which can't be moved and has no derivative worth the name. */
const isAboveDiagonal = (name: string, value: number): boolean => name.startsWith('scaleTril') && value === 0;

/** E[∂ log p / ∂θ] = 0 for each number among the parameters; ∂ Σ p / ∂θ in general. */
export const scoreHasMeanZero = (entry: ShelfEntry, set: Params): void => {
  const d = entry.make(set);
  const draws = toNDArray(d.sample(key, [5000]));
  for (const name of Object.keys(set).filter((each) => entry.fixed?.includes(each) !== true)) {
    const theta = array(set[name]!);
    theta.data.forEach((value, at) => {
      const moved = (h: number): NDArray => {
        const data = Float64Array.from(theta.data);
        data[at]! += h;
        return toNDArray(withParam(entry, set, name, makeNDArray(data, theta.shape)).logProb(draws));
      };
      const step = 1e-6 * Math.max(1, Math.abs(value));
      if (isAboveDiagonal(name, value)) return;
      const score = ops.div(ops.sub(moved(step), moved(-step)), 2 * step);
      assertMean(toNDArray(score).data, Number(entry.unnormalised ?? 0), `score of ${name}[${at}]`);
    });
  }
};

/** Parameters repeated along a new first axis, so that every draw has its own and the gradient is known draw by draw. */
const repeat = (value: Input, count: number): Value => toTensor(ops.broadcastTo(value, [count, ...array(value as never).shape]));

/** d/dθ E[f] by moving the draws is d/dθ E[f] by weighing them, for a bounded f. */
export const pathwiseIsScore = (entry: ShelfEntry, set: Params): void => {
  const count = 8000;
  const names = Object.keys(set).filter((name) => entry.fixed?.includes(name) !== true);
  const f = (x: AnyArray): AnyArray => {
    if (entry.linear === true) return ops.mul(x, ops.range(1, x.shape.at(-1)! + 1));
    // Of angles a periodic one: another would jump where they are cut.
    return entry.make(set).support.kind === 'circular' ? ops.sin(ops.add(x, 0.4)) : ops.tanh(ops.mul(0.7, x));
  };
  const build = (given: readonly Input[]): Distribution => entry.make({ ...set, ...Object.fromEntries(names.map((name, i) => [name, given[i]!])) });
  const events = (d: Distribution, y: AnyArray): AnyArray =>
    d.eventShape.length === 0
      ? y
      : ops.sum(
          y,
          d.eventShape.map((_, i) => -1 - i),
        );
  tf.tidy(() => {
    const params = names.map((name) => repeat(set[name]!, count));
    const fixed = toTensor(build(params).sample(key));
    const pathwise = tapeGradients((...given) => ops.sum(f(build(given).sample(key))), params);
    const weights = events(build(params), f(fixed));
    const score = tapeGradients((...given) => ops.sum(ops.mul(weights, build(given).logProb(fixed))), params);
    names.forEach((name, i) => {
      const [path, weighed] = [toNDArray(pathwise[i]!), toNDArray(score[i]!)];
      const own = array(set[name]!).data;
      for (let at = 0; at < path.data.length / count; at++)
        if (!isAboveDiagonal(name, own[at]!)) assertSameMean(lane(path, at), lane(weighed, at), `gradient in ${name}[${at}]`);
    });
  });
};
