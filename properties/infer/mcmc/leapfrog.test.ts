/** The compiled leapfrog step: what it must keep whatever the model, the metric and the step size. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Dynamics } from '../../../infer/mcmc/dynamics.ts';
import { potentialEnergy } from '../../../infer/kindling.ts';
import { identityMetric } from '../../../infer/mcmc/metric.ts';
import { laws } from '../../laws.ts';
import { banana, chainOf, covarianceOf, gaussian, numbers, problemOf, schools, velocityOf } from './gaussians.ts';

const cases = (): readonly { readonly name: string; readonly dynamics: Dynamics }[] =>
  [
    ['gaussian', gaussian, false],
    ['gaussian, dense', gaussian, true],
    ['gaussian, a block', gaussian, [['y']]],
    ['banana', banana, false],
    ['schools', schools, false],
    ['schools, blocks out of order', schools, [['eta'], ['tau', 'mu']]],
  ].map(([name, model, dense]) => {
    const { dynamics } = chainOf(problemOf(model as () => void, dense as boolean));
    const { shape } = dynamics.metric;
    const inverseMass = identityMetric(shape);
    if (shape.blocks.length === 0) numbers(5, shape.dim).forEach((x, i) => (inverseMass[i] = Math.exp(x / 2)));
    shape.blocks.forEach((block, b) => {
      const matrix = covarianceOf(b, block.length);
      block.forEach((i, k) => block.forEach((j, l) => (inverseMass[i * shape.dim + j] = matrix[k * block.length + l]!)));
    });
    dynamics.setMetric(inverseMass);
    return { name: name as string, dynamics };
  });

/** Puts a particle at q with momentum p; gives its energy. */
const place = (dynamics: Dynamics, q: Float64Array, p: Float64Array): number => {
  assert.ok(dynamics.evaluate(q));
  dynamics.p.set(p);
  const v = velocityOf(dynamics.metric, p);
  dynamics.momentumSum.fill(0);
  return dynamics.potential[0]! + 0.5 * p.reduce((sum, x, i) => sum + x * v[i]!, 0);
};

const close = (a: Float64Array, b: Float64Array, tolerance: number, what: string): void =>
  a.forEach((x, i) => assert.ok(Math.abs(x - b[i]!) <= tolerance * (1 + Math.abs(x)), `${what}: ${x} and ${b[i]} at ${i}`));

const seeds = fc.integer({ min: 0, max: 1e6 });

laws('infer/mcmc: leapfrog', {
  'forth, the momentum turned round, and back again': () => {
    for (const { name, dynamics } of cases()) {
      fc.assert(
        fc.property(seeds, fc.integer({ min: 1, max: 30 }), (seed, count) => {
          const [q, p] = [numbers(seed, dynamics.dim), numbers(seed + 1, dynamics.dim)];
          const start = place(dynamics, q, p);
          dynamics.stepSize[0] = 0.05;
          if (dynamics.steps(count) < count) return;
          dynamics.p.forEach((x, i) => (dynamics.p[i] = -x));
          dynamics.steps(count);
          close(q, dynamics.q.slice(), 1e-7, `${name}: position`);
          close(
            p,
            dynamics.p.map((x) => -x),
            1e-7,
            `${name}: momentum`,
          );
          assert.ok(Math.abs(dynamics.energy[0]! - start) < 1e-6 * (1 + Math.abs(start)));
        }),
        { numRuns: 10 },
      );
    }
  },

  'a step backwards in time undoes one forwards': () => {
    for (const { name, dynamics } of cases()) {
      const [q, p] = [numbers(1, dynamics.dim), numbers(2, dynamics.dim)];
      place(dynamics, q, p);
      dynamics.stepSize[0] = 0.1;
      dynamics.steps(5);
      dynamics.stepSize[0] = -0.1;
      dynamics.steps(5);
      close(q, dynamics.q.slice(), 1e-9, name);
      close(p, dynamics.p.slice(), 1e-9, name);
    }
  },

  'volume stays: the determinant of the map’s Jacobian, by differences, is 1': () => {
    for (const { name, dynamics } of cases()) {
      const { dim } = dynamics;
      const [q, p] = [numbers(3, dim), numbers(4, dim)];
      const map = (x: Float64Array): Float64Array => {
        place(dynamics, x.slice(0, dim), x.slice(dim));
        dynamics.stepSize[0] = 0.1;
        dynamics.steps(3);
        return Float64Array.of(...dynamics.q, ...dynamics.p);
      };
      const at = Float64Array.of(...q, ...p);
      const h = 1e-5;
      const columns = Array.from(at, (_, k) => {
        const [up, down] = [h, -h].map((d) => map(at.map((x, i) => (i === k ? x + d : x)))) as [Float64Array, Float64Array];
        return up.map((x, i) => (x - down[i]!) / (2 * h));
      });
      assert.ok(Math.abs(Math.abs(determinant(columns)) - 1) < 1e-6, `${name}: ${determinant(columns)}`);
    }
  },

  'the error of the energy over a fixed time shrinks with the square of the step': () => {
    for (const { name, dynamics } of cases()) {
      const errorAt = (steps: number): number => {
        let worst = 0;
        for (const seed of [11, 12, 13]) {
          const start = place(
            dynamics,
            numbers(seed, dynamics.dim).map((x) => x / 2),
            numbers(seed + 100, dynamics.dim),
          );
          dynamics.stepSize[0] = 0.4 / steps;
          dynamics.steps(steps);
          worst = Math.max(worst, Math.abs(dynamics.energy[0]! - start));
        }
        return worst;
      };
      const [coarse, fine] = [errorAt(32), errorAt(64)];
      assert.ok(fine > 0 && coarse / fine > 3.5 && coarse / fine < 4.5, `${name}: ${coarse} and ${fine}`);
    }
  },

  'potential, gradient, energy, weight and sum of momenta are what they are called': () => {
    for (const { name, dynamics } of cases().slice(0, 3)) {
      const { dim } = dynamics;
      const energyAt = (q: Float64Array): number => potentialEnergy(gaussian, [], { x: q[0]!, y: q.slice(1) }).item();
      const start = place(dynamics, numbers(7, dim), numbers(8, dim));
      dynamics.reference[0] = start;
      dynamics.stepSize[0] = 0.2;
      const sum = new Float64Array(dim);
      for (let n = 0; n < 4; n++) {
        dynamics.steps(1);
        dynamics.p.forEach((x, i) => (sum[i]! += x));
      }
      const [q, p, gradient] = [dynamics.q.slice(), dynamics.p.slice(), dynamics.gradient.slice()];
      const v = velocityOf(dynamics.metric, p);
      close(v, dynamics.velocity.slice(), 1e-12, `${name}: velocity`);
      close(sum, dynamics.momentumSum.slice(), 1e-12, `${name}: sum of momenta`);
      assert.ok(Math.abs(dynamics.potential[0]! - energyAt(q)) < 1e-10);
      assert.ok(Math.abs(dynamics.energy[0]! - dynamics.potential[0]! - 0.5 * p.reduce((s, x, i) => s + x * v[i]!, 0)) < 1e-10);
      assert.ok(Math.abs(dynamics.weight[0]! - Math.exp(start - dynamics.energy[0]!)) < 1e-12);
      const slopes = Float64Array.from(q, (_, k) => {
        const [up, down] = [1e-5, -1e-5].map((d) => energyAt(q.map((x, i) => (i === k ? x + d : x)))) as [number, number];
        return (up - down) / 2e-5;
      });
      close(slopes, gradient, 1e-7, `${name}: gradient`);
    }
  },

  'a step beyond the limit does not count, and leaves the particle where it was': () => {
    const { dynamics } = cases()[0]!;
    place(dynamics, numbers(1, 3), numbers(2, 3));
    dynamics.limit[0] = dynamics.energy[0]! - 1e6;
    dynamics.stepSize[0] = 0.1;
    assert.equal(dynamics.steps(3), 0);
    assert.deepEqual([...dynamics.q], [...numbers(1, 3)]);
  },

  'momenta have the mass matrix as covariance, and come with their velocities': () => {
    for (const { name, dynamics } of cases()) {
      const { dim, metric } = dynamics;
      const count = 4000;
      // v = M⁻¹ p has covariance M⁻¹ then.
      const velocities = Array.from({ length: count }, (_, s) => {
        dynamics.seed([1, 2], 'transition', s);
        dynamics.draw();
        const v = dynamics.initialVelocity.slice();
        if (s < 10) close(velocityOf(metric, dynamics.momentum.slice()), v, 1e-12, `${name}: velocity`);
        return v;
      });
      const { blocks } = metric.shape;
      const inverse = (i: number, j: number): number => (blocks.length > 0 ? metric.inverseMass[i * dim + j]! : i === j ? metric.inverseMass[i]! : 0);
      for (let i = 0; i < Math.min(dim, 4); i++) {
        for (let j = 0; j <= i; j++) {
          const found = velocities.reduce((sum, v) => sum + v[i]! * v[j]!, 0) / count;
          const error = Math.sqrt((inverse(i, i) * inverse(j, j) + inverse(i, j) ** 2) / count);
          assert.ok(Math.abs(found - inverse(i, j)) < 4.5 * error, `${name}: ${found} for ${inverse(i, j)}`);
        }
      }
    }
  },
});

/** By elimination with pivots. */
const determinant = (columns: readonly Float64Array[]): number => {
  const a = columns.map((column) => column.slice());
  let product = 1;
  for (let k = 0; k < a.length; k++) {
    const pivot = a.reduce((best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(a[best]![k]!) ? i : best), k);
    if (pivot !== k) {
      [a[k], a[pivot]] = [a[pivot]!, a[k]!];
      product = -product;
    }
    product *= a[k]![k]!;
    for (let i = k + 1; i < a.length; i++) {
      const factor = a[i]![k]! / a[k]![k]!;
      for (let j = k; j < a.length; j++) a[i]![j]! -= factor * a[k]![j]!;
    }
  }
  return product;
};
