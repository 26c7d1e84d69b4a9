/** Adaptation: windows, dual averaging, covariances, and the guess of the first step size. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startDualAveraging, stepSizeOf, updateDualAveraging } from '../../../infer/mcmc/dualAveraging.ts';
import { ops } from '../../../infer/kindling.ts';
import { makeDynamics, type Dynamics } from '../../../infer/mcmc/dynamics.ts';
import { compileStep, recordStep } from '../../../infer/mcmc/integrator.ts';
import { adaptationSchedule } from '../../../infer/mcmc/schedule.ts';
import { reasonableStepSize } from '../../../infer/mcmc/stepSize.ts';
import { laws } from '../../laws.ts';
import { chainOf, gaussian, numbers, problemOf, schools } from './gaussians.ts';

const lengths = (numWarmup: number): readonly number[] => adaptationSchedule(numWarmup).map(({ start, end }) => end - start + 1);

const dim = 4;

/** Modules that gather positions, with blocks and without. */
const gatheringModules = (): readonly { readonly blocks: readonly (readonly number[])[]; readonly dynamics: Dynamics }[] =>
  [[], [[0, 1, 2, 3]], [[3, 1]]].map((blocks: readonly (readonly number[])[]) => {
    const shape = { dim, blocks };
    const step = compileStep(
      recordStep((q) => ops.mul(0.5, ops.sum(ops.square(q))), shape),
      shape,
      'float64',
    );
    return { blocks, dynamics: makeDynamics(step, shape) };
  });

laws('infer/mcmc: adaptation', {
  'windows are Stan’s': () => {
    assert.deepEqual(lengths(1000), [75, 25, 50, 100, 200, 500, 50]);
    assert.deepEqual(lengths(500), [75, 25, 50, 100, 200, 50]);
    assert.deepEqual(lengths(150), [75, 25, 50]);
    assert.deepEqual(lengths(100), [15, 75, 10]);
    assert.deepEqual(lengths(19), [19]);
    assert.deepEqual(lengths(0), []);
  },

  'windows follow each other and fill the warmup': () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (numWarmup) => {
        const windows = adaptationSchedule(numWarmup);
        assert.equal(windows[0]!.start, 0);
        assert.equal(windows.at(-1)!.end, numWarmup - 1);
        windows.slice(1).forEach(({ start }, i) => assert.equal(start, windows[i]!.end + 1));
        assert.ok(windows.every(({ start, end }) => end >= start));
      }),
    ),

  'Welford’s sums are the covariance of the batch, in blocks too': () => {
    const gathering = gatheringModules();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 40 }), fc.boolean(), (seed, count, isRegularized) => {
        const points = Array.from({ length: count }, (_, n) => numbers(seed + n, dim).map((x, i) => 1e3 + x * (i + 1)));
        const mean = points[0]!.map((_, i) => points.reduce((sum, z) => sum + z[i]!, 0) / count);
        const covariance = (i: number, j: number): number => {
          const plain = points.reduce((sum, z) => sum + (z[i]! - mean[i]!) * (z[j]! - mean[j]!), 0) / (count - 1);
          return isRegularized ? (count / (count + 5)) * plain + (i === j ? 1e-3 * (5 / (count + 5)) : 0) : plain;
        };
        for (const { dynamics, blocks } of gathering) {
          const { current, welford } = dynamics;
          const gather = (some: readonly Float64Array[]): void =>
            some.forEach((z) => {
              current.q.set(z);
              welford.add();
            });
          welford.restart();
          gather(points);
          const found = welford.finish(isRegularized)!;
          gather(points.slice(0, count >> 1));
          const sums = welford.sums();
          const saved = { count: sums.count, mean: sums.mean.slice(), m2: sums.m2.slice() };
          gather(points.slice(0, 1));
          welford.restore(saved);
          gather(points.slice(count >> 1));
          assert.deepEqual(welford.finish(isRegularized), found, 'saved and restored on the way');
          for (let i = 0; i < dim; i++) {
            for (let j = 0; j < dim; j++) {
              const isTogether = i === j || blocks.some((block: readonly number[]) => block.includes(i) && block.includes(j));
              const own = blocks.length > 0 ? found[i * dim + j]! : i === j ? found[i]! : 0;
              assert.ok(Math.abs(own - (isTogether ? covariance(i, j) : 0)) < 1e-8, `${i}, ${j}: ${own}`);
            }
          }
          assert.equal(welford.finish(isRegularized), undefined);
        }
      }),
    );
  },

  'dual averaging finds where a falling curve of acceptance crosses the target': () =>
    fc.assert(
      fc.property(fc.double({ min: -6, max: 3, noNaN: true }), fc.double({ min: 0.5, max: 0.95, noNaN: true }), (logScale, target) => {
        const scale = Math.exp(logScale);
        const accept = (size: number): number => 1 / (1 + size / scale);
        let state = startDualAveraging(1);
        for (let t = 0; t < 3000; t++) state = updateDualAveraging(state, accept(stepSizeOf(state.logStepSize)), target);
        const found = stepSizeOf(state.logAverage);
        assert.ok(Math.abs(accept(found) - target) < 0.02, `${accept(found)} for ${target}`);
      }),
      { numRuns: 20 },
    ),

  'its first updates, by hand': () => {
    const first = updateDualAveraging(startDualAveraging(1), 0.3, 0.8);
    // ḡ = 0.5/11; x = log 10 − √1/0.05 ḡ; the average of one is itself.
    assert.ok(Math.abs(first.logStepSize - (Math.LN10 - 20 * (0.5 / 11))) < 1e-14);
    assert.equal(first.logAverage, first.logStepSize);
    const second = updateDualAveraging(first, 1, 0.8);
    const mean = (1 - 1 / 12) * (0.5 / 11) + -0.2 / 12;
    assert.ok(Math.abs(second.logStepSize - (Math.LN10 - (Math.SQRT2 / 0.05) * mean)) < 1e-13);
    const weight = 2 ** -0.75;
    assert.ok(Math.abs(second.logAverage - ((1 - weight) * first.logAverage + weight * second.logStepSize)) < 1e-14);
  },

  'the guess of a step size ends where acceptance crosses 0.8': () => {
    for (const model of [gaussian, schools]) {
      const { dynamics, current: at } = chainOf(problemOf(model));
      dynamics.evaluate(at.q);
      at.gradient.set(dynamics.gradient);
      at.energies[0] = dynamics.potential[0]!;
      const sizes = [1e-6, 1, 1e6].map((from) => {
        dynamics.seed([1, 1], 'stepSize', 0);
        return reasonableStepSize(dynamics, at, from, 0.8);
      });
      for (const size of sizes) assert.ok(size > 0.02 && size < 8, String(sizes));
    }
  },

  'after the warmup acceptance follows its target, and the metric the variances': () => {
    const [low, high] = [0.6, 0.95].map((targetAcceptProb) => {
      const chain = chainOf(problemOf(gaussian), { stepSize: 1, targetAcceptProb });
      chain.start([3, 4], 1500, [0, 0, 0]);
      for (let i = 0; i < 3000; i++) chain.step();
      // x has variance 4; y₀ and y₁ have 1/(1 − 0.64).
      const [x, y] = chain.dynamics.metric.inverseMass as unknown as [number, number];
      assert.ok(Math.abs(Math.log(x / 4)) < 0.5 && Math.abs(Math.log((y * 9) / 25)) < 0.5, `${x}, ${y}`);
      return chain.progress;
    }) as unknown as readonly [{ readonly meanAcceptProb: number; readonly stepSize: number }, { readonly meanAcceptProb: number; readonly stepSize: number }];
    // The average of log ε is known to lie on the careful side of the target.
    assert.ok(low.meanAcceptProb > 0.55 && low.meanAcceptProb < 0.9, String(low.meanAcceptProb));
    assert.ok(high.meanAcceptProb > 0.92 && high.stepSize < low.stepSize, String(high.meanAcceptProb));
  },

  'what is not to adapt stays': () => {
    const chain = chainOf(problemOf(gaussian), { stepSize: 0.25, adaptStepSize: false, adaptMassMatrix: false });
    chain.start([3, 4], 200, [0, 0, 0]);
    for (let i = 0; i < 250; i++) chain.step();
    assert.deepEqual([chain.progress.stepSize, ...chain.dynamics.metric.inverseMass], [0.25, 1, 1, 1]);
  },
});
