/** Memory: whatever is asked of SVI and its guides a thousand times leaves as many tensors as before. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { tensorsWithin } from '../../core/tree.ts';
import { adam, AutoDiagonalNormal, initToMedian, initToSample, logDensity, random, seed, SVI, trace, TraceELBO } from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { coin, coinGuide, fitLine, key, line, lineData, throws } from './problems.ts';

const { x, y } = lineData;

const svi = fitLine();
const guide = AutoDiagonalNormal(line);
const params = { auto_loc: [1, 0.5, 0], auto_scale: [0.1, 0.2, 0.3] };
const coinSVI = SVI(coin, coinGuide, adam(0.01), TraceELBO({ numParticles: 2 }));

/** Something to do again and again, made ready beforehand; a number says which time it is. */
const acts: Readonly<Record<string, () => (time: number) => unknown>> = {
  update: () => {
    let state = svi.init(key, x, y);
    return () => ([state] = svi.update(state, x, y));
  },
  'update, by a guide of one’s own': () => {
    let state = coinSVI.init(key, throws);
    return () => ([state] = coinSVI.update(state, throws));
  },
  'update of tensors': () => {
    const [xs, ys] = [tf.tensor1d(Array.from(x.data)), tf.tensor1d(Array.from(y.data))];
    let state = svi.init(key, xs, ys);
    return (time) => {
      [state] = svi.update(state, xs, ys);
      if (time === 999) [xs, ys].forEach((tensor) => tensor.dispose());
    };
  },
  init: () => (time) => svi.init(random.PRNGKey(time), x, y),
  evaluate: () => {
    const state = svi.init(key, x, y);
    return () => svi.evaluate(state, x, y);
  },
  getParams: () => {
    const state = svi.init(key, x, y);
    return () => svi.getParams(state);
  },
  bind: () => () => guide.bind(x, y),
  'starts by other strategies': () => (time) => {
    const initLocFn = time % 2 === 0 ? initToSample() : initToMedian({ numSamples: 4 });
    return SVI(line, AutoDiagonalNormal(line, { initLocFn }), adam(0.1), TraceELBO()).init(key, x, y);
  },
  'questions to a guide': () => {
    const bound = guide.bind(x, y);
    return (time) => [
      bound.samplePosterior(random.PRNGKey(time), params, { sampleShape: [10] }),
      bound.median(params),
      bound.quantiles(params, [0.1, 0.9]),
      bound.getPosterior(params).logProb([0, 0, 0]),
      JSON.stringify(bound),
    ];
  },
  'logDensity, disposed': () => () => {
    const { logDensity: total, trace: run } = logDensity(line, [x, y], { w: [1, 2], sigma: 1 });
    tf.dispose([...tensorsWithin([total, run])]);
  },
  'trace, disposed': () => (time) => tf.dispose([...tensorsWithin(trace(seed(random.PRNGKey(time))(line))(x, y))]),
  'trace of a guide, disposed': () => (time) => tf.dispose([...tensorsWithin(trace(seed(random.PRNGKey(time))(guide))(x, y))]),
};

laws('infer/svi: memory', {
  'a thousand times leave as many tensors as before': () =>
    forEachEntry(acts, (make) => {
      const before = tf.memory().numTensors;
      const act = make();
      for (let time = 0; time < 1000; time++) act(time);
      assert.equal(tf.memory().numTensors, before);
    }),

  'a run too, whose arguments are freed when it ends': async () => {
    const before = tf.memory().numTensors;
    await svi.run(key, 1000, [x, y]);
    const xs = tf.tensor1d(Array.from(x.data));
    await svi.run(key, 20, [xs, y]);
    // The caller's own tensor is not ours to free.
    assert.equal(xs.isDisposed, false);
    xs.dispose();
    await assert.rejects(svi.run(key, 20, [x, y], { signal: AbortSignal.abort() }), { name: 'AbortError' });
    await assert.rejects(svi.run(key, 20, [x, y], { initParams: { nobody: 1 } }), { _tag: 'MissingSite' });
    assert.equal(tf.memory().numTensors, before);
  },

  'inside tf.tidy a step leaves nothing either': () => {
    const before = tf.memory().numTensors;
    let state = svi.init(key, x, y);
    for (let i = 0; i < 20; i++) tf.tidy(() => void ([state] = svi.update(state, x, y)));
    assert.equal(tf.memory().numTensors, before);
  },
});
