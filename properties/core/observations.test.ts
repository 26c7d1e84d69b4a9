/** Observations: which shapes fit their distribution and plates, which are refused, and sites that are observed in part. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { plate } from '../../core/plate.ts';
import { sample } from '../../core/primitives.ts';
import type { SampleSite } from '../../core/site.ts';
import type { Input, Value } from '../../core/value.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { substitute, uncondition } from '../../transforms/handlers/values.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { assertNear, logDensityOf, numberOf, plainArray } from '../laws/traces.ts';

const run = <A>(model: () => A, n: number = 0): Trace<A> => trace(seed(n)(model))();

const ones = (...shape: readonly number[]): Value => tf.ones([...shape]);

const observe = (fn: Distribution, obs: Input): Value => sample('y', fn, { obs });

const inPlate = (n: number, f: () => unknown) => (): unknown => plate('data', n)(f);

const normals = (x: readonly number[], loc: number, scale: number): number =>
  x.reduce((sum, v) => sum - 0.5 * ((v - loc) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI), 0);

laws('observations', {
  'an observation is the value, to the bit, and is marked as observed': () => {
    const y = ones(3);
    const site = run(() => observe(dist.Normal([0, 1, 2], 1), y)).sites.get('y') as SampleSite;
    assert.ok(site.value === y && site.isObserved);
    assert.equal((run(() => sample('y', dist.Normal(0, 1), { obs: undefined })).sites.get('y') as SampleSite).isObserved, false);
  },

  'observations that fit under a plate': () => {
    const fits: Readonly<Record<string, readonly [Distribution, Input, number]>> = {
      'one for each element': [dist.Normal(0, 1), [1, 2, 3], normals([1, 2, 3], 0, 1)],
      'one for each element and parameter': [dist.Normal([1, 2, 3], 1), [1, 2, 3], normals([0, 0, 0], 0, 1)],
      'a scalar for all': [dist.Normal(0, 1), 2, normals([2, 2, 2], 0, 1)],
      'a scalar for all parameters': [dist.Normal([0, 0, 1], 1), 2, normals([2, 2, 1], 0, 1)],
      'a column vector with toEvent(1)': [dist.Normal([[0], [0], [0]], 1).toEvent(1), [[1], [2], [3]], normals([1, 2, 3], 0, 1)],
      'one event for all': [dist.Normal([0, 1], 1).toEvent(1), [1, 1], 3 * normals([1, 0], 0, 1)],
      'a batch beyond the plate': [
        dist.Normal([[0], [1]], 1),
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        normals([1, 1, 1, 0, 0, 0], 0, 1),
      ],
      'typed arrays': [dist.Normal(0, 1), Float64Array.of(1, 2, 3), normals([1, 2, 3], 0, 1)],
      booleans: [dist.Bernoulli(0.5), [true, false, true], 3 * Math.log(0.5)],
    };
    for (const [name, [fn, obs, expected]] of Object.entries(fits)) {
      assertNear(
        numberOf(
          logDensity(
            inPlate(3, () => observe(fn, obs)),
            [],
            {},
          ).logDensity,
        ),
        expected,
        10,
        name,
      );
    }
    assertNear(
      numberOf(
        logDensity(
          inPlate(1, () => observe(dist.Normal(0, 1), [2])),
          [],
          {},
        ).logDensity,
      ),
      normals([2], 0, 1),
    );
  },

  'observations that fit only by repetition are refused, with a way to mend it': () => {
    const n = 5;
    const refused: Readonly<Record<string, readonly [Distribution, Input]>> = {
      'a column under a vector': [dist.Normal(ones(n), 1), ones(n, 1)],
      'a column under a scalar': [dist.Normal(0, 1), ones(n, 1)],
      'a vector under a column': [dist.Normal(ones(n, 1), 1), ones(n)],
      'a column under a column': [dist.Normal(ones(n, 1), 1), ones(n, 1)],
      'one element under a plate': [dist.Normal(0, 1), ones(1)],
      'a matrix under a scalar': [dist.Normal(0, 1), ones(n, n)],
      'another length': [dist.Normal(0, 1), ones(n - 1)],
      'an event of another length': [dist.Normal(0, 1).expand([n, 2]).toEvent(1), ones(n, 1)],
      'a scalar for a vector': [dist.Normal(0, 1).expand([2]).toEvent(1), 1],
    };
    const how = {
      _tag: 'InvalidShape',
      site: 'y',
      message: /^site "y": .*Given: a value of shape .*, in plate "data" of size 5 at dim -1\. Expected: shape .*toEvent\(1\)/,
    };
    for (const [name, [fn, obs]] of Object.entries(refused)) {
      assert.throws(
        inPlate(n, () => observe(fn, obs)),
        how,
        name,
      );
      assert.throws(substitute({ y: obs })(inPlate(n, () => sample('y', fn))), how, `${name}, by substitute`);
    }
  },

  'under two plates each axis of an observation is checked': () => {
    const model = (obs: Input) => (): unknown => plate('a', 2)(() => plate('b', 3)(() => observe(dist.Normal(0, 1), obs)));
    assertNear(numberOf(logDensity(model(ones(3, 2)), [], {}).logDensity), normals([1, 1, 1, 1, 1, 1], 0, 1));
    assertNear(numberOf(logDensity(model(ones(2)), [], {}).logDensity), 3 * normals([1, 1], 0, 1));
    for (const shape of [[2, 3], [3], [3, 1], [1, 2], [1]]) assert.throws(model(ones(...shape)), { _tag: 'InvalidShape', site: 'y' }, String(shape));
  },

  'outside plates plain batch shapes are welcome': () => {
    const cases: readonly (readonly [Distribution, Input, number])[] = [
      [dist.Normal(0, 1), [1, 2, 3], normals([1, 2, 3], 0, 1)],
      [dist.Normal([0, 0, 0], 1), [1, 2, 3], normals([1, 2, 3], 0, 1)],
      [dist.Normal([0, 1], 1), 1, normals([1, 0], 0, 1)],
      [
        dist.Normal([0, 0], 1),
        [
          [1, 2],
          [3, 4],
        ],
        normals([1, 2, 3, 4], 0, 1),
      ],
      [dist.Normal([[0], [0]], 1).toEvent(1), [[1], [2]], normals([1, 2], 0, 1)],
    ];
    for (const [fn, obs, expected] of cases) assertNear(numberOf(logDensity(() => observe(fn, obs), [], {}).logDensity), expected);
    assert.deepEqual(run(() => sample('x', dist.Normal([0, 1, 2], 1))).value.shape, [3]);
    assert.throws(() => observe(dist.Normal([0, 0, 0], 1), [[1], [2]]), { _tag: 'InvalidShape', message: /fit only if both are repeated/ });
  },

  'obsMask: observed elements count as such, each missing one has a latent, and the two are merged': () => {
    const obs = [1, NaN, 3];
    const here = [true, false, true];
    const models: Readonly<Record<string, () => Value>> = {
      'in a plate': () => plate('n', 3)(() => sample('y', dist.Normal(0, 1), { obs, obsMask: here })),
      'as a batch': () => sample('y', dist.Normal([0, 0, 0], 1), { obs, obsMask: here }),
      'of one distribution': () => sample('y', dist.Normal(0, 1), { obs, obsMask: here }),
    };
    for (const [name, model] of Object.entries(models)) {
      const t = run(model);
      assert.deepEqual(
        [...t.sites.keys()].filter((site) => site !== 'n'),
        ['y_observed', 'y_unobserved', 'y'],
        name,
      );
      const [observed, unobserved] = ['y_observed', 'y_unobserved'].map((site) => t.sites.get(site) as SampleSite);
      assert.deepEqual([observed!.isObserved, unobserved!.isObserved], [true, false]);
      const drawn = plainArray(unobserved!.value).data;
      assert.equal(new Set(drawn).size, 3, name);
      assert.deepEqual(plainArray(t.value).data, [1, drawn[1], 3]);
      assert.equal(t.sites.get('y')!.type, 'deterministic');
      assertNear(logDensityOf(t), normals([1, drawn[1]!, 3], 0, 1), 5, name);
    }
  },

  'obsMask: one boolean for each event; a mask of true is an observation; uncondition draws all': () => {
    const fn = dist.Normal(0, 1).expand([2]).toEvent(1);
    const t = run(() =>
      plate(
        'n',
        2,
      )(() =>
        sample('y', fn, {
          obs: [
            [1, 2],
            [3, 4],
          ],
          obsMask: [false, true],
        }),
      ),
    );
    const drawn = plainArray(t.sites.get('y_unobserved')!.value).data;
    assert.deepEqual(plainArray(t.value), { shape: [2, 2], data: [drawn[0], drawn[1], 3, 4] });
    assertNear(logDensityOf(t), normals([drawn[0]!, drawn[1]!, 3, 4], 0, 1));
    assertNear(logDensityOf(run(() => sample('y', dist.Normal(0, 1), { obs: 2, obsMask: true }))), normals([2], 0, 1));
    const free = trace(seed(0)(uncondition()(() => sample('y', dist.Normal(0, 1), { obs: [1, 2], obsMask: [true, false] }))))();
    assert.notEqual(plainArray(free.value).data[0], 1);
  },

  'obsMask without obs, or of a shape that does not fit, is refused': () => {
    const of = (options: Parameters<typeof sample>[2]) => (): unknown => run(() => sample('y', dist.Normal([0, 0, 0], 1), options));
    assert.throws(of({ obsMask: [true, false, true] }), { _tag: 'InvalidArgument', site: 'y', message: /obs is missing/ });
    assert.throws(of({ obs: [1, 2, 3], obsMask: [true, false] }), { _tag: 'InvalidShape', site: 'y', message: /\[2\].*\[3\]/ });
  },
});
