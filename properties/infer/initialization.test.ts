/** Initialisation: every strategy starts every site inside its support, in its shape, by its key. */
import assert from 'node:assert/strict';
import {
  adam,
  AutoDiagonalNormal,
  bijectTo,
  dist,
  initToFeasible,
  initToMean,
  initToMedian,
  initToSample,
  initToUniform,
  initToValue,
  InitMessenger,
  ops,
  plate,
  random,
  sample,
  seed,
  SVI,
  trace,
  TraceELBO,
  type AutoContinuousOptions,
  type InitFn,
  type InitScale,
  type Key,
  type Model,
  type NDArray,
  type Params,
} from '../../infer/kindling.ts';
import { toNDArray } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { assertMean } from '../laws/statistics.ts';
import { key } from './problems.ts';

/** A latent of each kind of support and shape. */
const sites = (): void => {
  sample('real', dist.Normal(100, 1).expand([2]));
  sample('positive', dist.Exponential(10).expand([3]).toEvent(1));
  sample('unit', dist.Beta(0.5, 0.5));
  sample('bounded', dist.Uniform([-1, 4], [1, 5]));
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
  sample('drawn thrice', dist.HalfCauchy(2), { sampleShape: [3] });
  plate('plate', 4)(() => sample('in a plate', dist.LogNormal(0, 1)));
};
const DIM = 2 + 3 + 1 + 2 + 2 + 3 + 4;

const strategies: Readonly<Record<string, InitFn>> = {
  initToUniform: initToUniform(),
  'initToUniform, narrow': initToUniform({ radius: 0.1 }),
  initToFeasible: initToFeasible(),
  initToMedian: initToMedian(),
  'initToMedian of an even number': initToMedian({ numSamples: 4 }),
  initToMean: initToMean(),
  initToSample: initToSample(),
  initToValue: initToValue({ unit: 0.25, real: [1, 2] }),
  'one’s own': (site) =>
    bijectTo(site.fn.support).forward(
      ops.fill(bijectTo(site.fn.support).inverseShape([...site.sampleShape, ...site.fn.batchShape, ...site.fn.eventShape]), 0.5),
    ),
};

/** The parameters at the start of a fit. */
const startOf = (model: Model<[]>, options: AutoContinuousOptions, from: Key = key): Params => {
  const svi = SVI(model, AutoDiagonalNormal(model, options), adam(0.1), TraceELBO());
  return svi.getParams(svi.init(from));
};

const locOf = (model: Model<[]>, initLocFn: InitFn, from?: Key): readonly number[] => [...startOf(model, { initLocFn }, from)['auto_loc']!.data];

/** The start of a model's single latent, in its support. */
const siteStart = (model: Model<[]>, initLocFn: InitFn): NDArray => Object.values(AutoDiagonalNormal(model).bind().median(startOf(model, { initLocFn })))[0]!;

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[(values.length - 1) / 2]!;

laws('infer/initialization', {
  'every strategy starts every site inside its support, in its shape': () =>
    forEachEntry(strategies, (initLocFn) => {
      const params = startOf(sites, { initLocFn });
      assert.deepEqual(params['auto_loc']!.shape, [DIM]);
      assert.ok(params['auto_loc']!.data.every(Number.isFinite));
      const starts = AutoDiagonalNormal(sites).bind().median(params);
      for (const site of trace(seed(key)(sites))().sites.values()) {
        if (site.type !== 'sample') continue;
        const start = starts[site.name]!;
        assert.deepEqual(start.shape, site.value.shape, site.name);
        assert.ok(
          toNDArray(site.fn.support.check(start)).data.every((ok) => ok !== 0),
          `${site.name} starts at ${String(start)}`,
        );
      }
    }),

  'the same key gives the same start; another gives another where the strategy draws': () => {
    const draws = ['initToUniform', 'initToUniform, narrow', 'initToMedian', 'initToMedian of an even number', 'initToMean', 'initToSample', 'initToValue'];
    forEachEntry(strategies, (initLocFn, name) => {
      assert.deepEqual(locOf(sites, initLocFn), locOf(sites, initLocFn));
      // The mean of a Cauchy is not finite: there its fallback, the median, draws.
      assert.equal(String(locOf(sites, initLocFn)) !== String(locOf(sites, initLocFn, random.PRNGKey(99))), draws.includes(name));
    });
  },

  'initToUniform lies within its radius on the unconstrained scale': () => {
    const model = (): void => void sample('x', dist.Exponential(1).expand([500]));
    for (const radius of [2, 0.5]) {
      const loc = locOf(model, initToUniform(radius === 2 ? {} : { radius }));
      assert.ok(loc.every((x) => Math.abs(x) <= radius));
      assert.ok(Math.max(...loc) > 0.95 * radius && Math.min(...loc) < -0.95 * radius);
      assertMean(loc, 0, 'centre', radius / Math.sqrt(3));
    }
  },

  'initToFeasible is the image of 0': () => {
    assert.ok(locOf(sites, initToFeasible()).every((x) => Math.abs(x) < 1e-12));
    assert.ok(Math.abs(siteStart(() => sample('x', dist.Uniform(2, 4)), initToFeasible()).item() - 3) < 1e-12);
  },

  'initToMedian is the median of its draws, 15 unless told': () => {
    const model = (): void => void sample('x', dist.Gamma(2, 1).expand([3]));
    const drawsOf = (numSamples: number): NDArray => {
      let draws: NDArray | undefined;
      const peek: InitFn = (site) => {
        draws = toNDArray(site.fn.sample(site.key!, [numSamples]));
        return undefined;
      };
      startOf(model, { initLocFn: peek });
      return draws!;
    };
    for (const [options, count] of [
      [{}, 15],
      [{ numSamples: 7 }, 7],
    ] as const) {
      const draws = drawsOf(count);
      const start = siteStart(model, initToMedian(options));
      for (const j of [0, 1, 2]) {
        const expected = medianOf([...draws.data.filter((_, i) => i % 3 === j)]);
        assert.ok(Math.abs(start.data[j]! - expected) < 1e-12 * expected, `${start.data[j]}, expected ${expected}`);
      }
    }
    assert.deepEqual(locOf(sites, initToSample()), locOf(sites, initToMedian({ numSamples: 1 })));
    assert.deepEqual([...startOf(sites, {})['auto_loc']!.data], locOf(sites, initToMedian({ numSamples: 15 })));
    for (const numSamples of [0, -1, 1.5, NaN]) assert.throws(() => initToMedian({ numSamples }), { _tag: 'InvalidArgument' });
  },

  'initToMean is the mean where there is one inside, else its fallback': () => {
    const start = (fn: ReturnType<typeof dist.Normal>, options?: Parameters<typeof initToMean>[0]): number =>
      siteStart(() => sample('x', fn), initToMean(options)).item();
    assert.ok(Math.abs(start(dist.Gamma(6, 2)) - 3) < 1e-12);
    assert.ok(Math.abs(start(dist.Uniform(1, 2)) - 1.5) < 1e-12);
    const fallback = initToValue({ x: 7 });
    assert.ok(Math.abs(start(dist.HalfCauchy(1), { fallback }) - 7) < 1e-12);
    // exp(900) is no double: the mean of this LogNormal is infinite as far as we can see.
    assert.ok(Math.abs(start(dist.LogNormal(0, 50), { fallback }) - 7) < 1e-12);
  },

  'a median on the edge of the support falls back': () => {
    // The draws of this Beta are exactly 0 or 1 as far as doubles go.
    const model = (): void => void sample('x', dist.Beta(1e-6, 1e-6));
    assert.ok(Math.abs(siteStart(model, initToMedian()).item() - 0.5) < 1e-12);
    assert.ok(Math.abs(siteStart(model, initToMedian({ fallback: initToValue({ x: 0.9 }) })).item() - 0.9) < 1e-12);
    assert.ok(Math.abs(siteStart(model, initToSample({ fallback: initToValue({ x: 0.9 }) })).item() - 0.9) < 1e-12);
  },

  'initToValue gives the values it has, and leaves the rest to its fallback': () => {
    const model = (): void => {
      sample('a', dist.Exponential(1).expand([2]));
      sample('b', dist.Exponential(1));
    };
    const values = (initLocFn: InitFn): readonly number[] => locOf(model, initLocFn).map((x) => Math.exp(x));
    const close = (actual: readonly number[], expected: readonly number[]): void =>
      expected.forEach((x, i) => assert.ok(Math.abs(actual[i]! - x) < 1e-12 * x, String(actual)));
    close(values(initToValue({ a: [2, 3] }, { fallback: initToFeasible() })), [2, 3, 1]);
    // One number serves for all elements.
    close(values(initToValue({ a: 5, b: 6 })), [5, 5, 6]);
    assert.throws(() => values(initToValue({ a: 5, other: 1 })), { _tag: 'MissingSite', site: 'other', message: /Expected: a, b/ });
    assert.equal(
      locOf(model, initToValue({ a: 2 }))
        .slice(0, 2)
        .join(),
      [Math.log(2), Math.log(2)].join(),
    );
  },

  'starts that do not fit are refused with the site’s name': () => {
    const model = (): void => void sample('a', dist.Exponential(1).expand([2]));
    const refused = (value: Parameters<typeof initToValue>[0][string], _tag: string): void =>
      assert.throws(() => startOf(model, { initLocFn: initToValue({ a: value }) }), { _tag, site: 'a' });
    refused([1, 2, 3], 'InvalidShape');
    refused([-1, 1], 'InvalidArgument');
    refused([0, 1], 'InvalidArgument');
    refused(NaN, 'InvalidArgument');
  },

  'statements after a site see its start': () => {
    const model = (): void => {
      const a = sample('a', dist.Normal(0, 1).expand([2]));
      sample('b', dist.Normal(ops.sum(a), 1));
    };
    const initLocFn: InitFn = (site) => (site.name === 'a' ? 3 : site.fn.mean);
    assert.deepEqual(locOf(model, initLocFn), [3, 3, 6]);
  },

  'a strategy that declines leaves the site to be drawn': () => {
    const model = (): void => void sample('x', dist.Normal(50, 1e-3));
    assert.ok(Math.abs(locOf(model, () => undefined)[0]! - 50) < 0.01);
  },

  'discrete sites are left to be drawn': () => {
    const model = (): void => void sample('k', dist.Bernoulli(0.5).expand([20]));
    forEachEntry({ initToUniform: initToUniform(), initToMedian: initToMedian(), initToMean: initToMean(), initToSample: initToSample() }, (init) => {
      const { sites: run } = trace(InitMessenger(init)(seed(key)(model)))();
      assert.deepEqual([...toNDArray(run.get('k')!.value).data], [...toNDArray(trace(seed(key)(model))().sites.get('k')!.value).data]);
    });
  },
});

const scales = (initScale: InitScale | undefined): readonly number[] => [
  ...startOf(
    () => {
      sample('a', dist.Normal(0, 1).expand([2]));
      sample('b', dist.Exponential(1));
    },
    { initScale },
  )['auto_scale']!.data,
];

const closeTo = (actual: readonly number[], expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((x, i) => assert.ok(Math.abs(actual[i]! - x) < 1e-14, String(actual)));
};

laws('infer/initScale', {
  'is 0.1 by default, a number, by site, or a function of the site': () => {
    closeTo(scales(undefined), [0.1, 0.1, 0.1]);
    closeTo(scales(0.5), [0.5, 0.5, 0.5]);
    closeTo(scales({ b: 0.3 }), [0.1, 0.1, 0.3]);
    closeTo(
      scales(({ name, support }) => (name === 'a' ? 0.2 : support.kind === 'real' ? 9 : 0.7)),
      [0.2, 0.2, 0.7],
    );
  },

  'scales that are none, and sites that are not there, are refused': () => {
    for (const scale of [0, -1, NaN, Infinity]) {
      assert.throws(() => scales(scale), { _tag: 'InvalidArgument' });
      assert.throws(() => scales({ a: scale }), { _tag: 'InvalidArgument', site: 'a' });
      assert.throws(() => scales(() => scale), { _tag: 'InvalidArgument' });
    }
    assert.throws(() => scales({ c: 1 }), { _tag: 'MissingSite', site: 'c', message: /initScale.*a, b/ });
  },
});
