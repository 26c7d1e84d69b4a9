/** reparam: other coordinates, the same joint distribution. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Bijector } from '../../core/bijectors/bijector.ts';
import * as bijectors from '../../core/bijectors/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { sample } from '../../core/primitives.ts';
import { PRNGKey } from '../../core/random/key.ts';
import { toNDArray, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { mask } from '../../transforms/handlers/density.ts';
import { auxiliary, LocScaleReparam, reparam, TransformReparam, type Reparam } from '../../transforms/handlers/reparam.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace } from '../../transforms/handlers/trace.ts';
import { condition, intervene, substitute } from '../../transforms/handlers/values.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { assertMean, assertVariance } from '../laws/statistics.ts';
import { assertNear, numberOf, plainArray } from '../laws/traces.ts';

const at = (model: () => unknown, params: Readonly<Record<string, Input>>): number => numberOf(logDensity(model, [], params).logDensity);

const logSum = (x: Input): number => numberOf(ops.sum(ops.log(x)));

const halves = { loc: [-1, 0.5, 2], scale: [0.5, 1, 3] };

/** Sites to restate, in plates and out of them: the size of the value, and scale for each element. */
const shapes: Readonly<Record<string, { readonly model: () => unknown; readonly scale: AnyArray }>> = {
  scalar: { model: () => sample('x', dist.Normal(1, 2)), scale: toNDArray(2) },
  batch: { model: () => sample('x', dist.Normal(halves)), scale: toNDArray(halves.scale) },
  event: { model: () => sample('x', dist.Normal(halves).toEvent(1)), scale: toNDArray(halves.scale) },
  'event of two axes': {
    model: () => sample('x', dist.Normal(halves).expand([2, 3]).toEvent(1).toEvent(1)),
    scale: ops.broadcastTo(toNDArray(halves.scale), [2, 3]),
  },
  plate: { model: () => plate('n', 4)(() => sample('x', dist.Normal(1, 2))), scale: ops.fill([4], 2) },
  'plate of parameters': { model: () => plate('n', 3)(() => sample('x', dist.Normal(halves))), scale: toNDArray(halves.scale) },
  'plate of events': { model: () => plate('n', 2)(() => sample('x', dist.Normal(halves).toEvent(1))), scale: ops.broadcastTo(toNDArray(halves.scale), [2, 3]) },
  'two plates': { model: () => plate('a', 2)(() => plate('b', 3)(() => sample('x', dist.Normal(1, 2)))), scale: ops.fill([3, 2], 2) },
};

laws('reparam', {
  'LocScaleReparam: the density changes by the Jacobian x = loc + scale^(1−c) (z − c·loc) alone': () =>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(shapes)), fc.constantFrom(0, 0.3, 0.5, 0.9), fc.nat(1000), (name, centered, n) => {
        const { model, scale } = shapes[name]!;
        const restated = reparam({ x: LocScaleReparam({ centered }) })(model);
        const { sites } = trace(seed(n)(restated))();
        assert.deepEqual([...sites.keys()].slice(-2), ['x_decentered', 'x']);
        const [z, x] = [sites.get('x_decentered')!.value, sites.get('x')!.value];
        assert.deepEqual(x.shape, trace(seed(n)(model))().sites.get('x')!.value.shape);
        const original = at(model, { x });
        assertNear(at(restated, { x_decentered: z }), original + (1 - centered) * logSum(scale), 20 + Math.abs(original), name);
      }),
    ),

  'LocScaleReparam: centered 0 draws from the standard, 1 leaves the site as it is': () => {
    const model = shapes['batch']!.model;
    const { sites } = trace(seed(3)(reparam({ x: LocScaleReparam({ centered: 0 }) })(model)))();
    const z = sites.get('x_decentered')!;
    assert.ok(z.type === 'sample' && !z.isObserved);
    assert.deepEqual(
      [plainArray(ops.abs(z.fn.mean)).data, plainArray(z.fn.variance).data],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    );
    assert.equal(sites.get('x')!.type, 'deterministic');
    assert.deepEqual([...trace(seed(3)(reparam({ x: LocScaleReparam({ centered: 1 }) })(model)))().sites.keys()], ['x']);
  },

  'LocScaleReparam: a learned centering starts at a half for each element, and is shared along a subsampled plate': () => {
    const shapeOf = (model: () => unknown): readonly number[] => {
      const c = trace(seed(3)(reparam({ x: LocScaleReparam() })(model)))().sites.get('x_centered')!;
      assert.ok(c.type === 'param' && c.constraint.kind === 'unitInterval');
      assert.deepEqual(new Set(plainArray(c.value).data), new Set([0.5]));
      return c.value.shape;
    };
    assert.deepEqual(
      Object.values(shapes).map(({ model }) => shapeOf(model)),
      [[], [3], [3], [2, 3], [4], [3], [2, 3], [3, 2]],
    );
    const subsampled = (): unknown => plate('a', 9, { subsampleSize: 2 })(() => plate('b', 4)(() => sample('x', dist.Normal(0, 1).expand([5]).toEvent(1))));
    assert.deepEqual(shapeOf(subsampled), [4, 1, 5]);
    const restated = reparam({ x: LocScaleReparam() })(shapes['batch']!.model);
    const z = [0.3, -1, 2];
    assertNear(at(restated, { x_decentered: z }), at(reparam({ x: LocScaleReparam({ centered: 0.5 }) })(shapes['batch']!.model), { x_decentered: z }));
  },

  'LocScaleReparam: moments of the restated site are those of the site': () => {
    const draws = (centered?: number): Float64Array => {
      const model = (): Value => plate('n', 20_000)(() => sample('x', dist.Normal(3, 2)));
      return toNDArray(seed(11)(reparam({ x: LocScaleReparam({ centered }) })(model))()).data;
    };
    for (const centered of [0, 0.4, undefined]) {
      assertMean(draws(centered), 3, `centered ${centered}`);
      assertVariance(draws(centered), 4, `centered ${centered}`);
    }
  },

  'TransformReparam: the site is the transform of a draw from its base, with the density of the base': () => {
    const made: Readonly<Record<string, () => Distribution>> = {
      scalar: () => dist.TransformedDistribution(dist.Normal(0.5, 0.25), bijectors.exp),
      batch: () => dist.TransformedDistribution(dist.Normal([0, 1, 2], 1), [bijectors.affine(1, [1, 2, 3]), bijectors.exp]),
      event: () => dist.TransformedDistribution(dist.Normal([0, 1, 2], 1), bijectors.exp).toEvent(1),
      'event in the base': () => dist.TransformedDistribution(dist.Normal([0, 1, 2], 1).toEvent(1), bijectors.exp),
      'widened by the transform': () => dist.TransformedDistribution(dist.Normal(0, 1), bijectors.affine([1, 2, 3], 2)),
    };
    for (const [name, make] of Object.entries(made)) {
      const wraps: Readonly<Record<string, (f: () => unknown) => () => unknown>> = {
        'no plate': (f) => f,
        plate: (f) => () => plate('n', 3)(f),
        'subsampled plates': (f) => () => plate('n', 3)(() => plate('m', 4, { subsampleSize: 2 })(f)),
      };
      for (const [around, wrap] of Object.entries(wraps)) {
        const model = wrap(() => sample('x', make()));
        const plain = trace(seed(2)(model))().sites.get('x')!;
        const { sites } = trace(seed(2)(reparam({ x: TransformReparam() })(model)))();
        const [base, x] = [sites.get('x_base')!, sites.get('x')!];
        assert.ok(base.type === 'sample' && x.type === 'deterministic', name);
        assert.deepEqual(x.value.shape, plain.value.shape, `${name}, ${around}`);
        assert.deepEqual(base.plates.length, plain.type === 'sample' ? plain.plates.length : NaN);
        assert.equal(base.scale, plain.type === 'sample' ? plain.scale : NaN);
        const { transform } = make().params as { readonly transform: Bijector };
        const jacobian = numberOf(ops.sum(transform.logAbsDetJacobian(base.value)));
        const scaled = base.scale as number;
        const n = { n: [0, 1, 2], m: [0, 1] };
        assertNear(
          at(reparam({ x: TransformReparam() })(model), { ...n, x_base: base.value }),
          at(model, { ...n, x: x.value }) + scaled * jacobian,
          100 + Math.abs(scaled * jacobian),
          `${name}, ${around}`,
        );
      }
    }
  },

  'a site keeps its mask, its scale and its observers': () => {
    const model = (): Value => plate('n', 6, { subsampleSize: 3 })(() => sample('x', dist.Normal(0, 2)));
    const { sites } = trace(seed(2)(reparam({ x: LocScaleReparam({ centered: 0 }) })(mask([true, false, true])(model))))();
    const z = sites.get('x_decentered')!;
    assert.ok(z.type === 'sample');
    assert.deepEqual([z.scale, plainArray(z.mask!).data, z.plates.map(({ name }) => name)], [2, [1, 0, 1], ['n']]);
  },

  'values go to the auxiliary sites; the restated site takes part in scopes and interventions': () => {
    const model = (): Value => sample('x', dist.Normal(1, 2));
    const restated = reparam({ x: LocScaleReparam({ centered: 0 }) })(model);
    assert.equal(numberOf(substitute({ x_decentered: 3 })(restated)()), 7);
    assert.equal(numberOf(condition({ 's/x_decentered': 3 })(scope('s')(restated))()), 7);
    const done = trace(substitute({ x_decentered: 3 })(reparam({ x: LocScaleReparam({ centered: 0 }) })(intervene({ x: 100 })(model))))();
    assert.deepEqual([numberOf(done.value), numberOf(done.sites.get('x')!.value)], [100, 7]);
  },

  'a seed further in gives auxiliary sites keys too': () => {
    const inside = trace(reparam({ x: LocScaleReparam({ centered: 0 }) })(seed(PRNGKey(1))(() => sample('x', dist.Normal(1, 2)))))();
    assert.ok(Number.isFinite(numberOf(inside.value)));
    const two: Reparam = (site) => ops.add(auxiliary(site, 'a', dist.Normal(0, 1)), auxiliary(site, 'b', dist.Normal(0, 1)));
    const { sites } = trace(reparam(() => two)(() => sample('x', dist.Normal(0, 1), { key: PRNGKey(1) })))();
    assert.notEqual(numberOf(sites.get('x_a')!.value), numberOf(sites.get('x_b')!.value));
  },

  'what can’t be restated is refused with the site and the way out': () => {
    const run = (fn: () => Distribution, how: Reparam, obs?: Input) => (): unknown =>
      trace(seed(0)(reparam((site) => (site.name === 'x' ? how : undefined))(() => sample('x', fn(), { obs }))))();
    const normal = (): Distribution => dist.Normal(0, 1);
    const unsupported = (message: RegExp): object => ({ _tag: 'Unsupported', site: 'x', message });
    assert.throws(run(normal, LocScaleReparam(), 1), unsupported(/observed site/));
    assert.throws(run(normal, TransformReparam()), unsupported(/needs a TransformedDistribution.*Normal/));
    assert.throws(
      run(() => dist.LogNormal(0, 1), LocScaleReparam()),
      unsupported(/real numbers with loc and scale.*LogNormal/),
    );
    assert.throws(
      run(() => dist.Gamma(2, 1), LocScaleReparam()),
      unsupported(/Gamma/),
    );
    assert.throws(
      run(() => dist.Normal(0, 1).mask(false), LocScaleReparam()),
      unsupported(/loc and scale/),
    );
    const valued = reparam({ x: LocScaleReparam() })(substitute({ x: 1 })(() => sample('x', dist.Normal(0, 1))));
    assert.throws(valued, unsupported(/has a value.*outside reparam/));
  },
});
