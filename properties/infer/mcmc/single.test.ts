/** Leapfrogs in single precision: the same posterior within its error, energies that hold, and states that say their precision. */
import assert from 'node:assert/strict';
import {
  dist,
  HMC,
  MCMC,
  NUTS,
  ops,
  plate,
  random,
  sample,
  summary,
  workerPool,
  type HMCState,
  type Input,
  type NDArray,
  type Value,
} from '../../../infer/kindling.ts';
import { laws } from '../../laws.ts';

const x = random.normal(random.PRNGKey(1), [400, 5]);
const y = random.bernoulli(random.PRNGKey(2), ops.sigmoid(ops.dot(x, [1, -0.5, 0, 2, 0.3])));

const model = (features: Value, target: Input): void => {
  const w = sample('w', dist.Normal(0, 1).expand([5]).toEvent(1));
  plate('data', 400)(() => sample('y', dist.Bernoulli({ logits: ops.dot(features, w) }), { obs: target }));
};

const data: [NDArray, NDArray] = [x, y];
const key = random.PRNGKey(5);
const [single, double] = [NUTS(model, { precision: 'float32' }), NUTS(model)];

const near = (a: number, b: number, tolerance: number, what: string): void => assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} and ${b}`);

laws('infer/mcmc: single precision', {
  'potential and gradient are those of double precision but for rounding, and are not the same bits': () => {
    const [a, b] = [single.init(key, 10, data), double.init(key, 10, data)];
    assert.deepEqual([...a.z.data], [...b.z.data]);
    assert.notEqual(a.potentialEnergy, b.potentialEnergy);
    near(a.potentialEnergy / b.potentialEnergy, 1, 1e-7, 'potential');
    const size = Math.max(...b.zGrad.data.map(Math.abs));
    a.zGrad.data.forEach((value, i) => near(value / size, b.zGrad.data[i]! / size, 1e-6, `gradient at ${i}`));
  },
  'the energy of a short trajectory holds as well': () => {
    const settings = { numSteps: 20, stepSize: 0.005, adaptStepSize: false } as const;
    const change = (precision: 'float32' | 'float64'): number => {
      const kernel = HMC(model, { ...settings, precision });
      return kernel.sample(kernel.init(key, 0, data), data).acceptProb;
    };
    near(change('float32'), change('float64'), 1e-4, 'acceptance');
    assert.ok(change('float32') > 0.99);
  },
  'the posterior is the same within Monte-Carlo error': async () => {
    const run = async (kernel: typeof single): Promise<ReturnType<typeof summary>> =>
      summary(await MCMC(kernel, { numWarmup: 300, numSamples: 600 }).run(key, data));
    const [a, b] = [await run(single), await run(double)];
    a.forEach((row, i) => near(row.mean, b[i]!.mean, 4.5 * Math.hypot(row.mcseMean, b[i]!.mcseMean), row.name));
  },
  'states say their precision; one of the other is taken up with its energy computed anew': async () => {
    const settings = { numWarmup: 30, numSamples: 10 } as const;
    const warm = await MCMC(single, settings).run(key, data);
    assert.equal(warm.state[0]!.precision, 'float32');
    const old = JSON.parse(JSON.stringify(warm.state[0]!)) as HMCState;
    const next = double.sample(old, data);
    assert.equal(next.precision, 'float64');
    const misled = { ...old, potentialEnergy: 1e9, zGrad: ops.mul(0, warm.state[0]!.zGrad) };
    assert.deepEqual(double.sample(misled, data), next);
    assert.notDeepEqual(single.sample(misled, data), single.sample(old, data));
    const { precision, ...before } = double.init(key, 30, data);
    assert.equal(precision, 'float64');
    // A state of the time before there were two.
    assert.deepEqual(double.sample(before as HMCState, data), double.sample(double.init(key, 30, data), data));
    const [whole, first] = [await MCMC(single, { numWarmup: 30, numSamples: 20 }).run(key, data), await MCMC(single, settings).run(key, data)];
    const rest = await MCMC(single, settings).run(key, data, { initState: first.state });
    assert.deepEqual([...whole.samples['w']!.data.slice(50)], [...rest.samples['w']!.data]);
  },
  'workers give the bits of this thread': async () => {
    const settings = { numWarmup: 20, numSamples: 10, numChains: 2 } as const;
    const workers = await workerPool({ size: 1 });
    const away = await MCMC(single, { ...settings, chainMethod: 'parallel', workers }).run(key, data);
    await workers.close();
    const here = await MCMC(single, { ...settings, chainMethod: 'sequential' }).run(key, data);
    assert.deepEqual([...away.samples['w']!.data], [...here.samples['w']!.data]);
  },
  'a precision that is none is an error': () => {
    assert.throws(() => NUTS(model, { precision: 'single' as never }), /float64 or float32/);
  },
});
