/** The statements of a model: the keys of their draws, shapes, parameters, terms; and their errors. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as constraints from '../../core/constraints/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, keyOf, param, prngKey, sample, type ParamOptions } from '../../core/primitives.ts';
import { normal } from '../../core/random/draws.ts';
import { foldIn, keyData, PRNGKey, siteKey } from '../../core/random/key.ts';
import { threefry } from '../../core/random/threefry.ts';
import type { SampleSite } from '../../core/site.ts';
import type { Input } from '../../core/value.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import { laws } from '../laws.ts';
import { assertNear, logDensityOf, numberOf, plainArray } from '../laws/traces.ts';

const run = <A>(model: () => A, n: number = 0): Trace<A> => trace(seed(n)(model))();

const normals = (x: readonly number[], loc: number, scale: number): number =>
  x.reduce((sum, v) => sum - 0.5 * ((v - loc) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI), 0);

laws('primitives', {
  'the key of a site is threefry(key, [high, low]) of the 64-bit FNV-1a hash of its name': () => {
    const [high, low] = [0xaf63dc4c, 0x8601ec8c];
    const words = new Uint32Array(2);
    threefry(0, 42, high, low, words);
    const site = run(() => sample('a', dist.Normal(0, 1)), 42).sites.get('a') as SampleSite;
    assert.deepEqual(keyData(site.key!), [...words]);
    assert.equal(numberOf(site.value), Math.fround(normal(site.key!).item()));
  },

  'a draw is what its distribution draws with the key of the site': () =>
    fc.assert(
      fc.property(fc.nat(10_000), fc.string({ minLength: 1, unit: 'grapheme' }), (n, name) => {
        const key = PRNGKey(n);
        for (const fn of [dist.Normal(1, 2), dist.Gamma(2, 3), dist.Bernoulli(0.3).expand([5]), dist.Beta(2, [1, 2, 3]).toEvent(1)]) {
          const { shape, data } = plainArray(seed(key)(() => sample(name, fn))());
          assert.deepEqual({ shape, data }, { shape, data: plainArray(fn.sample(siteKey(key, name))).data.map(Math.fround) });
        }
      }),
    ),

  'a draw has shape sampleShape ++ batchShape ++ eventShape': () => {
    const fn = dist.Normal(0, 1).expand([3, 2]).toEvent(1);
    assert.deepEqual(run(() => sample('x', fn, { sampleShape: [5, 4] })).value.shape, [5, 4, 3, 2]);
    const t = run(() => plate('n', 6)(() => sample('x', dist.Normal(0, 1), { sampleShape: [2] })));
    assert.deepEqual(t.value.shape, [2, 6]);
    assertNear(logDensityOf(t), normals(plainArray(t.value).data, 0, 1));
  },

  'a key of its own goes before seed': () => {
    const key = PRNGKey(5);
    const expected = Math.fround(normal(key).item());
    assert.equal(numberOf(sample('x', dist.Normal(0, 1), { key })), expected);
    assert.equal(numberOf(seed(1)(() => sample('x', dist.Normal(0, 1), { key }))()), expected);
  },

  'without a key a draw is refused, by the name of the site': () => {
    const missing = { _tag: 'MissingKey', message: /site "w": there is no key.*seed\(key\).*\{ key \}/ };
    assert.throws(() => sample('w', dist.Normal(0, 1)), missing);
    assert.throws(() => scope('s')(() => sample('w', dist.Normal(0, 1)))(), { _tag: 'MissingKey', site: 's/w' });
    assert.throws(() => param('w', (key) => normal(key)), { _tag: 'MissingKey', site: 'w' });
    assert.throws(() => prngKey(), { _tag: 'MissingKey', message: /seed\(key\)/ });
  },

  'prngKey() gives a new key at each call, the same in each run, and moves no draw': () => {
    const key = PRNGKey(9);
    const model = (calls: number) => () => [Array.from({ length: calls }, () => keyData(prngKey())), numberOf(sample('x', dist.Normal(0, 1)))] as const;
    const [keys, x] = seed(key)(model(3))();
    assert.deepEqual(
      keys,
      [0, 1, 2].map((i) => keyData(foldIn(siteKey(key, ''), i))),
    );
    assert.deepEqual(seed(key)(model(3))(), [keys, x]);
    assert.equal(seed(key)(model(0))()[1], x);
  },

  'param: its start, or what a function of its key makes': () => {
    const key = PRNGKey(3);
    const t = trace(seed(key)(() => [param('a', [1, 2]), param('b', (k) => normal(k, [2]))]))();
    assert.deepEqual(
      t.value.map((x) => plainArray(x).data),
      [[1, 2], plainArray(normal(siteKey(key, 'b'), [2])).data.map(Math.fround)],
    );
    const site = t.sites.get('b')!;
    assert.ok(site.type === 'param' && !(site.start instanceof tf.Tensor));
    assert.deepEqual(site.start!.data, normal(siteKey(key, 'b'), [2]).data);
    assert.throws(() => run(() => param('c')), { _tag: 'MissingSite', site: 'c', message: /start as the second argument/ });
    assert.equal(numberOf(substitute({ c: 4 })(() => param('c'))()), 4);
  },

  'param: a start outside its constraint is refused': () => {
    const of = (init: Input, options: ParamOptions) => (): unknown => param('s', init, options);
    assert.throws(of(-1, { constraint: constraints.positive }), { _tag: 'InvalidParameter', site: 's', message: /-1.*positive/ });
    assert.throws(of([0.5, 0.6], { constraint: constraints.simplex }), { _tag: 'InvalidParameter', site: 's' });
    assert.throws(of(NaN, {}), { _tag: 'InvalidParameter', site: 's' });
    assert.throws(of(3, { constraint: constraints.simplex }), { site: 's' });
    assert.equal(numberOf(param('s', 2, { constraint: constraints.positive })), 2);
  },

  'deterministic and factor give back what they record': () => {
    const t = run(() => [deterministic('d', [1, 2]), factor('f', [-1, -2])]);
    assert.deepEqual(
      t.value.map((x) => plainArray(x).data),
      [
        [1, 2],
        [-1, -2],
      ],
    );
    assertNear(logDensityOf(t), -3);
  },

  'two sites of one name are refused, also where nothing traces': () => {
    const model = (): unknown => [sample('x', dist.Normal(0, 1)), sample('x', dist.Normal(0, 1))];
    for (const f of [seed(0)(model), trace(seed(0)(model)), trace(seed(0)(() => [deterministic('x', 1), sample('x', dist.Normal(0, 1))]))]) {
      assert.throws(f, { _tag: 'DuplicateSite', site: 'x', message: /unique.*scope\(prefix\)/ });
    }
    const kinds = trace(seed(0)(() => plate('x', 2)(() => sample('x', dist.Normal(0, 1)))));
    assert.throws(kinds, { _tag: 'DuplicateSite', site: 'x', message: /a plate site has this name/ });
  },

  'what is no name, no distribution or no array is refused with the site': () => {
    const bad = (f: unknown): unknown => (f as () => unknown)();
    const name = '' as string;
    for (const f of [
      () => sample(name, dist.Normal(0, 1)),
      () => param(name, 1),
      () => deterministic(name, 1),
      () => factor(name, 1),
      () => plate(name, 1)(() => 0),
    ]) {
      assert.throws(() => bad(f), { _tag: 'InvalidArgument', message: /name/ });
    }
    assert.throws(() => sample('x', dist.Normal as unknown as Distribution), { _tag: 'InvalidArgument', site: 'x', message: /dist\.Normal\(0, 1\)/ });
    assert.throws(() => sample('x', dist.Normal(0, 1), { obs: 'high' as unknown as Input }), { _tag: 'InvalidArgument', site: 'x' });
    assert.throws(() => deterministic('x', {} as Input), { _tag: 'InvalidArgument', site: 'x' });
    assert.throws(() => substitute({ x: [[1], [1, 2]] })(() => sample('x', dist.Normal(0, 1)))(), { site: 'x' });
  },

  'keyOf asks the handlers for the key of a site': () => {
    const key = PRNGKey(4);
    const keys = seed(key)(() => [keyOf({ name: 'x' }), keyOf({ name: 'x', key: PRNGKey(1) })])();
    assert.deepEqual(keys.map(keyData), [keyData(siteKey(key, 'x')), keyData(PRNGKey(1))]);
    assert.ok(numberOf(ops.add(1, 1)) === 2);
  },
});
