/** Guides made from models: their parameters, the questions they answer, and how they are saved. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  adam,
  array,
  AutoDiagonalNormal,
  bijectors,
  deterministic,
  dist,
  ops,
  plate,
  random,
  sample,
  SVI,
  trace,
  seed,
  TraceELBO,
  type Guide,
  type GuideJSON,
  type Model,
  type NDArray,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { assertMean, variance, Z } from '../laws/statistics.ts';
import { key, line, lineData } from './problems.ts';

const { x, y } = lineData;

/** Below −1: the map from the real numbers to it falls. */
const below = dist.TransformedDistribution(dist.Exponential(1), bijectors.affine(-1, -1));

/** Sites of several shapes and supports, out of alphabetical order, with an observation and a deterministic among them. */
const zoo = (): void => {
  const z = sample('z', dist.Normal(0, 1).expand([2]));
  sample('y', dist.Normal(0, 1), { obs: 1 });
  sample('m', dist.Gamma(2, 1).expand([3]).toEvent(1));
  deterministic('twice', ops.mul(z, 2));
  plate('groups', 2)(() => sample('b', dist.Uniform(-1, 3)));
  sample('a', below);
};
const DIM = 2 + 3 + 2 + 1;

const boundGuide = (): Guide<[]> => AutoDiagonalNormal(zoo).bind();
const loc = Array.from({ length: DIM }, (_, i) => Math.sin(2 * i) / 2);
const scale = Array.from({ length: DIM }, (_, i) => 0.1 + i / 20);
const params = { auto_loc: loc, auto_scale: scale };

/** The sites of the zoo from coordinates on the unconstrained scale, written by hand. */
const constrainedByHand = (u: readonly number[]): Readonly<Record<string, readonly number[]>> => ({
  z: u.slice(0, 2),
  m: u.slice(2, 5).map(Math.exp),
  b: u.slice(5, 7).map((v) => -1 + 4 / (1 + Math.exp(-v))),
  a: u.slice(7).map((v) => -1 - Math.exp(v)),
});

const assertSites = (actual: Readonly<Record<string, NDArray>>, expected: Readonly<Record<string, readonly number[]>>, relative: number = 1e-14): void => {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    values.forEach((value, i) =>
      assert.ok(
        Math.abs(actual[name]!.data[i]! - value) <= relative * Math.max(1, Math.abs(value)),
        `${name}[${i}] ${actual[name]!.data[i]}, expected ${value}`,
      ),
    );
  }
};

/** The empirical quantile, and the errors that a deviation of Z standard errors of its rank allows on either side. */
const quantileRange = (draws: Float64Array, q: number): readonly [number, number] => {
  const sorted = Float64Array.from(draws).sort();
  const error = Z * Math.sqrt((q * (1 - q)) / draws.length);
  const at = (p: number): number => sorted[Math.min(draws.length - 1, Math.max(0, Math.round(p * draws.length)))]!;
  return [at(q - error), at(q + error)];
};

laws('infer/AutoDiagonalNormal', {
  'states auto_loc and auto_scale, and samples the vector and every latent, in the order of the model': () => {
    const run = trace(seed(key)(AutoDiagonalNormal(zoo)))();
    assert.deepEqual([...run.sites.keys()], ['auto_loc', 'auto_scale', '_auto_latent', 'z', 'm', 'b', 'a']);
    assert.deepEqual(run.sites.get('auto_loc')!.value.shape, [DIM]);
    assert.deepEqual(run.sites.get('auto_scale')!.value.shape, [DIM]);
    const latent = run.sites.get('_auto_latent')!;
    assert.ok(latent.type === 'sample' && latent.infer['isAuxiliary'] === true);
    const model = trace(seed(key)(zoo))();
    for (const name of ['z', 'm', 'b', 'a']) assert.deepEqual(run.sites.get(name)!.value.shape, model.sites.get(name)!.value.shape);
    assert.deepEqual(Object.keys(run.value as object), ['z', 'm', 'b', 'a']);
  },

  'a prefix stands before its names': () => {
    const guide = AutoDiagonalNormal(line, { prefix: 'mine' });
    const run = trace(seed(key)(guide))(x, y);
    assert.deepEqual([...run.sites.keys()].slice(0, 3), ['mine_loc', 'mine_scale', '_mine_latent']);
    const svi = SVI(line, guide, adam(0.1), TraceELBO());
    const learned = svi.getParams(svi.update(svi.init(key, x, y), x, y)[0]);
    assert.deepEqual(Object.keys(learned), ['mine_loc', 'mine_scale']);
    assert.deepEqual(guide.bind(x, y).median(learned)['w']!.shape, [2]);
    assert.throws(() => guide.bind(x, y).median({ auto_loc: [0, 0, 0], auto_scale: [1, 1, 1] }), { _tag: 'MissingSite', site: 'mine_loc' });
  },

  'packs the latents in the order of the model; the median is the image of loc, in float64': () => {
    assertSites(boundGuide().median(params), constrainedByHand(loc));
    assertSites(boundGuide().median({ auto_loc: array(loc), auto_scale: array(scale) }), constrainedByHand(loc));
    assert.deepEqual(boundGuide().median(params)['b']!.shape, [2]);
    assert.deepEqual(boundGuide().median(params)['a']!.shape, []);
  },

  'quantiles are images of normal quantiles, along a leading axis': () => {
    const quantiles = boundGuide().quantiles(params, [0.5, 0.975]);
    assert.deepEqual(
      Object.values(quantiles).map(({ shape }) => shape),
      [[2, 2], [2, 3], [2, 2], [2]],
    );
    const upper = loc.map((m, i) => m + (i === DIM - 1 ? -1 : 1) * 1.959963984540054 * scale[i]!);
    const row = (i: number): Readonly<Record<string, NDArray>> =>
      Object.fromEntries(Object.entries(quantiles).map(([name, { data }]) => [name, array(data.slice((i * data.length) / 2, ((i + 1) * data.length) / 2))]));
    assertSites(row(0), constrainedByHand(loc));
    assertSites(row(1), constrainedByHand(upper));
  },

  'quantiles rise with the probability, under a falling map too': () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }), (qs) => {
        const sorted = [...qs].sort((a, b) => a - b);
        return Object.values(boundGuide().quantiles(params, sorted)).every(({ data }) => {
          const size = data.length / sorted.length;
          return data.every((value, i) => i < size || value >= data[i - size]!);
        });
      }),
    ),

  'a quantile is a probability': () => {
    for (const q of [-0.1, 1.1, NaN]) assert.throws(() => boundGuide().quantiles(params, [0.5, q]), { _tag: 'InvalidArgument' });
    const ends = boundGuide().quantiles(params, [0, 1]);
    assert.deepEqual([...ends['a']!.data], [-Infinity, -1]);
    assert.deepEqual(boundGuide().quantiles(params, [])['b']!.shape, [0, 2]);
  },

  'draws have the shape asked for, in float64, by their key': () => {
    for (const sampleShape of [undefined, [], [3], [2, 5]]) {
      const draws = boundGuide().samplePosterior(key, params, { sampleShape });
      for (const [name, value] of Object.entries(boundGuide().median(params))) assert.deepEqual(draws[name]!.shape, [...(sampleShape ?? []), ...value.shape]);
    }
    const draw = (k: typeof key): Float64Array => boundGuide().samplePosterior(k, params)['z']!.data;
    assert.deepEqual(draw(key), draw(key));
    assert.notDeepEqual(draw(key), draw(random.PRNGKey(1)));
    assert.ok(draw(key).some((value) => value !== Math.fround(value)));
  },

  'many draws have the quantiles that it states': () => {
    const draws = boundGuide().samplePosterior(key, params, { sampleShape: [4000] });
    const qs = [0.05, 0.25, 0.5, 0.9];
    forEachEntry(boundGuide().quantiles(params, qs), (quantiles, name) => {
      const size = quantiles.data.length / qs.length;
      for (let j = 0; j < size; j++) {
        const own = draws[name]!.data.filter((_, i) => i % size === j);
        qs.forEach((q, k) => {
          const [low, high] = quantileRange(own, q);
          const stated = quantiles.data[k * size + j]!;
          assert.ok(low <= stated && stated <= high, `element ${j} at ${q}: ${stated}, draws say ${low} to ${high}`);
        });
      }
    });
  },

  'getPosterior is the distribution of the vector': () => {
    const posterior = boundGuide().getPosterior(params);
    assert.deepEqual([posterior.batchShape, posterior.eventShape], [[], [DIM]]);
    assert.deepEqual([...(posterior.mean as NDArray).data], loc);
    const expected = scale.reduce((sum, s) => sum - 0.5 * Math.log(2 * Math.PI) - Math.log(s), 0);
    assert.ok(Math.abs((posterior.logProb(loc) as NDArray).item() - expected) < 1e-13);
  },

  'draws of the guide in SVI and of samplePosterior have one distribution': () => {
    const guide = AutoDiagonalNormal(zoo, { initScale: 0.3, initLocFn: () => undefined });
    const svi = SVI(zoo, guide, adam(0.1), TraceELBO());
    const start = svi.getParams(svi.init(key));
    const { z } = guide.bind().samplePosterior(key, start, { sampleShape: [2000] });
    const first = z!.data.filter((_, i) => i % 2 === 0);
    assertMean(first, start['auto_loc']!.data[0]!, 'mean', 0.3);
    assert.ok(Math.abs(Math.sqrt(variance(first)) / 0.3 - 1) < Z / Math.sqrt(4000));
  },
});

laws('infer/guides: binding', {
  'an unbound guide runs as a model, and says of any question that it must be bound': () => {
    const guide = AutoDiagonalNormal(zoo);
    assert.equal(guide.isBound, false);
    const questions: Readonly<Record<string, (g: Guide<[]>) => unknown>> = {
      median: (g) => g.median(params),
      quantiles: (g) => g.quantiles(params, [0.5]),
      samplePosterior: (g) => g.samplePosterior(key, params),
      getPosterior: (g) => g.getPosterior(params),
      toJSON: (g) => JSON.stringify(g.toJSON()),
    };
    forEachEntry(questions, (ask, name) => {
      assert.throws(() => ask(guide), { _tag: 'Unbound', message: new RegExp(`AutoDiagonalNormal.*${name}.*guide\\.bind`) });
      ask(boundGuide());
    });
    assert.equal(boundGuide().isBound, true);
  },

  'bind, JSON, restore: the same answers, without the data': () => {
    const guide = AutoDiagonalNormal(zoo).bind();
    const json = JSON.parse(JSON.stringify(guide.toJSON())) as GuideJSON;
    const gone = (): never => {
      throw new Error('the model should not run');
    };
    const restored = AutoDiagonalNormal(gone as Model<[]>).restore(json);
    assert.ok(restored.isBound);
    assert.deepEqual(restored.median(params), guide.median(params));
    assert.deepEqual(restored.quantiles(params, [0.1, 0.9]), guide.quantiles(params, [0.1, 0.9]));
    assert.deepEqual(restored.samplePosterior(key, params, { sampleShape: [3] }), guide.samplePosterior(key, params, { sampleShape: [3] }));
    assert.deepEqual(restored.toJSON(), guide.toJSON());
    assert.throws(() => AutoDiagonalNormal(zoo).restore({ ...json, guide: 'AutoNormal' }), { _tag: 'InvalidArgument' });
  },

  'every bounded support survives JSON': () => {
    const supports = {
      low: dist.TransformedDistribution(dist.Exponential(1), bijectors.affine([1, 2], 1)),
      high: below,
      between: dist.Uniform([-1, -2], [1, 2]),
      positive: dist.HalfNormal(1),
      real: dist.MultivariateNormal(
        [0, 0],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    };
    const model = (): void => Object.entries(supports).forEach(([name, fn]) => void sample(name, fn));
    const guide = AutoDiagonalNormal(model).bind();
    const restored = AutoDiagonalNormal(model).restore(JSON.parse(JSON.stringify(guide.toJSON())) as GuideJSON);
    const point = { auto_loc: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], auto_scale: new Float64Array(8).fill(1) };
    assert.deepEqual(restored.median(point), guide.median(point));
  },

  'binding runs at the arguments given: sizes may follow the data': () => {
    const model = (data: NDArray): void => void sample('z', dist.Normal(0, 1).expand(data.shape));
    const guide = AutoDiagonalNormal(model);
    const sizeOf = (data: NDArray): number =>
      guide.bind(data).samplePosterior(key, { auto_loc: new Float64Array(data.data.length), auto_scale: new Float64Array(data.data.length).fill(1) })['z']!.data
        .length;
    assert.deepEqual([sizeOf(array([1, 2])), sizeOf(array([1, 2, 3]))], [2, 3]);
  },

  'binding does not care for a prior so vague that its draws are of no use': () => {
    const model = (): void => {
      const logScale = sample('logScale', dist.Normal(0, 1000));
      sample('y', dist.Normal(0, ops.exp(logScale)), { obs: 1 });
    };
    assert.deepEqual(
      AutoDiagonalNormal(model)
        .bind()
        .toJSON()
        .latents.map(({ name }) => name),
      ['logScale'],
    );
  },

  'models that such a guide can’t serve are refused, with what to do': () => {
    const refused = (model: Model<[]>, site: string | undefined, says: RegExp): void => {
      assert.throws(() => AutoDiagonalNormal(model).bind(), { _tag: 'Unsupported', ...(site === undefined ? {} : { site }), message: says });
      const svi = SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO());
      assert.throws(() => svi.init(key), { _tag: 'Unsupported' });
    };
    refused(() => void sample('k', dist.Bernoulli(0.5)), 'k', /discrete Bernoulli/);
    refused(() => void sample('y', dist.Normal(0, 1), { obs: 1 }), undefined, /no latent sites/);
    refused(() => plate('rows', 10, { subsampleSize: 2 })(() => sample('local', dist.Normal(0, 1))), 'local', /subsampled plate "rows"/);
    refused(
      () => {
        const high = sample('high', dist.HalfNormal(1));
        sample('low', dist.Uniform(0, high));
      },
      'low',
      /support.*depends|depends on what/,
    );
    refused(
      () => {
        const k = sample('first', dist.Normal(0, 1)).dataSync()[0]!;
        sample('second', dist.Normal(0, 1).expand([1 + Math.floor(1000 * Math.abs(k))]));
      },
      'second',
      /shape/,
    );
  },

  'a subsampled plate with observations alone is welcome': () => {
    const model = (): void => {
      const m = sample('m', dist.Normal(0, 1));
      plate('rows', 10, { subsampleSize: 2 })((indices) => sample('y', dist.Normal(m, 1), { obs: ops.mul(indices, 0.1) }));
    };
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO());
    assert.ok(Number.isFinite(svi.update(svi.init(key))[1]));
  },
});
