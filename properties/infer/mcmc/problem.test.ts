/** Laws of what is prepared of a model for MCMC: its latent sites, found by a run without numbers, and the sites of a draw at a position. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tensorArgs } from '../../../infer/arguments.ts';
import {
  bijectors,
  constrain,
  deterministic,
  dist,
  initToUniform,
  NUTS,
  ops,
  plate,
  random,
  sample,
  scan,
  type AnyArray,
  type Model,
} from '../../../infer/kindling.ts';
import { placeImage } from '../../../infer/mcmc/image.ts';
import { compileStep, recordStep } from '../../../infer/mcmc/integrator.ts';
import { findLatents, inScope, partOf } from '../../../infer/mcmc/latents.ts';
import { checkStep } from '../../../infer/mcmc/problem.ts';
import { array } from '../../../core/ndarray.ts';
import { toNDArray } from '../../../core/value.ts';
import { laws } from '../../laws.ts';

const models: Readonly<Record<string, Model>> = {
  'a hierarchy': () => {
    const [mu, tau] = [sample('mu', dist.Normal(0, 5)), sample('tau', dist.HalfCauchy(5))];
    plate(
      'J',
      3,
    )(() => {
      const eta = sample('eta', dist.Normal(0, 1));
      deterministic('theta', ops.add(mu, ops.mul(tau, eta)));
      sample('y', dist.Normal(ops.add(mu, ops.mul(tau, eta)), 2), { obs: [1, 2, 3] });
    });
  },
  'a support that another site draws': () => {
    const top = sample('top', dist.LogNormal(0, 1));
    const [x, weights] = [sample('x', dist.Uniform(0, top)), sample('weights', dist.Dirichlet([1, 2, 3]))];
    deterministic('sorted', bijectors.ordered.forward(ops.mul(weights, x)));
  },
  'a scan': () => {
    const scale = sample('scale', dist.HalfNormal(1));
    const [last] = scan(
      (level: AnyArray, observed: AnyArray) => {
        const next = sample('level', dist.Normal(level, scale));
        sample('observed', dist.Normal(next, 1), { obs: observed });
        return [next, ops.exp(next)] as const;
      },
      0,
      [0.1, 0.5, -0.2],
    );
    deterministic('last', last);
  },
};

const each = (check: (model: Model, prepared: ReturnType<ReturnType<typeof NUTS>['prepare']>, name: string) => void): void =>
  Object.entries(models).forEach(([name, model]) => check(model, NUTS(model).prepare([]), name));

laws('infer/mcmc: what is prepared of a model', {
  'a step that is not what the interpreter computes is refused, also where the density is not finite everywhere': () => {
    const shape = { dim: 2, blocks: [] };
    // The first point of the check is beyond the support.
    const potential =
      (factor: number) =>
      (q: AnyArray): AnyArray =>
        ops.where(ops.greater(ops.sum(q), 0.5), ops.mul(factor, ops.sum(ops.square(q))), Infinity);
    const [graph, other] = [recordStep(potential(1), shape), recordStep(potential(1.001), shape)];
    checkStep(graph, compileStep(graph, shape, 'float64'), shape, 'float64');
    assert.throws(() => checkStep(graph, compileStep(other, shape, 'float64'), shape, 'float64'), /fault of the compiler/);
  },

  'latent sites are those of a run with numbers, in its order and of its shapes': () =>
    each((model, { problem }) => {
      const expected = inScope(() => findLatents(model, tensorArgs([]), initToUniform(), random.PRNGKey(3)));
      const plain = ({ dim, slots }: typeof expected): unknown => [dim, slots.map(({ support, ...slot }) => ({ ...slot, support: support.name }))];
      assert.deepEqual(plain(problem.latents), plain(expected));
    }),

  'a draw has at each site what constrain gives at its position': () =>
    each((model, { problem: { latents, draw, sites } }, name) => {
      const module = placeImage(draw, latents.dim);
      const position = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: latents.dim, maxLength: latents.dim });
      fc.assert(
        fc.property(position, (numbers) => {
          module.write(0, Float64Array.from(numbers));
          module.run();
          const parts = Object.fromEntries(latents.slots.map((slot) => [slot.name, toNDArray(partOf(array(numbers), slot))]));
          const expected = constrain(model, [], parts, { returnDeterministic: true });
          assert.deepEqual(
            sites.map((site) => site.name),
            Object.keys(expected),
          );
          sites.forEach((site, i) => {
            const { shape, data } = expected[site.name]!;
            assert.deepEqual(site.shape, shape);
            data.forEach((x, k) => assert.ok(Math.abs(module.outputs[i]![k]! - x) <= 1e-12 * Math.abs(x), `${name}: ${site.name} ${x}`));
          });
        }),
        { numRuns: 20 },
      );
    }),
});
