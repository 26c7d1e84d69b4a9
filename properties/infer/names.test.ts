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

/** Every place that takes names, with one of them misspelt. */
const places: Readonly<Record<string, (name: string) => unknown>> = {
  potentialEnergy: (name) => potentialEnergy(model, [1], { slope: 0, sigma: 0, [name]: 1 }),
  constrain: (name) => constrain(model, [1], { slope: 0, sigma: 0, [name]: 1 }),
  unconstrain: (name) => unconstrain(model, [1], { slope: 0, sigma: 1, [name]: 1 }),
  'NUTS, initToValue': (name) => NUTS(model, { initStrategy: initToValue({ [name]: 1 }) }).init(key, 1, [1]),
  'SVI, initToValue': (name) => SVI(model, AutoDiagonalNormal(model, { initLocFn: initToValue({ [name]: 1 }) }), adam(0.1), TraceELBO()).init(key, 1),
  'SVI, initScale': (name) => SVI(model, AutoDiagonalNormal(model, { initScale: { [name]: 1 } }), adam(0.1), TraceELBO()).init(key, 1),
  'SVI, initParams': (name) => SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO()).run(key, 1, [1], { initParams: { [name]: 1 } }),
  Predictive: (name) => Predictive(model, { posteriorSamples: { ...draws, [name]: array([1, 2]) } })(key),
  'Predictive, returnSites': (name) => Predictive(model, { posteriorSamples: draws, returnSites: [name] })(key),
  logLikelihood: (name) => logLikelihood(model, { ...draws, [name]: array([1, 2]) }, 1),
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
