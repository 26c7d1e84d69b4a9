/** SVI in single precision: the same draws, steps that agree with those in double as far as single precision goes, states of the same form. */
import assert from 'node:assert/strict';
import {
  adam,
  AutoDiagonalNormal,
  dist,
  ops,
  plate,
  random,
  sample,
  SVI,
  TraceELBO,
  type Input,
  type NDArray,
  type Optimizer,
  type SVIState,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { textOf } from './problems.ts';

const ROWS = 96;
const COLUMNS = 24;
const key = random.PRNGKey(5);

const logistic = (x: Input, y: Input): void => {
  const w = sample('w', dist.Normal(0, 1).expand([COLUMNS]).toEvent(1));
  plate('rows', ROWS)(() => sample('y', dist.Bernoulli({ logits: ops.dot(x, w) }), { obs: y }));
};
const data: readonly [NDArray, NDArray] = [random.normal(key, [ROWS, COLUMNS]), random.bernoulli(random.foldIn(key, 1), 0.4, [ROWS])];

type Precision = 'float64' | 'float32';

const problem = (precision?: Precision, optimizer: Optimizer = adam(0.05), numParticles: number = 1): SVI<[Input, Input], unknown> =>
  SVI(logistic, AutoDiagonalNormal(logistic), optimizer, TraceELBO({ numParticles }), { precision });

/** The largest difference of two lists, against the largest number. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const most = Math.max(...Array.from(a, Math.abs));
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!))) / most;
};

/** An optimizer that reads numbers, so that only the loss is compiled. */
const reading = (rate: number): Optimizer => ({
  init: () => ({}),
  update: (grads, state) => [
    Object.fromEntries(Object.entries(grads as Record<string, NDArray>).map(([name, g]) => [name, ops.mul(g, -rate * (g.toString() === '' ? 0 : 1))])),
    state,
  ],
});

laws('infer/svi: precision', {
  'steps agree with those in double, and are not the same': async () => {
    for (const [optimizer, numParticles] of [
      [adam(0.05), 1],
      [adam(0.05), 6],
      [reading(1e-3), 1],
    ] as const) {
      const [double, single] = await Promise.all(
        (['float64', 'float32'] as const).map((precision) => problem(precision, optimizer, numParticles).run(key, 30, [...data])),
      );
      const off = apart(double!.losses, single!.losses);
      assert.ok(off > 0 && off < 1e-5, `losses off by ${off}`);
      for (const name of ['auto_loc', 'auto_scale']) assert.ok(apart(double!.params[name]!.data, single!.params[name]!.data) < 1e-4, name);
    }
  },

  'without an option it is double': async () => {
    const losses = async (precision?: Precision): Promise<string> => [...(await problem(precision).run(key, 5, [...data])).losses].join();
    assert.equal(await losses(), await losses('float64'));
  },

  'a state has the same form, in double, and goes on in the other precision': async () => {
    const { state } = await problem('float32').run(key, 5, [...data]);
    const { state: other } = await problem('float64').run(key, 5, [...data]);
    const form = (own: SVIState): string => textOf(own).replace(/-?\d+(\.\d+)?(e-?\d+)?/g, '#');
    assert.equal(form(state), form(other));
    for (const value of Object.values(state.params)) assert.equal(value.dtype, 'float64');
    assert.ok(
      state.params['auto_loc']!.data.some((x) => Math.fround(x) !== x),
      'parameters are not rounded',
    );
    const { losses } = await problem('float64').run(key, 5, [...data], { initState: state });
    assert.ok(losses.every(Number.isFinite));
  },

  'a run that goes to JSON and back goes on to the same bits, step by step or many at once': async () => {
    const whole = await problem('float32').run(key, 20, [...data]);
    const { state } = await problem('float32').run(key, 8, [...data]);
    const rest = await problem('float32').run(key, 12, [...data], { initState: JSON.parse(JSON.stringify(state)) as SVIState });
    assert.equal(textOf(rest.state), textOf(whole.state));
    const svi = problem('float32');
    let at = svi.init(key, ...data);
    for (let i = 0; i < 20; i++) [at] = svi.update(at, ...data);
    assert.equal(textOf(at), textOf(whole.state));
  },

  'a problem without large data has the same bits in both': async () => {
    const model = (y: Input): void => void sample('y', dist.Normal(sample('mu', dist.Normal(0, 1)), 1), { obs: y });
    const run = async (precision: Precision): Promise<string> =>
      textOf((await SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO(), { precision }).run(key, 10, [[1, 2, 3]])).state);
    assert.equal(await run('float32'), await run('float64'));
  },

  'observations at the end of their support stay in it': async () => {
    // Rounded to single, a number just below 1 would be 1, where a Beta has no density.
    const y = Float64Array.from({ length: 2048 }, (_, i) => (i % 2 === 0 ? 1 - 2 ** -40 : 0.5));
    const model = (obs: Input): void => void sample('y', dist.Beta(sample('a', dist.Exponential(1)), 2), { obs });
    const { losses } = await SVI(model, AutoDiagonalNormal(model), adam(0.01), TraceELBO(), { precision: 'float32' }).run(key, 5, [y]);
    const exact = await SVI(model, AutoDiagonalNormal(model), adam(0.01), TraceELBO()).run(key, 5, [y]);
    assert.ok(apart(exact.losses, losses) < 1e-5);
  },

  'another precision, or another option, is refused': () => {
    const make = (options: object) => (): unknown => SVI(logistic, AutoDiagonalNormal(logistic), adam(0.1), TraceELBO(), options);
    assert.throws(make({ precision: 'single' }), { _tag: 'InvalidArgument', message: /single.*float64 or float32/ });
    assert.throws(make({ precison: 'float32' }), { _tag: 'InvalidArgument', message: /Did you mean precision\?/ });
  },
});
