/** Sites within scan: stacked along time, as if the loop had been written out, under every handler outside. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import { array, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { plate } from '../../../core/plate.ts';
import { deterministic, factor, param, prngKey, sample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import { siteKey } from '../../../core/random/key.ts';
import type { SampleSite } from '../../../core/site.ts';
import { toNDArray, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import {
  adam,
  AutoDiagonalNormal,
  block,
  condition,
  initToMedian,
  InitMessenger,
  intervene,
  jit,
  LocScaleReparam,
  mask,
  reparam,
  replay,
  scale,
  scope,
  seed,
  substitute,
  SVI,
  trace,
  TraceELBO,
  uncondition,
} from '../../../infer/kindling.ts';
import { grad } from '../../../transforms/grad.ts';
import { logDensity } from '../../../transforms/logDensity.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';

const closely = { relative: 1e-5, absolute: 1e-6, scaled: true } as const;
const exactly = { relative: 1e-10, absolute: 1e-12, scaled: true } as const;

/** A random walk of vectors, seen through noise, with a term for each time. */
const walk = (ys: Input, length: number): Value => {
  const sigma = sample('sigma', dist.HalfNormal(1));
  const [last] = scan(
    (z, y) => {
      const next = sample('z', dist.Normal(z, sigma).toEvent(1));
      sample('y', dist.Normal(ops.sum(next), [0.5, 1.5]), { obs: y });
      factor('f', ops.mul(-0.1, ops.square(ops.sum(next))));
      deterministic('double', ops.mul(next, 2));
      return [next, undefined];
    },
    [0, 0, 0],
    ys,
    { length },
  );
  return last as Value;
};

/** The same, written out, with the names of sites numbered. */
const writtenOut = (ys: NDArray, length: number): void => {
  const sigma = sample('sigma', dist.HalfNormal(1));
  let z: Input = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    z = sample(`z${i}`, dist.Normal(z, sigma).toEvent(1));
    sample(`y${i}`, dist.Normal(ops.sum(z), [0.5, 1.5]), { obs: ops.reshape(ops.slice(ys, [i, 0], [1, 2]), [2]) });
    factor(`f${i}`, ops.mul(-0.1, ops.square(ops.sum(z))));
  }
};

const lengths = fc.integer({ min: 1, max: 6 });
const key = random.PRNGKey(11);
const numbers = (shape: readonly number[], at: number): NDArray => random.normal(random.PRNGKey(at), shape);

const rowOf = (x: NDArray, i: number): NDArray => array(x.data.slice(3 * i, 3 * i + 3));

type Density = (model: (ys: NDArray, length: number) => unknown, length: number) => (ys: NDArray, params: Readonly<Record<string, Input>>) => AnyArray;
const density: Density = (model, length) => (ys, params) => logDensity(() => model(ys, length), [], params).logDensity;

const siteOf = (run: ReturnType<ReturnType<typeof trace>>, name: string): SampleSite => run.sites.get(name) as SampleSite;

const refusal = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

laws('sites in scan', {
  'give the density of the loop written out, and its gradient, eagerly and compiled': () =>
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 99 }), (length, at) => {
        const [ys, z] = [numbers([length, 2], at), numbers([length, 3], at + 1)];
        const rows = Object.fromEntries(Array.from({ length }, (_, i) => [`z${i}`, rowOf(z, i)]));
        const [stacked, single] = [density(walk, length), density(writtenOut, length)];
        const expected = jit(single)(ys, { sigma: 0.8, ...rows });
        assertClose(jit(stacked)(ys, { sigma: 0.8, z }), expected, exactly, 'compiled');
        tf.tidy(() => assertClose(stacked(ys, { sigma: 0.8, z }), expected, closely, 'eagerly'));
        const [own, other] = [jit(grad(stacked, 1))(ys, { sigma: 0.8, z }), jit(grad(single, 1))(ys, { sigma: 0.8, ...rows })] as unknown as Readonly<
          Record<string, NDArray>
        >[];
        assertClose(own!['sigma']!, other!['sigma']!, exactly, 'by sigma');
        for (let i = 0; i < length; i++) assertClose(rowOf(own!['z']!, i), other![`z${i}`]!, exactly, `by z${i}`);
      }),
      { numRuns: 10 },
    ),

  'are one site for all times, with a distribution of all times': () => {
    const ys = numbers([4, 2], 1);
    const run = trace(seed(key)(walk))(ys, 4);
    assert.deepEqual([...run.sites.keys()], ['sigma', 'z', 'y', 'f', 'double']);
    const [z, y] = [siteOf(run, 'z'), siteOf(run, 'y')];
    assert.deepEqual([z.value.shape, z.fn.batchShape, z.fn.eventShape, z.isObserved], [[4, 3], [4], [3], false]);
    assert.deepEqual([y.value.shape, y.fn.batchShape, y.isObserved], [[4, 2], [4, 2], true]);
    assertClose(y.value, ys, closely);
    assertClose(run.sites.get('double')!.value, ops.mul(z.value, 2), closely);
    // Each time begins where the last one ended.
    assertClose(ops.slice(toNDArray(z.fn.mean), [1, 0], [3, 3]), ops.slice(toNDArray(z.value), [0, 0], [3, 3]), closely);
    assertClose(run.value, rowOf(toNDArray(z.value), 3), closely);
  },

  'draw by the key of their time, of the outer index first': () => {
    const times = [0, 1, 2];
    const flat = seed(key)(() => scan((c, x) => [c, sample('a', dist.Normal(x, 1))], 0, [0, 10, 20])[1])();
    const draw = (own: random.Key): number => random.normal(own).item();
    assertClose(
      flat,
      times.map((i) => 10 * i + draw(random.foldIn(siteKey(key, 'a'), i))),
      closely,
    );
    const inner = (x: Value): AnyArray => scan((d, w) => [d, sample('a', dist.Normal(ops.add(x, w), 1))], 0, [0, 100])[1];
    const run = trace(seed(key)(() => scan((c, x) => [c, inner(x)], 0, [0, 10, 20])[1]))();
    const expected = times.map((i) => [0, 1].map((j) => 10 * i + 100 * j + draw(random.foldIn(random.foldIn(siteKey(key, 'a'), i), j))));
    assertClose(run.value, expected, closely);
    assertClose(siteOf(run, 'a').value, expected, closely);
    const asked = seed(key)(() => scan((c) => [c, random.normal(prngKey())], 0, undefined, { length: 3 })[1])();
    assert.equal(new Set(toNDArray(asked).data).size, 3);
  },

  'draw the same numbers compiled': () => {
    const ys = numbers([5, 2], 2);
    const draws = (k: random.Key): Value => trace(seed(k)(() => walk(ys, 5)))().sites.get('z')!.value;
    assertClose(jit(draws)(key), draws(key), closely);
  },

  'take the values that handlers outside have for them': () => {
    const [ys, z] = [numbers([3, 2], 3), numbers([3, 3], 4)];
    const given = trace(seed(key)(condition({ z })(walk)))(ys, 3);
    assertClose(siteOf(given, 'z').value, z, closely);
    assert.equal(siteOf(given, 'z').isObserved, true);
    assertClose(given.sites.get('double')!.value, ops.mul(z, 2), closely);
    const latent = trace(seed(key)(substitute({ z })(walk)))(ys, 3);
    assert.equal(siteOf(latent, 'z').isObserved, false);
    assertClose(siteOf(trace(seed(random.PRNGKey(5))(replay(latent)(walk)))(ys, 3), 'z').value, z, closely);
    const free = trace(seed(key)(uncondition()(walk)))(ys, 3);
    assert.equal(siteOf(free, 'y').isObserved, false);
    assertClose(siteOf(free, 'y').infer['obs'] as Value, ys, closely);
    assert.notDeepEqual([...toNDArray(siteOf(free, 'y').value).data], [...toNDArray(siteOf(latent, 'y').value).data]);
    const started = trace(seed(key)(InitMessenger(initToMedian())(walk)))(ys, 3);
    assert.deepEqual(siteOf(started, 'z').value.shape, [3, 3]);
    assert.ok(toNDArray(siteOf(started, 'z').value).data.every(Number.isFinite));
  },

  'are given for the first times alone, and drawn for the rest: a forecast': () => {
    const seen = [1, 2, 3];
    const model = (): unknown => scan((z) => [sample('z', dist.Normal(z, 0.1)), undefined], 0, undefined, { length: 6 });
    const run = trace(seed(key)(condition({ z: seen })(model)))();
    const z = toNDArray(siteOf(run, 'z').value).data;
    assert.deepEqual([...z.slice(0, 3)], seen);
    let last = 3;
    for (let i = 3; i < 6; i++) {
      last += 0.1 * random.normal(random.foldIn(siteKey(key, 'z'), i)).item();
      assertClose(z[i]!, last, closely);
    }
    assert.match(refusal(condition({ z: seen })(model)), /"z".*key/s);
  },

  'are scaled, masked, hidden and renamed as any site': () => {
    const [ys, z] = [numbers([3, 2], 6), numbers([3, 3], 7)];
    const params = { sigma: 0.7, z };
    const total = (model: (y: NDArray, length: number) => unknown): number => toNDArray(logDensity(model, [ys, 3], params).logDensity).item();
    assertClose(total(scale(2)(walk)), 2 * total(walk), closely);
    const byTime = (site: SampleSite): AnyArray => ops.sum(ops.reshape(site.fn.logProb(site.value), [3, -1]), 1);
    const run = trace(seed(key)(substitute(params)(walk)))(ys, 3);
    const late = (x: AnyArray): number =>
      toNDArray(x)
        .data.slice(1)
        .reduce((sum, value) => sum + value, 0);
    const shown = (): Value => scan((c, y) => [c, mask(ops.greater(y, 0.5))(() => sample('a', dist.Normal(0, 1)))()], 0, [0, 1, 2])[1] as Value;
    const a = [0.1, 0.2, 0.3];
    const masked = toNDArray(logDensity(shown, [], { a }).logDensity).item();
    assertClose(masked, late(dist.Normal(0, 1).logProb(a)), closely);
    assertClose(toNDArray(ops.sum(byTime(siteOf(run, 'z')))).item(), toNDArray(ops.sum(siteOf(run, 'z').fn.logProb(siteOf(run, 'z').value))).item(), closely);
    assert.ok(!trace(seed(key)(block({ hide: ['z'] })(walk)))(ys, 3).sites.has('z'));
    assert.ok(trace(seed(key)(scope('s')(walk)))(ys, 3).sites.has('s/z'));
  },

  'stand in plates around the scan and within it': () => {
    const model = (): unknown =>
      plate(
        'out',
        2,
      )(() =>
        scan(
          (c) => {
            const v = sample('v', dist.Normal(c, 1));
            plate('in', 3)(() => sample('w', dist.Normal(v, 1)));
            return [v, undefined];
          },
          [0, 0],
          undefined,
          { length: 4 },
        ),
      );
    const run = trace(seed(key)(model))();
    assert.deepEqual(siteOf(run, 'v').fn.batchShape, [4, 2]);
    assert.deepEqual(siteOf(run, 'w').fn.batchShape, [4, 3, 2]);
    assert.deepEqual(
      siteOf(run, 'w').plates.map(({ name }) => name),
      ['in', 'out'],
    );
    assert.deepEqual(run.sites.get('in')!.value.shape, [3]);
  },

  'can be reparameterised around the body, and not from outside the loop': () => {
    const body = (c: Value): readonly [Value, undefined] => [sample('x', dist.Normal(c, 2)), undefined];
    const config = { x: LocScaleReparam({ centered: 0 }) };
    const run = trace(seed(key)(() => scan(reparam(config)(body), 0, undefined, { length: 3 })))();
    assert.deepEqual([...run.sites.keys()], ['x_decentered', 'x']);
    assert.deepEqual(run.sites.get('x')!.value.shape, [3]);
    assert.match(refusal(seed(key)(reparam(config)(() => scan(body, 0, undefined, { length: 3 })))), /around the function that scan repeats/);
    assert.match(refusal(seed(key)(intervene({ x: [1, 2, 3] })(() => scan(body, 0, undefined, { length: 3 })))), /around the function that scan repeats/);
  },

  'refuse parameters, a missing key, values of another length, and two of one name': () => {
    const once = (f: () => unknown) => (): unknown => scan((c) => [c, f() as Input], 0, undefined, { length: 2 });
    assert.match(refusal(seed(key)(once(() => param('p', 1)))), /"p".*outside/s);
    assert.match(refusal(once(() => sample('q', dist.Normal(0, 1)))), /"q".*key/s);
    assert.match(refusal(substitute({ q: [1, 2, 3, 4] })(once(() => sample('q', dist.Normal(0, 1))))), /"q".*row for each time/s);
    assert.match(
      refusal(
        seed(key)(
          once(() => {
            sample('q', dist.Normal(0, 1));
            return sample('q', dist.Normal(0, 1));
          }),
        ),
      ),
      /"q".*(there already|drawn before)/s,
    );
  },

  'are fitted by SVI, compiled': async () => {
    const ys = numbers([6, 2], 8);
    const model = (y: Input): Value => walk(y, 6);
    const { losses, params } = await SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO()).run(key, 60, [ys]);
    const mean = (from: number): number => losses.slice(from, from + 10).reduce((sum, loss) => sum + loss / 10, 0);
    assert.ok(mean(50) < mean(0), `the loss went from ${mean(0)} to ${mean(50)}`);
    assert.deepEqual(params['auto_loc']!.shape, [19]);
  },
});
