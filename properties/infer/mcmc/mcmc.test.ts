/** MCMC runs: what comes out, and that states, resumed runs, thinning, abort and callbacks are what they say. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import {
  array,
  deterministic,
  dist,
  HMC,
  initToMedian,
  initToValue,
  isKindlingError,
  MCMC,
  NUTS,
  ops,
  plate,
  random,
  sample,
  type DrawInfo,
  type HMCState,
  type Input,
  type MCMCProgress,
  type Posterior,
} from '../../../infer/kindling.ts';
import { formatChain, formatRun } from '../../../infer/mcmc/progress.ts';
import { terminalChains } from '../../../infer/mcmc/progress.node.ts';
import { laws } from '../../laws.ts';

const key = random.PRNGKey(3);

const model = (y: Input, sigma: Input): void => {
  const mu = sample('mu', dist.Normal(0, 5));
  const tau = sample('tau', dist.HalfCauchy(5));
  plate(
    'J',
    4,
  )(() => {
    const eta = sample('eta', dist.Normal(0, 1));
    const theta = deterministic('theta', ops.add(mu, ops.mul(tau, eta)));
    sample('y', dist.Normal(theta, sigma), { obs: y });
  });
};

const data: [Input, Input] = [
  [28, 8, -3, 7],
  [15, 10, 16, 11],
];

const short = { numWarmup: 60, numSamples: 40 } as const;

const textOf = (posterior: Posterior): string => JSON.stringify([posterior.samples, posterior.stats, posterior.state, posterior.adaptation]);

const reloaded = <A>(x: A): A => JSON.parse(JSON.stringify(x)) as A;

laws('infer/mcmc: runs', {
  'shapes, names and types of a posterior': async () => {
    const { samples, stats, adaptation, state, deterministicSites, failures } = await MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data);
    assert.deepEqual(
      Object.entries(samples).map(([name, x]) => [name, ...x.shape]),
      [
        ['mu', 2, 40],
        ['tau', 2, 40],
        ['eta', 2, 40, 4],
        ['theta', 2, 40, 4],
      ],
    );
    assert.deepEqual(deterministicSites, ['theta']);
    for (const stat of Object.values(stats) as Posterior['stats']['energy'][]) assert.deepEqual(stat.shape, [2, 40]);
    assert.ok(samples['tau']!.data.every((x) => x > 0));
    const dataOf = (name: string): Float64Array => samples[name]!.data;
    const [mu, tau, eta] = [dataOf('mu'), dataOf('tau'), dataOf('eta')];
    dataOf('theta').forEach((x, i) => assert.ok(Math.abs(x - (mu[i >> 2]! + tau[i >> 2]! * eta[i]!)) < 1e-12));
    assert.ok(stats.numSteps.data.every((n, i) => Math.floor(Math.log2(n)) + 1 === stats.treeDepth.data[i]));
    assert.ok(stats.acceptProb.data.every((p) => p >= 0 && p <= 1));
    adaptation.forEach(({ stepSize, inverseMassMatrix, numSteps }, c) => {
      assert.ok(stepSize > 0 && numSteps >= 60);
      assert.deepEqual(inverseMassMatrix.shape, [6]);
      assert.ok(stats.stepSize.data.subarray(c * 40, c * 40 + 40).every((x) => x === stepSize));
    });
    assert.deepEqual(
      state.map(({ i }) => i),
      [100, 100],
    );
    assert.deepEqual(failures, []);
  },

  'a run is its transitions, and `sample` leaves the state it is given as it was': async () => {
    for (const kernel of [NUTS(model, { denseMass: true }), HMC(model, { numSteps: 5 }), NUTS(model, { denseMass: [['mu', 'tau']] })]) {
      const posterior = await MCMC(kernel, { ...short, numChains: 1 }).run(key, data);
      let state = kernel.init(random.split(key, 1)[0]!, short.numWarmup, data);
      for (let i = 0; i < 100; i++) {
        const before = JSON.stringify(state);
        const next = kernel.sample(state, data);
        assert.equal(JSON.stringify(state), before);
        state = i % 2 === 0 ? next : i % 3 === 0 ? reloaded(next) : structuredClone(next);
      }
      assert.equal(JSON.stringify(reloaded(state)), JSON.stringify(reloaded(posterior.state[0]!)));
    }
  },

  'the same key gives the same bits; a chain does not depend on how many there are': async () => {
    const [one, again, three] = [
      await MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data),
      await MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data),
      await MCMC(NUTS(model), { ...short, numChains: 3 }).run(key, data),
    ];
    assert.equal(textOf(one), textOf(again));
    assert.deepEqual([...one.samples['mu']!.data], [...three.samples['mu']!.data.subarray(0, 80)]);
    const batch = await MCMC(NUTS(model), { ...short, numChains: 2 }).run(random.split(key, 2), data);
    assert.equal(textOf(batch), textOf(one));
    const other = await MCMC(NUTS(model), { ...short, numChains: 2 }).run(random.PRNGKey(4), data);
    assert.notEqual(textOf(other), textOf(one));
  },

  'n and then m draws are n + m draws, to the bit, through JSON and structuredClone too': async () => {
    for (const thinning of [1, 3]) {
      const kernel = NUTS(model);
      const run = (numSamples: number, initState?: readonly HMCState[]): Promise<Posterior> =>
        MCMC(kernel, { numWarmup: 60, numSamples, numChains: 2, thinning }).run(key, data, { initState });
      const [whole, first] = [await run(40), await run(16)];
      for (const state of [first.state, reloaded(first.state), structuredClone(first.state)]) {
        const second = await run(24, state);
        assert.equal(JSON.stringify(second.state), JSON.stringify(whole.state));
        const draws = (p: Posterior, c: number): readonly number[] => {
          const count = p.samples['mu']!.shape[1]!;
          return [...p.samples['mu']!.data.subarray(c * count, (c + 1) * count)];
        };
        for (const c of [0, 1]) assert.deepEqual([...draws(first, c), ...draws(second, c)], draws(whole, c));
      }
    }
  },

  'the warmup alone starts runs that need none': async () => {
    const mcmc = MCMC(NUTS(model), { ...short, numChains: 2 });
    const warm = await mcmc.warmup(key, data);
    assert.deepEqual(warm.samples['mu']!.shape, [2, 0]);
    assert.equal(textOf(await mcmc.run(random.PRNGKey(99), data, { initState: warm.state })), textOf(await mcmc.run(key, data)));
  },

  'thinning keeps every so many-th draw': async () => {
    const [all, some] = [await MCMC(NUTS(model), short).run(key, data), await MCMC(NUTS(model), { ...short, thinning: 4 }).run(key, data)];
    assert.deepEqual(some.samples['mu']!.shape, [1, 10]);
    assert.deepEqual(
      [...some.samples['mu']!.data],
      [...all.samples['mu']!.data].filter((_, i) => i % 4 === 3),
    );
  },

  'extra fields, and sites left out': async () => {
    const asked = ['z', 'z.eta', 'i', 'meanAcceptProb', '~theta', 'energy', 'adaptState.stepSize'];
    const { samples, extraFields, stats } = await MCMC(NUTS(model), short).run(key, data, { extraFields: asked });
    assert.deepEqual([extraFields['energy'], extraFields['adaptState.stepSize']], [stats.energy, stats.stepSize]);
    assert.deepEqual(Object.keys(samples), ['mu', 'tau', 'eta']);
    assert.deepEqual(
      [extraFields['z']!.shape, extraFields['z.eta']!.shape],
      [
        [1, 40, 6],
        [1, 40, 4],
      ],
    );
    assert.equal(extraFields['z']!.data[0], samples['mu']!.data[0]);
    assert.ok(Math.abs(Math.exp(extraFields['z']!.data[1]!) / samples['tau']!.data[0]! - 1) < 1e-14);
    assert.deepEqual([...extraFields['z.eta']!.data], [...samples['eta']!.data]);
    assert.equal(extraFields['i']!.data[0], 61);
    await assert.rejects(MCMC(NUTS(model), short).run(key, data, { extraFields: ['nothing'] }), { _tag: 'InvalidArgument' });
    await assert.rejects(MCMC(NUTS(model), short).run(key, data, { extraFields: ['~nothing'] }), { _tag: 'MissingSite' });
  },

  'onDraw is told of every draw, progress of all chains': async () => {
    const [draws, told]: [DrawInfo[], MCMCProgress[]] = [[], []];
    const { samples } = await MCMC(NUTS(model), { ...short, numChains: 2 }).run(key, data, {
      onDraw: (d) => draws.push(d),
      progress: (info) => told.push(info),
    });
    assert.deepEqual(
      draws.map(({ chain, draw }) => [chain, draw]),
      [0, 1].flatMap((c) => Array.from({ length: 40 }, (_, d) => [c, d])),
    );
    assert.deepEqual(
      draws.map(({ values }) => values['mu']!.item()),
      [...samples['mu']!.data],
    );
    const last = told.at(-1)!;
    assert.deepEqual([last.step, last.numSteps, last.numChains, last.chains.map(({ stage }) => stage)], [200, 200, 2, ['sample', 'sample']]);
    assert.ok(last.drawsPerSecond > 0);
    assert.match(formatRun(last), /100 %.*200\/200 transitions of 2 chains.*divergence/);
    assert.match(formatChain(last.chains[0]!), /chain 1 {2}100 %.*steps of size/);
    const lines: string[] = [];
    const show = terminalChains({ stream: { write: (text) => lines.push(text), isTTY: true, columns: 60 } });
    for (const info of told) show(info);
    assert.ok(lines.length > 0 && lines.at(-1)!.endsWith('\n') && lines.every((line) => line.length < 70));
  },

  'an aborted run gives the states of its chains, from which another goes on to the bit': async () => {
    const options = { numWarmup: 2000, numSamples: 20_000, numChains: 2 };
    const kernel = NUTS(model);
    const whole = await MCMC(kernel, options).run(key, data);
    for (const when of [1, 2]) {
      const controller = new AbortController();
      let calls = 0;
      const error = (await MCMC(kernel, options)
        .run(key, data, { signal: controller.signal, progress: () => void (++calls === when && controller.abort()) })
        .catch((thrown: unknown) => thrown)) as Error & { readonly state: readonly HMCState[]; readonly posterior: Posterior };
      assert.ok(isKindlingError(error) && error.name === 'AbortError', String(error));
      const left = error.state.map(({ i }) => Math.max(0, 22_000 - Math.max(i, 2000)));
      assert.ok(left.some((n) => n > 0));
      // One chain at a time, as they are not equally far.
      for (const [c, state] of error.state.entries()) {
        const rest = await MCMC(kernel, { ...options, numChains: 1, numSamples: left[c]! }).run(key, data, { initState: reloaded(state) });
        assert.equal(JSON.stringify(rest.state[0]), JSON.stringify(whole.state[c]));
      }
    }
    await assert.rejects(MCMC(kernel, options).run(key, data, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  },

  'other work goes on during a run, and two runs do not disturb each other': async () => {
    const kernel = NUTS(model);
    const mcmc = MCMC(kernel, { numWarmup: 500, numSamples: 60_000 });
    const alone = await mcmc.run(key, data);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const [a, b] = await Promise.all([mcmc.run(key, data), mcmc.run(random.PRNGKey(8), data)]);
    clearInterval(timer);
    assert.ok(ticks > 0);
    assert.equal(textOf(a), textOf(alone));
    assert.notEqual(textOf(b), textOf(alone));
  },

  'strategies say where chains start': () => {
    const at = { mu: 2, tau: 0.5, eta: [1, 2, 3, 4] };
    const { z } = NUTS(model, { initStrategy: initToValue(at) }).init(key, 0, data);
    [2, Math.log(0.5), 1, 2, 3, 4].forEach((x, i) => assert.ok(Math.abs(z.data[i]! - x) < 1e-14));
    assert.equal(NUTS(model, { initStrategy: initToMedian() }).init(key, 0, data).z.shape[0], 6);
    const uniform = NUTS(model).init(key, 0, data).z.data;
    assert.ok(uniform.every((x) => Math.abs(x) < 2) && uniform.some((x) => Math.abs(x) > 0.1));
    assert.throws(() => NUTS(model, { initStrategy: initToMedian as never }).init(key, 0, data), /initToMedian\(\)/);
  },

  'a metric given by users is used, whole or by sites': () => {
    const metricOf = (options: object): readonly number[] => [...NUTS(model, options).init(key, 0, data).adaptState.inverseMassMatrix.data];
    assert.deepEqual(metricOf({ inverseMassMatrix: [1, 2, 3, 4, 5, 6] }), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(metricOf({ inverseMassMatrix: { eta: [3, 4, 5, 6] } }), [1, 1, 3, 4, 5, 6]);
    const dense = metricOf({
      denseMass: [['tau', 'mu']],
      inverseMassMatrix: {
        'mu,tau': [
          [2, 0.5],
          [0.5, 1],
        ],
        eta: [3, 4, 5, 6],
      },
    });
    assert.deepEqual([dense[0], dense[1], dense[6], dense[7], dense[14], dense[35], dense[8]], [2, 0.5, 0.5, 1, 3, 6, 0]);
  },

  'states of other models are refused': () => {
    const kernel = NUTS(model);
    const other = NUTS(() => void sample('x', dist.Normal(0, 1))).init(key, 0, []);
    assert.throws(() => kernel.sample(other, data), { _tag: 'InvalidShape' });
    assert.throws(() => kernel.sample({} as HMCState, data), { _tag: 'InvalidArgument' });
  },

  'arguments in any form, and new data of the same shape': async () => {
    const mcmc = MCMC(NUTS(model), short);
    const plain = await mcmc.run(key, data);
    const [y, sigma] = [tf.tensor([28, 8, -3, 7]), Float64Array.of(15, 10, 16, 11)];
    assert.equal(textOf(await mcmc.run(key, [y, array(sigma)])), textOf(plain));
    y.dispose();
    const other = await mcmc.run(key, [[0, 0, 0, 0], sigma]);
    assert.notEqual(textOf(other), textOf(plain));
    assert.equal(textOf(await mcmc.run(key, data)), textOf(plain));
  },

  'no tensor is left behind': async () => {
    const kernel = NUTS(model, { initStrategy: initToMedian() });
    await MCMC(kernel, short).run(key, data);
    const before = tf.memory().numTensors;
    await MCMC(NUTS(model, { initStrategy: initToMedian() }), short).run(key, data);
    kernel.sample(kernel.init(key, 5, data), data);
    assert.equal(tf.memory().numTensors, before);
  },
});
