/** The log-density of models: by independent evaluation, by plates and their subsamples, under masks, and by hand. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as dist from '../../core/distributions/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, param, sample } from '../../core/primitives.ts';
import { PRNGKey } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { toNDArray, type Input } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { mask } from '../../transforms/handlers/density.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { substitute, type Values } from '../../transforms/handlers/values.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { densityOf } from '../arbitraries/density.ts';
import { arbitraryProgram, mapProgram, modelOf, platesOf, statementsOf, type PlateStatement, type Program } from '../arbitraries/models.ts';
import { laws } from '../laws.ts';
import { mean } from '../laws/statistics.ts';
import { assertNear, logDensityOf, numberOf, runOf } from '../laws/traces.ts';

const at = (model: Model<[]>, params: Values = {}): number => numberOf(logDensity(model, [], params).logDensity);

const whole = (program: Program): Program => mapProgram((s) => (s.type === 'plate' ? { ...s, subsampleSize: s.size } : s), program);

const subsampled = (program: Program, { name }: PlateStatement, subsampleSize: number): Program =>
  mapProgram((s) => (s.name === name && s.type === 'plate' ? { ...s, subsampleSize } : s), program);

/** The rows of an array along a plate, where it has that axis. */
const rows = (x: NDArray, dim: number, indices: readonly number[]): NDArray =>
  x.shape.length < -dim ? x : ops.gather(x, makeNDArray(Float64Array.from(indices), [indices.length], 'int32'), x.shape.length + dim);

const latents = (run: Trace): ReadonlyMap<string, NDArray> =>
  new Map([...run.sites].flatMap(([name, site]) => (site.type === 'sample' && !site.isObserved ? [[name, toNDArray(site.value)] as const] : [])));

/** The values of all latent sites, with those in a plate reduced to some of its elements. */
const valuesAt = (run: Trace, plateName: string, indices: readonly number[]): Values =>
  Object.fromEntries(
    [...latents(run)].map(([name, value]) => {
      const site = run.sites.get(name)!;
      const frame = site.type === 'sample' ? site.plates.find((p) => p.name === plateName) : undefined;
      return [name, frame === undefined ? value : rows(value, frame.dim, indices)];
    }),
  );

const subsets = (n: number, b: number, from: number = 0): readonly (readonly number[])[] =>
  b === 0 ? [[]] : Array.from({ length: n - from }, (_, i) => from + i).flatMap((i) => subsets(n, b - 1, i + 1).map((rest) => [i, ...rest]));

/** The program with the observations of one plate in another order. */
const permuted = (program: Program, plateName: string, order: readonly number[]): Program => {
  const walk = (body: Program, depth: number, dim: number | undefined): Program =>
    body.map((s) => {
      if (s.type === 'plate') return { ...s, body: walk(s.body, depth + 1, s.name === plateName ? -1 - depth : dim) };
      return s.type === 'sample' && s.obs !== undefined && dim !== undefined ? { ...s, obs: rows(s.obs, dim, order) } : s;
    });
  return walk(program, 0, undefined);
};

const forPlates = (law: (program: Program, chosen: PlateStatement, run: Trace, n: number) => void): void =>
  fc.assert(
    fc.property(
      arbitraryProgram.filter((p) => platesOf(p).length > 0),
      fc.nat(1000),
      (program, n) => {
        const full = whole(program);
        const plates = platesOf(full);
        law(full, plates[n % plates.length]!, trace(seed(n)(modelOf(full)))(), n);
      },
    ),
  );

laws('logDensity', {
  '16 the joint is the sum of its parts, worked out from the syntax tree': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(1000), (program, n) => {
        const run = trace(seed(n)(modelOf(program)))();
        const { logDensity: expected, magnitude } = densityOf(program, runOf(run));
        assertNear(logDensityOf(run), expected, magnitude);
      }),
    ),

  '17 a plate of n has the density of n copies': () => {
    const y = [0.3, -1.2, 2.5];
    const each = (suffix: string, obs: Input): void => {
      const x = sample(`x${suffix}`, dist.Gamma(2, 1));
      sample(`y${suffix}`, dist.Normal(x, 2), { obs });
      factor(`f${suffix}`, ops.neg(ops.square(x)));
      factor(`g${suffix}`, -0.5);
    };
    const x = [0.5, 1.5, 3];
    const repeated = at(() => y.forEach((obs, i) => each(`_${i}`, obs)), Object.fromEntries(x.map((value, i) => [`x_${i}`, value])));
    assertNear(
      at(() => plate('n', 3)(() => each('', y)), { x }),
      repeated,
    );
  },

  '17 subsampling is unbiased: the mean over all subsets is the whole': () =>
    forPlates((full, chosen, run, n) => {
      const { name, size } = chosen;
      const b = 1 + (n % size);
      const model = modelOf(subsampled(full, chosen, b));
      const parts = subsets(size, b).map((indices) => at(model, { ...valuesAt(run, name, indices), [name]: indices }));
      const { magnitude } = densityOf(full, runOf(run));
      assertNear(mean(parts), logDensityOf(run), 3 * magnitude);
    }),

  '18 exchangeability: the order of data along a plate does not count': () =>
    forPlates((full, { name, size }, run, n) => {
      const order = Array.from({ length: size }, (_, i) => (i + n) % size).reverse();
      const { magnitude } = densityOf(full, runOf(run));
      assertNear(at(modelOf(permuted(full, name, order)), valuesAt(run, name, order)), logDensityOf(run), magnitude);
    }),

  'it is the density at the values given, and the trace holds them': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(1000), (program, n) => {
        const run = trace(seed(n)(modelOf(whole(program))))();
        const again = logDensity(modelOf(whole(program)), [], Object.fromEntries(latents(run)));
        assert.equal(numberOf(again.logDensity), logDensityOf(run));
        assert.deepEqual([...again.trace.sites.keys()], [...run.sites.keys()]);
        assert.equal(again.logDensity.shape.length, 0);
      }),
    ),

  'by hand: a regression': () => {
    const x = [-1, 0, 2];
    const y = [0.5, 1, 4];
    const model = (): void => {
      const slope = sample('slope', dist.Normal(0, 10));
      const sigma = param('sigma', 0.5);
      plate('data', 3)(() => sample('y', dist.Normal(ops.mul(slope, x), sigma), { obs: y }));
      deterministic('twice', ops.mul(2, slope));
    };
    const normal = (v: number, loc: number, s: number): number => -0.5 * ((v - loc) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
    const expected = normal(1.5, 0, 10) + y.reduce((sum, v, i) => sum + normal(v, 1.5 * x[i]!, 2), 0);
    assertNear(at(model, { slope: 1.5, sigma: 2 }), expected);
  },

  'scale comes before the sum, mask before scale': () => {
    const model = (): unknown => plate('n', 4, { subsampleSize: 2 })(() => factor('f', [-1, -2]));
    const handled = mask([true, false])(model);
    assertNear(at(substitute({ n: [0, 1] })(handled)), -2);
  },

  'NaN under a mask counts 0, and leaves every gradient finite': () => {
    const y = [1, NaN, 3];
    const here = [true, false, true];
    const models: Readonly<Record<string, (loc: Input) => unknown>> = {
      handler: (loc) => mask(here)(() => sample('y', dist.Normal(loc, 1), { obs: y }))(),
      'handler, positive support': (loc) => mask(here)(() => sample('y', dist.LogNormal(loc, 1), { obs: y }))(),
      'handler, vectors': (loc) =>
        mask(here)(() =>
          sample(
            'y',
            dist
              .Normal(ops.reshape(loc, [1]), 1)
              .expand([3, 1])
              .toEvent(1),
            { obs: y.map((v) => [v]) },
          ),
        )(),
      'dist.mask': (loc) => sample('y', dist.Normal(loc, 1).mask(here), { obs: y }),
      'dist.mask, positive support': (loc) => sample('y', dist.LogNormal(loc, 1).mask(here), { obs: y }),
      'in a plate': (loc) => mask(here)(() => plate('n', 3)(() => sample('y', dist.Normal(loc, 1), { obs: y })))(),
      obsMask: (loc) => seed(0)(() => plate('n', 3)(() => sample('y', dist.Normal(loc, 1), { obs: y, obsMask: here })))(),
    };
    for (const [name, model] of Object.entries(models)) {
      const density = (loc: Input): Input => logDensity(model, [loc], {}).logDensity;
      const value = numberOf(density(0.5) as NDArray);
      const g = numberOf(grad(density)(0.5));
      assert.ok(Number.isFinite(value) && Number.isFinite(g), `${name}: ${value}, ${g}`);
      const isLog = name.includes('positive');
      assertNear(g, isLog ? Math.log(3) - 1 : 3, 3, name);
    }
  },

  'an infinite term under a mask counts 0, and masks nest: only what all of them let through counts': () => {
    const term = (): unknown => factor('f', [-1, -Infinity, -4, -8]);
    const nested = mask([true, false, true, false])(mask([true, false, false, true])(term));
    assertNear(at(nested), -1);
    assert.equal(at(term), -Infinity);
  },

  'a mask that does not fit is told with the site and both shapes': () => {
    const model = mask([true, false])(() => sample('y', dist.Normal([0, 0, 0], 1), { obs: [1, 2, 3] }));
    assert.throws(() => at(model), { _tag: 'InvalidShape', site: 'y', message: /\[2\].*\[3\]/ });
  },

  'a latent site without value or key is told by name': () => {
    assert.throws(() => at(() => sample('w', dist.Normal(0, 1))), { _tag: 'MissingKey', site: 'w', message: /seed\(key\)/ });
  },

  'an error of a distribution is told with the site': () => {
    assert.throws(
      () =>
        at(
          seed(PRNGKey(0))(() => sample('v', dist.Normal(0, 1).expand([2, 3]).toEvent(1))),
          { v: [1, 2] },
        ),
      { site: 'v' },
    );
  },

  'programs differ: statements of every kind are met': () => {
    const kinds = new Set(fc.sample(arbitraryProgram, 200).flatMap((p) => statementsOf(p).map((s) => (s.type === 'sample' ? s.family : s.type))));
    assert.deepEqual([...kinds].sort(), ['bernoulli', 'beta', 'deterministic', 'exponential', 'factor', 'gamma', 'normal', 'param', 'plate', 'uniform']);
  },
});
