/** Chains in workers: the same draws whatever the number of workers, failures that stay where they are, and workers that end. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  dist,
  HMC,
  type initToUniform,
  isKindlingError,
  keyOf,
  MCMC,
  NUTS,
  random,
  sample,
  workerPool,
  type Input,
  type Posterior,
} from '../../../infer/kindling.ts';
import { laws } from '../../laws.ts';

const key = random.PRNGKey(3);

const model = (y: Input): void => {
  const mu = sample('mu', dist.Normal(0, 5));
  const sigma = sample('sigma', dist.HalfCauchy(5));
  sample('y', dist.Normal(mu, sigma), { obs: y });
};

const data: [Input] = [[1, 2, 4, 3]];
const options = { numWarmup: 100, numSamples: 50, numChains: 4 } as const;

const textOf = ({ samples, stats, state }: Posterior): string => JSON.stringify([samples, stats, state]);

const threads = (): number => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);

laws('infer/mcmc: workers', {
  'draws do not depend on workers, nor on how many there are': async () => {
    const sequential = textOf(await MCMC(NUTS(model), options).run(key, data));
    for (const numWorkers of [1, 2, 3]) {
      assert.equal(textOf(await MCMC(NUTS(model), { ...options, chainMethod: 'parallel', numWorkers }).run(key, data)), sequential);
    }
  },

  'a pool serves one run after another, of several models, at the same time': async () => {
    const workers = await workerPool({ size: 2 });
    const kernels = [NUTS(model), HMC(model, { numSteps: 4 }), NUTS(model, { denseMass: true })];
    const sequential = await Promise.all(kernels.map((kernel) => MCMC(kernel, options).run(key, data)));
    const parallel = await Promise.all(kernels.map((kernel) => MCMC(kernel, { ...options, chainMethod: 'parallel', workers }).run(key, data)));
    parallel.forEach((one, i) => assert.equal(textOf(one), textOf(sequential[i]!)));
    await workers.close();
    await assert.rejects(MCMC(kernels[0]!, { ...options, chainMethod: 'parallel', workers }).run(key, data), { _tag: 'InvalidArgument' });
  },

  'a chain that finds no start says why, and the others go on': async () => {
    let asked = 0;
    // 100 tries for the first chain are all in vain.
    const initStrategy = (site: Parameters<ReturnType<typeof initToUniform>>[0]): Input | undefined =>
      site.name === 'mu' && asked++ < 100 ? 1e200 : random.uniform(keyOf(site), [], { minval: 0.1, maxval: 1 });
    const { samples, failures, state } = await MCMC(NUTS(model, { initStrategy }), { ...options, numChains: 3, chainMethod: 'parallel' }).run(key, data);
    assert.deepEqual([samples['mu']!.shape, state.length, failures.map(({ chain }) => chain)], [[2, 50], 2, [0]]);
    assert.match(failures[0]!.error.message, /no start.*mu: support/s);
  },

  'a run that is aborted, or whose callback throws, ends its workers': async () => {
    const long = { numWarmup: 1000, numSamples: 2_000_000, numChains: 2, chainMethod: 'parallel' } as const;
    const before = threads();
    const controller = new AbortController();
    const error: unknown = await MCMC(NUTS(model), long)
      .run(key, data, { signal: controller.signal, progress: () => controller.abort() })
      .catch((thrown: unknown) => thrown);
    assert.ok(isKindlingError(error) && error.name === 'AbortError', String(error));
    const thrown = new RangeError('enough');
    await assert.rejects(
      MCMC(NUTS(model), long).run(key, data, {
        progress: () => {
          throw thrown;
        },
      }),
      RangeError,
    );
    assert.ok(threads() <= before + 1, `${threads()} threads, ${before} before`);
  },

  'what a worker runs knows neither tfjs nor the compiler': () => {
    const seen = new Set<string>();
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      for (const [, target] of readFileSync(url, 'utf8').matchAll(/^(?:import|export) .*?from '(.+?)';/gm)) {
        assert.ok(!target!.startsWith('@tensorflow'), `${url.pathname} imports ${target}`);
        if (target!.startsWith('.')) visit(new URL(target!, url));
      }
    };
    for (const entry of ['entry.node.js', 'entry.browser.js']) visit(new URL(`../../../infer/mcmc/workers/${entry}`, import.meta.url));
    assert.ok(
      [...seen].every((path) => !/transforms\/jit\/(?!webassembly)/.test(path)),
      [...seen].join('\n'),
    );
  },
});
