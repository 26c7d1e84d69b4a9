/** Plates: dims, re-entry, widening, subsamples and their scales, and what is refused. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../core/distributions/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, param, sample, subsample } from '../../core/primitives.ts';
import { permutation } from '../../core/random/draws.ts';
import { PRNGKey, siteKey } from '../../core/random/key.ts';
import type { PlateSite, SampleSite } from '../../core/site.ts';
import { asArray, toNDArray, type Input, type Value } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { replay, substitute } from '../../transforms/handlers/values.ts';
import { laws } from '../laws.ts';
import { assertNear, logDensityOf, plainArray } from '../laws/traces.ts';

const key = PRNGKey(7);

const run = <A>(model: () => A): Trace<A> => trace(seed(key)(model))();

const siteOf = ({ sites }: Trace, name: string): SampleSite => {
  const site = sites.get(name);
  assert.ok(site?.type === 'sample');
  return site;
};

const plateOf = ({ sites }: Trace, name: string): PlateSite => {
  const site = sites.get(name);
  assert.ok(site?.type === 'plate');
  return site;
};

const dataOf = (x: Value): readonly number[] => plainArray(x).data;

const draw = (name: string): Value => sample(name, dist.Normal(0, 1));

laws('plate', {
  'the first plate entered has dim −1, the next −2; leaving frees the dim': () => {
    const model = (): void => {
      plate(
        'a',
        2,
      )(() => {
        draw('x');
        plate(
          'b',
          3,
        )(() => {
          draw('y');
          plate('c', 4)(() => draw('z'));
        });
        plate('d', 5)(() => draw('w'));
      });
      plate('e', 6)(() => draw('v'));
    };
    const t = run(model);
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => plateOf(t, name).dim),
      [-1, -2, -3, -2, -1],
    );
    assert.deepEqual(
      ['x', 'y', 'z', 'w', 'v'].map((name) => t.sites.get(name)!.value.shape),
      [[2], [3, 2], [4, 3, 2], [5, 2], [6]],
    );
    assert.deepEqual(siteOf(t, 'y').plates, [
      { name: 'b', size: 3, subsampleSize: 3, dim: -2 },
      { name: 'a', size: 2, subsampleSize: 2, dim: -1 },
    ]);
  },

  'an explicit dim is taken, and the others go round it': () => {
    const t = run(() => plate('a', 2, { dim: -2 })(() => plate('b', 3)(() => plate('c', 4)(() => draw('x')))));
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => plateOf(t, name).dim),
      [-2, -1, -3],
    );
    assert.deepEqual(t.sites.get('x')!.value.shape, [4, 2, 3]);
    const alone = run(() => plate('a', 2, { dim: -2 })(() => draw('x')));
    assert.deepEqual(alone.sites.get('x')!.value.shape, [2, 1]);
  },

  'a plate keeps event axes apart': () => {
    const t = run(() => plate('a', 2)(() => sample('x', dist.Normal(0, 1).expand([3]).toEvent(1))));
    assert.deepEqual(t.sites.get('x')!.value.shape, [2, 3]);
  },

  'entered again, it has the same dim and indices, and is recorded once': () => {
    const again: Value[] = [];
    const a = plate('a', 10, { subsampleSize: 4 });
    const t = run(() => {
      plate('b', 2)(() => a((i) => again.push(i)));
      a((i) => again.push(i));
      a(() => draw('x'));
    });
    assert.deepEqual([...t.sites.keys()], ['b', 'a', 'x']);
    assert.equal(plateOf(t, 'a').dim, -2);
    assert.deepEqual(siteOf(t, 'x').value.shape, [4, 1]);
    assert.equal(again[0], again[1]);
  },

  'the same name with another size, subsample or dim is refused, and so is a plate inside itself and a dim that is taken': () => {
    const cases: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
      size: [() => [plate('a', 2)(() => 0), plate('a', 3)(() => 0)], /plate "a" has size 3 .* had 2 .*another name/],
      subsample: [() => [plate('a', 3)(() => 0), plate('a', 3, { subsampleSize: 2 })(() => 0)], /size 3 \(of which 2 at a time\), but it had 3 \(3\)/],
      dim: [() => [plate('a', 2)(() => 0), plate('a', 2, { dim: -3 })(() => 0)], /dim -3, but it had -1 before/],
      inside: [() => plate('a', 2)(() => plate('a', 2)(() => 0)), /plate "a" is entered inside itself/],
      taken: [() => plate('a', 2)(() => plate('b', 2, { dim: -1 })(() => 0)), /plate "b" takes dim -1, which plate "a" around it has.*dim/],
      'taken on re-entry': [() => [plate('a', 2)(() => 0), plate('b', 2)(() => plate('a', 2)(() => 0))], /plate "a" takes dim -1/],
      positive: [() => plate('a', 2, { dim: 0 })(() => 0), /dim 0, which is not a negative integer/],
    };
    for (const [model, message] of Object.values(cases)) assert.throws(() => run(model), { _tag: 'PlateMismatch', message });
  },

  'a size that is no whole number, or is traced, is refused': () => {
    const withSize = (size: unknown, subsampleSize?: unknown) => (): unknown =>
      run(() => plate('a', size as number, { subsampleSize: subsampleSize as number | undefined })(() => 0));
    for (const size of [0, -1, 1.5, NaN, '3', undefined])
      assert.throws(withSize(size), { _tag: 'InvalidArgument', message: /size of plate "a".*whole number/ });
    for (const size of [0, 4, 2.5]) assert.throws(withSize(3, size), { _tag: 'InvalidArgument', message: /subsampleSize of plate "a".*1 to 3/ });
    assert.throws(withSize(tf.scalar(3)), { _tag: 'InvalidArgument', message: /plate "a" is traced.*shape of the data/ });
    assert.throws(withSize(3, tf.scalar(3)), { _tag: 'InvalidArgument', message: /subsampleSize of plate "a" is traced/ });
    assert.throws(withSize(asArray(3)), { _tag: 'InvalidArgument' });
  },

  'without a subsample the indices count up, and no key is needed': () => {
    const indices = plate('a', 4)((i) => i);
    assert.equal(indices.dtype, 'int32');
    assert.deepEqual(dataOf(indices), [0, 1, 2, 3]);
  },

  'a subsample is the start of a permutation by the key of the plate’s name': () =>
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 2, max: 30 }), (n, size) => {
        const k = PRNGKey(n);
        const { sites } = trace(seed(k)(() => plate('data', size, { subsampleSize: size - 1 })((i) => i)))();
        const expected = toNDArray(permutation(siteKey(k, 'data'), size)).data.subarray(0, size - 1);
        assert.deepEqual(dataOf(sites.get('data')!.value), [...expected]);
        assert.equal(new Set(expected).size, size - 1);
      }),
    ),

  'a subsample without key is told by the plate’s name': () => {
    assert.throws(() => plate('data', 10, { subsampleSize: 2 })(() => 0), { _tag: 'MissingKey', site: 'data' });
  },

  'subsampled plates scale what is in them, each by its own factor': () => {
    const t = run(() =>
      plate('a', 10, { subsampleSize: 5 })(() => {
        draw('x');
        plate('b', 9, { subsampleSize: 3 })(() => {
          draw('y');
          factor('f', 1);
        });
      }),
    );
    assert.equal(siteOf(t, 'x').scale, 2);
    assert.equal(siteOf(t, 'y').scale, 6);
    const sum = (name: string): number => dataOf(siteOf(t, name).fn.logProb(siteOf(t, name).value) as Value).reduce((a, b) => a + b, 0);
    assertNear(logDensityOf(t), 2 * sum('x') + 6 * sum('y') + 10 * 9, 150);
  },

  'replay gives a plate its indices; another subsample is refused': () => {
    const model = (subsampleSize: number) => (): Value => plate('a', 10, { subsampleSize })((i) => i);
    const t = run(model(4));
    assert.deepEqual(dataOf(trace(replay(t)(model(4)))().value), dataOf(t.value));
    assert.throws(() => trace(replay(t)(model(5)))(), { _tag: 'PlateMismatch', message: /plate "a".*\[4\].*\[5\].*model and guide/ });
  },

  'indices can be given by substitute': () => {
    const picked = substitute({ a: [3, 1] })(() => plate('a', 5, { subsampleSize: 2 })((i) => [i, subsample([10, 11, 12, 13, 14])] as const))();
    assert.equal(picked[0].dtype, 'int32');
    assert.deepEqual(picked.map(dataOf), [
      [3, 1],
      [13, 11],
    ]);
  },

  'subsample takes rows along each subsampled plate, and leaves other axes': () => {
    const data = [0, 1, 2].map((i) => [0, 1, 2, 3].map((j) => [100 * i + 10 * j, 100 * i + 10 * j + 1]));
    const model = (): readonly Value[] =>
      plate('a', 4, { subsampleSize: 2 })(() =>
        plate('b', 3, { subsampleSize: 1 })(() => [
          subsample(data, 1),
          subsample([0, 1, 2, 3]),
          subsample([[5], [6], [7]]),
          subsample([[9, 9]], 1),
          subsample(4),
        ]),
      );
    const [both, outer, inner, neither, scalar] = substitute({ a: [2, 0], b: [1] })(model)().map(plainArray);
    assert.deepEqual(both, { shape: [1, 2, 2], data: [120, 121, 100, 101] });
    assert.deepEqual(outer, { shape: [2], data: [2, 0] });
    assert.deepEqual(inner, { shape: [1, 1], data: [6] });
    assert.deepEqual(neither, { shape: [1, 2], data: [9, 9] });
    assert.deepEqual(scalar, { shape: [], data: [4] });
  },

  'data that do not fit their plate are refused, subsampled or not': () => {
    for (const subsampleSize of [3, 2]) {
      const of = (data: Input, eventDim?: number) => (): unknown => run(() => plate('a', 3, { subsampleSize })(() => subsample(data, eventDim)));
      assert.throws(of([1, 2]), { _tag: 'PlateMismatch', message: /plate "a".*shape \[2\] with eventDim 0.*extent 3.*eventDim/ });
      assert.throws(of([1, 2, 3], 2), { _tag: 'InvalidArgument', message: /eventDim 2 for shape \[3\]/ });
      const ofParam = (): unknown => run(() => plate('a', 3, { subsampleSize })(() => param('w', [1, 2], { eventDim: 0 })));
      assert.throws(ofParam, { _tag: 'PlateMismatch', site: 'w' });
    }
  },

  'param with eventDim gives the rows of the subsample; without it, all': () => {
    const init = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    const model = (): readonly Value[] => plate('a', 3, { subsampleSize: 2 })(() => [param('w', init, { eventDim: 1 }), param('v', init)]);
    const t = trace(substitute({ a: [2, 0] })(model))();
    assert.deepEqual(t.value.map(plainArray), [
      { shape: [2, 2], data: [5, 6, 1, 2] },
      { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
    ]);
    assert.deepEqual(t.sites.get('w')!.value.shape, [3, 2]);
  },

  'a distribution that does not fit is refused with site, plate and shapes': () => {
    const model = (): unknown => plate('a', 3)(() => sample('x', dist.Normal([0, 0], 1)));
    assert.throws(() => run(model), { _tag: 'PlateMismatch', site: 'x', message: /plate "a".*\[2\].*1 or 3 at dim -1.*toEvent\(n\)/ });
    assert.throws(() => run(() => plate('a', 3)(() => factor('f', [1, 2]))), { _tag: 'PlateMismatch', site: 'f' });
  },

  'a batch that is wider than the plates stays': () => {
    const t = run(() => plate('a', 3)(() => sample('x', dist.Normal(0, 1).expand([2, 1]))));
    assert.deepEqual(t.sites.get('x')!.value.shape, [2, 3]);
  },

  'a term counts once for each element': () => {
    const t = run(() => plate('a', 3)(() => [factor('f', -1), factor('g', [1, 2, 4])]));
    assertNear(logDensityOf(t), -3 + 7);
  },

  'elements of a plate draw independently': () => {
    const values = dataOf(run(() => plate('a', 50)(() => draw('x'))).value);
    assert.equal(new Set(values).size, 50);
  },

  'scope renames plates, block hides them, and their sites keep them': () => {
    const model = (): Value => plate('a', 3)(() => draw('x'));
    const scoped = trace(seed(key)(scope('s')(model)))();
    assert.deepEqual([...scoped.sites.keys()], ['s/a', 's/x']);
    assert.equal(siteOf(scoped, 's/x').plates[0]!.name, 's/a');
    const blocked = trace(seed(key)(block({ hide: ['a'] })(model)))();
    assert.deepEqual([...blocked.sites.keys()], ['x']);
    assert.deepEqual(siteOf(blocked, 'x').plates[0]!.name, 'a');
    const twice = trace(seed(key)(() => [scope('s')(model)(), scope('t')(() => plate('a', 5)(() => draw('x')))()]))();
    assert.deepEqual([...twice.sites.keys()], ['s/a', 's/x', 't/a', 't/x']);
  },

  'a hidden plate draws the indices that it would have drawn': () => {
    const model = (): Value => plate('a', 10, { subsampleSize: 3 })((i) => i);
    assert.deepEqual(dataOf(seed(key)(block()(model))()), dataOf(seed(key)(model)()));
  },

  'statements of other kinds pass through a plate as they are': () => {
    const t = run(() => plate('a', 3)(() => [deterministic('d', 1), param('p', 2)]));
    assert.deepEqual(
      ['d', 'p'].map((name) => t.sites.get(name)!.value.shape),
      [[], []],
    );
  },
});
