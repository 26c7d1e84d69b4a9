/** The laws of the effect handlers, on arbitrary programs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pipe } from 'fp-ts/lib/function.js';
import { PRNGKey, type Key } from '../../core/random/key.ts';
import type { Message } from '../../core/site.ts';
import { isTensor, type Input } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { mask, scale } from '../../transforms/handlers/density.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed, type ModelTransform } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { condition, intervene, replay, substitute, uncondition, type Values } from '../../transforms/handlers/values.ts';
import { siteLogProb } from '../../transforms/logDensity.ts';
import { densityOf, termsOf } from '../arbitraries/density.ts';
import {
  arbitraryProgram,
  descendantsOf,
  latentsOf,
  modelOf,
  mutilated,
  platesOf,
  samplesOf,
  statementsOf,
  type Environment,
  type Program,
} from '../arbitraries/models.ts';
import { laws } from '../laws.ts';
import { assertNear, logDensityOf, numberOf, plainArray, plainSites, plainTree, runOf, valuesOf } from '../laws/traces.ts';

const arbitraryKey: fc.Arbitrary<Key> = fc.nat(1_000_000).map((n) => PRNGKey(n));

type Run = Trace<Environment>;

const runWith = (program: Program, key: Key, ...handlers: readonly ModelTransform[]): Run =>
  trace(handlers.reduce((model, handler) => handler(model), seed(key)(modelOf(program))))();

/** As `runWith`, with the key given outside the handlers. */
const runInside = (program: Program, key: Key, ...handlers: readonly ModelTransform[]): Run =>
  trace(seed(key)(handlers.reduce((model, handler) => handler(model), modelOf(program))))();

const forPrograms = (law: (program: Program, key: Key, pick: number) => void): void => fc.assert(fc.property(arbitraryProgram, arbitraryKey, fc.nat(100), law));

/** One of a list, if it has any. */
const one = <A>(list: readonly A[], pick: number): A | undefined => list[pick % Math.max(1, list.length)];

/** Values of all latent sites and parameters of a run. */
const dataOf = (run: Run): Values =>
  Object.fromEntries([...run.sites.values()].flatMap((site) => (site.type === 'sample' || site.type === 'param' ? [[site.name, site.value]] : [])));

const namesOf = (program: Program): readonly string[] => statementsOf(program).map(({ name }) => name);

const identical = (a: Run, b: Run): void => {
  assert.deepEqual(plainSites(a), plainSites(b));
  assert.deepEqual(plainTree(a.value), plainTree(b.value));
};

laws('handlers', {
  '1 determinism: one key, one trace': () => forPrograms((program, key) => identical(runWith(program, key), runWith(program, key))),

  '2 replay: a replayed run has the values, the indices and the density of its trace': () =>
    forPrograms((program, key, other) => {
      const run = runWith(program, key);
      const again = runInside(program, PRNGKey(other), replay(run));
      assert.deepEqual(valuesOf(again), valuesOf(run));
      assert.equal(logDensityOf(again), logDensityOf(run));
    }),

  '3 substitute twice is substitute once': () =>
    forPrograms((program, key, other) => {
      const data = dataOf(runWith(program, PRNGKey(other)));
      identical(runInside(program, key, substitute(data), substitute(data)), runInside(program, key, substitute(data)));
    }),

  '3 of two substitutes the inner one decides': () =>
    forPrograms((program, key, pick) => {
      const [inner, outer] = [dataOf(runWith(program, PRNGKey(pick))), dataOf(runWith(program, PRNGKey(pick + 1)))];
      const some = Object.fromEntries(Object.entries(inner).filter((_, i) => (pick >> i) % 2 === 0));
      identical(runInside(program, key, substitute(some), substitute(outer)), runInside(program, key, substitute({ ...outer, ...some })));
    }),

  '4 condition is substitute and isObserved; it leaves parameters alone': () =>
    forPrograms((program, key, other) => {
      const data = dataOf(runWith(program, PRNGKey(other)));
      const isParam = (name: string): boolean => statementsOf(program).some((s) => s.name === name && s.type === 'param');
      const ofSites = Object.fromEntries(Object.entries(data).filter(([name]) => !isParam(name)));
      const given = runInside(program, key, condition(data));
      const plain = runInside(program, key, substitute(ofSites));
      assert.deepEqual(valuesOf(given), valuesOf(plain));
      assert.equal(logDensityOf(given), logDensityOf(plain));
      for (const { name } of samplesOf(program)) assert.equal((given.sites.get(name) as { isObserved: boolean }).isObserved, true);
    }),

  '5 block hides sites from what is outside, and changes no value, hidden or not': () =>
    forPrograms((program, key, pick) => {
      const hide = namesOf(program).filter((_, i) => (pick >> i) % 2 === 0);
      const plain = runInside(program, key);
      const blocked = runInside(program, key, block({ hide }));
      assert.deepEqual(plainTree(blocked.value), plainTree(plain.value));
      const left = plainSites(plain).filter(([name]) => !hide.includes(name));
      assert.deepEqual(plainSites(blocked), left);
      assert.deepEqual(plainSites(runInside(program, key, block({ expose: namesOf(program).filter((name) => !hide.includes(name)) }))), left);
    }),

  '5 block() hides all; a block that hides nothing is the identity; two blocks hide what either hides': () =>
    forPrograms((program, key, pick) => {
      assert.equal(runInside(program, key, block()).sites.size, 0);
      identical(runInside(program, key, block({ hideFn: () => false })), runInside(program, key));
      const p = (site: Message): boolean => site.name.length % 2 === 0 || site.type === 'param';
      const q = (site: Message): boolean => namesOf(program).indexOf(site.name) % 3 === pick % 3;
      identical(runInside(program, key, block({ hideFn: p }), block({ hideFn: q })), runInside(program, key, block({ hideFn: (site) => p(site) || q(site) })));
    }),

  'block refuses what is no list of names: a text would match by its letters, a function hide everything': () => {
    for (const options of [{ hide: 'x' }, { expose: [3] }, { hideFn: 'x' }, (): boolean => true] as unknown as Parameters<typeof block>[0][]) {
      assert.throws(() => block(options), { _tag: 'InvalidArgument' });
    }
  },

  '6 handlers with nothing to do are identities': () =>
    forPrograms((program, key) => {
      const plain = runInside(program, key);
      for (const handler of [substitute({}), condition({}), scale(1), intervene({}), replay({ value: 0, sites: new Map() })]) {
        identical(runInside(program, key, handler), plain);
      }
      assert.equal(logDensityOf(runInside(program, key, mask(true))), logDensityOf(plain));
    }),

  '7 locality of keys: giving or hiding a site moves no draw that does not depend on it': () =>
    forPrograms((program, key, pick) => {
      const site = one(latentsOf(program), pick);
      if (site === undefined) return;
      const given = dataOf(runWith(program, PRNGKey(pick)))[site.name]!;
      const [plain, changed] = [runInside(program, key), runInside(program, key, substitute({ [site.name]: given }))];
      const moved = descendantsOf(program, site.name);
      for (const name of namesOf(program)) if (!moved.has(name)) assert.deepEqual(valuesOf(changed)[name], valuesOf(plain)[name], name);
    }),

  '7 locality of keys: a new site moves no draw': () =>
    forPrograms((program, key) => {
      const extra: Program = [{ type: 'plate', name: 'new', size: 3, subsampleSize: 2, body: [{ ...samplesOf(program)[0]!, name: 'newer', obs: undefined }] }];
      const independent = extra.map((s) => (s.type === 'plate' ? { ...s, body: s.body.map((b) => mutilated([b], 'x', 0)[0]!) } : s));
      const noReferences = namesOf(program).reduce((p, name) => mutilated(p, name, 0.5), independent as Program);
      const [before, after] = [runInside([...noReferences, ...program], key), runInside(program, key)];
      for (const name of namesOf(program)) assert.deepEqual(valuesOf(before)[name], valuesOf(after)[name], name);
    }),

  '8 scale multiplies the log-density, and scales multiply': () =>
    forPrograms((program, key) => {
      const plain = runWith(program, key);
      const { magnitude } = densityOf(program, runOf(plain));
      assertNear(logDensityOf(runWith(program, key, scale(2.5))), 2.5 * logDensityOf(plain), 2.5 * magnitude);
      identical(runWith(program, key, scale(2), scale(4)), runWith(program, key, scale(8)));
    }),

  '9 the log-densities under a mask and under its opposite add to the whole': () =>
    forPrograms((program, key) => {
      const plain = runWith(program, key);
      assert.equal(logDensityOf(runWith(program, key, mask(false))), 0);
      for (const [name, site] of plain.sites) {
        if (site.type !== 'sample' && site.type !== 'factor') continue;
        const whole = siteLogProb(site);
        const bits = { shape: whole.shape, data: plainArray(whole).data.map((_, i) => i % 2) };
        const half = (parity: number): number => {
          const m = {
            ...site,
            mask: tensorOf(
              bits.shape,
              bits.data.map((bit) => bit === parity),
            ),
          };
          return plainArray(siteLogProb(m)).data.reduce((a, b) => a + b, 0);
        };
        const total = plainArray(whole).data.reduce((a, b) => a + b, 0);
        assertNear(
          half(0) + half(1),
          total,
          plainArray(whole).data.reduce((a, b) => a + Math.abs(b), 0),
          name,
        );
      }
    }),

  '10 scope only renames, and scopes nest': () =>
    forPrograms((program, key) => {
      const plain = runWith(program, key);
      const scoped = runWith(program, key, scope('b'), scope('a'));
      assert.deepEqual(
        [...scoped.sites.keys()],
        [...plain.sites.keys()].map((name) => `a/b/${name}`),
      );
      assert.deepEqual(Object.values(valuesOf(scoped)), Object.values(valuesOf(plain)));
      assert.equal(logDensityOf(scoped), logDensityOf(plain));
      for (const site of scoped.sites.values()) if (site.type === 'sample') for (const { name } of site.plates) assert.ok(scoped.sites.has(name), name);
    }),

  '12 do: descendants see the value, the site keeps its draw, and the density is that of the mutilated program': () =>
    forPrograms((program, key, pick) => {
      const site = one(samplesOf(program), pick);
      if (site === undefined) return;
      const value = 0.25;
      const plain = runInside(program, key);
      const run = runInside(program, key, intervene({ [site.name]: value }));
      assert.deepEqual(valuesOf(run)[site.name], valuesOf(plain)[site.name]);
      assert.equal(numberOf(run.value[site.name]!), value);
      const { logDensity, magnitude } = densityOf(mutilated(program, site.name, value), runOf(run));
      assertNear(logDensityOf(run), logDensity, magnitude);
    }),

  '12 condition, unlike do, counts the value itself': () =>
    forPrograms((program, key, pick) => {
      const site = one(
        latentsOf(program).filter(({ family }) => family === 'normal'),
        pick,
      );
      if (site === undefined) return;
      const given = runInside(program, key, condition({ [site.name]: 0.25 }));
      const cut = mutilated(program, site.name, 0.25);
      assert.deepEqual(valuesOf(given)[site.name], { shape: [], data: [0.25] });
      const terms = termsOf(cut, { ...runOf(given) });
      for (const [name, { total, scale: by }] of terms) {
        const recorded = given.sites.get(name);
        if (recorded?.type !== 'sample') continue;
        const parts = plainArray(siteLogProb(recorded)).data;
        assertNear(
          parts.reduce((a, b) => a + b, 0),
          by * total,
          parts.reduce((a, b) => a + Math.abs(b), 1),
          name,
        );
      }
    }),

  '13 uncondition after condition gives the draws of the prior back': () =>
    forPrograms((program, key, other) => {
      const data = dataOf(runWith(program, PRNGKey(other)));
      const free = runInside(program, key, uncondition());
      const back = runInside(program, key, condition(data), uncondition());
      const params = Object.fromEntries(Object.entries(data).filter(([name]) => free.sites.get(name)?.type === 'param'));
      assert.deepEqual(valuesOf(back), { ...valuesOf(free), ...mapValues(params, plainArray) });
      for (const site of back.sites.values()) if (site.type === 'sample') assert.equal(site.isObserved, false);
    }),

  '15 trace is transparent: it gives the value of the model, also further in': () =>
    forPrograms((program, key) => {
      const plain = seed(key)(modelOf(program))();
      assert.deepEqual(plainTree(runWith(program, key).value), plainTree(plain));
      const inner = pipe(modelOf(program), trace, seed(key))();
      assert.deepEqual(plainTree(inner.value), plainTree(plain));
      for (const { value } of inner.sites.values()) assert.ok(isTensor(value) && !value.isDisposed);
      identical(inner, runWith(program, key));
    }),

  'every site of a plate says so, the innermost plate first': () =>
    forPrograms((program, key) => {
      const sites = runWith(program, key).sites;
      for (const p of platesOf(program)) {
        for (const { name } of p.body) {
          const site = sites.get(name);
          if (site?.type === 'sample' || site?.type === 'factor') assert.equal(site.plates[0]?.name, p.name);
        }
      }
    }),
});

const tensorOf = (shape: readonly number[], data: readonly boolean[]): Input => ({ shape, dtype: 'bool', data: data.map(Number) }) as unknown as Input;

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
