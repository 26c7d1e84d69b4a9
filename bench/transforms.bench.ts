/** Transforms: a scan and its gradient, and a gradient mapped over many points by vmap. */
import { jit, random, valueAndGrad, vmap, type Input, type NDArray } from '../infer/kindling.ts';
import type { AnyArray, Value } from '../core/value.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import type { Graph } from '../transforms/jit/graph.ts';
import { record } from '../transforms/jit/record.ts';
import type { Bench, Row } from './bench.ts';
import { densities } from './densities.ts';
import { hiddenMarkov, type HiddenMarkov } from './hmm.ts';
import { repeat } from './measure.ts';
import { runPeer } from './peers.ts';

const SAMPLES = 31;

interface Timed {
  /** Milliseconds to record and compile. */
  readonly compile: number;
  /** Microseconds of a run, the least of many. */
  readonly run: number;
}

const time = (f: (...inputs: readonly Value[]) => readonly AnyArray[], inputs: readonly NDArray[], calls: number): Timed => {
  const start = performance.now();
  const graph: Graph = record(
    (values) => f(...values),
    inputs.map(({ shape }) => ({ shape, dtype: 'float' as const })),
  );
  const compiled = compileGraph(graph);
  const compile = performance.now() - start;
  const instance = instantiate(compiled);
  instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
  repeat(instance.run, 3 * calls);
  let least = Infinity;
  for (let i = 0; i < SAMPLES; i++) {
    const from = performance.now();
    repeat(instance.run, calls);
    least = Math.min(least, (performance.now() - from) / calls);
  }
  return { compile, run: 1000 * least };
};

const withGradient =
  (f: (...inputs: readonly Value[]) => AnyArray) =>
  (...inputs: readonly Value[]): readonly AnyArray[] => {
    const [value, gradients] = valueAndGrad(
      f,
      inputs.map((_, i) => i),
    )(...inputs);
    return [value, ...(gradients as readonly AnyArray[])];
  };

const scans = ({ density, forward, point, words }: HiddenMarkov): readonly Row[] => {
  const of =
    (count: number) =>
    (a: Input, b: Input): AnyArray =>
      forward(a, b, words, count);
  const few = time(withGradient(of(5)), point, 500);
  const many = time(withGradient(of(500)), point, 50);
  const value = time((a, b) => [density(a, b)], point, 50);
  const gradient = time(withGradient(density), point, 50);
  const rows: readonly Row[] = [
    { name: 'HMM of 500 words, value', value: value.run, unit: 'µs' },
    { name: 'HMM of 500 words, value and gradient', value: gradient.run, unit: 'µs', note: 'a scan forwards, a scan back' },
    { name: 'gradient / value', value: gradient.run / value.run, unit: '×' },
    {
      name: 'compiling 500 steps / 5 steps',
      value: many.compile / few.compile,
      unit: '×',
      note: `${many.compile.toFixed(0)} ms and ${few.compile.toFixed(0)} ms`,
    },
  ];
  const peer = runPeer('numpyro', 'hmm-nuts', '--x64') as { readonly us_per_leapfrog_min?: number } | undefined;
  const leapfrog = peer?.us_per_leapfrog_min;
  return leapfrog === undefined
    ? rows
    : [
        ...rows,
        {
          name: 'HMM, ours / NumPyro',
          value: gradient.run / leapfrog,
          unit: '×',
          note: `value and gradient against a leapfrog of NUTS in float64, ${leapfrog.toFixed(1)} µs`,
        },
      ];
};

const POINTS = 100;

/** The least time, in microseconds, of a call by a user: arrays in and arrays out. */
const leastCall = (f: () => unknown): number => {
  let least = Infinity;
  for (let i = 0; i < 3 * SAMPLES; i++) {
    const from = performance.now();
    f();
    if (i >= SAMPLES) least = Math.min(least, performance.now() - from);
  }
  return 1000 * least;
};

const mapped = (): readonly Row[] => {
  const { point, density } = densities()[0]!;
  const gradient = withGradient(density) as unknown as (...inputs: readonly NDArray[]) => readonly NDArray[];
  const single = jit(gradient);
  const many = jit(vmap(gradient) as typeof gradient);
  const points = point.map(({ shape }, i) => random.normal(random.PRNGKey(i), [POINTS, ...shape]));
  const all = leastCall(() => many(...points));
  const one = leastCall(() => {
    for (let i = 0; i < POINTS; i++) single(...point);
  });
  return [
    { name: `vmap of the regression's gradient over ${POINTS} points`, value: all, unit: 'µs', note: 'compiled, arrays in and out' },
    { name: `vmap / ${POINTS} single calls`, value: all / one, unit: '×', note: `${POINTS} calls of the compiled gradient take ${one.toFixed(0)} µs` },
  ];
};

export const bench: Bench = {
  name: 'Transforms, float64',
  run: () => {
    const model = hiddenMarkov();
    if (model === undefined) console.log('  without the hidden Markov model: no data beside the repository');
    return Promise.resolve([...(model === undefined ? [] : scans(model)), ...mapped()]);
  },
};
