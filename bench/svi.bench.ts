/** The regression's SVI step as tfjs runs it, kernel by kernel: what compiling the update has to beat. */
import { regression } from '../examples/regression/model.ts';
import { simulate } from '../examples/regression/data.ts';
import { adam, AutoDiagonalNormal, random, SVI, TraceELBO } from '../infer/kindling.ts';
import { toTensor } from '../core/value.ts';
import type { Bench, Row } from './bench.ts';
import { measure } from './measure.ts';

const note = 'N = 2,500, P = 8, AutoDiagonalNormal, Adam';

/** The time of a step with so many particles; the data are tensors, as a run converts them once. */
const step = async (particles: number, samples: number, calls: number): Promise<Row> => {
  const { x, y } = simulate(random.PRNGKey(0));
  const model = regression(8);
  const svi = SVI(model, AutoDiagonalNormal(model), adam(1e-2), TraceELBO({ numParticles: particles }));
  const data = [toTensor(x), toTensor(y)] as const;
  let state = svi.init(random.PRNGKey(1), ...data);
  try {
    return await measure(`step, ${particles} ${particles === 1 ? 'particle' : 'particles'}`, () => ([state] = svi.update(state, ...data)), {
      samples,
      calls,
      note,
    });
  } finally {
    data.forEach((tensor) => tensor.dispose());
  }
};

export const bench: Bench = {
  name: 'SVI, eager',
  run: async () => [await step(1, 41, 50), await step(100, 11, 1)],
};
