/** What goes wrong around MCMC: each mistake is one error that names it, no tensor is left, and states that do not fit are never run. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import {
  constrain,
  deterministic,
  dist,
  initToValue,
  MCMC,
  NUTS,
  ops,
  potentialEnergy,
  random,
  sample,
  unconstrain,
  workerPool,
  type HMCState,
  type Input,
  type MCMCRunOptions,
  type NUTSOptions,
  type Posterior,
} from '../../../infer/kindling.ts';
import { laws } from '../../laws.ts';

const key = random.PRNGKey(3);

const model = (x: Input, y: Input): void => {
  const slope = sample('slope', dist.Normal(0, 10));
  const sigma = sample('sigma', dist.HalfNormal(1));
  const mu = deterministic('mu', ops.mul(slope, x));
  sample('y', dist.Normal(mu, sigma), { obs: y });
};

const data: [Input, Input] = [
  [1, 2, 3],
  [1.2, 1.9, 3.3],
];
const short = { numWarmup: 60, numSamples: 40 } as const;

const run = (options: MCMCRunOptions, own: NUTSOptions = {}): Promise<Posterior> => MCMC(NUTS(model, own), short).run(key, data, options);

/** The promise, or what is thrown at once, is refused with words that all stand in the message, and no tensor stays. */
const refuses = async (tag: string, words: readonly string[], f: () => unknown): Promise<void> => {
  const before = tf.memory().numTensors;
  await assert.rejects(
    async () => f(),
    (error: Error & { readonly _tag?: string }) => {
      assert.equal(error._tag, tag, String(error));
      for (const word of words) assert.ok(error.message.includes(word), `${error.message} has not ${word}`);
      return true;
    },
  );
  assert.equal(tf.memory().numTensors, before);
};

const textOf = ({ samples, stats, state }: Posterior): string => JSON.stringify([samples, stats, state]);

laws('infer/mcmc: mistakes', {
  'options of the wrong kind are refused, each by name': async () => {
    const wrong =
      (options: object): (() => unknown) =>
      () =>
        MCMC(NUTS(model), { ...short, ...options });
    await refuses('InvalidArgument', ['workers', 'workerPool'], wrong({ workers: workerPool({ size: 1 }) }));
    await refuses('InvalidArgument', ['numChains', '0'], wrong({ numChains: 0 }));
    await refuses('InvalidArgument', ['chainMethod', 'vectorized'], wrong({ chainMethod: 'vectorized' }));
    await refuses('InvalidArgument', ['signal', 'controller.signal'], () => run({ signal: new AbortController() as never }));
    await refuses('InvalidArgument', ['progress', 'yes'], () => run({ progress: 'yes' as never }));
    await refuses('InvalidArgument', ['extraFields', 'list'], () => run({ extraFields: 'z' as never }));
    await refuses('InvalidArgument', ['onDraw'], () => run({ onDraw: 1 as never }));
    await refuses('InvalidArgument', ['potential_energy', 'potentialEnergy'], () => run({ extraFields: ['potential_energy'] }));
    await refuses('InvalidArgument', ['initStrategy', 'median'], () => NUTS(model, { initStrategy: 'median' as never }));
    await refuses('InvalidArgument', ['denseMass', 'lists'], () => NUTS(model, { denseMass: ['slope', 'sigma'] as never }));
    await refuses('InvalidArgument', ['stepSize'], () => NUTS(model, { stepSize: '0.1' as never }));
    await refuses('InvalidArgument', ['record with size'], () => workerPool(2 as never));
  },

  'workers that are given are used': async () => {
    const workers = await workerPool({ size: 1 });
    const used = await MCMC(NUTS(model), { ...short, numChains: 2, workers }).run(key, data);
    assert.equal(textOf(used), textOf(await MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data)));
    await workers.close();
    await refuses('InvalidArgument', ['closed'], () => MCMC(NUTS(model), { ...short, workers }).run(key, data));
  },

  'a chain whose worker dies says so, and the run ends': async () => {
    const kill = (worker: Worker): void => void worker.terminate();
    process.once('worker', kill);
    const { failures, state } = await MCMC(NUTS(model), { ...short, numChains: 2, chainMethod: 'parallel', numWorkers: 2 }).run(key, data);
    assert.deepEqual([failures.length, state.length], [1, 1]);
    assert.match(failures[0]!.error.message, /worker.*ended with code/);
    process.once('worker', kill);
    await refuses('Unsupported', ['worker', "'sequential'"], () => MCMC(NUTS(model), { ...short, numWorkers: 1 }).run(key, data));
  },

  'a state that goes to a file and back goes on to the same bits': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kindling-'));
    const path = join(folder, 'state.json');
    const kernel = NUTS(model, { denseMass: true });
    const options = { numWarmup: 60, numChains: 2 } as const;
    const whole = await MCMC(kernel, { ...options, numSamples: 40 }).run(key, data);
    const first = await MCMC(kernel, { ...options, numSamples: 15 }).run(key, data);
    await writeFile(path, JSON.stringify(first.state));
    const initState = JSON.parse(await readFile(path, 'utf8')) as readonly HMCState[];
    await rm(folder, { recursive: true });
    for (const chainMethod of ['sequential', 'parallel'] as const) {
      const rest = await MCMC(NUTS(model, { denseMass: true }), { ...options, numSamples: 25, chainMethod }).run(key, data, { initState });
      assert.equal(JSON.stringify(rest.state), JSON.stringify(whole.state));
      const tail = (p: Posterior, count: number): readonly number[] =>
        [0, 1].flatMap((c) => {
          const { data: all, shape } = p.samples['slope']!;
          return [...all.subarray((c + 1) * shape[1]! - count, (c + 1) * shape[1]!)];
        });
      assert.deepEqual(tail(rest, 25), tail(whole, 25));
    }
  },

  'a state goes on at other data from its position there, with their energy': async () => {
    const { state } = await run({});
    const other: [Input, Input] = [
      [1, 2, 3],
      [-1.2, -1.9, -3.3],
    ];
    const { samples, stats } = await MCMC(NUTS(model), { numWarmup: 60, numSamples: 400 }).run(key, other, { initState: state });
    assert.ok(
      samples['slope']!.data.subarray(200).every((x) => x < 0),
      'the chain has gone where the data are',
    );
    const last = { slope: samples['slope']!.data.at(-1)!, sigma: samples['sigma']!.data.at(-1)! };
    const expected = potentialEnergy(model, other, unconstrain(model, other, last)).item();
    assert.ok(Math.abs(stats.potentialEnergy.data.at(-1)! - expected) < 1e-9 * Math.abs(expected));
    await refuses('NonFinite', ['initState', 'log-density'], () =>
      MCMC(NUTS(model), short).run(
        key,
        [
          [1, 2, 3],
          [1, NaN, 3],
        ],
        { initState: state },
      ),
    );
  },

  'a state that is not whole, or of another kernel, is refused': async () => {
    const { state } = await run({});
    const changed = (change: (own: Record<string, unknown>) => unknown): readonly HMCState[] => {
      const copy = JSON.parse(JSON.stringify(state)) as Record<string, unknown>[];
      change(copy[0]!);
      return copy as unknown as readonly HMCState[];
    };
    await refuses('InvalidArgument', ['key'], () => run({ initState: changed((own) => delete own['key']) }));
    await refuses('InvalidArgument', ['position'], () => run({ initState: changed((own) => ((own['z'] as { data: unknown[] }).data[0] = null)) }));
    await refuses('InvalidArgument', ['energy'], () => run({ initState: changed((own) => (own['potentialEnergy'] = null)) }));
    await refuses('InvalidArgument', ['adaptation'], () => run({ initState: changed((own) => delete (own['adaptState'] as { welford?: unknown }).welford) }));
    await refuses('InvalidArgument', ['no state'], () => run({ initState: 3 as never }));
    await refuses('InvalidShape', ['mass matrix', '[2, 2]'], () => run({ initState: state }, { denseMass: true }));
    await refuses('InvalidArgument', ['1 state for 2 chains'], () => MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data, { initState: state }));
  },

  'an observation at fault is shown with its index and value': async () => {
    const counts = (y: Input): void => void sample('y', dist.Poisson(sample('rate', dist.Exponential(1))), { obs: y });
    await refuses('NonFinite', ['y (observed)', 'nonnegativeInteger', '2 of 5 values', 'index 1: -1'], () =>
      MCMC(NUTS(counts), short).run(key, [[1, -1, 4, 0.5, 2]]),
    );
    await refuses('NonFinite', ['y (observed)', '1 of 3 values', 'index 1: NaN'], () => MCMC(NUTS(model), short).run(key, [data[0], [1, NaN, 2]]));
    const vectors = (y: Input): void => void sample('y', dist.Dirichlet(sample('a', dist.Exponential(1).expand([2]).toEvent(1))), { obs: y });
    await refuses('NonFinite', ['1 of 2 values', '[0.5, 0.6] of shape [2]'], () =>
      MCMC(NUTS(vectors), short).run(key, [
        [
          [0.5, 0.5],
          [0.5, 0.6],
        ],
      ]),
    );
  },

  'starts that do not fit their site are refused by its name': async () => {
    await refuses('InvalidShape', ['sigma', '[2]', '[]'], () => run({}, { initStrategy: initToValue({ sigma: [1, 2] }) }));
    await refuses('InvalidParameter', ['sigma', 'support', '-1'], () => run({}, { initStrategy: initToValue({ sigma: -1 }) }));
  },

  'a model that gives a promise is refused': async () => {
    const late = async (): Promise<void> => {
      sample('a', dist.Normal(0, 1));
      await Promise.resolve();
      sample('b', dist.Normal(0, 1));
    };
    await refuses('Unsupported', ['promise', 'async'], () => MCMC(NUTS(late), short).run(key, []));
  },

  'what a model or a callback throws comes through as it is': async () => {
    const own = new RangeError('own');
    const raise = (): never => {
      throw own;
    };
    for (const f of [() => run({ onDraw: raise }), () => run({ progress: raise }), () => MCMC(NUTS(raise), short).run(key, [])]) {
      const before = tf.memory().numTensors;
      await assert.rejects(f, (error) => error === own);
      assert.equal(tf.memory().numTensors, before);
    }
  },

  'values on either scale that do not fit are refused': async () => {
    await refuses('InvalidShape', ['slope', '[3]', '[]'], () => potentialEnergy(model, data, { slope: [1, 2, 3], sigma: 0 }));
    await refuses('InvalidShape', ['sigma', '[1]'], () => constrain(model, data, { slope: 1, sigma: [0] }));
    await refuses('InvalidArgument', ['record', 'arguments'], () => potentialEnergy(model as never, { slope: 1 } as never, undefined as never));
    await refuses('InvalidArgument', ['return_deterministic'], () => constrain(model, data, { slope: 1, sigma: 0 }, { return_deterministic: true } as never));
    const positive = (): void => void sample('s', dist.HalfNormal(1));
    await refuses('InvalidParameter', ['"s"', 'support'], () => unconstrain(positive, [], { s: -1 }));
  },
});
