/** SVI compiled whole: the same bits one by one and by the thousand, steps that are not finite among them, and what is compiled how often. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toNumber, type Input } from '../../core/value.ts';
import {
  adam,
  array,
  AutoDiagonalNormal,
  chain,
  dist,
  isKindlingError,
  ops,
  param,
  plate,
  random,
  sample,
  sgd,
  SVI,
  TraceELBO,
  type KindlingError,
  type Model,
  type Objective,
  type Optimizer,
  type SVIState,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { fitLine, key, line, lineData, textOf } from './problems.ts';

const { x, y } = lineData;

/** A model whose loss is NaN where its one latent is below −`edge`. */
const fragile = (edge: number) => (): void => {
  const z = sample('z', dist.Normal(0, 1));
  sample('y', dist.Normal(ops.sqrt(ops.add(z, edge)), 1), { obs: 1 });
};
const guide = (): void => void sample('z', dist.Normal(param('loc', 0), 1));

/** A model that counts how often it is run: a compiled step does not run it. */
const counted = <A extends readonly unknown[]>(model: (...args: A) => unknown): readonly [model: (...args: A) => unknown, count: () => number] => {
  let runs = 0;
  return [
    (...args) => {
      runs++;
      return model(...args);
    },
    () => runs,
  ];
};

const errorOf = async (act: () => unknown): Promise<KindlingError> => {
  try {
    await act();
  } catch (error) {
    assert.ok(isKindlingError(error), String(error));
    return error;
  }
  throw new Error('nothing was thrown');
};

laws('infer/svi: compiled steps', {
  'a run is its updates to the bit, whatever the numbers of steps it is cut into': async () => {
    const svi = fitLine();
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 32 - 1), fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }), async (seed, parts) => {
        let one = svi.init(random.PRNGKey(seed), x, y);
        let many = one;
        for (const count of parts) {
          const { state, losses } = await svi.run(key, count, [x, y], { initState: many });
          for (let i = 0; i < count; i++) {
            const [next, loss] = svi.update(one, x, y);
            assert.ok(Object.is(loss, losses[i]), `loss ${i}: ${loss}, of the run ${losses[i]}`);
            one = next;
          }
          many = state;
          assert.equal(textOf(many), textOf(one));
        }
      }),
      { numRuns: 20 },
    );
  },

  'steps that are not finite are passed over in a run as one by one, wherever they come': async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 32 - 1), fc.constantFrom(0.4, 1, 2, 3), async (seed, edge) => {
        const [model, runs] = counted(fragile(edge));
        const svi = SVI(model, guide, adam(1e-3), TraceELBO());
        // The start runs the model on a draw too: its own key gives it a good one.
        const start = { ...svi.init(key), key: random.PRNGKey(seed) };
        const { state, losses } = await svi.run(key, 300, [], { initState: start, stableUpdate: true });
        let at = start;
        for (let i = 0; i < 300; i++) {
          const [next, loss] = svi.stableUpdate(at);
          assert.ok(Object.is(loss, losses[i]), `loss ${i}: ${loss}, of the run ${losses[i]}`);
          at = next;
        }
        assert.equal(textOf(state), textOf(at));
        assert.ok(runs() < 10, `the model was run ${runs()} times`);
      }),
      { numRuns: 20 },
    );
  },

  'the error of a run is that of the update at the first step that is not finite, and leaves the steps before it as they are': async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const svi = SVI(fragile(2), guide, adam(1e-3), TraceELBO());
      const start = { ...svi.init(key), key: random.PRNGKey(seed) };
      let state: SVIState = start;
      let count = 0;
      for (; Number.isFinite(svi.evaluate(state)); count++) [state] = svi.update(state);
      const before = textOf(state);
      const expected = await errorOf(() => svi.update(state));
      const found = await errorOf(() => svi.run(key, 1000, [], { initState: start }));
      assert.deepEqual([found._tag, found.site, found.message], ['NonFinite', 'y', expected.message]);
      assert.equal(textOf(state), before);
      if (count > 0) assert.equal(textOf((await svi.run(key, count, [], { initState: start })).state), before);
    }
  },

  'data are inputs: minibatches of a few sizes are compiled once each': () => {
    const [model, runs] = counted((batch: Input): void => {
      const m = sample('m', dist.Normal(0, 10));
      sample('y', dist.Normal(m, 1), { obs: batch });
    });
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
    let state = svi.init(key, [1, 2]);
    const lossOf = (batch: Input): number => {
      const [next, loss] = svi.update(state, batch);
      state = next;
      return loss;
    };
    const sizes = [2, 3, 5];
    const batchAt = (i: number): number[] => Array.from({ length: sizes[i % 3]! }, (_, j) => i + j);
    for (let i = 0; i < 3; i++) lossOf(batchAt(i));
    const before = runs();
    const losses = Array.from({ length: 57 }, (_, i) => lossOf(batchAt(i + 3)));
    assert.equal(runs(), before);
    assert.equal(new Set(losses).size, 57);
    // One that has seen nothing else finds the same.
    const other = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
    assert.equal(svi.evaluate(state, batchAt(7)), other.evaluate(state, batchAt(7)));
  },

  'what is written in place into a typed array is seen': () => {
    const svi = SVI(line, AutoDiagonalNormal(line), adam(0.05), TraceELBO());
    const own = Float64Array.from(y.data);
    const state = svi.init(key, x, own);
    const before = svi.evaluate(state, x, own);
    own[3] = 100;
    assert.notEqual(svi.evaluate(state, x, own), before);
    assert.equal(svi.evaluate(state, x, own), svi.evaluate(state, x, array(own)));
  },

  'a state may be left and taken up again': async () => {
    const svi = fitLine();
    const start = svi.init(key, x, y);
    const [first, loss] = svi.update(start, x, y);
    await svi.run(key, 100, [x, y], { initState: first });
    const [again, sameLoss] = svi.update(start, x, y);
    assert.deepEqual([textOf(again), sameLoss], [textOf(first), loss]);
    const moved: SVIState = { ...first, params: { ...first.params, auto_loc: array([9, 9, 9]) } };
    assert.notEqual(svi.evaluate(moved, x, y), svi.evaluate(first, x, y));
  },
});

/** An objective of which is known only that it is a loss. */
const opaque = ({ name, numParticles, loss }: Objective): Objective => ({ name, numParticles, loss });

laws('infer/svi: compiled particles', {
  'the mean over particles is the same, recorded one after another or as a loop': () => {
    for (const numParticles of [1, 2, 4, 5, 30]) {
      const objective = TraceELBO({ numParticles });
      const [one, other] = [objective, opaque(objective)].map((loss) => SVI(line, AutoDiagonalNormal(line), sgd(1e-3), loss));
      const state = one!.init(key, x, y);
      const [[next, loss], [expected, expectedLoss]] = [one!, other!].map((svi) => svi.update(state, x, y)) as [[SVIState, number], [SVIState, number]];
      assert.ok(Math.abs(loss - expectedLoss) <= 1e-12 * Math.abs(expectedLoss), `${numParticles} particles: ${loss} and ${expectedLoss}`);
      for (const [name, { data }] of Object.entries(expected.params)) {
        data.forEach((v, i) => assert.ok(Math.abs(next.params[name]!.data[i]! - v) <= 1e-12 * Math.max(1, Math.abs(v)), `${numParticles} particles: ${name}`));
      }
    }
  },

  'however many particles, their model is recorded once': async () => {
    const [model, runs] = counted(line);
    const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO({ numParticles: 200 }));
    const state = svi.init(key, x, y);
    const before = runs();
    const [next, loss] = svi.update(state, x, y);
    assert.ok(runs() - before < 4, `the model was run ${runs() - before} times`);
    const { state: end, losses } = await svi.run(key, 1, [x, y], { initState: state });
    assert.deepEqual([losses[0], textOf(end)], [loss, textOf(next)]);
  },
});

/** An optimizer that counts how often its rule is run in JavaScript. */
const countedOptimizer = (optimizer: Optimizer): readonly [Optimizer, () => number] => {
  let runs = 0;
  return [
    {
      init: optimizer.init,
      update: (...args) => {
        runs++;
        return optimizer.update(...args);
      },
    },
    () => runs,
  ];
};

const lossesWith = (optimizer: Optimizer, model: Model<[]>, count: number): readonly number[] => {
  const svi = SVI(model, AutoDiagonalNormal(model), optimizer, TraceELBO());
  let state = svi.init(key);
  return Array.from({ length: count }, () => {
    const [next, loss] = svi.update(state);
    state = next;
    return loss;
  });
};

const conjugate = (): void => {
  const m = sample('m', dist.Normal(0, 10).expand([2]));
  plate('data', 2)(() => sample('y', dist.Normal(m, 1), { obs: [1, 3] }));
};

const halving = (step: Input): Input => ops.div(0.1, ops.add(1, step));

laws('infer/svi: compiled optimizers', {
  'every optimizer is compiled with the step': () => {
    const optimizers = {
      adam: adam(0.05),
      'adam with options': adam(0.05, { b1: 0.5, b2: 0.9, eps: 1e-4 }),
      'adam on a schedule': adam(halving),
      sgd: sgd(1e-2),
      momentum: sgd(1e-2, { momentum: 0.9 }),
      nesterov: sgd(1e-2, { momentum: 0.9, nesterov: true }),
      'sgd on a schedule': sgd(halving),
      chain: chain(sgd(0.1), adam(0.5)),
    };
    forEachEntry(optimizers, (optimizer) => {
      const [own, runs] = countedOptimizer(optimizer);
      assert.ok(lossesWith(own, conjugate, 10).every(Number.isFinite));
      // Once recorded, and once for the check of the first result.
      assert.equal(runs(), 2);
    });
  },

  'one that looks at numbers, or whose state changes its form, works all the same': () => {
    const base = sgd(1e-2);
    const optimizers: Readonly<Record<string, Optimizer>> = {
      'looks at numbers': {
        init: base.init,
        update: (grads, state, params) => {
          const scale = Object.values(grads as Readonly<Record<string, Input>>).reduce<number>((sum, g) => sum + toNumber(ops.sum(ops.square(g))), 0);
          assert.ok(scale >= 0);
          return base.update(grads, state, params);
        },
      },
      'grows a record': {
        init: () => ({}),
        update: (grads, state, params) => [base.update(grads, {}, params)[0], { ...(state as object), seen: array(1) }],
      },
      'grows an array': {
        init: () => ({ seen: array([]) }),
        update: (grads, state, params) => [base.update(grads, {}, params)[0], { seen: ops.concat([(state as { seen: Input }).seen, array([1])]) }],
      },
    };
    const expected = lossesWith(base, conjugate, 5);
    forEachEntry(optimizers, (optimizer) => {
      const losses = lossesWith(optimizer, conjugate, 5);
      losses.forEach((loss, i) => assert.ok(Math.abs(loss - expected[i]!) < 1e-9 * Math.abs(expected[i]!), `${loss} and ${expected[i]} at step ${i}`));
    });
  },
});
