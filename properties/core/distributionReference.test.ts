/** Independent values of densities, gradients, quantiles and moments (SciPy, mpmath, NumPyro) for the distributions of the shelf. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import type { Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toNDArray, toTensor, type Input } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { offered } from '../laws/distributionLaws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../laws/numeric.ts';
import { tapeGradients } from '../laws/tape.ts';
import { cancelling, distributionCases, makers, type Case, type Point } from './distributionCases.ts';

const magnitude = (x: Nested | undefined): number =>
  x === undefined ? 0 : toNDArray(x).data.reduce((sum, v) => sum + (Number.isFinite(v) ? Math.abs(v) : 0), 0);
const product = (x: Nested, d: Nested | undefined): number => (d === undefined ? 0 : magnitude(ops.mul(x, d).toArray()));

/** How far a log-density may move, in units of relative rounding, when its arguments are rounded. */
const conditionOf = (c: Case, { value, log_prob, d_value, d_params = {} }: Point): number =>
  magnitude(log_prob) + product(value, d_value) + Object.entries(d_params).reduce((sum, [name, d]) => sum + product(c.params[name]!, d), 0) + 1;

/** Whether single precision can hold the point and the distance to the edges of the support: the rest is for doubles only. */
const isForSingles = (c: Case, point: Point): boolean =>
  toNDArray(point.value).data.every((x) => (x === 0 || Math.abs(x) > 1e-30) && !(['Beta', 'Kumaraswamy'].includes(c.dist) && x > 0.999)) &&
  conditionOf(c, point) < 1000;

const exact: Tolerance = { relative: 1e-10, absolute: 1e-10 };

const checkDouble = (c: Case): void => {
  const d = makers[c.dist]!(c.params);
  if (c.batch_shape) assert.deepEqual([d.batchShape, d.eventShape], [c.batch_shape, c.event_shape]);
  for (const { value, log_prob, cdf } of c.points) {
    assertClose(d.logProb(value), log_prob, exact, `logProb(${JSON.stringify(value)})`);
    if (cdf !== undefined) assertClose(d.cdf(value), cdf, { relative: 1e-10 }, `cdf(${JSON.stringify(value)})`);
  }
  for (const { q, x } of c.icdf ?? [])
    assertClose(d.icdf(q), x, { relative: 1e-10, absolute: 1e-14 * magnitude(Object.values(c.params).flat()) }, `icdf(${q})`);
  for (const [name, expected] of [
    ['mean', c.mean],
    ['variance', c.variance],
  ] as const) {
    if (expected !== undefined && expected !== null) assertClose(d[name], ops.broadcastTo(expected, [...d.batchShape, ...d.eventShape]), exact, name);
  }
  if (c.entropy !== undefined && c.entropy !== null) assertClose(d.entropy(), c.entropy, exact, 'entropy');
};

const checkEdges = (c: Case): void => {
  const d = makers[c.dist]!(c.params);
  for (const { value, where, log_prob, limit_log_prob } of c.support_edge ?? []) {
    assertClose(d.logProb(value), where === 'outside' ? log_prob! : limit_log_prob!, exact, `logProb(${value})`);
    if (where === 'outside') tf.tidy(() => assertClose(d.logProb(tf.scalar(value)), log_prob!, exact, `logProb(${value}) of a tensor`));
  }
};

/** Single precision keeps what the rounding of the arguments leaves. */
const checkSingle = (c: Case): void => {
  const names = Object.keys(c.params);
  const build = (given: readonly Input[]): Distribution => makers[c.dist]!(Object.fromEntries(names.map((name, i) => [name, given[i]!])));
  for (const point of c.points.filter((at) => isForSingles(c, at))) {
    const { value, log_prob, d_value, d_params } = point;
    const label = JSON.stringify(value);
    const gradient: Tolerance = { relative: 2e-5, absolute: 1e-5 + 1e-8 * cancelling(c), scaled: true };
    tf.tidy(() => {
      const [x, ...params] = [toTensor(value), ...names.map((name) => toTensor(c.params[name]!))];
      assertClose(build(params).logProb(x), log_prob, { relative: 1e-5, absolute: 5e-7 * (conditionOf(c, point) + cancelling(c)) }, `logProb(${label})`);
      const [ofValue, ...ofParams] = tapeGradients((v, ...given) => ops.sum(build(given).logProb(v)), [x, ...params]);
      if (d_value !== undefined) assertClose(ofValue!, d_value, gradient, `d logProb(${label}) / d value`);
      names.forEach((name, i) => {
        if (d_params?.[name] !== undefined) assertClose(ofParams[i]!, d_params[name], gradient, `d logProb(${label}) / d ${name}`);
      });
    });
  }
};

if (distributionCases !== undefined) {
  const table = distributionCases;
  laws('distribution reference', {
    'every kind is there': () => assert.ok(new Set(Object.values(table).map((c) => c.dist)).size >= 15),
    'densities, quantiles, moments and entropies to 10 digits': () => forEachEntry(table, checkDouble),
    'the edges of the support': () => forEachEntry(table, checkEdges),
    'densities and gradients of tensors to single precision': () => forEachEntry(table, checkSingle),
    'what has no closed form is told so': () =>
      assert.equal(
        offered(() => dist.MultivariateNormal([0], [[1]]).cdf([0])),
        undefined,
      ),
  });
}
