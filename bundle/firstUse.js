/** What a first use of a bundle calls: `node firstUse.js URL` fits a model, and writes as JSON the extents of the functions that ran, module by module. */
import { Session } from 'node:inspector/promises';

const url = process.argv[2];

// Each look at the clock is a second after the last, on any machine: what runs for the time that has passed then runs always.
let time = 0;
performance.now = () => (time += 1000);

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const { AutoDiagonalNormal, MCMC, NUTS, SVI, TraceELBO, adam, dist, jit, ops, plate, printSummary, random, ready, sample } = await import(url);
await ready();

const regression = (x, y) => {
  const alpha = sample('alpha', dist.Normal(0, 5));
  const sigma = sample('sigma', dist.HalfCauchy(1));
  const beta = plate('P', 2)(() => sample('beta', dist.Normal(0, sigma)));
  plate('N', x.shape[0])(() => sample('y', dist.Normal(ops.add(alpha, ops.mul(ops.sum(beta), x)), sigma), { obs: y }));
};
const data = [
  [-1, -0.5, 0, 0.5, 1],
  [-1.4, -0.2, 0.6, 1.7, 2.4],
];

const chains = { numWarmup: 150, numSamples: 50, numChains: 2, chainMethod: 'sequential' };
printSummary(await MCMC(NUTS(regression), chains).run(random.PRNGKey(0), data), { print: () => undefined });
await SVI(regression, AutoDiagonalNormal(regression), adam(0.01), TraceELBO()).run(random.PRNGKey(1), 20, data);
jit((x) => ops.sum(ops.square(x)))(data[0]);

const { result } = await session.post('Profiler.takePreciseCoverage');
const folder = new URL('.', url).href;
const extentsOf = (functions) => functions.flatMap(({ ranges: [{ startOffset, endOffset, count }] }) => (count > 0 ? [[startOffset, endOffset]] : []));
const modules = result.filter((script) => script.url.startsWith(folder)).map((script) => [script.url, extentsOf(script.functions)]);
process.stdout.write(JSON.stringify(modules));
