/** substitute, condition, replay, intervene and uncondition: what they touch, in which order, inside plates, and by functions. */
import assert from 'node:assert/strict';
import * as dist from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, param, sample, subsample } from '../../core/primitives.ts';
import type { Model } from '../../core/runtime.ts';
import type { SampleSite } from '../../core/site.ts';
import type { Value } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { condition, intervene, replay, substitute, uncondition } from '../../transforms/handlers/values.ts';
import { siteLogProb } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { assertNear, logDensityOf, numberOf, plainArray, valuesOf } from '../laws/traces.ts';

const run = <A>(model: Model<[], A>): Trace<A> => trace(seed(1)(model))();

const x = (): Value => sample('x', dist.Normal(0, 1));
const seen = (): Value => sample('y', dist.Normal(0, 1), { obs: 2 });

/** y ~ N(x, 1) in a plate of 6, 3 at a time, with x in the plate too. */
const inPlate = (): unknown =>
  plate('n', 6, { subsampleSize: 3 })(() => {
    const local = x();
    sample('y', dist.Normal(local, 1), { obs: subsample([0, 1, 2, 3, 4, 5]) });
    factor('f', ops.neg(local));
    return deterministic('d', ops.mul(2, local));
  });

const numbers = (t: Trace, name: string): readonly number[] => plainArray(t.sites.get(name)!.value).data;
const siteOf = (t: Trace, name: string): SampleSite => t.sites.get(name) as SampleSite;
const total = (t: Trace, name: string): number => plainArray(siteLogProb(siteOf(t, name))).data.reduce((a, b) => a + b, 0);
const normal = (v: number, loc: number): number => -0.5 * (v - loc) ** 2 - 0.5 * Math.log(2 * Math.PI);

laws('values of sites', {
  'substitute and condition leave an observation in the model alone; uncondition first makes way': () => {
    for (const handler of [substitute({ y: 5 }), condition({ y: 5 })]) {
      assert.equal(numberOf(run(handler(seen)).value), 2);
      assert.equal(numberOf(run(handler(uncondition()(seen))).value), 5);
    }
    assert.equal(siteOf(run(condition({ y: 5 })(uncondition()(seen))), 'y').isObserved, true);
  },

  'a function of the site gives its value, or undefined to leave it': () => {
    const model = (): unknown => [x(), sample('z', dist.Normal(0, 1)), param('p', 1)];
    const t = run(substitute((site) => (site.type === 'sample' && site.name === 'x' ? site.fn.mean : site.type === 'param' ? 7 : undefined))(model));
    assert.deepEqual([numbers(t, 'x'), numbers(t, 'p')], [[0], [7]]);
    assert.deepEqual(numbers(t, 'z'), numbers(run(model), 'z'));
    assert.equal(siteOf(run(condition((site) => (site.name === 'x' ? 3 : undefined))(model)), 'x').isObserved, true);
  },

  'a name that an object has by birth is no value': () => {
    const model = (): unknown => sample('toString', dist.Normal(0, 1));
    for (const handler of [substitute({}), condition({}), intervene({})]) assert.deepEqual(valuesOf(run(handler(model))), valuesOf(run(model)));
  },

  'uncondition keeps what was observed in infer': () => {
    const site = siteOf(run(uncondition()(() => sample('y', dist.Normal(0, 1), { obs: 2, infer: { mine: true } }))), 'y');
    assert.deepEqual({ ...site.infer, obs: plainArray(site.infer['obs'] as Value).data }, { mine: true, wasObserved: true, obs: [2] });
    assert.notEqual(numberOf(site.value), 2);
  },

  'replay leaves observed sites and sites that the trace lacks': () => {
    const t = run(() => [x(), seen()]);
    const again = trace(seed(2)(replay(t)(() => [x(), sample('y', dist.Normal(0, 1), { obs: 3 }), sample('new', dist.Normal(0, 1))])))();
    assert.deepEqual([numbers(again, 'x'), numbers(again, 'y')], [numbers(t, 'x'), [3]]);
    assert.equal(again.sites.size, 3);
  },

  'do in a subsampled plate: indices and draws stay, descendants see the value, and scales stay': () => {
    const [plain, done] = [run(inPlate), run(intervene({ x: 10 })(inPlate))];
    assert.deepEqual([numbers(done, 'n'), numbers(done, 'x')], [numbers(plain, 'n'), numbers(plain, 'x')]);
    assert.deepEqual(numbers(done, 'd'), [20]);
    assert.equal(total(done, 'x'), total(plain, 'x'));
    const y = numbers(plain, 'n').reduce((sum, i) => sum + 2 * normal(i, 10), 0);
    assertNear(total(done, 'y'), y);
    assertNear(logDensityOf(done), total(plain, 'x') + y - 6 * 10, 1000);
    assert.deepEqual(numbers(run(intervene({ x: [1, 2, 3] })(inPlate)), 'd'), [2, 4, 6]);
  },

  'do on an observed site: its density stays, what follows sees the value': () => {
    const t = run(intervene({ y: 5 })(() => deterministic('d', seen())));
    assertNear(logDensityOf(t), normal(2, 0));
    assert.deepEqual(numbers(t, 'd'), [5]);
  },

  'do, condition and substitute together: the site itself is conditioned, what follows sees what was done': () => {
    const model = (): unknown => deterministic('d', x());
    const t = run(condition({ x: 3 })(intervene({ x: 5 })(model)));
    assert.deepEqual([numbers(t, 'x'), numbers(t, 'd'), siteOf(t, 'x').isObserved], [[3], [5], true]);
    assert.deepEqual(numbers(run(intervene({ x: 1 })(intervene({ x: 5 })(model))), 'd'), [5]);
  },

  'do under block needs no key for what it does not draw': () => {
    assert.equal(numberOf(seed(1)(block()(intervene({ x: 5 })(x)))()), 5);
    assert.equal(numberOf(substitute({ x: 1 })(intervene({ x: 5 })(x))()), 5);
  },

  'a value that does not fit its site is told with the site': () => {
    const bad = intervene({ x: [1, 2] })(inPlate);
    assert.throws(() => run(bad), { _tag: 'InvalidShape', site: 'x' });
    assert.throws(() => run(substitute({ n: [0, 1] })(inPlate)), { _tag: 'PlateMismatch', message: /plate "n"/ });
  },
});
