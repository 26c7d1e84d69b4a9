/** Guides of one's own: families on AutoContinuous, parts for AutoGuide, and functions written by hand; and the types that flow through SVI. */
import assert from 'node:assert/strict';
import {
  adam,
  array,
  AutoContinuous,
  AutoDiagonalNormal,
  AutoGuide,
  constraints,
  dist,
  ops,
  param,
  random,
  sample,
  SVI,
  TraceELBO,
  type Guide,
  type GuideJSON,
  type Input,
  type Model,
  type NDArray,
  type PosteriorFamily,
  type Value,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { assertMean } from '../laws/statistics.ts';
import { key, line, lineData } from './problems.ts';

const { x, y } = lineData;

/** What a full-rank guide looks like. */
const fullRank: PosteriorFamily = {
  name: 'FullRank',
  getPosterior: ({ param: state, initLoc, initScale }) =>
    dist.MultivariateNormal({ loc: state('loc', initLoc), scaleTril: state('scale_tril', ops.diag(initScale()), constraints.lowerCholesky) }),
  hasNormalMarginals: true,
};

/** Two latents that the data tie together: their sum is observed. */
const tied = (): void => {
  const z = sample('z', dist.Normal(0, 1).expand([2]));
  sample('y', dist.Normal(ops.sum(z), 0.5), { obs: 1 });
};

/** The posterior of `tied`: precision I + 4·11ᵀ, whose inverse is I − (4/9)·11ᵀ, and mean 4/9 in both. */
const exact = { mean: 4 / 9, variance: 5 / 9, covariance: -4 / 9 };

const covarianceOf = (draws: NDArray): readonly [a: number[], b: number[]] => {
  const [a, b] = [0, 1].map((j) => [...draws.data.filter((_, i) => i % 2 === j)]);
  return [a!, b!];
};

/** Parameters that many falling steps lead to. */
const fitted = (model: Model<[]>, guide: Guide<[]>, count: number = 600): Readonly<Record<string, NDArray>> => {
  const svi = SVI(
    model,
    guide,
    adam((step) => ops.mul(0.1, ops.pow(0.99, step))),
    TraceELBO({ numParticles: 2 }),
  );
  let state = svi.init(key);
  for (let i = 0; i < count; i++) [state] = svi.update(state);
  return svi.getParams(state);
};

laws('infer/AutoContinuous: families of one’s own', {
  'a full-rank guide finds a correlated posterior, and answers every question': () => {
    const guide = AutoContinuous(tied, fullRank).bind();
    const params = fitted(tied, guide);
    assert.deepEqual(Object.keys(params).sort(), ['auto_loc', 'auto_scale_tril']);
    const posterior = guide.getPosterior(params);
    const [a, b] = covarianceOf(guide.samplePosterior(key, params, { sampleShape: [4000] })['z']!);
    const products = a.map((value, i) => (value - exact.mean) * (b[i]! - exact.mean));
    // The fit itself is off by less than the draws can show.
    assertMean(products, exact.covariance, 'covariance');
    for (const j of [0, 1]) {
      assert.ok(Math.abs((posterior.mean as NDArray).data[j]! - exact.mean) < 0.05);
      assert.ok(Math.abs((posterior.variance as NDArray).data[j]! / exact.variance - 1) < 0.1);
      assert.equal(guide.median(params)['z']!.data[j], (posterior.mean as NDArray).data[j]);
    }
    assert.ok(guide.quantiles(params, [0.1])['z']!.data[0]! < guide.median(params)['z']!.data[0]!);
  },

  'options reach a family: prefix, initScale, initLocFn': () => {
    const guide = AutoContinuous(tied, fullRank, { prefix: 'q', initScale: 0.3, initLocFn: () => 2 });
    const svi = SVI(tied, guide, adam(0.1), TraceELBO());
    const params = svi.getParams(svi.init(key));
    assert.deepEqual(params['q_loc']!.toArray(), [2, 2]);
    params['q_scale_tril']!.data.forEach((value, i) => assert.ok(Math.abs(value - [0.3, 0, 0, 0.3][i]!) < 1e-14));
  },

  'without normal marginals, median and quantiles say so; draws are there': () => {
    const family: PosteriorFamily = { getPosterior: ({ param: state, initLoc, dim }) => dist.Normal(state('loc', initLoc), 1).expand([dim]).toEvent(1) };
    const guide = AutoContinuous(tied, family).bind();
    const params = { auto_loc: [1, 2] };
    assert.throws(() => guide.median(params), { _tag: 'Unsupported', message: /AutoContinuous.*median.*samplePosterior/ });
    assert.throws(() => guide.quantiles(params, [0.5]), { _tag: 'Unsupported' });
    assert.deepEqual(guide.samplePosterior(key, params)['z']!.shape, [2]);
  },

  'a family of other supports: parameters in their constraints, and starts of its own': () => {
    const family: PosteriorFamily = {
      name: 'Scaled',
      getPosterior: ({ param: state, dim, initLoc }) => {
        const width = state('width', (k) => random.uniform(k, [], { minval: 1, maxval: 2 }), constraints.positive);
        return dist.Normal(state('loc', initLoc), width).expand([dim]).toEvent(1);
      },
      hasNormalMarginals: true,
    };
    const svi = SVI(tied, AutoContinuous(tied, family), adam(0.1), TraceELBO());
    const [one, other] = [1, 2].map((seed) => svi.getParams(svi.init(random.PRNGKey(seed)))['auto_width']!.item());
    assert.ok(one! > 1 && one! < 2 && one !== other);
  },

  'a family saves and restores as the built-in ones do': () => {
    const params = {
      auto_loc: [0.1, 0.2],
      auto_scale_tril: [
        [1, 0],
        [0.5, 1],
      ],
    };
    const guide = AutoContinuous(tied, fullRank).bind();
    const restored = AutoContinuous(tied, fullRank).restore(JSON.parse(JSON.stringify(guide.toJSON())) as GuideJSON);
    assert.deepEqual(restored.samplePosterior(key, params), guide.samplePosterior(key, params));
  },
});

/** A guide of point estimates, such as AutoDelta will be. */
const points = <Args extends readonly unknown[]>(model: Model<Args>): Guide<Args> =>
  AutoGuide(model, {
    name: 'Points',
    run: (latents) =>
      Object.fromEntries(
        latents.map(({ name, support, batchShape, eventShape }) => {
          const v = param(`${name}_auto_loc`, support.feasible([...batchShape, ...eventShape]), { constraint: support });
          return [name, sample(name, dist.Delta({ v, eventDim: eventShape.length }))];
        }),
      ),
    median: (latents, params) => Object.fromEntries(latents.map(({ name }) => [name, array(params[`${name}_auto_loc`] as NDArray)])),
  });

laws('infer/AutoGuide: parts of one’s own', {
  'a guide of points finds the mode': () => {
    const guide = points(tied).bind();
    const params = fitted(tied, guide, 800);
    guide.median(params)['z']!.data.forEach((value) => assert.ok(Math.abs(value - exact.mean) < 1e-3, String(value)));
  },

  'it is bound by a run, and says what it can’t answer': async () => {
    const svi = SVI(line, points(line), adam(0.05), TraceELBO());
    const { guide, params } = await svi.run(key, 20, [x, y]);
    assert.deepEqual(Object.keys(guide.median(params)), ['w', 'sigma']);
    for (const ask of [() => guide.quantiles(params, [0.5]), () => guide.samplePosterior(key, params), () => guide.getPosterior(params)]) {
      assert.throws(ask, { _tag: 'Unsupported', message: /^Points has no/ });
    }
    assert.throws(() => points(line).median(params), { _tag: 'Unbound' });
  },
});

laws('infer/SVI: types', {
  'the types of a model reach the arguments of every function of SVI, and the guide': () => {
    const model = (data: NDArray, isWide: boolean, options: { readonly scale: number }, extra?: Input): void =>
      void sample('z', dist.Normal(ops.mean(data), isWide ? options.scale : (extra ?? 1)));
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO());
    const check = async (): Promise<void> => {
      const state = svi.init(key, x, true, { scale: 1 });
      svi.update(state, x, true, { scale: 1 }, [1, 2]);
      // @ts-expect-error -- an argument is missing
      svi.update(state, x, true);
      // @ts-expect-error -- a string is no flag
      svi.evaluate(state, x, 'yes', { scale: 1 });
      // @ts-expect-error -- a record lacks its field
      svi.init(key, x, true, {});
      const { guide, params, losses } = await svi.run(key, 1, [x, true, { scale: 1 }]);
      // @ts-expect-error -- the list of arguments is that of the model
      await svi.run(key, 1, [x, { scale: 1 }, true]);
      const shapes: readonly [Float64Array, NDArray | undefined] = [losses, guide.median(params)['z']];
      // @ts-expect-error -- a guide takes the arguments of its model
      guide.bind(true);
      assert.ok(shapes.length === 2);
    };
    assert.equal(typeof check, 'function');
  },

  'where a model takes tensors, any array may be passed': () => {
    const model = (data: Value, labels: readonly string[]): void => void sample('z', dist.Normal(ops.mean(data), labels.length));
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO());
    const losses = [[1, 2], new Float64Array([1, 2]), array([1, 2])].map((data) => svi.evaluate(svi.init(key, data, ['a', 'b']), data, ['a', 'b']));
    assert.equal(new Set(losses).size, 1);
  },
});
