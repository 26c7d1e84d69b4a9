/** Errors of ours within a model tell where they were thrown, at no cost to models that do well; names that nobody knows are told from the nearest. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { atSite, kindlingError, situated } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { ownFolders } from '../../core/userPlace.ts';
import {
  adam,
  AutoDiagonalNormal,
  dist,
  foriLoop,
  grad,
  jit,
  map,
  NUTS,
  ops,
  plate,
  random,
  sample,
  scan,
  seed,
  SVI,
  trace,
  TraceELBO,
  vmap,
  whileLoop,
  type Input,
  type KindlingError,
  type Model,
} from '../../infer/kindling.ts';
import { errorOf } from '../errorOf.ts';
import { laws } from '../laws.ts';

const key = random.PRNGKey(0);

/** A scale that is wrong, between two sites. */
const wrongScale = (): void => {
  sample('tau', dist.HalfNormal(1));
  sample('x', dist.Normal(0, -1));
};

/** Arithmetic that fails, in two plates. */
const wrongShapes = (): void => {
  const tau = sample('tau', dist.HalfNormal(1).expand([3]).toEvent(1));
  plate(
    'outer',
    2,
  )(() =>
    plate(
      'inner',
      3,
    )(() => {
      ops.add(tau, [1, 2, 3, 4]);
    }),
  );
};

/** The ways in which a model is run: plainly, recorded, compiled, differentiated. */
const ways: Readonly<Record<string, (model: Model<[]>) => unknown>> = {
  seed: (model) => seed(key)(model)(),
  trace: (model) => trace(seed(key)(model))(),
  jit: (model) => jit((k: typeof key) => seed(k)(model)())(key),
  grad: (model) =>
    grad((x: number) => {
      seed(key)(model)();
      return x;
    })(1),
  vmap: (model) => vmap((k: typeof key) => seed(k)(model)())(random.split(key, 3)),
  NUTS: (model) => NUTS(model).init(key, 1, []),
  SVI: (model) => SVI(model, AutoDiagonalNormal(model), adam(0.1), TraceELBO()).init(key),
};

/** Loops with a body that is called with some array. */
const loops: Readonly<Record<string, (body: (x: Input) => Input) => unknown>> = {
  scan: (body) => scan((carry: Input, x: Input) => [carry, body(x)] as const, 0, [1, 2, 3]),
  map: (body) => map(body as never, [1, 2, 3]),
  whileLoop: (body) => whileLoop((x: Input) => ops.less(x, 100), body as never, 3),
  'whileLoop, its condition': (body) => whileLoop(body as never, (x: Input) => x, 3),
  foriLoop: (body) => foriLoop(0, 3, (_: Input, x: Input) => body(x), 1),
  'foriLoop, to a traced bound': (body) => jit((n: Input) => foriLoop(0, n, (_: Input, x: Input) => body(x), 1))(3),
};

const reshaped = (x: Input): Input => ops.reshape(x, [7]);

const stating = (x: Input): Input => {
  sample('inner', dist.Normal(0, 1));
  return reshaped(x);
};

laws('core/errors', {
  'an error in the body of a loop is in a model only where one is around, and then after the statement before the loop': () => {
    for (const [name, loop] of Object.entries(loops)) {
      const outside = errorOf(() => loop(reshaped));
      assert.equal(outside.where, undefined, name);
      assert.doesNotMatch(outside.message, /in a model/, name);
      const first = errorOf(() => seed(key)(() => loop(reshaped))());
      assert.match(first.message, /reshape.*This was in a model, before its first statement/, name);
      const after = errorOf(() =>
        seed(key)(() => {
          sample('a', dist.Normal(0, 1));
          loop(reshaped);
        })(),
      );
      assert.match(after.message, /reshape.*in a model, after site "a", at .*errors\.test\.[jt]s/, name);
      assert.equal(after.message.split('in a model').length, 2, name);
      const inPlate = errorOf(() =>
        seed(key)(() => {
          sample('a', dist.Normal(0, 1));
          loop((x) => plate('p', 2)(() => reshaped(x)));
        })(),
      );
      if (!name.startsWith('whileLoop') && !name.includes('traced')) assert.match(inPlate.message, /after site "a", in plate "p"/, name);
    }
    for (const name of ['scan', 'map', 'foriLoop']) {
      const inner = errorOf(() =>
        seed(key)(() => {
          sample('a', dist.Normal(0, 1));
          loops[name]!(stating);
        })(),
      );
      assert.match(inner.message, /in a model, after site "inner", at/, name);
    }
  },

  'an error has only the details that it was given, also when it is told again': () => {
    const plain = kindlingError('InvalidShape', { message: 'm', site: undefined, remedy: 'r' });
    const again = situated(plain, () => 'somewhere') as KindlingError;
    const named = errorOf(() =>
      atSite('x', () => {
        throw plain;
      }),
    );
    const own = (error: Error): string[] => Object.getOwnPropertyNames(error).filter((name) => name !== 'stack' && name !== 'message');
    assert.deepEqual(own(plain).sort(), ['_tag', 'name', 'remedy']);
    assert.deepEqual(own(again).sort(), ['_tag', 'name', 'remedy', 'where']);
    assert.deepEqual(own(named).sort(), ['_tag', 'name', 'remedy', 'site']);
    const cause = new Error('deeper');
    const caused = situated(kindlingError('InvalidShape', { message: 'm', cause }), () => 'somewhere') as KindlingError;
    assert.equal(caused.cause, cause);
  },

  'a file is ours by the names of the modules in our bundle, not by the folder of a bundle': () => {
    for (const file of ['kindling.js', 'chunks/AB12.js', 'plot/index.js', 'mcmc/workers/entry.node.js', 'progress.node.js'])
      assert.ok(ownFolders(`file:///home/x/node_modules/kindling/dist/bundle/${file}`).includes('file:///home/x/node_modules/kindling/dist/bundle/'), file);
    assert.deepEqual(ownFolders('file:///home/x/page/dist/bundle/app.js'), []);
  },

  'an error between the statements of a model says after which one, in which plates and at which line': () => {
    for (const [way, run] of Object.entries(ways)) {
      const scale = errorOf(() => run(wrongScale));
      assert.equal(scale._tag, 'InvalidParameter', way);
      assert.match(scale.message, /scale of Normal.*Given: -1.*This was in a model, after site "tau", at .*errors\.test\.[jt]s:\d+:\d+\./, way);
      const shapes = errorOf(() => run(wrongShapes));
      assert.equal(shapes._tag, 'InvalidShape', way);
      assert.match(shapes.message, /after site "tau", in plate "inner" in "outer", at .*errors\.test\.[jt]s:\d+:\d+\./, way);
      assert.ok(shapes.where !== undefined && shapes.message.includes(shapes.where));
    }
  },

  'it is told once, and an error that names its site is left as it is': () => {
    const twice = errorOf(() => seed(key)(trace(seed(key)(wrongScale)))());
    assert.equal(twice.message.split('This was in a model').length, 2);
    const named = errorOf(() => seed(key)(() => sample('x', dist.Normal(0, 1), { obs: 'no number' as never }))());
    assert.deepEqual([named.site, named.where], ['x', undefined]);
    const outside = errorOf(() => dist.Normal(0, -1));
    assert.equal(outside.where, undefined);
  },

  'before the first statement, that is said; what is no error of ours comes through': () => {
    assert.match(errorOf(() => seed(key)(() => dist.Normal(0, -1))()).message, /before its first statement/);
    const own = new RangeError('own');
    const raise = (): never => {
      throw own;
    };
    assert.throws(
      () => seed(key)(() => plate('p', 2)(raise))(),
      (error) => error === own,
    );
  },

  'the stack leads to the line, whatever was told again': () => {
    const { stack = '' } = errorOf(() => seed(key)(wrongScale)());
    assert.match(stack.split('\n')[0]!, /^KindlingError: parameter scale/);
    assert.match(stack, /errors\.test\.[jt]s/);
  },

  'the nearest of some names is found from a slip': () => {
    const known = ['numSamples', 'numWarmup', 'thinning', 'tau', 'x'];
    const expected: readonly (readonly [string, string | undefined])[] = [
      ['num_samples', 'numSamples'],
      ['numsample', 'numSamples'],
      ['NumWarmup', 'numWarmup'],
      ['tua', 'tau'],
      ['X', 'x'],
      ['y', undefined],
      ['sigma', undefined],
    ];
    for (const [slip, found] of expected) assert.equal(nearestName(slip, known), found, slip);
  },

  'a name is the nearest to itself, and to itself with two letters swapped': () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{6,10}$/), { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (names, pick, place) => {
        const name = names[pick % names.length]!;
        assert.equal(nearestName(name, names), name);
        const at = place % (name.length - 1);
        const swapped = name.slice(0, at) + name[at + 1]! + name[at]! + name.slice(at + 2);
        assert.ok(nearestName(swapped, names) !== undefined);
      }),
    );
  },
});
