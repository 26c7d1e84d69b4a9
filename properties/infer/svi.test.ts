/** SVI's steps: pure functions of a state that survives JSON, of arguments in any form, with keys split as documented. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import {
  adam,
  array,
  AutoDiagonalNormal,
  block,
  chain,
  constraints,
  dist,
  logDensity,
  ops,
  param,
  plate,
  random,
  replay,
  sample,
  seed,
  sgd,
  substitute,
  SVI,
  trace,
  TraceELBO,
  type SVIState,
} from '../../infer/kindling.ts';
import type { Args } from '../../infer/arguments.ts';
import { shapeOf, toNDArray, toNumber, type Input, type Value } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { coin, coinGuide, fitLine, key, line, lineData, reloaded, textOf, throws } from './problems.ts';

const { x, y } = lineData;

type Step = (state: SVIState) => readonly [SVIState, number];

/** The losses of some steps, and the state they lead to. */
const steps = (count: number, step: Step, from: SVIState): readonly [SVIState, readonly number[]] => {
  let state = from;
  const losses = Array.from({ length: count }, () => {
    const [next, loss] = step(state);
    state = next;
    return loss;
  });
  return [state, losses];
};

const zeroArguments = (data: Input) => () => {
  const m = sample('m', dist.Normal(0, 10));
  plate('data', 3)(() => sample('y', dist.Normal(m, 1), { obs: data }));
};

laws('infer/svi: steps', {
  'an update leaves its state alone, and gives the same again to the bit': () => {
    const svi = fitLine();
    const state = svi.init(key, x, y);
    const before = textOf(state);
    const [first, second] = [0, 1].map(() => svi.update(state, x, y));
    assert.equal(textOf(state), before);
    assert.equal(textOf(first![0]), textOf(second![0]));
    assert.equal(first![1], second![1]);
    assert.equal(fitLine().update(fitLine().init(key, x, y), x, y)[1], first![1]);
    assert.notEqual(textOf(first![0]), before);
  },

  'steps go on from a state that went through JSON, to the bit': () => {
    const optimizers = { adam: adam(0.05), 'chain of sgd': chain(sgd(1e-3), sgd(0.5)), schedule: adam((step) => ops.div(0.1, ops.add(1, step))) };
    forEachEntry(optimizers, (optimizer) => {
      const svi = SVI(line, AutoDiagonalNormal(line), optimizer, TraceELBO());
      const step: Step = (state) => svi.update(state, x, y);
      const [half, firstLosses] = steps(4, step, svi.init(key, x, y));
      // Another SVI, as in another process, which has not seen the model yet.
      const other = SVI(line, AutoDiagonalNormal(line), optimizer, TraceELBO());
      const [end, lastLosses] = steps(4, (state) => other.update(state, x, y), reloaded(half));
      const [whole, losses] = steps(8, step, svi.init(key, x, y));
      assert.equal(textOf(end), textOf(whole));
      assert.deepEqual([...firstLosses, ...lastLosses], losses);
    });
  },

  'evaluate is the loss of the next update, to the bit': () => {
    for (const numParticles of [1, 3]) {
      const svi = fitLine(TraceELBO({ numParticles }));
      let state = svi.init(key, x, y);
      for (let i = 0; i < 5; i++) {
        const expected = svi.evaluate(state, x, y);
        const [next, loss] = svi.update(state, x, y);
        assert.equal(loss, expected);
        state = next;
      }
    }
  },

  'a state is plain: the number of updates, a key, and arrays on the unconstrained scale': () => {
    const svi = fitLine();
    const state = svi.init(key, x, y);
    assert.equal(state.step, 0);
    assert.equal(svi.update(state, x, y)[0].step, 1);
    assert.ok(Math.abs(svi.getParams(state)['auto_scale']!.data[0]! - 0.1) < 1e-15);
    assert.ok(Math.abs(state.params['auto_scale']!.data[0]! - Math.log(Math.expm1(0.1))) < 1e-14);
  },

  'other keys give other starts and other noise': () => {
    const svi = fitLine();
    const [a, b] = [svi.init(random.PRNGKey(1), x, y), svi.init(random.PRNGKey(2), x, y)];
    assert.notDeepEqual(a.params, b.params);
    const moved = { ...a, key: b.key };
    assert.notEqual(svi.evaluate(a, x, y), svi.evaluate(moved, x, y));
  },

  'getParams are constrained arrays, of the model and of the guide': () => {
    const model = (): void => {
      const scale = param('scale', 2, { constraint: constraints.positive });
      const z = sample('z', dist.Normal(0, scale));
      sample('y', dist.Normal(z, 1), { obs: 1 });
    };
    const guide = (): void => {
      const low = param('low', [0.2, 0.8], { constraint: constraints.unitInterval });
      const weights = param('weights', [0.2, 0.3, 0.5], { constraint: constraints.simplex });
      sample('z', dist.Normal(ops.sum(ops.mul(low, ops.slice(weights, [0], [2]))), 1));
    };
    const svi = SVI(model, guide, adam(0.3), TraceELBO());
    const started = svi.getParams(svi.init(key));
    assert.deepEqual(Object.keys(started).sort(), ['low', 'scale', 'weights']);
    const close = (name: string, expected: readonly number[]): void =>
      expected.forEach((value, i) => assert.ok(Math.abs(started[name]!.data[i]! - value) < 1e-14, `${name} ${String(started[name])}`));
    close('scale', [2]);
    close('low', [0.2, 0.8]);
    close('weights', [0.2, 0.3, 0.5]);
    const params = svi.getParams(steps(100, svi.update, svi.init(key))[0]);
    assert.ok(params['scale']!.item() > 0);
    assert.ok(params['low']!.data.every((p) => p > 0 && p < 1));
    assert.ok(Math.abs(params['weights']!.data.reduce((a, b) => a + b) - 1) < 1e-12);
  },

  'where model and guide state a parameter of one name, the guide decides': () => {
    const model = (): void => void sample('z', dist.Normal(param('shared', 1), 1));
    const guide = (): void => void sample('z', dist.Normal(param('shared', 5), 1));
    const svi = SVI(model, guide, sgd(0.1), TraceELBO());
    assert.equal(svi.getParams(svi.init(key))['shared']!.item(), 5);
  },

  'K particles average the losses of K keys: the step’s key, split by particle, then into guide and model': () => {
    const K = 4;
    const svi = SVI(coin, coinGuide, adam(0.01), TraceELBO({ numParticles: K }));
    const state = svi.init(key, throws);
    const params = svi.getParams(state);
    const stepKey = random.split(state.key)[1];
    const losses = random.split(stepKey, K).map((particleKey) => {
      const [guideKey, modelKey] = random.split(particleKey);
      const guideTrace = trace(seed(guideKey)(substitute(params)(coinGuide)))(throws);
      const p = guideTrace.sites.get('p')!.value;
      const logP = logDensity(seed(modelKey)(replay(guideTrace)(coin)), [throws], {}).logDensity;
      const logQ = dist.Beta(params['a'], params['b']).logProb(p);
      return toNumber(logQ) - toNumber(logP);
    });
    const expected = losses.reduce((sum, loss) => sum + loss, 0) / K;
    assert.ok(Math.abs(svi.evaluate(state, throws) - expected) < 1e-5 * Math.abs(expected), `${svi.evaluate(state, throws)}, expected ${expected}`);
  },
});

/** The losses of three steps with arguments in some form. */
const threeLosses = <A extends readonly unknown[]>(model: (...args: A) => unknown, ...args: Args<A>): readonly number[] => {
  const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
  return steps(3, (state) => svi.update(state, ...args), svi.init(key, ...args))[1];
};

laws('infer/svi: arguments', {
  'the same numbers in any form give the same losses': () => {
    const expected = threeLosses(line, x, y);
    const [xs, ys] = [Array.from(x.data), Array.from(y.data)];
    const tensors = [tf.tensor1d(xs), tf.tensor1d(ys)] as const;
    const forms: Readonly<Record<string, readonly [Input, Input]>> = {
      arrays: [xs, ys],
      'typed arrays': [x.data, y.data],
      'NDArrays through JSON': [JSON.parse(JSON.stringify(x)) as Input, JSON.parse(JSON.stringify(y)) as Input],
    };
    forEachEntry(forms, (form) => assert.deepEqual(threeLosses(line, ...form), expected));
    // Tensors hold the same numbers rounded to float32.
    const rounded: Readonly<Record<string, readonly [Input, Input]>> = { tensors, mixed: [xs, tensors[1]] };
    forEachEntry(rounded, (form) => threeLosses(line, ...form).forEach((loss, i) => assert.ok(Math.abs(loss - expected[i]!) < 1e-6 * expected[i]!)));
    tensors.forEach((tensor) => tensor.dispose());
  },

  'numbers arrive as tensors, one by one': () => {
    const model = (a: Value, b: Value): void => {
      assert.ok(a instanceof tf.Tensor && b instanceof tf.Tensor);
      assert.deepEqual([a.shape, b.shape], [[], []]);
      sample('y', dist.Normal(sample('z', dist.Normal(a, 1)), b), { obs: 1 });
    };
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
    const state = svi.init(key, 1, 2);
    assert.notEqual(svi.evaluate(state, 1, 2), svi.evaluate(state, 1, 3));
  },

  'records and lists of arrays arrive as such': () => {
    const model = ({ groups, prior }: { readonly groups: readonly Input[]; readonly prior: { readonly scale: Input } }): void => {
      const m = sample('m', dist.Normal(0, prior.scale));
      groups.forEach((group, i) => {
        assert.ok(group instanceof tf.Tensor);
        sample(`y${i}`, dist.Normal(m, 1), { obs: group });
      });
    };
    const lists = {
      groups: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      prior: { scale: 3 },
    };
    const arrays = { groups: [array([1, 2, 3]), new Float32Array([4, 5, 6])], prior: { scale: array(3) } };
    // A rectangular list of numbers is one array, so the second form is what keeps the groups apart.
    assert.throws(() => threeLosses(model, lists), TypeError);
    assert.equal(threeLosses(model, arrays).length, 3);
  },

  'booleans, strings, functions and undefined arrive as they are': () => {
    const model = (isWide: boolean, family: 'normal' | 'cauchy', link: (z: Value) => Value, data?: Input): void => {
      assert.deepEqual([typeof isWide, typeof family, typeof link], ['boolean', 'string', 'function']);
      const z = sample('z', family === 'normal' ? dist.Normal(0, isWide ? 10 : 1) : dist.HalfCauchy(1));
      sample('y', dist.Normal(link(z), 1), { obs: data });
    };
    const svi = SVI(model, AutoDiagonalNormal(block({ hide: ['y'] })(model)), adam(0.05), TraceELBO());
    const loss = (isWide: boolean, family: 'normal' | 'cauchy', link: (z: Value) => Value): number =>
      svi.evaluate(svi.init(key, isWide, family, link, 1), isWide, family, link, 1);
    const same = (z: Value): Value => z;
    assert.notEqual(loss(true, 'normal', same), loss(false, 'normal', same));
    // The support follows the string: the guide must not keep what it knew of the other.
    assert.notEqual(loss(true, 'normal', same), loss(true, 'cauchy', same));
    assert.equal(loss(true, 'normal', same), loss(true, 'normal', same));
    assert.notEqual(
      loss(true, 'normal', same),
      loss(true, 'normal', (z) => ops.mul(z, 2)),
    );
    const flags = (a: boolean, b: boolean): void => void sample('y', dist.Normal(sample('z', dist.Normal(0, a && !b ? 1 : 9)), 1), { obs: 1 });
    assert.notDeepEqual(threeLosses(flags, true, false), threeLosses(flags, true, true));
  },

  'a static function decides which latents there are': () => {
    const model = (latents: () => Value): void => void sample('y', dist.Normal(latents(), 1), { obs: 1 });
    const one = (): Value => sample('a', dist.Normal(0, 1));
    const two = (): Value => ops.add(one(), sample('b', dist.Normal(0, 1)));
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
    assert.deepEqual(svi.init(key, one).params['auto_loc']!.shape, [1]);
    assert.deepEqual(svi.init(key, two).params['auto_loc']!.shape, [2]);
  },

  'a number that is an argument can’t be the size of a plate': () => {
    const model = (n: number): void => void plate('data', n)(() => sample('z', dist.Normal(0, 1)));
    assert.throws(() => threeLosses(model, 3), { _tag: 'InvalidArgument', message: /size of plate "data" is traced/ });
  },

  'a model without arguments closes over its data': () => {
    const [a, b] = [threeLosses(zeroArguments([1, 2, 3])), threeLosses(zeroArguments([4, 5, 6]))];
    assert.notDeepEqual(a, b);
    assert.deepEqual(threeLosses(zeroArguments(array([1, 2, 3]))), a);
  },

  'minibatches: the data may differ from step to step, in their number too': () => {
    const model = (batch: Input): void => {
      const m = sample('m', dist.Normal(0, 10));
      plate('data', 100, { subsampleSize: shapeOf(batch)[0] })(() => sample('y', dist.Normal(m, 1), { obs: batch }));
    };
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
    let state = svi.init(key, [1, 2]);
    for (const batch of [[1, 2], [3, 4], [1, 2, 3], [5]]) [state] = svi.update(state, batch);
    assert.equal(state.step, 4);
    // 100 copies of a likelihood at 5: the loss counts what was left out.
    const m = toNumber(svi.getParams(state)['auto_loc']!);
    assert.ok(svi.evaluate(state, [5, 5]) > 0.9 * 50 * (5 - m) ** 2);
  },

  'a guide that enters a subsampled plate decides its indices': () => {
    const seen: { model: number[]; guide: number[] } = { model: [], guide: [] };
    const data = tf.keep(tf.range(0, 20));
    const within = (who: 'model' | 'guide', body: (indices: Value) => Value) => (): Value =>
      plate('data', 20, { subsampleSize: 5 })((indices) => {
        seen[who] = [...toNDArray(indices).data];
        return body(indices);
      });
    const model = within('model', (indices) => sample('y', dist.Normal(sample('z', dist.Normal(0, 1)), 1), { obs: ops.gather(data, indices) }));
    const guide = within('guide', (indices) => sample('z', dist.Normal(ops.gather(param('loc', ops.zeros([20])), indices), 1)));
    const svi = SVI(model, guide, sgd(0.1), TraceELBO());
    let state = svi.init(key);
    const drawn = new Set<string>();
    for (let i = 0; i < 4; i++) {
      [state] = svi.update(state);
      assert.deepEqual(seen.model, seen.guide);
      drawn.add(String(seen.guide));
      // Only the parameters of the elements that were drawn have moved.
      if (i === 0)
        assert.deepEqual(
          [...svi.getParams(state)['loc']!.data].map((loc, j) => (loc === 0) !== seen.guide.includes(j)),
          new Array<boolean>(20).fill(true),
        );
    }
    assert.equal(drawn.size, 4);
    data.dispose();
  },
});
