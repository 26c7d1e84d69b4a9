/** SVI of the regression: whole runs, compile included, and the parts of compiling, beside NumPyro and Pyro on the same data and steps. */
import { existsSync, readFileSync } from 'node:fs';
import { simulate } from '../examples/regression/data.ts';
import { adam, array, AutoDiagonalNormal, dist, ops, plate, random, sample, SVI, TraceELBO, type Input, type NDArray } from '../infer/kindling.ts';
import type { Bench, Row } from './bench.ts';
import { SHARED } from './shared.ts';
import { runPeer, type PeerTimes } from './peers.ts';

const RUNS = 5;

interface Data {
  readonly x: NDArray;
  readonly y: NDArray;
}

/** The data that the peers are timed on where they are at hand, else simulated ones of the same size. */
const load = (): Data => {
  const file = new URL('bench-data/regression.json', SHARED);
  if (!existsSync(file)) return simulate(random.PRNGKey(0));
  const { X, y } = JSON.parse(readFileSync(file, 'utf8')) as { readonly X: number[][]; readonly y: number[] };
  return { x: array(X), y: array(y) };
};

const RATE = 1e-2;
/** The peers' model. */
const model = (x: Input, y: Input): void => {
  const alpha = sample('alpha', dist.Normal(0, 1));
  const beta = sample('beta', dist.Normal(0, 1).expand([8]).toEvent(1));
  const sigma = sample('sigma', dist.HalfCauchy(1));
  plate('data', 2500)(() => sample('y', dist.Normal(ops.add(alpha, ops.dot(x, beta)), sigma), { obs: y }));
};
const make = (particles: number) => SVI(model, AutoDiagonalNormal(model), adam(RATE), TraceELBO({ numParticles: particles }));

/** Milliseconds of whole runs, each of a new SVI, so that compiling counts; or, warm, of later runs of one. */
const timeRuns = async (particles: number, steps: number, { x, y }: Data, isWarm: boolean): Promise<Float64Array> => {
  const times = new Float64Array(RUNS);
  const kept = make(particles);
  if (isWarm) await kept.run(random.PRNGKey(99), steps, [x, y]);
  for (let i = 0; i < RUNS; i++) {
    const svi = isWarm ? kept : make(particles);
    const start = performance.now();
    await svi.run(random.PRNGKey(i), steps, [x, y]);
    times[i] = performance.now() - start;
  }
  return times.sort();
};

const seconds = (name: string, times: Float64Array, note: string): Row => ({
  name,
  value: times[2]! / 1000,
  unit: 's',
  low: times[1]! / 1000,
  high: times[3]! / 1000,
  note,
});

/** Ours over a peer's: the least of each, ours before and after the peer. */
const ratio = (name: string, ours: number, peer: PeerTimes | undefined, note: string): readonly Row[] =>
  peer === undefined
    ? []
    : [
        {
          name,
          value: ours / (1000 * peer.run.min * (peer.scale ?? 1)),
          unit: '×',
          note: `${note} takes ${(peer.run.min * (peer.scale ?? 1)).toPrecision(3)} s`,
        },
      ];

const STEPS = 30_000;
const FEW = 300;

/** Milliseconds from the first call of `update` of a new SVI until it returns: recording, compiling, instantiating, one step, and the check of its result. */
const firstUpdates = ({ x, y }: Data): Float64Array => {
  const times = new Float64Array(RUNS);
  for (let i = 0; i < RUNS; i++) {
    const svi = make(1);
    const state = svi.init(random.PRNGKey(i), x, y);
    const start = performance.now();
    svi.update(state, x, y);
    times[i] = performance.now() - start;
  }
  return times;
};

export const bench: Bench = {
  name: 'SVI of a regression, N = 2,500, P = 8, AutoDiagonalNormal, Adam, float64',
  run: async () => {
    const data = load();
    const first = firstUpdates(data);
    const before = await timeRuns(1, STEPS, data, false);
    const numpyro = runPeer('numpyro', 'regression-svi');
    const pyro = runPeer('pyro', 'regression-svi');
    const after = await timeRuns(1, STEPS, data, false);
    const many = await timeRuns(100, FEW, data, true);
    const numpyroMany = runPeer('numpyro', 'regression-svi-100p', '--x64');
    const manyAfter = await timeRuns(100, FEW, data, true);
    return [
      { name: 'first update in the process', value: first[0]!, unit: 'ms', note: 'recording, compiling, instantiating, a step and its check' },
      { name: 'first update of a later SVI', value: Math.min(...first.slice(1)), unit: 'ms' },
      seconds('30,000 steps, 1 particle', before, 'compile included'),
      ...ratio('30,000 steps, ours / NumPyro', Math.min(before[0]!, after[0]!), numpyro, 'least of each, ours with compile; NumPyro float32, warm,'),
      ...ratio('30,000 steps, ours / Pyro', Math.min(before[0]!, after[0]!), pyro, 'least of each; Pyro float32, from 3,000 steps,'),
      seconds('300 steps, 100 particles', many, 'warm'),
      ...ratio('300 steps of 100 particles, ours / NumPyro', Math.min(many[0]!, manyAfter[0]!), numpyroMany, 'least of each, both warm; NumPyro float64'),
    ];
  },
};
