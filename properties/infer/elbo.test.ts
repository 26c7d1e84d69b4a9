/** TraceELBO: its value and its gradient are right on average, where the bound is known. */
import assert from 'node:assert/strict';
import {
  array,
  AutoDiagonalNormal,
  bijectTo,
  dist,
  logDensity,
  ops,
  random,
  sample,
  scale,
  seed,
  substitute,
  trace,
  TraceELBO,
  valueAndGrad,
  type Model,
} from '../../infer/kindling.ts';
import { runParticle, type Problem } from '../../infer/objectives/objective.ts';
import { toNumber, type Input } from '../../core/value.ts';
import { traceLogDensity } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { assertMean } from '../laws/statistics.ts';
import { coin, coinGuide, key, throws } from './problems.ts';

const DRAWS = 400;

/** Losses of independent keys. */
const losses = (problem: Problem, numParticles: number = 1): readonly number[] =>
  random.split(key, DRAWS).map((k) => toNumber(TraceELBO({ numParticles }).loss(k, problem)));

const data = [0.3, 1.9, -0.4, 2.2];

/** z ~ N(1, 2) in two coordinates, of which four noisy observations see the sum. */
const gaussian = (): void => {
  const z = sample('z', dist.Normal(1, 2).expand([2]).toEvent(1));
  sample('y', dist.Normal(ops.sum(z), 0.5), { obs: data });
};

const normalLog = (mean: number, variance: number, sd: number): number => -0.5 * Math.log(2 * Math.PI * sd ** 2) - (mean ** 2 + variance) / (2 * sd ** 2);

/** −ELBO of independent normals, in closed form: expected log-densities and the entropy. */
const gaussianLoss = (loc: readonly number[], sd: readonly number[]): number => {
  const prior = loc.reduce((sum, m, i) => sum + normalLog(m - 1, sd[i]! ** 2, 2), 0);
  const total = loc.reduce((a, b) => a + b);
  const spread = sd.reduce((sum, s) => sum + s ** 2, 0);
  const likelihood = data.reduce((sum, y) => sum + normalLog(y - total, spread, 0.5), 0);
  const entropy = sd.reduce((sum, s) => sum + 0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(s), 0);
  return -(prior + likelihood + entropy);
};

const gaussianProblem = (loc: Input, sd: Input): Problem => ({
  model: gaussian,
  guide: AutoDiagonalNormal(gaussian).bind(),
  args: [],
  params: { auto_loc: loc, auto_scale: sd },
});

/** −ELBO of a Beta guide for the coin, by the midpoint rule. */
const coinLoss = (a: number, b: number): number => {
  const count = 4000;
  const p = Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count);
  const [q, prior] = [dist.Beta(a, b), dist.Beta(2, 2)].map((d) => d.logProb(p));
  const heads = throws.filter((x) => x === 1).length;
  const likelihood = p.map((x) => heads * Math.log(x) + (throws.length - heads) * Math.log1p(-x));
  return toNumber(ops.mean(ops.mul(ops.exp(q!), ops.sub(q!, ops.add(prior!, likelihood)))));
};

const coinProblem = (a: Input, b: Input): Problem => ({ model: coin as Model, guide: coinGuide as Model, args: [throws], params: { a, b } });

const derivative = (f: (x: number) => number, x: number): number => (f(x + 1e-4) - f(x - 1e-4)) / 2e-4;

laws('infer/TraceELBO', {
  'of a Gaussian model and AutoDiagonalNormal it is the closed form, for any number of particles': () => {
    const [loc, sd] = [
      [0.5, 0.2],
      [0.3, 0.7],
    ];
    for (const numParticles of [1, 3]) assertMean(losses(gaussianProblem(loc, sd), numParticles), gaussianLoss(loc, sd), `${numParticles} particles`);
  },

  'more particles have the variance of an average': () => {
    const problem = gaussianProblem([0.5, 0.2], [0.3, 0.7]);
    const deviations = (numParticles: number): Float64Array =>
      Float64Array.from(losses(problem, numParticles), (loss) => numParticles * (loss - gaussianLoss([0.5, 0.2], [0.3, 0.7])) ** 2);
    const [one, four] = [deviations(1), deviations(4)];
    const mean = one.reduce((a, b) => a + b) / DRAWS;
    // The same error on both sides: twice the variance.
    assertMean(
      four.map((x, i) => x - one[i]! + mean),
      mean,
      'variance of four particles',
    );
  },

  'its gradient is that of the closed form': () => {
    const [loc, sd] = [
      [0.5, 0.2],
      [0.3, 0.7],
    ];
    const f = valueAndGrad((at: { readonly loc: Input; readonly sd: Input }, k: typeof key) => TraceELBO().loss(k, gaussianProblem(at.loc, at.sd)));
    const grads = random.split(key, DRAWS).map((k) => f({ loc: array(loc), sd: array(sd) }, k)[1] as { readonly loc: Input; readonly sd: Input });
    for (const i of [0, 1]) {
      const moved = (values: readonly number[], x: number): readonly number[] => values.map((value, j) => (i === j ? x : value));
      const element = (values: Input): number => array(values as never).data[i]!;
      assertMean(
        grads.map((g) => element(g.loc)),
        derivative((x) => gaussianLoss(moved(loc, x), sd), loc[i]!),
        `by loc ${i}`,
      );
      assertMean(
        grads.map((g) => element(g.sd)),
        derivative((x) => gaussianLoss(loc, moved(sd, x)), sd[i]!),
        `by scale ${i}`,
      );
    }
  },

  'of a Beta guide value and gradient are the integral’s; at the exact posterior the gradient vanishes': () => {
    for (const [a, b] of [
      [9, 5],
      [2, 3],
    ] as const) {
      const f = valueAndGrad((at: { readonly a: Input; readonly b: Input }, k: typeof key) => TraceELBO().loss(k, coinProblem(at.a, at.b)));
      const runs = random.split(key, DRAWS).map((k) => f({ a, b }, k));
      // At the posterior itself the value does not vary at all.
      if (a !== 9)
        assertMean(
          runs.map(([loss]) => toNumber(loss)),
          coinLoss(a, b),
          'value',
        );
      assertMean(
        runs.map(([, g]) => toNumber(g.a)),
        derivative((x) => coinLoss(x, b), a),
        `by a at ${a}, ${b}`,
      );
      assertMean(
        runs.map(([, g]) => toNumber(g.b)),
        derivative((x) => coinLoss(a, x), b),
        `by b at ${a}, ${b}`,
      );
    }
  },

  'where the guide is the posterior, every draw gives minus the log-evidence': () => {
    // The evidence of seven heads of ten under Beta(2, 2) is B(9, 5) / B(2, 2).
    const logBeta = (a: number, b: number): number => toNumber(ops.sub(ops.add(ops.lgamma(a), ops.lgamma(b)), ops.lgamma(a + b)));
    const expected = logBeta(2, 2) - logBeta(9, 5);
    for (const loss of losses(coinProblem(9, 5)).slice(0, 20)) assert.ok(Math.abs(loss - expected) < 1e-4, `${loss}, expected ${expected}`);
  },

  'scale and mask count in model and guide alike': () => {
    const problem = coinProblem(9, 5);
    const doubled = { ...problem, model: scale(2)(problem.model), guide: scale(2)(problem.guide) };
    const [once, twice] = [losses(problem), losses(doubled)];
    for (let i = 0; i < 5; i++) assert.ok(Math.abs(twice[i]! - 2 * once[i]!) < 1e-4 * Math.abs(twice[i]!));
  },
});

/** A model with a latent of each kind of support, and where a guide's vector is mapped to. */
const supports = (): void => {
  sample('real', dist.Normal(0, 1).expand([2]));
  sample('positive', dist.Gamma(2, 1).expand([2]).toEvent(1));
  sample('unit', dist.Beta(2, 3));
  sample('bounded', dist.Uniform([-1, 0], [1, 5]));
  sample(
    'vector',
    dist.MultivariateNormal(
      [1, 2],
      [
        [2, 0.5],
        [0.5, 1],
      ],
    ),
  );
};

laws('infer/AutoContinuous: density', {
  'the log-density of a guide at its sites is that of the transformed vector: log q(z) − log |det J|': () => {
    const guide = AutoDiagonalNormal(supports).bind();
    const loc = Array.from({ length: 9 }, (_, i) => Math.sin(i));
    const sd = Array.from({ length: 9 }, (_, i) => 0.2 + 0.1 * i);
    const problem: Problem = { model: supports, guide, args: [], params: { auto_loc: loc, auto_scale: sd } };
    const particle = runParticle(key, problem);
    let offset = 0;
    let expected = 0;
    for (const site of particle.model.sites.values()) {
      if (site.type !== 'sample') continue;
      const bijector = bijectTo(site.fn.support);
      const shape = bijector.inverseShape(site.value.shape);
      const size = shape.reduce((a, b) => a * b, 1);
      const part = (values: readonly number[]) => array(values.slice(offset, offset + size), shape);
      const normal = dist.Normal(part(loc), part(sd)).toEvent(bijector.domainDim);
      expected += toNumber(ops.sum(dist.TransformedDistribution(normal, bijector).logProb(site.value)));
      offset += size;
    }
    assert.equal(offset, 9);
    assert.ok(Math.abs(toNumber(traceLogDensity(particle.guide)) - expected) < 1e-4 * Math.abs(expected));
  },

  'the ELBO of a guide is the difference of two log-densities': () => {
    const guide = AutoDiagonalNormal(supports).bind();
    const params = { auto_loc: new Float64Array(9), auto_scale: new Float64Array(9).fill(0.5) };
    const problem: Problem = { model: supports, guide, args: [], params };
    const [guideKey] = random.split(random.split(key, 1)[0]!);
    const values = Object.fromEntries([...trace(seed(guideKey)(substitute(params)(guide)))().sites].map(([name, site]) => [name, site.value]));
    const logP = toNumber(logDensity(supports, [], values).logDensity);
    const logQ = toNumber(logDensity(guide, [], { ...values, ...params }).logDensity);
    assert.ok(Math.abs(toNumber(TraceELBO().loss(key, problem)) - (logQ - logP)) < 1e-4 * Math.abs(logQ - logP));
  },
});
