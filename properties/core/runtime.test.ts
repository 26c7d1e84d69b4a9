/** The handler stack: the order in which handlers see a site, and the balance of handlers and tensors, also when a model throws. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as bijectors from '../../core/bijectors/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, param, sample } from '../../core/primitives.ts';
import { handle, stackDepth, type Model } from '../../core/runtime.ts';
import { tensorsWithin } from '../../core/tree.ts';
import { toTensor, type Input } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { block } from '../../transforms/handlers/block.ts';
import { mask, scale } from '../../transforms/handlers/density.ts';
import { InitMessenger } from '../../transforms/handlers/init.ts';
import { lift } from '../../transforms/handlers/lift.ts';
import { LocScaleReparam, reparam } from '../../transforms/handlers/reparam.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed, type ModelTransform } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { condition, intervene, replay, substitute, uncondition } from '../../transforms/handlers/values.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { arbitraryProgram, modelOf, statementsOf } from '../arbitraries/models.ts';
import { laws } from '../laws.ts';
import { plainArray } from '../laws/traces.ts';

const numTensors = (): number => tf.memory().numTensors;

/** What a call leaves behind, in tensors. */
const left = (f: () => unknown): number => {
  const before = numTensors();
  f();
  return numTensors() - before;
};

const note = (name: string, log: string[]): ModelTransform =>
  handle(() => ({
    process: (site) => {
      log.push(`${name} out ${site.name} at ${stackDepth()}`);
      return site;
    },
    postprocess: (site) => {
      log.push(`${name} back ${site.name}`);
      return site;
    },
  }));

const handlers: Readonly<Record<string, ModelTransform>> = {
  seed: seed(3),
  'seed, block': (model) => seed(3)(block()(model)),
  'seed, scope, mask, scale': (model) => seed(3)(scope('a')(mask(true)(scale(2)(model)))),
  'seed, intervene': (model) => seed(3)(intervene({ x0: 0.5 })(model)),
  'seed, condition, uncondition': (model) => seed(3)(uncondition()(condition({ x0: 0.5 })(model))),
  'seed, lift': (model) => seed(3)(lift(dist.Normal(0, 1))(model)),
  'seed, init': (model) => seed(3)(InitMessenger((site) => (site.fn.isDiscrete ? undefined : site.fn.support.feasible([...site.fn.batchShape])))(model)),
  'seed, reparam': (model) => seed(3)(reparam((site) => (site.isObserved || site.fn.name !== 'Normal' ? undefined : LocScaleReparam({ centered: 0 })))(model)),
};

laws('runtime', {
  'a site goes outwards through the handlers and comes back inwards, each with only those further out on the stack': () => {
    const log: string[] = [];
    const model = (): void => void deterministic('d', stackDepth());
    note('outer', log)(note('inner', log)(model))();
    assert.deepEqual(log, ['inner out d at 1', 'outer out d at 0', 'outer back d', 'inner back d']);
  },

  'a hidden site goes no further': () => {
    const log: string[] = [];
    note('outer', log)(block()(note('inner', log)(() => deterministic('d', 1))))();
    assert.deepEqual(log, ['inner out d at 2', 'inner back d']);
  },

  'handler state is made at each call: a handled model is a value': () => {
    const count = handle(() => {
      let n = 0;
      return { process: (site) => (site.type === 'deterministic' ? { ...site, value: toTensor(++n) } : site) };
    });
    const model = count(() => [deterministic('a', 0), deterministic('b', 0)]);
    for (const values of [model(), model()])
      assert.deepEqual(
        values.map((x) => plainArray(x).data),
        [[1], [2]],
      );
  },

  '14 balance: a model that throws at a random site leaves no handler and no tensor': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(20), (program, n) => {
        const names = statementsOf(program).map(({ name }) => name);
        const at = names[n % names.length];
        const model = modelOf(program, (name) => {
          if (name === at) throw new Error('thrown on purpose');
        });
        const throws = (f: () => unknown): void => assert.throws(f, { message: 'thrown on purpose' });
        for (const [name, handler] of Object.entries(handlers)) {
          const run = handler(model);
          assert.equal(
            left(() => throws(run)),
            0,
            name,
          );
          assert.equal(
            left(() => throws(trace(run))),
            0,
            name,
          );
          assert.equal(
            left(() => throws(() => logDensity(run, [], {}))),
            0,
            name,
          );
          assert.equal(
            left(() => throws(() => grad((x: Input) => ops.mul(x, logDensity(run, [], {}).logDensity))(1))),
            0,
            name,
          );
        }
        assert.equal(stackDepth(), 0);
        assert.equal(tf.engine().state.gradientDepth, 0);
      }),
      { numRuns: 20 },
    ),

  'a run leaves the tensors of its result, and nothing else': () =>
    fc.assert(
      fc.property(arbitraryProgram, (program) => {
        for (const [name, handler] of Object.entries(handlers)) {
          const run = handler(modelOf(program));
          for (const f of [run, trace(run), (): unknown => logDensity(run, [], {})]) {
            assert.equal(
              left(() => tensorsWithin(f()).forEach((tensor) => tensor.dispose())),
              0,
              name,
            );
          }
          assert.equal(
            left(() => grad((x: Input) => ops.mul(x, logDensity(run, [], {}).logDensity))(1)),
            0,
            name,
          );
        }
      }),
      { numRuns: 20 },
    ),

  'what the caller made is the caller’s: no run frees it': () => {
    const [y, w] = [tf.tensor1d([1, 2, 3]), tf.scalar(0.5)];
    const model = (data: Input): unknown => plate('n', 3)(() => sample('y', dist.Normal(param('w', w), 1), { obs: data }));
    trace(model)(y);
    substitute({ w })(model)(y);
    logDensity(model, [y], { w });
    assert.ok(!y.isDisposed && !w.isDisposed);
  },

  'the distributions of a trace can be asked again after the run': () => {
    const tensor = (x: Input): Input => ops.add(tf.tensor(1), ops.sub(x, 1));
    const made: Readonly<Record<string, () => Distribution>> = {
      plain: () => dist.Normal(tensor(0), tensor(1)),
      'expand, toEvent': () =>
        dist
          .Normal(tensor([0, 1]), 1)
          .expand([3, 2])
          .toEvent(1),
      mask: () => dist.Normal(tensor([0, 1]), 1).mask(ops.greater(tensor([0, 1]), 0)),
      bounds: () => dist.Uniform(tensor(0), tensor(2)),
      logits: () => dist.Bernoulli({ logits: tensor([0, 1]) }),
      covariance: () =>
        dist.MultivariateNormal(
          tensor([0, 0]),
          tensor([
            [2, 1],
            [1, 2],
          ]),
        ),
      transformed: () => dist.TransformedDistribution(dist.Normal(tensor(0), 1), [bijectors.exp, bijectors.affine(tensor(1), tensor(2))]),
      'transformed events': () => dist.TransformedDistribution(dist.Normal(tensor([0, 1]), 1).toEvent(1), bijectors.power(tensor(3))),
    };
    for (const [name, make] of Object.entries(made)) {
      const { sites } = trace(seed(0)(() => sample('x', make())))();
      const site = sites.get('x')!;
      assert.ok(site.type === 'sample');
      try {
        plainArray(site.fn.logProb(site.value));
        plainArray(site.fn.sample(site.key!));
      } catch (error) {
        assert.fail(`${name}: ${String(error)}`);
      }
    }
  },

  'what uncondition has taken away is kept with the trace': () => {
    const run = trace(seed(0)(uncondition()(() => sample('x', dist.Normal(0, 1), { obs: 2 }))))();
    const { infer } = run.sites.get('x') as unknown as { infer: { obs: tf.Tensor } };
    assert.deepEqual(plainArray(infer.obs).data, [2]);
  },

  'models inside models: a run within a run is part of it, a trace within a run has its own plates': () => {
    const inner =
      (n: number): Model<[], unknown> =>
      () =>
        plate('n', n)(() => deterministic('d', n));
    const outer = seed(0)(() => [trace(inner(2))(), trace(inner(3))()] as readonly Trace[]);
    assert.deepEqual(
      outer().map(({ sites }) => plainArray(sites.get('n')!.value).data.length),
      [2, 3],
    );
    assert.throws(() => seed(0)(() => [inner(2)(), inner(3)()])(), { _tag: 'PlateMismatch' });
  },

  'replaying needs no key': () => {
    const model = (): unknown => plate('n', 3, { subsampleSize: 2 })(() => factor('f', sample('x', dist.Normal(0, 1))));
    const run = trace(seed(0)(model))();
    assert.deepEqual(plainArray(trace(replay(run)(model))().sites.get('n')!.value), plainArray(run.sites.get('n')!.value));
  },
});
