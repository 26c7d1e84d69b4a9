/** Names that a model lacks: an error that names them, the known ones, and the nearest spelling, wherever the whole model is known. */
import assert from 'node:assert/strict';
import {
  adam,
  array,
  AutoDiagonalNormal,
  constrain,
  deterministic,
  dist,
  initToValue,
  LocScaleReparam,
  logLikelihood,
  MCMC,
  NUTS,
  ops,
  potentialEnergy,
  Predictive,
  random,
  reparam,
  sample,
  summary,
  SVI,
  TraceELBO,
  unconstrain,
  type Input,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';

const key = random.PRNGKey(0);

const model = (y?: Input): void => {
  const slope = sample('slope', dist.Normal(0, 1));
  const sigma = sample('sigma', dist.HalfNormal(1));
  deterministic('twice', ops.mul(2, slope));
  sample('y', dist.Normal(slope, sigma), { obs: y });
};

const draws = { slope: array([0, 1]), sigma: array([1, 2]) };

const misspelt = { slpoe: draws.slope, sigma: draws.sigma };

/** Every place that takes names, with one of them misspelt. */
const places: Readonly<Record<string, (name: string) => unknown>> = {
  potentialEnergy: (name) => potentialEnergy(model, [1], { slope: 0, sigma: 0, [name]: 1 }),
  constrain: (name) => constrain(model, [1], { slope: 0, sigma: 0, [name]: 1 }),
  unconstrain: (name) => unconstrain(model, [1], { slope: 0, sigma: 1, [name]: 1 }),
  'NUTS, initToValue': (name) => NUTS(model, { initStrategy: initToValue({ [name]: 1 }) }).init(key, 1, [1]),
  'SVI, initToValue': (name) => SVI(model, AutoDiagonalNormal(model, { initLocFn: initToValue({ [name]: 1 }) }), adam(0.1), TraceELBO()).init(key, 1),
  'SVI, initScale': (name) => SVI(model, AutoDiagonalNormal(model, { initScale: { [name]: 1 } }), adam(0.1), TraceELBO()).init(key, 1),
  'SVI, initParams': (name) => SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO()).run(key, 1, [1], { initParams: { [name]: 1 } }),
  'Predictive, returnSites': (name) => Predictive(model, { posteriorSamples: draws, returnSites: [name] })(key),
  extraFields: (name) => MCMC(NUTS(model), { numWarmup: 1, numSamples: 1 }).run(key, [1], { extraFields: [`~${name}`] }),
  'extraFields of a site': (name) => MCMC(NUTS(model), { numWarmup: 1, numSamples: 1 }).run(key, [1], { extraFields: [`z.${name}`] }),
  denseMass: (name) => NUTS(model, { denseMass: [[name]] }).init(key, 1, [1]),
  'summary, sites': (name) => summary(draws, { sites: [name] }),
};

laws('infer: names', {
  'a name that the model lacks is an error that says the known ones': async () => {
    for (const [place, use] of Object.entries(places)) {
      await assert.rejects(
        async () => use('tau'),
        (error: Error & { readonly _tag?: string }) => {
          assert.match(String(error._tag), /MissingSite|InvalidArgument/, `${place}: ${String(error)}`);
          assert.match(error.message, /tau/, place);
          assert.match(error.message, place === 'SVI, initParams' ? /auto_loc/ : /slope|z\.site/, place);
          return true;
        },
        place,
      );
    }
  },

  'a slip is told from the nearest name': async () => {
    for (const [place, use] of Object.entries(places)) {
      if (place === 'denseMass' || place === 'SVI, initParams') continue;
      await assert.rejects(async () => use('slpoe'), { message: /Did you mean (z\.)?slope\?/ }, place);
    }
    await assert.rejects(async () => places['SVI, initParams']!('autoLoc'), { message: /Did you mean auto_loc\?/ });
  },

  'draws of the sites that others are made of, and of deterministic and observed ones, do no harm': () => {
    const decentred = reparam({ slope: LocScaleReparam({ centered: 0 }) })(model);
    const run = Predictive(decentred, { numSamples: 3 })(key);
    const posteriorSamples = Object.fromEntries(['slope_decentered', 'slope', 'sigma', 'twice', 'y'].map((name) => [name, run[name]!]));
    assert.deepEqual(Predictive(model, { posteriorSamples, returnSites: ['twice'] })(key)['twice']!.data, run['twice']!.data);
    assert.deepEqual(logLikelihood(model, posteriorSamples, 1)['y']!.shape, [3]);
  },

  'draws under a misspelt name are refused where the site that was meant has none': () => {
    const { slope, sigma } = draws;
    for (const use of [
      (posterior: typeof misspelt) => Predictive(model, { posteriorSamples: posterior })(key),
      (posterior: typeof misspelt) => logLikelihood(model, posterior, 1),
    ])
      assert.throws(() => use(misspelt), { _tag: 'MissingSite', site: 'slpoe', message: /Did you mean slope\?/ });
    const y = Predictive(model, { posteriorSamples: { ...draws, slpoe: slope } })(key)['y']!;
    assert.deepEqual(y.data, Predictive(model, { posteriorSamples: { slope, sigma } })(key)['y']!.data);
  },

  'other draws that the model lacks are left out: of sites that it states only beside data, and of a larger model': () => {
    const stating = (y?: Input): void => {
      const mu = sample('mu', dist.Normal(0, 1));
      if (y !== undefined) deterministic('error', ops.sub(y, mu));
      sample('y', dist.Normal(mu, 1), { obs: y });
    };
    const posterior = { mu: array([0, 1]), error: array([3, 2]) };
    assert.deepEqual(Predictive(stating, { posteriorSamples: posterior })(key)['y']!.shape, [2]);
    assert.deepEqual(logLikelihood(() => sample('y', dist.Normal(sample('mu', dist.Normal(0, 1)), 1), { obs: 0 }), posterior)['y']!.shape, [2]);
    const smaller = (): unknown => deterministic('next', ops.mul(3, sample('slope', dist.Normal(0, 1))));
    const all = { ...draws, tau: array([1, 2]), slopes: array([[1], [2]]) };
    assert.deepEqual([...Predictive(smaller, { posteriorSamples: all })(key)['next']!.data], [0, 3]);
  },

  'a start for a site that reparam has restated is refused, unless the site in its place has one too': () => {
    const decentred = reparam({ slope: LocScaleReparam({ centered: 0 }) })(model);
    const starts: Readonly<Record<string, (values: Readonly<Record<string, number>>) => unknown>> = {
      NUTS: (values) => NUTS(decentred, { initStrategy: initToValue(values) }).init(key, 1, [1]),
      SVI: (values) => SVI(decentred, AutoDiagonalNormal(decentred, { initLocFn: initToValue(values) }), adam(0.1), TraceELBO()).init(key, 1),
    };
    for (const [name, start] of Object.entries(starts)) {
      assert.throws(() => start({ slope: 1 }), { _tag: 'MissingSite', site: 'slope', message: /slope_decentered/ }, name);
      assert.doesNotThrow(() => start({ slope: 1, slope_decentered: 1 }), name);
      assert.doesNotThrow(() => start({ slope_decentered: 1, twice: 2 }), name);
    }
  },

  'a start for a deterministic or an observed site does no harm, so that a draw of a posterior can be a start': () => {
    const start = NUTS(model, { initStrategy: initToValue({ slope: 0.5, sigma: 2, twice: 1, y: 1 }) }).init(key, 1, [1]);
    assert.equal(start.z.data[0], 0.5);
  },

  'a guide without one of its parameters, or that was fitted at other arguments, is refused': async () => {
    const guide = AutoDiagonalNormal(model);
    const { params, guide: bound } = await SVI(model, guide, adam(0.1), TraceELBO()).run(key, 5, [1]);
    const { auto_scale } = params;
    assert.throws(() => Predictive(model, { guide: bound, params: { autoLoc: [0, 0], auto_scale: auto_scale! }, numSamples: 2 })(key), {
      _tag: 'MissingSite',
      site: 'auto_loc',
      message: /not autoLoc/,
    });
    assert.throws(() => Predictive(model, { guide, params: {}, numSamples: 2 })(key), { _tag: 'MissingSite', site: 'auto_loc', message: /svi\.run/ });
    assert.throws(() => Predictive(model, { guide, params, numSamples: 2 })(key), { _tag: 'Unbound', message: /guide\.bind/ });
    assert.equal(Predictive(model, { guide: bound, params, numSamples: 2 })(key)['y']!.shape[0], 2);
  },

  'numSamples that contradicts the draws is an error': () => {
    assert.throws(() => Predictive(model, { posteriorSamples: draws, numSamples: 5 })(key), { _tag: 'InvalidArgument', message: /5 for draws of shape \[2\]/ });
    assert.equal(Predictive(model, { posteriorSamples: draws, numSamples: 2 })(key)['y']!.shape[0], 2);
  },
});
