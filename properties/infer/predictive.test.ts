/** Laws of Predictive and logLikelihood: draw by draw the run of the model, and nothing left behind. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as dist from '../../core/distributions/index.ts';
import { array, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, param, sample } from '../../core/primitives.ts';
import { foldIn, PRNGKey, split, type Key } from '../../core/random/key.ts';
import * as random from '../../core/random/index.ts';
import { toNDArray, type Input, type Value } from '../../core/value.ts';
import { AutoDiagonalNormal } from '../../infer/autoguides/index.ts';
import { logLikelihood, Predictive } from '../../infer/predictive/index.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace } from '../../transforms/handlers/trace.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { laws } from '../laws.ts';
import { assertClose } from '../laws/numeric.ts';
import { refused } from '../laws/shelfLaws.ts';

const key = PRNGKey(5);

/** A regression with local noise, a deterministic site, and counts besides. */
const regression = (x: Input, y?: Input): Value => {
  const w = sample('w', dist.Normal(0, 1).expand([2]).toEvent(1));
  const sigma = sample('sigma', dist.HalfNormal(1));
  const mu = deterministic('mu', ops.add(ops.mul(x, ops.gather(w, 0)), ops.gather(w, 1)));
  return plate(
    'data',
    3,
  )(() => {
    sample('count', dist.Categorical({ logits: [0, 1, 2] }));
    return sample('y', dist.Normal(mu, sigma), { obs: y });
  });
};

const x = [0.5, -1, 2];
const posterior = { w: random.normal(key, [2, 3, 2]), sigma: random.uniform(foldIn(key, 1), [2, 3]) };

const at = (value: NDArray, i: number, batch: number): NDArray => {
  const rest = value.shape.slice(batch);
  return toNDArray(ops.reshape(ops.gather(ops.reshape(value, [6, ...rest]), i, 0), rest));
};

const sitesOf = (model: (x: Input) => unknown, given: Readonly<Record<string, Input>>, own: Key): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    [...trace(seed(own)(substitute(given)(model)))(x).sites.values()].flatMap((site) =>
      site.type === 'plate' || site.type === 'factor' ? [] : [[site.name, site.value]],
    ),
  );

laws('Predictive', {
  'draw i is the compiled run with its values and its key, to the bit': () => {
    const all = Predictive(regression, { posteriorSamples: posterior, returnSites: ['mu', 'count', 'y', 'w'] })(key, x);
    const keys = split(key, 6);
    const once = jit((own: Key, given: Readonly<Record<string, Value>>) => sitesOf(regression, given, own));
    for (let i = 0; i < 6; i++) {
      const own = once(keys[i]!, { w: at(posterior.w, i, 2), sigma: at(posterior.sigma, i, 2) });
      for (const name of ['mu', 'count', 'y', 'w']) assert.deepEqual(at(all[name]!, i, 2).data, toNDArray(own[name]!).data, `${name} of draw ${i}`);
    }
  },

  'draw i is the run with its values and its key, to single precision': () =>
    tf.tidy(() => {
      const all = Predictive(regression, { posteriorSamples: posterior })(key, x);
      const keys = split(key, 6);
      for (let i = 0; i < 6; i++) {
        const own = sitesOf(regression, { w: at(posterior.w, i, 2), sigma: at(posterior.sigma, i, 2) }, keys[i]!);
        for (const name of ['mu', 'count', 'y']) assertClose(at(all[name]!, i, 2), own[name]!, { relative: 1e-5, absolute: 1e-5 }, `${name} of draw ${i}`);
      }
    }),

  'new sample sites and deterministic ones are returned, with the axes of the draws first': () => {
    const all = Predictive(regression, { posteriorSamples: { ...posterior, mu: ops.zeros([2, 3, 3]) } })(key, x);
    assert.deepEqual(Object.keys(all).sort(), ['count', 'mu', 'y']);
    assert.deepEqual(
      [all['y']!.shape, all['mu']!.shape],
      [
        [2, 3, 3],
        [2, 3, 3],
      ],
    );
    assert.ok(
      all['mu']!.data.every((value) => value !== 0),
      'a deterministic site is computed anew',
    );
    const flat = Predictive(regression, { posteriorSamples: { w: ops.reshape(posterior.w, [6, 2]), sigma: ops.reshape(posterior.sigma, [6]) } })(key, x);
    assert.deepEqual(flat['y']!.data, all['y']!.data);
    assert.deepEqual(flat['y']!.shape, [6, 3]);
  },

  'the prior predictive draws everything': () => {
    const all = Predictive(regression, { numSamples: 4 })(key, x);
    assert.deepEqual(Object.keys(all).sort(), ['count', 'mu', 'sigma', 'w', 'y']);
    assert.deepEqual(all['w']!.shape, [4, 2]);
    assert.equal(new Set(all['sigma']!.data).size, 4, 'each draw has a key of its own');
  },

  'a guide gives the latent sites': () => {
    const model = (input: Input): void => {
      const w = sample('w', dist.Normal(0, 1).expand([2]).toEvent(1));
      const sigma = sample('sigma', dist.HalfNormal(1));
      deterministic('mu', ops.add(ops.mul(input, ops.gather(w, 0)), ops.gather(w, 1)));
      sample('z', dist.Normal(0, sigma), { obs: 0 });
    };
    const certain = (): void => {
      const loc = param('loc', 0);
      sample('w', dist.Delta(ops.stack([ops.add(loc, 1), 2]), 0, 1));
      sample('sigma', dist.Delta(0.5));
    };
    const own = Predictive(model, { guide: certain, params: { loc: 0.25 }, numSamples: 5 })(key, x);
    assertClose(own['mu']!, ops.broadcastTo(ops.add(ops.mul(1.25, x), 2), [5, 3]), { relative: 1e-12 });
    assert.deepEqual(Object.keys(own).sort(), ['mu', 'z']);
    const params = { auto_loc: [1, 2, Math.log(0.5)], auto_scale: [1e-9, 1e-9, 1e-9] };
    const auto = Predictive(model, { guide: AutoDiagonalNormal(model), params, numSamples: 5 })(key, x);
    assertClose(auto['mu']!, ops.broadcastTo(ops.add(x, 2), [5, 3]), { relative: 1e-6 });
  },

  'a model that reads numbers is run as it stands': () => {
    const branching = (): void => {
      const a = sample('a', dist.Normal(0, 1));
      deterministic('sign', a.dataSync()[0]! > 0 ? 1 : -1);
    };
    const all = Predictive(branching, { numSamples: 8 })(key);
    all['a']!.data.forEach((value, i) => assert.equal(all['sign']!.data[i], Math.sign(value)));
  },

  'numbers among the arguments may be sizes': () => {
    const sized = (n: number): Value => plate('n', n)(() => sample('y', dist.Normal(0, 1)));
    assert.deepEqual(Predictive(sized, { numSamples: 2 })(key, 3)['y']!.shape, [2, 3]);
    assert.deepEqual(Predictive(sized, { numSamples: 2 })(key, 4)['y']!.shape, [2, 4]);
  },

  'no tensor is left behind': () => {
    const before = tf.memory().numTensors;
    Predictive(regression, { posteriorSamples: posterior })(key, x);
    logLikelihood(regression, { ...posterior, count: ops.zeros([2, 3, 3]) }, x, x);
    assert.equal(tf.memory().numTensors, before);
  },

  'what does not fit is refused': () => {
    refused('InvalidArgument', ['numSamples'], () => Predictive(regression, {}));
    refused('InvalidArgument', ['params'], () => Predictive(regression, { guide: regression, numSamples: 3 }));
    refused('InvalidArgument', ['either'], () => Predictive(regression, { guide: regression, posteriorSamples: posterior, params: {} }));
    refused('MissingSite', ['zeta'], () => Predictive(regression, { numSamples: 3, returnSites: ['zeta'] })(key, x));
    refused('MissingSite', ['other', 'w'], () => Predictive(regression, { posteriorSamples: { other: array([1, 2]) } })(key, x));
    refused('InvalidShape', ['w', '[draws'], () => Predictive(regression, { posteriorSamples: { w: array([1, 2]) } })(key, x));
    refused('InvalidArgument', ['key'], () => Predictive(regression, { numSamples: 3 })(x as never, x));
    refused('InvalidArgument', ['returnSites', 'list'], () => Predictive(regression, { numSamples: 3, returnSites: 'y' as never }));
    refused('InvalidShape', ['no draws'], () => Predictive(regression, { posteriorSamples: { w: ops.zeros([0, 2]) } })(key, x));
    refused('InvalidShape', ['sigma'], () => Predictive(regression, { posteriorSamples: { w: posterior.w, sigma: array([1, 2]) } })(key, x));
  },

  'no log-likelihood comes of draws from the prior, nor of a model without observations': () => {
    refused('MissingSite', ['"count"', 'w, sigma'], () => logLikelihood(regression, posterior, x, x));
    refused('MissingSite', ['"y"', 'observ'], () => logLikelihood(regression, { ...posterior, count: ops.zeros([2, 3, 3]) }, x));
    const prior = (): void => void sample('w', dist.Normal(0, 1));
    refused('MissingSite', ['no observed site'], () => logLikelihood(prior, { w: array([1, 2]) }));
  },

  'the log-likelihood is that of each observation at each draw': () => {
    const y = [0.1, 0.2, -0.3];
    const all = logLikelihood(regression, { ...posterior, count: ops.zeros([2, 3, 3]) }, x, y);
    assert.deepEqual(Object.keys(all), ['y']);
    const mu = ops.add(ops.mul(ops.slice(posterior.w, [0, 0, 0], [2, 3, 1]), x), ops.slice(posterior.w, [0, 0, 1], [2, 3, 1]));
    assertClose(all['y']!, dist.Normal(mu, ops.expandDims(posterior.sigma, -1)).logProb(y), { relative: 1e-12, absolute: 1e-13 });
  },
});
