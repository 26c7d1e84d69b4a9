/** The laws that tie a density to its distribution function and to one: integrals, sums, quantiles. */
import assert from 'node:assert/strict';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { sumRightmost } from '../../core/bijectors/bijector.ts';
import { MultivariateNormal, type Distribution } from '../../core/distributions/index.ts';
import { array, makeNDArray, type NDArray, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import type { Params, ShelfEntry } from '../core/shelf/entry.ts';
import { column, key, offered } from './distributionLaws.ts';
import { assertClose } from './numeric.ts';
import { assertMean } from './statistics.ts';

const grid = (from: number, to: number, step: number): Float64Array =>
  Float64Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

/** The members of a discrete support. */
const membersOf = ({ support: { kind, params, name } }: Distribution): readonly number[] => {
  if (kind === 'boolean') return [0, 1];
  assert.equal(kind, 'integerInterval', `the entry gives no values, and ${name} lists none`);
  const [low, high] = [toNDArray(params['low']!).item(), toNDArray(params['high']!).item()];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
};

/** Values along a new first axis, to be broadcast against the batch. */
const stacked = (d: Distribution, values: readonly Nested[]): NDArray => {
  const all = array(values);
  return makeNDArray(all.data, [values.length, ...d.batchShape.map(() => 1), ...all.shape.slice(1)]);
};

const valuesOf = ({ values }: ShelfEntry, set: Params, d: Distribution): readonly Nested[] => values?.(set) ?? membersOf(d);

/** ∫ p over free numbers u, one or two, by the trapezoidal rule in s with u = sinh s, doubly exponential at both ends; the value is the bijection's image. */
const integral = (d: Distribution, freeShape: Shape): AnyArray => {
  const free = sizeOf(freeShape);
  const onto = bijectTo(d.support);
  const step = free === 1 ? 0.005 : 0.08;
  // On the real line itself the tails may be heavy; elsewhere the bijection makes them light.
  const reach = free > 1 ? 4.6 : d.support.kind === 'real' ? 22 : 7.3;
  const s = grid(-reach, reach, step);
  const count = s.length ** free;
  const at = (i: number, axis: number): number => s[axis === 0 ? i % s.length : Math.floor(i / s.length)]!;
  const shape = [count, ...d.batchShape.map(() => 1), ...freeShape];
  const u = makeNDArray(
    Float64Array.from({ length: count * free }, (_, i) => Math.sinh(at(Math.floor(i / free), i % free))),
    shape,
  );
  const weight = makeNDArray(
    Float64Array.from({ length: count }, (_, i) => Array.from({ length: free }, (__, axis) => Math.log(Math.cosh(at(i, axis)))).reduce((a, b) => a + b)),
    [count, ...d.batchShape.map(() => 1)],
  );
  const [x, logDet] = onto.forwardAndLogDet(u);
  const back = onto.inverse(x);
  // Where x has run into an edge, the mass beyond is below all tolerance.
  const eventAxes = (y: AnyArray): AnyArray => {
    const rank = y.shape.length - 1 - d.batchShape.length;
    return rank === 0
      ? y
      : ops.all(
          y,
          Array.from({ length: rank }, (_, i) => -1 - i),
        );
  };
  const inside = ops.logicalAnd(ops.logicalAnd(eventAxes(ops.isFinite(x)), eventAxes(ops.isFinite(back))), d.support.check(x));
  const shown = ops.reshape(inside, [...inside.shape, ...d.eventShape.map(() => 1)]);
  const logProb = d.logProb(ops.where(shown, x, d.support.feasible(x.shape)));
  const terms = ops.exp(ops.add(ops.add(logProb, logDet), weight));
  return ops.mul(ops.sum(ops.where(inside, terms, 0), 0), step ** free);
};

/** ∫ p from a kink to both sides: the trapezoidal rule in s, the distance being exp(1.5 sinh s). */
const integralAround = (d: Distribution, kink: Nested): AnyArray => {
  const step = 0.02;
  const s = grid(-4.2, 4.2, step);
  const [distance, weight] = [s.map((t) => Math.exp(1.5 * Math.sinh(t))), s.map((t) => step * 1.5 * Math.cosh(t))];
  const onAxis = (values: Float64Array): NDArray => makeNDArray(values, [s.length, ...d.batchShape.map(() => 1)]);
  const side = (sign: number): AnyArray => ops.exp(d.logProb(ops.add(kink, ops.mul(sign, onAxis(distance)))));
  return ops.sum(ops.mul(ops.add(side(-1), side(1)), ops.mul(onAxis(weight), onAxis(distance))), 0);
};

/** E[q(u) / p(u)] = 1 for draws u of p, in free numbers, where q is a normal narrower than p: any density of more than two of them. */
const ratioIsOne = (d: Distribution): void => {
  const onto = bijectTo(d.support);
  const draws = 4000;
  const y = toNDArray(d.sample(key, [draws]));
  const u = toNDArray(onto.inverse(y));
  const logP = toNDArray(ops.add(d.logProb(y), onto.logAbsDetJacobian(u, y)));
  const lanes = sizeOf(d.batchShape);
  const free = u.data.length / draws / lanes;
  const flat = ops.reshape(u, [draws, lanes, free]);
  for (let lane = 0; lane < lanes; lane++) {
    const own = ops.reshape(ops.slice(flat, [0, lane, 0], [draws, 1, free]), [draws, free]);
    const centre = ops.mean(own, 0);
    const off = ops.sub(own, centre);
    const covariance = ops.div(ops.matMul(off, off, true, false), draws);
    const q = MultivariateNormal({ loc: centre, covarianceMatrix: ops.mul(0.4, covariance) });
    const ownP = ops.reshape(ops.slice(ops.reshape(logP, [draws, lanes]), [0, lane], [draws, 1]), [draws]);
    assertMean(toNDArray(ops.exp(ops.sub(q.logProb(own), ownP))).data, 1, `E[q / p], element ${lane}`);
  }
};

/** E[q(x) / p(x)] = 1 for draws x of p, q uniform on the sphere: of area 2 π^(n/2) / Γ(n/2). */
const ratioOnSphereIsOne = (d: Distribution): void => {
  const draws = toNDArray(d.sample(key, [4000]));
  const half = d.eventShape[0]! / 2;
  const logArea = ops.add(Math.LN2 + half * Math.log(Math.PI), ops.neg(ops.lgamma(half)));
  const ratios = ops.reshape(ops.exp(ops.neg(ops.add(d.logProb(draws), logArea))), [draws.shape[0]!, -1]);
  ops.unstack(ratios, -1).forEach((each, lane) => assertMean(toNDArray(each).data, 1, `E[q / p], element ${lane}`));
};

/** The density integrates, or sums, to 1. */
export const densityIsProper = (entry: ShelfEntry, set: Params): void => {
  if (entry.integratedElsewhere !== undefined) return;
  const d = entry.make(set);
  const isOne = (total: AnyArray): void => assertClose(total, ops.ones(d.batchShape), { relative: 1e-7 }, 'integral');
  if (d.isDiscrete) {
    isOne(ops.sum(ops.exp(d.logProb(stacked(d, valuesOf(entry, set, d)))), 0));
    return;
  }
  if (entry.kink !== undefined) {
    isOne(integralAround(d, set[entry.kink]!));
    return;
  }
  if (d.support.kind === 'sphere') {
    ratioOnSphereIsOne(d);
    return;
  }
  const freeShape = bijectTo(d.support)
    .inverseShape([...d.batchShape, ...d.eventShape])
    .slice(d.batchShape.length);
  const atoms = (entry.atoms ?? []).reduce<AnyArray>((sum, at) => ops.add(sum, ops.exp(d.logProb(at))), ops.zeros([]));
  if (sizeOf(freeShape) <= 2) isOne(ops.add(integral(d, freeShape), atoms));
  else ratioIsOne(d);
};

/** cdf and icdf are inverse to each other, or, of counts, the icdf is the first whose cdf reaches q. */
export const quantilesInvert = (d: Distribution): void => {
  if (d.eventShape.length > 0) return;
  const q = column(d, [1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-6]);
  const x = offered(() => d.icdf(q));
  if (x === undefined) return;
  assert.ok(
    toNDArray(d.support.check(x)).data.every((ok) => ok !== 0),
    'a quantile lies outside the support',
  );
  const all = (condition: AnyArray, label: string): void =>
    assert.ok(
      toNDArray(condition).data.every((ok) => ok !== 0),
      label,
    );
  if (d.isDiscrete) {
    all(ops.greaterEqual(d.cdf(x), ops.sub(q, 1e-9)), 'cdf(icdf(q)) ≥ q');
    all(ops.less(d.cdf(ops.sub(x, 1)), ops.add(q, 1e-9)), 'cdf(icdf(q) − 1) < q');
  } else {
    // A quantile far from 0 is rounded by more than what the smallest probabilities can bear.
    const rounding = ops.mul(2 ** -49, ops.mul(ops.abs(x), ops.exp(d.logProb(x))));
    const bound = ops.add(ops.mul(1e-9, q), ops.where(ops.isFinite(rounding), rounding, 0));
    all(ops.lessEqual(ops.abs(ops.sub(d.cdf(x), q)), bound), `cdf(icdf(q)) = ${toNDArray(d.cdf(x)).toString()}`);
  }
};

/** The distribution function of counts sums their probabilities, and is level between them. */
export const cdfSumsTheMasses = (entry: ShelfEntry, set: Params): void => {
  const d = entry.make(set);
  if (!d.isDiscrete || d.eventShape.length > 0 || offered(() => d.cdf(0)) === undefined) return;
  const x = stacked(d, valuesOf(entry, set, d));
  const expected = ops.cumsum(ops.exp(d.logProb(x)), 0);
  assertClose(d.cdf(x), expected, { relative: 1e-8, absolute: 1e-9 }, 'cdf');
  assertClose(d.cdf(ops.add(x, 0.5)), expected, { relative: 1e-8, absolute: 1e-9 }, 'cdf between two counts');
  assertClose(d.cdf(ops.sub(ops.min(x), 1)), ops.zeros(d.batchShape), { relative: 0, absolute: 1e-9 }, 'cdf before all');
};

/** The members that a support lists are all it has, one by one. */
export const enumerationIsTheSupport = (entry: ShelfEntry, set: Params): void => {
  const d = entry.make(set);
  if (!d.hasEnumerateSupport) return;
  const members = toNDArray(d.enumerateSupport());
  assert.deepEqual([...members.shape.slice(1)], [...d.batchShape, ...d.eventShape]);
  assert.deepEqual([...d.enumerateSupport(false).shape], [members.shape[0], ...d.batchShape.map(() => 1), ...d.eventShape]);
  assertClose(sumRightmost(ops.sum(ops.exp(d.logProb(members)), 0), 0), ops.ones(d.batchShape), { relative: 1e-9 }, 'sum over the members');
};
