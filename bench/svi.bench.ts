/** SVI of the regression: the time of a step within `svi.run`, with everything that a run does counted. */
import { regression } from '../examples/regression/model.ts';
import { simulate } from '../examples/regression/data.ts';
import { adam, AutoDiagonalNormal, random, SVI, TraceELBO } from '../infer/kindling.ts';
import type { Bench, Row } from './bench.ts';

const RUNS = 3;

/** Microseconds for each step of whole runs, compile included: every run is that of a new SVI. */
const perStep = async (particles: number, steps: number): Promise<Row> => {
  const { x, y } = simulate(random.PRNGKey(0));
  const model = regression(8);
  const times = new Float64Array(RUNS);
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await SVI(model, AutoDiagonalNormal(model), adam(1e-2), TraceELBO({ numParticles: particles })).run(random.PRNGKey(i), steps, [x, y]);
    times[i] = performance.now() - start;
  }
  times.sort();
  const [low, middle, high] = [...times].map((ms) => (1000 * ms) / steps) as [number, number, number];
  return {
    name: `step, ${particles} ${particles === 1 ? 'particle' : 'particles'}`,
    value: middle,
    unit: 'µs',
    low,
    high,
    note: `${steps} steps in ${((middle * steps) / 1e6).toPrecision(3)} s, compile included; N = 2,500, P = 8, AutoDiagonalNormal, Adam, float64`,
  };
};

export const bench: Bench = {
  name: 'SVI of a regression',
  run: async () => [await perStep(1, 30_000), await perStep(100, 300)],
};
