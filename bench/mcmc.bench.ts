/** NUTS: eight schools and a logistic regression, warm and in a fresh process, in one thread and in workers, beside NumPyro and nutpie. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MCMC, NUTS, random, ready, summary, workerPool, type MCMCOptions, type Posterior } from 'kindling';
import type { Bench, Row } from './bench.ts';
import { runPeer, type PeerTimes } from './peers.ts';
import { leapfrogs, logistic, logisticData, schools, schoolsData } from './schools.ts';

/** What a peer's script says of a run of NUTS. */
interface NUTSPeer extends PeerTimes {
  readonly us_per_leapfrog_min?: number | undefined;
  /** Effective samples per second. */
  readonly ess_s?: number | undefined;
}

const KEYS = 10;

interface Timed {
  readonly posterior: Posterior;
  readonly seconds: number;
}

const timed = async (run: () => Promise<Posterior>): Promise<Timed> => {
  const start = performance.now();
  const posterior = await run();
  return { posterior, seconds: (performance.now() - start) / 1000 };
};

const sorted = (xs: readonly number[]): Float64Array => Float64Array.from(xs).sort();

const quantile = (xs: Float64Array, q: number): number => xs[Math.round(q * (xs.length - 1))]!;

const spread = (name: string, xs: readonly number[], unit: string, note: string): Row => {
  const all = sorted(xs);
  return { name, value: quantile(all, 0.5), unit, low: quantile(all, 0.25), high: quantile(all, 0.75), note };
};

const perStep = ({ posterior, seconds }: Timed): number => (seconds / leapfrogs(posterior)) * 1e6;

/** The least bulk effective sample size over all numbers sampled. */
const leastESS = (posterior: Posterior): number => Math.min(...summary(posterior).map(({ essBulk }) => essBulk));

const ratio = (name: string, ours: number, peer: NUTSPeer | undefined, note: string): readonly Row[] =>
  peer?.us_per_leapfrog_min === undefined
    ? []
    : [{ name, value: ours / peer.us_per_leapfrog_min, unit: '×', note: `${note}; NumPyro takes ${peer.us_per_leapfrog_min.toPrecision(3)} µs` }];

const eightSchools = async (): Promise<readonly Row[]> => {
  const mcmc = MCMC(NUTS(schools), { numWarmup: 1000, numSamples: 1000, numChains: 4 });
  const runs: Timed[] = [];
  for (let k = 0; k <= 2 * KEYS; k++) {
    const one = await timed(() => mcmc.run(random.PRNGKey(k), schoolsData));
    // The first compiles.
    if (k > 0) runs.push(one);
  }
  const steps = runs.map(perStep);
  const peer = runPeer('numpyro', 'eight-schools-nuts-seq', '--x64') as NUTSPeer | undefined;
  const nutpie = runPeer('nutpie', 'eight-schools-nuts-seq') as NUTSPeer | undefined;
  const ess = spread(
    'the same, effective samples per second',
    runs.map(({ posterior, seconds }) => leastESS(posterior) / seconds),
    '/s',
    'least bulk ESS of mu, tau, eta',
  );
  return [
    spread('eight schools, warm, per leapfrog step', steps, 'µs', '4 × (1,000 + 1,000), one thread, all included'),
    { name: 'the same, least', value: Math.min(...steps), unit: 'µs' },
    ...ratio('the same, ours / NumPyro', Math.min(...steps), peer, 'least of each, NumPyro float64'),
    ess,
    ...(nutpie?.ess_s === undefined
      ? []
      : [{ name: 'the same, ours / nutpie', value: ess.value / nutpie.ess_s, unit: '×', note: `medians; nutpie draws ${nutpie.ess_s.toPrecision(3)} /s` }]),
  ];
};

const freshProcess = (): readonly Row[] => {
  const program = fileURLToPath(new URL('schoolsFresh.js', import.meta.url));
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now();
    const output = execFileSync(process.execPath, [program], { encoding: 'utf8' });
    const seconds = (performance.now() - start) / 1000;
    return { seconds, ...(JSON.parse(output.trim().split('\n').at(-1)!) as { readonly milliseconds: number; readonly leapfrogs: number }) };
  });
  return [
    spread(
      'eight schools, first run of a process, per leapfrog step',
      runs.map((run) => (run.milliseconds / run.leapfrogs) * 1000),
      'µs',
      'recording and compiling included',
    ),
    spread(
      'eight schools, fresh process to printed summary',
      runs.map(({ seconds }) => seconds),
      's',
      '4 chains',
    ),
  ];
};

/** Doubles and singles in turn, so that what else the machine does falls on both. */
const singleRows = async (): Promise<readonly Row[]> => {
  const data = logisticData();
  const kernels = [NUTS(logistic), NUTS(logistic, { precision: 'float32' })] as const;
  const steps: readonly number[][] = [[], []];
  for (let k = 0; k < 5; k++) {
    for (const [i, kernel] of kernels.entries()) {
      const [numWarmup, numSamples] = k === 0 ? [5, 5] : [100, 100];
      const one = await timed(() => MCMC(kernel, { numWarmup, numSamples }).run(random.PRNGKey(k), data));
      if (k > 0) steps[i]!.push(perStep(one));
    }
  }
  const [double, single] = steps.map((own) => Math.min(...own)) as [number, number];
  const peer = runPeer('numpyro', 'logistic-nuts') as NUTSPeer | undefined;
  return [
    { name: 'logistic regression, float32, per leapfrog step', value: single, unit: 'µs', note: 'least of 4 runs, 1 × (100 + 100)' },
    { name: 'the same, float32 / float64', value: single / double, unit: '×', note: 'least of each, in turn' },
    ...ratio('the same, ours / NumPyro', single, peer, 'least of each, NumPyro float32'),
  ];
};

const logisticRows = async (): Promise<readonly Row[]> => {
  const data = logisticData();
  const kernel = NUTS(logistic);
  const run = (options: Partial<MCMCOptions>, seed: number): Promise<Timed> =>
    timed(() => MCMC(kernel, { numWarmup: 200, numSamples: 200, ...options }).run(random.PRNGKey(seed), data));
  await run({ numWarmup: 5, numSamples: 5 }, 0);
  const before = await run({}, 1);
  const peer = runPeer('numpyro', 'logistic-nuts', '--x64') as NUTSPeer | undefined;
  const after = await run({}, 2);
  const least = Math.min(perStep(before), perStep(after));
  const speeds: number[] = [];
  for (const size of [1, 2]) {
    const workers = await workerPool({ size });
    const options: Partial<MCMCOptions> = { numWarmup: 50, numSamples: 50, numChains: 4, chainMethod: 'parallel', workers };
    await run({ ...options, numWarmup: 5, numSamples: 5 }, 0);
    const one = await run(options, 3);
    speeds.push(leapfrogs(one.posterior) / one.seconds);
    await workers.close();
  }
  return [
    { name: 'logistic regression 10,000 × 54, per leapfrog step', value: least, unit: 'µs', note: '1 × (200 + 200), float64' },
    ...ratio('the same, ours / NumPyro', least, peer, 'least of each, NumPyro float64'),
    { name: 'logistic regression, 4 chains: 2 workers / 1', value: speeds[1]! / speeds[0]!, unit: '×', note: 'leapfrogs per second' },
  ];
};

const manyChains = async (): Promise<readonly Row[]> => {
  const workers = await workerPool({ size: 2 });
  const mcmc = MCMC(NUTS(schools), { numWarmup: 1000, numSamples: 1000, numChains: 16, chainMethod: 'parallel', workers });
  const times: number[] = [];
  for (let k = 0; k < KEYS; k++) {
    const { seconds } = await timed(() => mcmc.run(random.PRNGKey(k), schoolsData));
    if (k > 2) times.push(seconds);
  }
  await workers.close();
  const ours = spread('eight schools, 16 chains, 2 workers, pool warm', times, 's', '16 × (1,000 + 1,000)');
  const peer = runPeer('nutpie', 'eight-schools-16', '--cores=2');
  return [
    ours,
    ...(peer === undefined
      ? []
      : [
          {
            name: 'the same, ours / nutpie',
            value: ours.value / peer.run.median,
            unit: '×',
            note: `medians; nutpie takes ${peer.run.median.toPrecision(3)} s on 2 cores`,
          },
        ]),
  ];
};

const memory = async (): Promise<readonly Row[]> => {
  const before = process.memoryUsage().rss;
  const run = await MCMC(NUTS(schools), { numWarmup: 1000, numSamples: 100_000, numChains: 4 }).run(random.PRNGKey(0), schoolsData);
  const megabytes = (process.memoryUsage().rss - before) / 2 ** 20;
  return [
    {
      name: 'eight schools, 4 × 100,000 draws: memory above start',
      value: megabytes,
      unit: 'MiB',
      note: `${run.samples['mu']!.data.length} draws of 10 numbers`,
    },
  ];
};

export const bench: Bench = {
  name: 'NUTS',
  run: async () => {
    // The bundle that users load has a state of its own beside that of the modules which other benches import.
    await ready();
    return [...(await eightSchools()), ...freshProcess(), ...(await logisticRows()), ...(await singleRows()), ...(await manyChains()), ...(await memory())];
  },
};
