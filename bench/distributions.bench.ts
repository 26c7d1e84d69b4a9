/** A million log-densities and a million draws, compiled, on one core, beside SciPy and NumPy in the same sitting. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keyData, tracedKey } from '../core/random/key.ts';
import type { Distribution } from '../core/distributions/distribution.ts';
import type { Value } from '../core/value.ts';
import { dist, random, type AnyArray } from '../infer/kindling.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import { record } from '../transforms/jit/record.ts';
import type { Bench, Row } from './bench.ts';

const SIZE = 1_000_000;
/** Rounds of ours and of theirs, in turn: other work on the machine then falls on both. */
const TURNS = 3;
const RUNS = 9;

const grid = (from: number, to: number): Float64Array => Float64Array.from({ length: SIZE }, (_, i) => from + ((to - from) * i) / (SIZE - 1));

/** Seconds of one run, the least of several. */
type Timed = () => number;

const timed = (f: (...inputs: readonly Value[]) => AnyArray, inputs: readonly Float64Array[], shapes: readonly (readonly number[])[]): Timed => {
  const graph = record(
    (values) => [f(...values)],
    shapes.map((shape) => ({ shape, dtype: 'float' as const })),
  );
  const instance = instantiate(compileGraph(graph));
  instance.inputs.forEach((write, i) => write?.(inputs[i]!));
  return () => {
    let best = Infinity;
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      instance.run();
      best = Math.min(best, performance.now() - start);
    }
    return best / 1000;
  };
};

const density = (make: (...params: readonly Value[]) => Distribution, params: readonly number[], at: Float64Array): Timed =>
  timed((x, ...rest) => make(...rest).logProb(x), [at, ...params.map((p) => Float64Array.of(p))], [[SIZE], ...params.map(() => [])]);

const draw = (make: () => Distribution): Timed =>
  timed((words) => make().sample(tracedKey(words), [SIZE]), [Float64Array.from(keyData(random.PRNGKey(0)))], [[2]]);

/** By the names of distributions.py. */
const workloads = (): Readonly<Record<string, Timed>> => {
  const [real, positive, unit, counts] = [grid(-3, 3), grid(0.01, 6), grid(0.001, 0.999), grid(0, 20).map(Math.floor)];
  return {
    'density Normal': density((loc, scale) => dist.Normal(loc, scale), [0.5, 1.3], real),
    'density Gamma': density((a, rate) => dist.Gamma(a, rate), [3, 2], positive),
    'density Beta': density((a, b) => dist.Beta(a, b), [2, 3], unit),
    'density StudentT': density((df, loc, scale) => dist.StudentT(df, loc, scale), [5, 0.5, 1.3], real),
    'density NegativeBinomial2': density((mean, concentration) => dist.NegativeBinomial2(mean, concentration), [4, 3], counts),
    'draw Normal': draw(() => dist.Normal(0, 1)),
    'draw Gamma': draw(() => dist.Gamma(3, 1)),
    'draw Beta': draw(() => dist.Beta(2, 3)),
    'draw StudentT': draw(() => dist.StudentT(5, 0, 1)),
    'draw Poisson': draw(() => dist.Poisson(100)),
    'draw Binomial': draw(() => dist.Binomial(100, 0.3)),
    'draw VonMises': draw(() => dist.VonMises(0, 2)),
  };
};

/** Seconds of SciPy and NumPy by workload; nothing where no Python is named. */
const timesOfPeers = (): Readonly<Record<string, number>> => {
  const python = process.env['KINDLING_PEERS'];
  if (python === undefined) return {};
  const script = fileURLToPath(new URL('../../bench/distributions.py', import.meta.url));
  return JSON.parse(execFileSync(python, [script, String(SIZE)], { encoding: 'utf8' })) as Readonly<Record<string, number>>;
};

const least = (rounds: readonly Readonly<Record<string, number>>[], name: string): number => Math.min(...rounds.map((round) => round[name] ?? NaN));

export const bench: Bench = {
  name: 'Distributions, a million log-densities or draws, float64',
  run: () => {
    const all = Object.entries(workloads());
    const turns = Array.from({ length: TURNS }, () => ({ ours: Object.fromEntries(all.map(([name, time]) => [name, time()])), theirs: timesOfPeers() }));
    if (Object.keys(turns[0]!.theirs).length === 0) console.log('  without SciPy and NumPy to compare with: set KINDLING_PEERS to a Python that has them');
    const rows = all.flatMap(([name]): readonly Row[] => {
      const [own, peer] = [
        least(
          turns.map(({ ours }) => ours),
          name,
        ),
        least(
          turns.map(({ theirs }) => theirs),
          name,
        ),
      ];
      const nanoseconds = (seconds: number): number => (1e9 * seconds) / SIZE;
      const row = { name, value: nanoseconds(own), unit: 'ns' };
      if (Number.isNaN(peer)) return [row];
      const library = name.startsWith('density') ? 'SciPy' : 'NumPy';
      return [
        row,
        { name: `${name}, ours / ${library}`, value: own / peer, unit: '×', note: `least of each; ${library} takes ${nanoseconds(peer).toFixed(1)} ns` },
      ];
    });
    return Promise.resolve(rows);
  },
};
