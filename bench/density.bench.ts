/** Value and gradient of three log densities, compiled, beside the same in C. */
import type { NDArray } from '../infer/kindling.ts';
import { compileGraph, instantiate, type Instance } from '../transforms/jit/compile.ts';
import { evaluateGraph } from '../transforms/jit/graph.ts';
import type { Bench, Row } from './bench.ts';
import { densities, type Density } from './densities.ts';
import { buildLimit, type LimitTimes } from './limit.ts';
import { repeat } from './measure.ts';

const TOLERANCE = 1e-10;

/** Against the largest element of an array: a gradient near 0 is a difference of large numbers, in the interpreter too. */
const relativeError = (actual: NDArray, expected: NDArray): number => {
  const scale = expected.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return actual.data.reduce((most, x, i) => Math.max(most, Math.abs(x - expected.data[i]!) / scale), 0);
};

const compiledOf = ({ name, graph, point }: Density): Instance => {
  const instance = instantiate(compileGraph(graph));
  instance.inputs.forEach((write, i) => write?.(point[i]!.data));
  instance.run();
  const expected = evaluateGraph(graph, point);
  instance.outputs().forEach((actual, i) => {
    const error = relativeError(actual, expected[i]!);
    if (!(error <= TOLERANCE)) throw new Error(`${name}: output ${i} is off the interpreter's by ${error}`);
  });
  return instance;
};

/** As in limit.c: the least of so many samples of so many milliseconds, so that a busy machine slows both alike. */
const SAMPLE_MS = 20;
const SAMPLES = 21;

/** Nanoseconds of one call, sorted. The calls are in a function of their own, as a user's are, so that V8 optimises it by itself. */
const sortedTimes = (f: () => void): Float64Array => {
  let calls = 1;
  const sample = (): number => {
    const start = performance.now();
    repeat(f, calls);
    return (performance.now() - start) * 1e6;
  };
  while (sample() < SAMPLE_MS * 1e6) calls *= 2;
  for (let i = 0; i < 10; i++) sample();
  return Float64Array.from({ length: SAMPLES }, () => sample() / calls).sort();
};

const at = (sorted: Float64Array, q: number): number => sorted[Math.round(q * (sorted.length - 1))]!;

const timeRow = (name: string, sorted: Float64Array, note: string): Row => {
  const [unit, size] = at(sorted, 0.5) < 1000 ? ['ns', 1] : ['µs', 1000];
  return { name, value: at(sorted, 0.5) / size, unit, low: at(sorted, 0.25) / size, high: at(sorted, 0.75) / size, note };
};

/** The least of the programs of limit.c for one workload: logistic regression has one for each layout. */
const floorOf = (name: string, runs: readonly LimitTimes[]): { readonly least: number; readonly median: number } => {
  const times = runs.flatMap((run) => [...run].flatMap(([own, time]) => (own.startsWith(name) ? [time] : [])));
  return { least: Math.min(...times.map(({ least }) => least)), median: Math.min(...times.map(({ median }) => median)) };
};

/** Ours and C's in turn, so that what else the machine does falls on both: C before and after ours. */
const compare = (density: Density, limit: (() => LimitTimes) | undefined): readonly Row[] => {
  const { name, graph, point } = density;
  const { run, inputs, outputs } = compiledOf(density);
  const before = limit?.();
  const times = sortedTimes(run);
  const after = limit?.();
  const rows = [timeRow(name, times, `float64, ${graph.nodes.length} operations recorded`)];
  if (before !== undefined && after !== undefined) {
    const floor = floorOf(name, [before, after]);
    rows.push({
      name: `${name}, ours / C`,
      value: at(times, 0) / floor.least,
      unit: '×',
      note: `least of each; of medians ${(at(times, 0.5) / floor.median).toPrecision(3)}; C takes ${floor.median.toPrecision(4)} ns`,
    });
  }
  const call = (): void => {
    inputs.forEach((write, i) => write?.(point[i]!.data));
    run();
    outputs();
  };
  rows.push(timeRow(`${name}, arrays in and out`, sortedTimes(call), 'the point written, value and gradient read as new arrays'));
  return rows;
};

export const bench: Bench = {
  name: 'Value and gradient of a log density',
  run: () => {
    const limit = buildLimit();
    if (typeof limit === 'string') console.log(`  without C to compare with: ${limit}`);
    try {
      return Promise.resolve(densities().flatMap((density) => compare(density, typeof limit === 'string' ? undefined : limit.run)));
    } finally {
      if (typeof limit !== 'string') limit.remove();
    }
  },
};
