/** svi.run: many steps that report, can be aborted, resumed and started anywhere, without blocking what else is going on. */
import assert from 'node:assert/strict';
import {
  adam,
  AutoDiagonalNormal,
  dist,
  isKindlingError,
  ops,
  param,
  random,
  sample,
  sgd,
  SVI,
  TraceELBO,
  type Input,
  type ProgressInfo,
  type SVIState,
} from '../../infer/kindling.ts';
import { laws } from '../laws.ts';
import { coin, coinGuide, fitLine, key, line, lineData, reloaded, textOf, throws } from './problems.ts';

const { x, y } = lineData;

interface Aborted extends Error {
  readonly state: SVIState;
  readonly losses: Float64Array;
}

const abortedBy = async (run: Promise<unknown>): Promise<Aborted> => {
  try {
    await run;
  } catch (error) {
    assert.ok(error instanceof Error && isKindlingError(error));
    assert.equal(error.name, 'AbortError');
    return error as unknown as Aborted;
  }
  throw new Error('the run was not aborted');
};

const joined = (...parts: readonly Float64Array[]): readonly number[] => parts.flatMap((part) => [...part]);

/** So many steps that, however fast, they take longer than a run may keep the event loop waiting. */
const MANY = 100_000;

laws('infer/svi: runs', {
  'a run is its updates': async () => {
    const svi = fitLine();
    const { state, losses, params } = await svi.run(key, 10, [x, y]);
    let at = svi.init(key, x, y);
    const expected = Array.from({ length: 10 }, () => {
      const [next, loss] = svi.update(at, x, y);
      at = next;
      return loss;
    });
    assert.ok(losses instanceof Float64Array);
    assert.deepEqual([...losses], expected);
    assert.equal(textOf(state), textOf(at));
    assert.deepEqual(params, svi.getParams(at));
  },

  'n and then m steps are n + m steps, through JSON too, to the bit': async () => {
    const svi = fitLine();
    const whole = await svi.run(key, 25, [x, y]);
    const first = await svi.run(key, 10, [x, y]);
    for (const initState of [first.state, reloaded(first.state)]) {
      const second = await fitLine().run(random.PRNGKey(999), 15, [x, y], { initState });
      assert.equal(textOf(second.state), textOf(whole.state));
      assert.deepEqual(joined(first.losses, second.losses), [...whole.losses]);
      assert.deepEqual(second.params, whole.params);
    }
    assert.equal(whole.state.step, 25);
  },

  'progress tells step, number of steps, averaged loss and speed, and the last step always': async () => {
    const told: ProgressInfo[] = [];
    const { losses } = await fitLine().run(key, MANY, [x, y], { progress: (info) => void told.push(info) });
    assert.ok(told.length > 1, `told ${told.length} times`);
    assert.deepEqual(
      told.map(({ numSteps }) => numSteps),
      told.map(() => MANY),
    );
    assert.equal(told.at(-1)!.step, MANY);
    let before = 0;
    for (const { step, loss, stepsPerSecond } of told) {
      assert.ok(step > before && stepsPerSecond > 0 && stepsPerSecond < Infinity);
      const recent = losses.subarray(before, step);
      assert.ok(Math.abs(loss - recent.reduce((a, b) => a + b) / recent.length) < 1e-9 * Math.abs(loss));
      before = step;
    }
    const once: number[] = [];
    await fitLine().run(key, 1, [x, y], { progress: ({ step }) => void once.push(step) });
    assert.deepEqual(once, [1]);
  },

  'what progress throws ends the run': async () => {
    const stop = (): never => {
      throw new RangeError('enough');
    };
    await assert.rejects(fitLine().run(key, 200, [x, y], { progress: stop }), RangeError);
  },

  'other work goes on during a run': async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const begun = performance.now();
    await fitLine().run(key, MANY, [x, y]);
    clearInterval(timer);
    // A slice lasts some 40 ms; twice as long leaves room for a slow machine.
    assert.ok(ticks >= Math.floor((performance.now() - begun) / 100), `${ticks} ticks in ${performance.now() - begun} ms`);
  },

  'two runs at a time do not disturb each other': async () => {
    const short = [x.data.slice(0, 5), y.data.slice(0, 5)] as const;
    const svi = fitLine();
    const alone = [await svi.run(key, 150, [x, y]), await svi.run(key, 150, short)];
    const together = await Promise.all([svi.run(key, 150, [x, y]), svi.run(key, 150, short)]);
    together.forEach(({ state, guide }, i) => {
      assert.equal(textOf(state), textOf(alone[i]!.state));
      assert.ok(guide.isBound);
    });
  },

  'an aborted run gives its state and losses, from which another goes on to the bit': async () => {
    const svi = fitLine();
    const whole = await svi.run(key, MANY, [x, y]);
    const controller = new AbortController();
    const reason = new Error('the user left');
    const aborted = await abortedBy(svi.run(key, MANY, [x, y], { signal: controller.signal, progress: () => controller.abort(reason) }));
    assert.equal(aborted.cause, reason);
    assert.ok(aborted.losses.length > 0 && aborted.losses.length < MANY);
    assert.equal(aborted.state.step, aborted.losses.length);
    const rest = await svi.run(key, MANY - aborted.losses.length, [x, y], { initState: reloaded(aborted.state) });
    assert.equal(textOf(rest.state), textOf(whole.state));
    assert.deepEqual(Float64Array.from(joined(aborted.losses, rest.losses)), whole.losses);
  },

  'a timer can abort a run, and a signal that is aborted already stops it before the first step': async () => {
    const timed = await abortedBy(fitLine().run(key, 1e6, [x, y], { signal: AbortSignal.timeout(100) }));
    assert.ok(timed.losses.length > 0);
    const none = await abortedBy(fitLine().run(key, 10, [x, y], { signal: AbortSignal.abort() }));
    assert.deepEqual([none.losses.length, none.state.step], [0, 0]);
    assert.equal(textOf((await fitLine().run(key, 10, [x, y], { initState: none.state })).state), textOf((await fitLine().run(key, 10, [x, y])).state));
  },

  'the number of steps is a whole number from 1': async () => {
    for (const count of [0, -1, 1.5, NaN, Infinity]) await assert.rejects(fitLine().run(key, count, [x, y]), { _tag: 'InvalidArgument' });
  },

  'the result has the guide, bound where it was made from a model': async () => {
    const { guide, params } = await fitLine().run(key, 5, [x, y]);
    assert.ok(guide.isBound);
    assert.deepEqual(Object.keys(guide.median(params)), ['w', 'sigma']);
    const own = await SVI(coin, coinGuide, adam(0.01), TraceELBO()).run(key, 5, [throws]);
    assert.equal(own.guide, coinGuide);
    const bound = AutoDiagonalNormal(line).bind(x, y);
    assert.equal((await SVI(line, bound, adam(0.01), TraceELBO()).run(key, 5, [x, y])).guide, bound);
  },
});

laws('infer/svi: initParams', {
  'any subset of the parameters starts where it is told, in its constraint': async () => {
    const svi = SVI(line, AutoDiagonalNormal(line), sgd(1e-12), TraceELBO());
    const { params: own } = await svi.run(key, 1, [x, y]);
    const { params } = await svi.run(key, 1, [x, y], { initParams: { auto_scale: [0.5, 0.6, 0.7] } });
    params['auto_scale']!.data.forEach((scale, i) => assert.ok(Math.abs(scale - [0.5, 0.6, 0.7][i]!) < 1e-8));
    params['auto_loc']!.data.forEach((loc, i) => assert.ok(Math.abs(loc - own['auto_loc']!.data[i]!) < 1e-8));
    assert.deepEqual((await svi.run(key, 1, [x, y], { initParams: {} })).params, own);
  },

  'the learned parameters of one run start another': async () => {
    const { params } = await fitLine().run(key, 20, [x, y]);
    const { params: again } = await SVI(line, AutoDiagonalNormal(line), sgd(1e-12), TraceELBO()).run(key, 1, [x, y], { initParams: params });
    for (const [name, value] of Object.entries(params)) {
      value.data.forEach((number, i) => assert.ok(Math.abs(again[name]!.data[i]! - number) < 1e-7));
    }
  },

  'what does not fit is refused': async () => {
    const refused = async (initParams: Readonly<Record<string, Input>>, _tag: string): Promise<void> =>
      assert.rejects(fitLine().run(key, 1, [x, y], { initParams }), { _tag });
    await refused({ auto_lok: [0, 0, 0] }, 'MissingSite');
    await refused({ w: [0, 0] }, 'MissingSite');
    await refused({ auto_loc: [0, 0] }, 'InvalidShape');
    await refused({ auto_loc: 0 }, 'InvalidShape');
    await refused({ auto_scale: [1, 1, -1] }, 'InvalidParameter');
    await refused({ auto_scale: [1, 1, 0] }, 'InvalidParameter');
    await refused({ auto_scale: [1, 1, NaN] }, 'InvalidParameter');
    await refused({ auto_scale: [1, 1, Infinity] }, 'InvalidParameter');
    await assert.rejects(fitLine().run(key, 1, [x, y], { initParams: {}, initState: fitLine().init(key, x, y) }), { _tag: 'InvalidArgument' });
  },
});

/** A model whose loss is NaN at every third draw of the guide, or so. */
const fragile = (): void => {
  const z = sample('z', dist.Normal(0, 1));
  sample('y', dist.Normal(ops.sqrt(ops.add(z, 0.4)), 1), { obs: 1 });
};
const fragileGuide = (): void => void sample('z', dist.Normal(param('loc', 0), 1));

laws('infer/svi: steps that are not finite', {
  'stableUpdate passes over them: the parameters stay, the key moves on': async () => {
    const svi = SVI(fragile, fragileGuide, adam(1e-3), TraceELBO());
    let state = svi.init(key);
    const seen = new Set<boolean>();
    for (let i = 0; i < 30; i++) {
      const [next, loss] = svi.stableUpdate(state);
      const isBad = !Number.isFinite(loss);
      seen.add(isBad);
      assert.equal(JSON.stringify([next.params, next.optState]) === JSON.stringify([state.params, state.optState]), isBad);
      assert.notDeepEqual(random.keyData(next.key), random.keyData(state.key));
      assert.equal(next.step, i + 1);
      if (isBad) assert.throws(() => svi.update(state), { _tag: 'NonFinite' });
      state = next;
    }
    assert.equal(seen.size, 2);
    const { losses, state: end } = await svi.run(key, 30, [], { stableUpdate: true });
    assert.equal(textOf(end), textOf(state));
    assert.ok(losses.some(Number.isNaN) && losses.some(Number.isFinite));
    await assert.rejects(svi.run(key, 30, []), { _tag: 'NonFinite' });
  },

  'a gradient that is not finite counts as well, though the loss is': () => {
    const model = (): void => void sample('y', dist.Normal(ops.sqrt(ops.abs(param('edge', 0))), 1), { obs: 1 });
    const svi = SVI(model, () => undefined, sgd(0.1), TraceELBO());
    const state = svi.init(key);
    assert.throws(() => svi.update(state), { _tag: 'NonFinite', site: 'edge', message: /gradient/ });
    const [next, loss] = svi.stableUpdate(state);
    assert.ok(Number.isFinite(loss));
    assert.deepEqual(next.params, state.params);
  },
});
