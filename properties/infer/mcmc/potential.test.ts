/** Models on their unconstrained scale: densities with their Jacobians, the way there and back, and what can't be sampled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import {
  array,
  bijectTo,
  constrain,
  constraints,
  deterministic,
  dist,
  factor,
  grad,
  jit,
  logDensity,
  mask,
  NUTS,
  MCMC,
  HMC,
  ops,
  param,
  plate,
  potentialEnergy,
  random,
  sample,
  scale,
  scan,
  scope,
  unconstrain,
  vmap,
  type Input,
  type Model,
  type Value,
} from '../../../infer/kindling.ts';
import { laws } from '../../laws.ts';

const close = (a: number, b: number, tolerance: number, what: string = ''): void =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${what}: ${a}, expected ${b}`);

/** A site of each kind of support. */
const varied = (y?: Input): void => {
  const a = sample('a', dist.Normal(1, 2));
  const b = sample('b', dist.Gamma(2, 3));
  const c = sample('c', dist.Beta(2, 3).expand([2]));
  const d = sample('d', dist.Uniform(-1, 4));
  deterministic('sum', ops.add(a, b));
  sample('y', dist.Normal(ops.add(a, ops.sum(c)), b), { obs: y });
  factor('f', ops.mul(-0.1, ops.mul(d, d)));
};

const point = { a: 0.3, b: -0.7, c: [0.2, -1.1], d: 0.4 };

/** A support that another site decides. */
const nested = (): void => {
  const top = sample('top', dist.Gamma(3, 1));
  sample('below', dist.Uniform(0, top));
};

const throws = (f: () => unknown, tag: string, text: RegExp): void =>
  assert.throws(f, (error: Error & { readonly _tag?: string }) => error._tag === tag && text.test(error.message) && error.message.length > 40);

laws('infer/mcmc: potential', {
  'the potential is −log joint at the constrained values, less the Jacobians': () => {
    const constrained = constrain(varied, [1.5], point);
    const { logDensity: inside } = logDensity(varied, [1.5], constrained);
    const volumes = [
      bijectTo(constraints.positive).logAbsDetJacobian(-0.7),
      ops.sum(bijectTo(constraints.unitInterval).logAbsDetJacobian([0.2, -1.1])),
      bijectTo(constraints.interval(-1, 4)).logAbsDetJacobian(0.4),
    ].map((x) => (x as { item(): number }).item());
    // logDensity computes in the tensors of a trace, in single precision.
    close(potentialEnergy(varied, [1.5], point).item(), -inside.dataSync()[0]! - volumes.reduce((x, y) => x + y), 1e-5);
  },

  'exp(−potential) integrates to 1, a support that depends on another site included': () => {
    const energies = vmap((top: Value, below: Value) => potentialEnergy(nested, [], { top, below }));
    const grid = Array.from({ length: 120 }, (_, i) => -14 + 0.2 * i);
    const pairs = grid.flatMap((x) => grid.map((y) => [x, y] as const));
    const found = energies(array(pairs.map(([x]) => x)) as unknown as Value, array(pairs.map(([, y]) => y)) as unknown as Value) as unknown as {
      data: Float64Array;
    };
    close(
      found.data.reduce((sum, u) => sum + Math.exp(-u) * 0.04, 0),
      1,
      1e-3,
    );
  },

  'constrain and unconstrain are each other’s inverse': () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 }), ([a, b, c0, c1, d]) => {
        const at = { a: a!, b: b!, c: [c0!, c1!], d: d! };
        const back = unconstrain(varied, [1], constrain(varied, [1], at));
        close(back['a']!.item(), a!, 1e-12);
        close(back['b']!.item(), b!, 1e-12);
        close(back['c']!.data[1]!, c1!, 1e-12);
        close(back['d']!.item(), d!, 1e-12);
      }),
      { numRuns: 10 },
    ),

  'constrain gives deterministic sites on request': () => {
    assert.deepEqual(Object.keys(constrain(varied, [1], point)), ['a', 'b', 'c', 'd']);
    close(constrain(varied, [1], point, { returnDeterministic: true })['sum']!.item(), 0.3 + Math.exp(-0.7), 1e-14);
  },

  'the potential on tensors, compiled, mapped and differentiated': () => {
    const exact = potentialEnergy(varied, [1.5], point).item();
    const tensors = Object.fromEntries(Object.entries(point).map(([name, x]) => [name, tf.tensor(x)]));
    const found = potentialEnergy(varied, [1.5], tensors);
    close(found.dataSync()[0]!, exact, 1e-5);
    tf.dispose([found, ...Object.values(tensors)]);
    const f = (a: Value): Value => potentialEnergy(varied, [1.5], { ...point, a });
    close((jit(f)(0.3) as unknown as { item(): number }).item(), exact, 1e-12);
    const slope = (grad(f)(0.3 as unknown as Value) as unknown as { item(): number }).item();
    const [up, down] = [1e-5, -1e-5].map((h) => potentialEnergy(varied, [1.5], { ...point, a: 0.3 + h }).item()) as [number, number];
    close(slope, (up - down) / 2e-5, 1e-7);
    close((vmap(f)(array([0.3, 1]) as unknown as Value) as unknown as { data: Float64Array }).data[0]!, exact, 1e-12);
  },

  'scale, mask, factor, scope and param count as in the density': () => {
    const base = (): void => void sample('x', dist.Normal(0, 1));
    const at = (model: () => void, name = 'x'): number => potentialEnergy(model, [], { [name]: 2 }).item();
    const constant = 0.5 * Math.log(2 * Math.PI);
    close(at(base), 2 + constant, 1e-14);
    close(at(scale(3)(base)), 3 * (2 + constant), 1e-14);
    close(at(mask(false)(base)), 0, 1e-14);
    close(at(scope('in')(base), 'in/x'), 2 + constant, 1e-14);
    close(
      at(() => (base(), void factor('f', -4))),
      6 + constant,
      1e-14,
    );
    close(
      at(() => void sample('x', dist.Normal(param('loc', 1), 1))),
      0.5 + constant,
      1e-14,
    );
  },

  'missing and unknown sites are errors': () => {
    throws(() => potentialEnergy(varied, [1], { a: 1 }), 'MissingSite', /"b"/);
    throws(() => unconstrain(varied, [1], { a: 1 }), 'MissingSite', /"b"|"a"/);
    throws(() => unconstrain(varied, [1], { ...constrain(varied, [1], point), z: 1 }), 'MissingSite', /"z"/);
  },

  'what HMC can’t sample it refuses, and says what to do': () => {
    const refuse = (model: Model, tag: string, text: RegExp): void => throws(() => NUTS(model).init(random.PRNGKey(0), 10, []), tag, text);
    refuse(() => sample('k', dist.Bernoulli(0.3)), 'Unsupported', /"k".*discrete.*Sum the site out/);
    refuse(() => sample('y', dist.Normal(0, 1), { obs: 1 }), 'Unsupported', /no latent sites/);
    refuse(() => plate('N', 10, { subsampleSize: 2 })(() => sample('x', dist.Normal(0, 1))), 'Unsupported', /"N".*subsampleSize/);
  },

  'where no start is found, each site says what it had to say': () => {
    const impossible = (): void => {
      const x = sample('x', dist.Normal(0, 1));
      const b = sample('b', dist.Beta(2, 2));
      sample('y', dist.Gamma(b, 1), { obs: -1 });
      factor('f', x);
    };
    throws(
      () => NUTS(impossible).init(random.PRNGKey(0), 10, []),
      'NonFinite',
      /100 tries.*x: support .*tried .*log-density .*gradient.*b: support .*y \(observed\): log-density -Infinity \(not finite\).*f \(factor\).*initStrategy/s,
    );
  },

  'options that make no sense are refused': () => {
    const model = (): void => void sample('x', dist.Normal(0, 1));
    throws(() => NUTS(model, { stepsize: 1 } as object), 'InvalidArgument', /stepsize/);
    throws(() => NUTS(model, { targetAcceptProb: 1 }), 'InvalidArgument', /targetAcceptProb/);
    throws(() => NUTS(model, { maxTreeDepth: 0 }), 'InvalidArgument', /maxTreeDepth/);
    throws(() => NUTS(model, { stepSize: -1 }), 'InvalidArgument', /stepSize/);
    throws(() => HMC(model, { numSteps: 3, trajectoryLength: 1 }), 'InvalidArgument', /numSteps and trajectoryLength/);
    throws(() => NUTS(model, { denseMass: [['z']] }).init(random.PRNGKey(0), 1, []), 'InvalidArgument', /"z".*denseMass/);
    throws(() => NUTS(model, { inverseMassMatrix: [1, 2] }).init(random.PRNGKey(0), 1, []), 'InvalidShape', /inverseMassMatrix/);
    throws(() => NUTS(model, { denseMass: true, inverseMassMatrix: [[-1]] }).init(random.PRNGKey(0), 1, []), 'NonFinite', /positive definite/);
    throws(() => NUTS(model).init(random.PRNGKey(0), 1, undefined as unknown as []), 'InvalidArgument', /list/);
    throws(() => MCMC(NUTS(model), { numWarmup: 1, numSamples: -1 }), 'InvalidArgument', /numSamples/);
    throws(() => MCMC(model as never, { numWarmup: 1, numSamples: 1 }), 'InvalidArgument', /NUTS\(model\)/);
  },

  'latent sites within a scan': async () => {
    const walk = (y: Input): void => {
      const scaleOf = sample('s', dist.HalfNormal(1));
      scan(
        (x: Value, at: Value): [Value, Value] => {
          const next = sample('x', dist.Normal(x, scaleOf));
          sample('y', dist.Normal(next, 0.5), { obs: at });
          return [next, next];
        },
        0 as unknown as Value,
        y as Value,
      );
    };
    const y = [0.1, 0.4, 0.2, 0.8, 1.1];
    const { samples } = await MCMC(NUTS(walk), { numWarmup: 200, numSamples: 200 }).run(random.PRNGKey(1), [y]);
    assert.deepEqual(
      [samples['s']!.shape, samples['x']!.shape],
      [
        [1, 200],
        [1, 200, 5],
      ],
    );
    const last = samples['x']!.data.filter((_, i) => i % 5 === 4).reduce((a, b) => a + b) / 200;
    assert.ok(last > 0.3 && last < 1.3, String(last));
  },

  'supports that depend on other sites, and values with more numbers than their unconstrained ones': async () => {
    const weights = (): void => {
      nested();
      sample('w', dist.Dirichlet([2, 3, 5]));
    };
    const { samples } = await MCMC(NUTS(weights), { numWarmup: 500, numSamples: 2000 }).run(random.PRNGKey(1), []);
    const mean = (name: string, size = 1, k = 0): number => samples[name]!.data.filter((_, i) => i % size === k).reduce((a, b) => a + b) / 2000;
    assert.ok(samples['below']!.data.every((x, i) => x > 0 && x < samples['top']!.data[i]!));
    assert.deepEqual(samples['w']!.shape, [1, 2000, 3]);
    // Gamma(3, 1) has standard deviation 1.73, half of it times a uniform 1; the weights of a Dirichlet of 10 some 0.15. Some 500 draws count.
    close(mean('top'), 3, 0.12);
    close(mean('below'), 1.5, 0.2);
    [0.2, 0.3, 0.5].forEach((expected, k) => assert.ok(Math.abs(mean('w', 3, k) - expected) < 0.03));
  },

  'missing observations are imputed, and those that are there wander nowhere': async () => {
    const model = (y: Input, there: Input): void => {
      const mu = sample('mu', dist.Normal(0, 10));
      sample('y', dist.Normal(mu, 1), { obs: y, obsMask: there });
    };
    const y = [1, 2, 0, 3, 0];
    const { samples, stats } = await MCMC(NUTS(model), { numWarmup: 500, numSamples: 2000 }).run(random.PRNGKey(1), [y, [true, true, false, true, false]]);
    const mean = (xs: Float64Array): number => xs.reduce((a, b) => a + b) / xs.length;
    // mu is Normal(2 · 3/(3 + 0.01), 1/3.01); a missing y is mu plus standard normal noise.
    close(mean(samples['mu']!.data), 6 / 3.01, 0.06, 'mu');
    const missing = samples['y']!.data.filter((_, i) => i % 5 === 2);
    close(mean(missing), 6 / 3.01, 0.15, 'missing');
    close(mean(missing.map((x) => (x - 2) ** 2)), 1 + 1 / 3.01, 0.15, 'variance of a missing one');
    assert.deepEqual([...samples['y']!.data.subarray(0, 2)], [1, 2]);
    assert.ok(stats.treeDepth.data.every((depth) => depth < 8));
  },
});
