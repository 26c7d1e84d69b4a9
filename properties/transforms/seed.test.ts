/** seed, block, scope, lift and InitMessenger: whose key decides, what is hidden, and how names and parameters change. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as constraints from '../../core/constraints/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { plate } from '../../core/plate.ts';
import { keyOf, param, prngKey, sample } from '../../core/primitives.ts';
import { normal } from '../../core/random/draws.ts';
import { keyData, PRNGKey, siteKey, split, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import type { Value } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { InitMessenger } from '../../transforms/handlers/init.ts';
import { lift } from '../../transforms/handlers/lift.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace } from '../../transforms/handlers/trace.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import { arbitraryProgram, modelOf, type Program } from '../arbitraries/models.ts';
import { laws } from '../laws.ts';
import { numberOf, plainArray, plainSites, plainTree, valuesOf } from '../laws/traces.ts';

const x = (): Value => sample('x', dist.Normal(0, 1));

const drawn = (name: string, key: Key): number => Math.fround(normal(siteKey(key, name)).item());

/** Priors for the parameters of a program that stand outside its plates. */
const priorsOf = (program: Program): Readonly<Record<string, Distribution>> =>
  Object.fromEntries(
    program.flatMap((s) => (s.type === 'param' ? [[s.name, s.isPositive ? dist.Gamma(1 + Math.exp(s.init / 2), 1) : dist.Normal(s.init, 1)] as const] : [])),
  );

/** The program that states these as sample sites. */
const withPriors = (program: Program): Program =>
  program.map((s) => {
    if (s.type !== 'param') return s;
    const [first, second] = [
      { base: s.init, slope: 0, of: undefined },
      { base: 0, slope: 0, of: undefined },
    ];
    return { type: 'sample', name: s.name, family: s.isPositive ? 'gamma' : 'normal', first, second, obs: undefined };
  });

laws('seed, block, scope, lift, InitMessenger', {
  'a seeded model is a value: called twice it draws the same; an integer is a key': () => {
    const model = seed(PRNGKey(5))(() => [plainArray(x()), keyData(prngKey())]);
    assert.deepEqual(model(), model());
    assert.deepEqual(seed(5)(() => plainArray(x()))(), plainArray(seed(PRNGKey(5))(x)()));
  },

  'of two seeds the inner one decides': () => {
    const [a, b] = [PRNGKey(1), PRNGKey(2)];
    assert.equal(numberOf(seed(a)(seed(b)(x))()), drawn('x', b));
    const both = seed(a)(() => [numberOf(seed(b)(x)()), numberOf(sample('y', dist.Normal(0, 1))), keyData(seed(b)(prngKey)())])();
    assert.deepEqual(both, [drawn('x', b), drawn('y', a), keyData(seed(b)(prngKey)())]);
  },

  'seed takes one key': () => {
    assert.throws(() => seed(x as unknown as Key), { _tag: 'InvalidArgument', message: /seed\(key\)\(model\)/ });
    assert.throws(() => seed('1' as unknown as Key), { _tag: 'InvalidArgument', message: /PRNGKey\(seed\)/ });
    assert.throws(() => seed(split(PRNGKey(0))), { _tag: 'InvalidShape', message: /keys\[i\]/ });
    assert.throws(() => seed(0.5), { _tag: 'InvalidArgument' });
  },

  'a hidden site draws what it would have drawn, also within scopes and further handlers': () => {
    const key = PRNGKey(3);
    for (const wrap of [block(), block({ hide: ['x'] }), block({ expose: [] }), block({ hideFn: (site) => site.type === 'sample' })]) {
      assert.equal(numberOf(seed(key)(wrap(x))()), drawn('x', key));
      assert.equal(numberOf(seed(key)(scope('s')(wrap(x)))()), drawn('s/x', key));
    }
    assert.throws(() => block()(x)(), { _tag: 'MissingKey', site: 'x' });
  },

  'block: hideFn goes before hide, hide before expose; expose drops everything else, observed sites too': () => {
    const model = (): unknown => [x(), sample('y', dist.Normal(0, 1), { obs: 0 }), param('p', 1)];
    const names = (options: Parameters<typeof block>[0]): readonly string[] => [...trace(seed(0)(block(options)(model)))().sites.keys()];
    assert.deepEqual(names({ hideFn: (site) => site.name === 'x', hide: ['y'], expose: ['p'] }), ['y', 'p']);
    assert.deepEqual(names({ hide: ['y'], expose: ['p'] }), ['x', 'p']);
    assert.deepEqual(names({ expose: ['x'] }), ['x']);
    assert.deepEqual(names({ hide: [] }), ['x', 'y', 'p']);
    assert.deepEqual(names({}), []);
  },

  'block keeps values from coming in': () => {
    assert.notEqual(numberOf(substitute({ x: 100 })(seed(0)(block()(x)))()), 100);
  },

  'scope: with the seed inside values stay, with it outside the longer name draws; the divider can be chosen': () => {
    const key = PRNGKey(3);
    assert.equal(numberOf(scope('s')(seed(key)(x))()), drawn('x', key));
    assert.equal(numberOf(seed(key)(scope('s')(x))()), drawn('s/x', key));
    assert.deepEqual([...trace(seed(key)(scope('s', { divider: '.' })(x)))().sites.keys()], ['s.x']);
    assert.equal(numberOf(substitute({ 's/x': 4 })(scope('s')(x))()), 4);
    assert.deepEqual(keyData(seed(key)(scope('s')(prngKey))()), keyData(seed(key)(prngKey)()));
  },

  'lift: the model with priors written in place of its parameters': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(1000), (program, n) => {
        const [lifted, written] = [trace(seed(n)(lift(priorsOf(program))(modelOf(program))))(), trace(seed(n)(modelOf(withPriors(program))))()];
        assert.deepEqual(plainSites(lifted), plainSites(written));
        assert.deepEqual(plainTree(lifted.value), plainTree(written.value));
      }),
    ),

  'lift: one prior for all, or for some; a value from further in is that of the sample site': () => {
    const model = (): unknown => [param('a', 1, { infer: { mine: 1 } }), param('toString', 2)];
    const types = (handled: Model): readonly string[] => [...trace(seed(0)(handled))().sites.values()].map(({ type }) => type);
    assert.deepEqual(types(lift(dist.Normal(0, 1))(model)), ['sample', 'sample']);
    assert.deepEqual(types(lift({ a: dist.Normal(0, 1) })(model)), ['sample', 'param']);
    const { sites } = trace(lift({ a: dist.Normal(0, 1) })(substitute({ a: 3 })(model)))();
    const a = sites.get('a')!;
    assert.ok(a.type === 'sample' && !a.isObserved && numberOf(a.value) === 3 && a.infer['mine'] === 1);
  },

  'lift: with the seed further in, the prior draws with the key that the parameter has': () => {
    const key = PRNGKey(6);
    assert.equal(numberOf(lift(dist.Normal(0, 1))(seed(key)(() => param('a', 1)))()), drawn('a', key));
  },

  'lift: rows of a lifted parameter are taken in a subsampled plate': () => {
    const model = (): Value => plate('n', 4, { subsampleSize: 2 })(() => param('w', [0, 0, 0, 0], { eventDim: 0 }));
    const { value, sites } = trace(substitute({ n: [3, 1], w: [10, 11, 12, 13] })(lift(dist.Normal(0, 1).expand([4]).toEvent(1))(model)))();
    assert.deepEqual(plainArray(value).data, [13, 11]);
    assert.equal(sites.get('w')!.type, 'sample');
  },

  'InitMessenger gives latent sites the values of its function, which may draw with the key of the site': () => {
    const model = (): unknown => [x(), sample('y', dist.Normal(0, 1), { obs: 2 }), sample('z', dist.Gamma(2, 1)), sample('w', dist.Normal(0, 1))];
    const key = PRNGKey(8);
    const init = InitMessenger((site) => {
      if (site.name === 'x') return keyData(keyOf(site))[0] % 1000;
      return site.fn.support.kind === constraints.nonnegative.kind ? 7 : undefined;
    });
    const expected = { x: keyData(siteKey(key, 'x'))[0] % 1000, y: 2, z: 7, w: drawn('w', key) };
    for (const t of [trace(seed(key)(init(model)))(), trace(init(seed(key)(model)))()]) {
      assert.deepEqual(Object.fromEntries(Object.entries(valuesOf(t)).map(([name, { data }]) => [name, data[0]])), expected);
      assert.equal((t.sites.get('z') as { isObserved: boolean }).isObserved, false);
    }
    assert.equal(numberOf(init(substitute({ x: 1 })(x))()), 1);
  },
});
