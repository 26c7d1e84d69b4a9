/** SVI's errors: they name the site at fault, say what was given, and leave nothing behind. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { stackDepth } from '../../core/runtime.ts';
import {
  adam,
  array,
  AutoDiagonalNormal,
  constraints,
  dist,
  factor,
  ops,
  param,
  plate,
  sample,
  sgd,
  SVI,
  TraceELBO,
  type KindlingError,
  type Model,
  type SVIState,
  type Value,
} from '../../infer/kindling.ts';
import { errorOf } from '../errorOf.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { fitLine, key, lineData, textOf } from './problems.ts';

const { x, y } = lineData;

const none = (): void => undefined;

/** A model and its guide, and what the error of their first step must name. */
interface Fault {
  readonly model: Model<[]>;
  readonly guide?: Model<[]>;
  /** What `log` has become when the loss stops being finite: a start of this kind would be refused by init. */
  readonly log?: number;
  readonly site: string | undefined;
  readonly says: readonly RegExp[];
}

/** A positive number by its logarithm, without a constraint that keeps it from 0. */
const positive = (): Value => ops.exp(param('log', 0));

const normalGuide = (): void => void sample('z', dist.Normal(param('loc', 0), 1));

const faults: Readonly<Record<string, Fault>> = {
  'an observation outside the support': {
    model: () => {
      sample('fine', dist.Normal(0, 1), { obs: 0 });
      sample('late', dist.Exponential(ops.exp(sample('z', dist.Normal(0, 1)))), { obs: [1, -2, 3] });
      sample('later', dist.Exponential(1), { obs: -1 });
    },
    site: 'late',
    says: [/model is -Infinity, at element 1 first/, /support, nonnegative|support, positive/],
  },
  'an observation that no parameter allows': {
    model: () => void sample('throw', dist.Bernoulli(ops.mul(sample('z', dist.Normal(0, 1)), 0)), { obs: [0, 1] }),
    site: 'throw',
    says: [/model is -Infinity/, /probs 0/],
  },
  'NaN among the data': {
    model: () => void sample('y', dist.Normal(sample('z', dist.Normal(0, 1)), 1), { obs: [1, 2, NaN, 4] }),
    site: 'y',
    says: [/model is NaN/, /value NaN at element 2/],
  },
  'a scale that underflows': {
    model: () => {
      const z = sample('z', dist.Normal(0, 1));
      sample('y', dist.Normal(z, positive()), { obs: 1 });
    },
    log: -800,
    site: 'y',
    says: [/model is (NaN|-Infinity)/, /scale 0/],
  },
  'a scale that overflows': {
    model: () => void sample('y', dist.Normal(sample('z', dist.Normal(0, 1)), positive()), { obs: 1 }),
    log: 800,
    site: 'y',
    says: [/scale Infinity/],
  },
  'a site of the guide': {
    model: () => void sample('z', dist.Normal(0, 1)),
    guide: () => void sample('z', dist.Normal(param('loc', 0), positive())),
    log: -800,
    site: 'z',
    says: [/in the guide/, /scale 0/],
  },
  'a factor': {
    model: () => {
      const z = sample('z', dist.Normal(0, 1));
      factor('penalty', ops.log(ops.sub(z, 100)));
    },
    site: 'penalty',
    says: [/term NaN/],
  },
  'one element of many, in a plate': {
    model: () => {
      const z = sample('z', dist.Normal(0, 1));
      plate('data', 4)(() => sample('y', dist.Normal(z, ops.pow(positive(), [0, 0, 1, 0])), { obs: [0, 0, 0, 0] }));
    },
    log: -800,
    site: 'y',
    says: [/at element 2 first/, /scale of shape \[4\] from 0 to 1/],
  },
};

laws('infer/svi: errors of a step', {
  'a loss that is not finite names the first site that made it so': () =>
    forEachEntry(faults, ({ model, guide = normalGuide, log, site, says }) => {
      const svi = SVI(model, guide, adam(0.1), TraceELBO({ numParticles: 2 }));
      const start = svi.init(key);
      const state = log === undefined ? start : { ...start, params: { ...start.params, log: array(log) } };
      const error = errorOf(() => svi.update(state));
      assert.deepEqual([error._tag, error.site], ['NonFinite', site], error.message);
      says.forEach((phrase) => assert.match(error.message, phrase));
      assert.match(error.message, /stableUpdate/);
    }),

  'the error of a run is that of its step': async () => {
    const model = (): void => void sample('y', dist.Normal(sample('z', dist.Normal(0, 1)), 1), { obs: [1, NaN] });
    await assert.rejects(SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO()).run(key, 3, []), { _tag: 'NonFinite', site: 'y' });
  },

  'a rate that is far too high ends in an error that names a site': async () => {
    const svi = SVI(() => void sample('z', dist.Normal(0, 1)), normalGuide, sgd(1e30), TraceELBO());
    await assert.rejects(svi.run(key, 50, []), { _tag: 'NonFinite', site: 'z' });
  },
});

const guideOf =
  (...names: readonly string[]) =>
  (): void =>
    names.forEach((name) => void sample(name, dist.Normal(param(`${name}_loc`, 0), 1)));

const stepOf = (model: Model<[]>, guide: Model<[]>): KindlingError => {
  const svi = SVI(model, guide, adam(0.1), TraceELBO());
  return errorOf(() => svi.update(svi.init(key)));
};

laws('infer/svi: errors of a model and its guide', {
  'a latent site that the guide lacks': () => {
    const error = stepOf(guideOf('a', 'b'), guideOf('a'));
    assert.deepEqual([error._tag, error.site], ['MissingSite', 'b']);
    assert.match(error.message, /the guide does not.*guide sites a/);
  },

  'a site of the guide that the model lacks, unless it is auxiliary': () => {
    const error = stepOf(guideOf('a'), guideOf('a', 'b'));
    assert.deepEqual([error._tag, error.site], ['MissingSite', 'b']);
    const svi = SVI(
      guideOf('a'),
      () => {
        const helper = sample('helper', dist.Normal(0, 1), { infer: { isAuxiliary: true } });
        sample('a', dist.Normal(ops.add(param('loc', 0), helper), 1));
      },
      adam(0.1),
      TraceELBO(),
    );
    assert.ok(Number.isFinite(svi.update(svi.init(key))[1]));
  },

  'a site of the guide that the model observes': () => {
    const model = (): void => {
      sample('a', dist.Normal(0, 1));
      sample('y', dist.Normal(0, 1), { obs: 1 });
    };
    const error = stepOf(model, guideOf('a', 'y'));
    assert.deepEqual([error._tag, error.site], ['MissingSite', 'y']);
    assert.match(error.message, /observes/);
  },

  'a draw of the guide that can’t be differentiated': () => {
    const model = (): void => void sample('z', dist.Bernoulli(0.5));
    const error = stepOf(model, () => void sample('z', dist.Bernoulli(param('p', 0.5, { constraint: constraints.unitInterval }))));
    assert.deepEqual([error._tag, error.site], ['Unsupported', 'z']);
    assert.match(error.message, /Bernoulli.*differentiated/);
  },

  'no parameter to fit': () => {
    const draw = (): void => void sample('z', dist.Normal(0, 1));
    assert.equal(stepOf(draw, draw)._tag, 'MissingSite');
    const svi = SVI(draw, draw, adam(0.1), TraceELBO());
    assert.ok(Math.abs(svi.evaluate(svi.init(key))) < 1e-6);
  },

  'arguments that are no list, and parts that are missing': async () => {
    const svi = fitLine();
    for (const args of [undefined, 3, x] as unknown as (typeof x)[][]) {
      await assert.rejects(svi.run(key, 2, args as never), { _tag: 'InvalidArgument', message: /as a list/ });
    }
    assert.throws(() => SVI(none, none, undefined as never, TraceELBO()), { _tag: 'InvalidArgument', message: /the optimizer is none/ });
    assert.throws(() => SVI(none, none, adam(0.1), undefined as never), { _tag: 'InvalidArgument', message: /the loss is none/ });
  },

  'what is no state': () => {
    const svi = fitLine();
    for (const state of [undefined, null, 3, {}, { params: {} }] as unknown as SVIState[]) {
      assert.throws(() => svi.update(state, x, y), { _tag: 'InvalidArgument', message: /no state of SVI/ });
    }
  },

  'numbers of particles that are none': () => {
    for (const numParticles of [0, -1, 1.5, NaN]) assert.throws(() => TraceELBO({ numParticles }), { _tag: 'InvalidArgument' });
  },

  'a start outside or on the edge of its constraint': () => {
    for (const start of [-1, 0, NaN]) {
      const svi = SVI(none, () => void param('scale', start, { constraint: constraints.positive }), adam(0.1), TraceELBO());
      assert.throws(() => svi.init(key), { _tag: 'InvalidParameter', site: 'scale' });
    }
  },

  'a model that throws leaves tensors, handlers and the state as they were': () => {
    let isBroken = false;
    const model = (data: Parameters<typeof ops.add>[0]): void => {
      const z = sample('z', dist.Normal(0, 1).expand([3]));
      plate(
        'data',
        3,
      )(() => {
        const doubled = ops.mul(data, 2);
        if (isBroken) throw new RangeError('broken');
        sample('y', dist.Normal(z, 1), { obs: doubled });
      });
    };
    const guide = AutoDiagonalNormal(model);
    const svi = SVI(model, guide, adam(0.1), TraceELBO());
    const state = svi.init(key, [1, 2, 3]);
    const [before, tensors] = [textOf(state), tf.memory().numTensors];
    isBroken = true;
    const acts: readonly (() => unknown)[] = [
      () => svi.update(state, [1, 2, 3]),
      () => svi.stableUpdate(state, [1, 2, 3]),
      () => svi.evaluate(state, [1, 2, 3]),
      () => svi.init(key, [1, 2, 3]),
      () => guide.bind([1, 2, 3]),
    ];
    for (const act of acts) {
      assert.throws(act, RangeError);
      assert.deepEqual([stackDepth(), tf.memory().numTensors, textOf(state)], [0, tensors, before]);
    }
    isBroken = false;
    assert.ok(Number.isFinite(svi.update(state, [1, 2, 3])[1]));
  },

  'a draw without a key is an error, not a constant of the compiled step': () => {
    /* eslint-disable no-restricted-properties -- what must be refused */
    const { random: before } = Math;
    const draws: Readonly<Record<string, () => Value>> = {
      'Math.random': () => tf.scalar(Math.random()),
      'tf.randomNormal': () => tf.randomNormal([]),
      'tf.randomUniform': () => tf.randomUniform([]),
      'tf.truncatedNormal': () => tf.truncatedNormal([]),
    };
    forEachEntry(draws, (draw) => {
      const model = (): Value => sample('y', dist.Normal(ops.add(sample('z', dist.Normal(0, 1)), draw()), 1), { obs: 1 });
      const svi = SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO());
      const state = svi.init(key);
      const tensors = tf.memory().numTensors;
      const error = errorOf(() => svi.update(state));
      assert.equal(error._tag, 'MissingKey');
      assert.match(error.message, /prngKey/);
      assert.deepEqual([stackDepth(), tf.memory().numTensors, Math.random], [0, tensors, before]);
    });
    /* eslint-enable no-restricted-properties */
  },

  'a run that throws leaves tensors and handlers as they were': async () => {
    const tensors = tf.memory().numTensors;
    let runs = 0;
    const model = (data: Parameters<typeof ops.add>[0]): void => {
      const z = sample('z', dist.Normal(0, 1));
      if (++runs > 4) throw new RangeError('broken');
      sample('y', dist.Normal(z, 1), { obs: data });
    };
    await assert.rejects(SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO()).run(key, 100, [[1, 2]]), RangeError);
    assert.deepEqual([stackDepth(), tf.memory().numTensors], [0, tensors]);
  },
});
