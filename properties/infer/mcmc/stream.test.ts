/** The random numbers of transitions: reproducible, apart from each other, and of the right distribution. */
import assert from 'node:assert/strict';
import type { Memory } from '../../../core/loop/expression.ts';
import { runProcedure } from '../../../core/loop/interpret.ts';
import { repeat, writeAt } from '../../../core/loop/procedure.ts';
import { threefry } from '../../../core/random/threefry.ts';
import { dist, ops, sample } from '../../../infer/kindling.ts';
import type { Dynamics, Purpose } from '../../../infer/mcmc/dynamics.ts';
import { exp, log } from '../../../infer/mcmc/elementary.ts';
import { makeBlockMemories } from '../../../infer/mcmc/metricCode.ts';
import { drawSteps, seedSteps } from '../../../infer/mcmc/momenta.ts';
import { makeOwnMemories } from '../../../infer/mcmc/ownMemories.ts';
import { OWN } from '../../../infer/mcmc/stepPorts.ts';
import { makeStream } from '../../../infer/mcmc/stream.ts';
import { laws } from '../../laws.ts';
import { chainOf, covarianceOf, problemOf } from './gaussians.ts';
import { xoshiro } from './xoshiro.ts';

/** As many coordinates as one transition may have to draw for. */
const WIDE = 1000;

const dynamicsOf = (dim: number): Dynamics =>
  chainOf(
    problemOf(() => {
      sample('x', dist.Normal(0, 1).expand([dim]));
    }),
  ).dynamics;

const memoryOf = (name: string, { length }: Float64Array): Memory => ({ name, size: length });

/** So many numbers of a stream's code, from an origin or from where its state stands. */
const numbersOf = (state: Float64Array, count: number, origin?: readonly number[]): Float64Array => {
  const [words, from, out] = [
    { name: 'state', size: 4 },
    { name: 'origin', size: 4 },
    { name: 'numbers', size: count },
  ];
  const stream = makeStream(words);
  const numbers = new Float64Array(count);
  const begin = origin === undefined ? stream.load : stream.start(from);
  const steps = [...begin, repeat('i', 0, count, (i) => [stream.next, writeAt(out, i, stream.uniform)]), ...stream.save];
  runProcedure(steps, new Map([[words, state] as const, [from, Float64Array.from(origin ?? [])] as const, [out, numbers] as const]));
  return numbers;
};

laws('infer/mcmc: random numbers', {
  'what is drawn is a function of key, purpose and index alone': () => {
    const dynamics = dynamicsOf(5);
    const drawn = (key: readonly number[], purpose: Purpose, index: number): readonly number[] => {
      dynamics.seed(key, purpose, index);
      dynamics.draw();
      return [...dynamics.momentum, ...dynamics.uniform];
    };
    const first = drawn([1, 2], 'transition', 3);
    const others = [drawn([1, 3], 'transition', 3), drawn([1, 2], 'transition', 4), drawn([1, 2], 'stepSize', 3)];
    for (const other of others) other.forEach((x, i) => assert.notEqual(x, first[i]));
    assert.deepEqual(drawn([1, 2], 'transition', 3), first);
  },

  'words are those of xoshiro128++ from a state made by Threefry': () => {
    const [own, low, high] = [new Uint32Array(2), new Uint32Array(2), new Uint32Array(2)];
    threefry(5, 6, 0, 7, own);
    threefry(own[0]!, own[1]!, 0, 0, low);
    threefry(own[0]!, own[1]!, 0, 1, high);
    const expected = [low[0], 0, low[1], 0, high[0], 0, high[1], 0];
    const state = new Float64Array(4);
    numbersOf(state, 0, [5, 6, 0, 7]);
    assert.deepEqual([...new Uint32Array(state.buffer)], expected);
    const dynamics = dynamicsOf(1);
    dynamics.seed([5, 6], 'transition', 7);
    assert.deepEqual([...new Uint32Array(dynamics.own[OWN.state]!.slice().buffer)], expected);
    const { uniform } = xoshiro(state);
    // In two parts: the state that is saved goes on.
    assert.deepEqual([...numbersOf(state, 150), ...numbersOf(state, 50)], Array.from({ length: 200 }, uniform));
  },

  'what the code of a module draws is what the interpreter draws, to the bit': () => {
    const { dynamics } = chainOf(
      problemOf(() => {
        sample('first', dist.Normal(0, 1).expand([4]));
        sample('rest', dist.Normal(0, 1).expand([WIDE - 4]));
      }, [['first']]),
    );
    const covariance = covarianceOf(5, 4);
    const inverseMass = new Float64Array(WIDE * WIDE);
    for (let i = 0; i < WIDE; i++) inverseMass[i * (WIDE + 1)] = 1 + (i % 7);
    for (let i = 0; i < 4; i++) inverseMass.set(covariance.subarray(4 * i, 4 * i + 4), i * WIDE);
    dynamics.setMetric(inverseMass);
    const draws = makeOwnMemories(dynamics.metric.shape);
    const names = Object.keys(OWN) as (keyof typeof OWN)[];
    const { variance, blocks, factors } = dynamics.metric;
    const own = makeBlockMemories(dynamics.metric.shape);
    const metric = { variance: memoryOf('variance', variance), blocks: blocks.map((data) => memoryOf('block', data)), roots: draws.roots, ...own };
    const held = new Map<Memory, Float64Array>(names.map((name) => [draws[name], dynamics.own[OWN[name]]!.slice()]));
    held.set(metric.variance, variance);
    blocks.forEach((data, b) => held.set(metric.blocks[b]!, data).set(own.factors[b]!, factors[b]!));
    dynamics.metric.shape.blocks.forEach((coordinates, b) => held.set(own.coordinates[b]!, Float64Array.from(coordinates)));
    dynamics.seed([3, 4], 'transition', 1);
    held.get(draws.origin)!.set([3, 4, 0, 1]);
    runProcedure(seedSteps(draws), held);
    for (let times = 0; times < 5; times++) {
      dynamics.draw();
      runProcedure(drawSteps(draws, metric), held);
      for (const name of names) assert.deepEqual(held.get(draws[name]), dynamics.own[OWN[name]]!.slice(), name);
    }
  },

  'exp and log without Math are close to those with it, at the edges too': () => {
    for (let x = -745; x < 709; x += 0.37) assert.ok(Math.abs(exp(x) - Math.exp(x)) <= 4e-16 * Math.exp(x) + 5e-324, String(x));
    for (let x = 1e-300; x < 1e300; x *= 7.3) assert.ok(Math.abs(log(x) - Math.log(x)) <= 4e-16 * Math.abs(Math.log(x)), String(x));
    assert.deepEqual([exp(-Infinity), exp(-800), exp(0), exp(800), exp(Infinity), exp(NaN)], [0, 0, 1, Infinity, Infinity, NaN]);
  },

  'uniform numbers lie inside (0, 1), evenly': () => {
    const count = 100_000;
    const dynamics = dynamicsOf(1);
    const draws = Array.from({ length: count }, (_, index) => {
      dynamics.seed([5, 6], 'transition', index);
      dynamics.draw();
      return dynamics.uniform[0]!;
    });
    assert.ok(draws.every((u) => u > 0 && u < 1));
    const bins = new Float64Array(50);
    for (const u of draws) bins[Math.floor(50 * u)]!++;
    const expected = count / 50;
    const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 49 degrees of freedom: mean 49, standard deviation √98.
    assert.ok(Math.abs(chiSquare - 49) < 4.5 * Math.sqrt(98), String(chiSquare));
  },

  'normal numbers are normal, in the tails too': () => {
    const count = 400_000;
    const dynamics = dynamicsOf(WIDE);
    dynamics.seed([7, 8], 'transition', 0);
    const draws = new Float64Array(count);
    for (let at = 0; at < count; at += WIDE) {
      dynamics.draw();
      draws.set(dynamics.momentum, at);
    }
    for (const [power, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      const found = draws.reduce((sum, x) => sum + x ** power, 0) / count;
      assert.ok(Math.abs(found - mean) < 4.5 * Math.sqrt(variance / count), `moment ${power} is ${found}`);
    }
    // Kolmogorov and Smirnov: √n D exceeds 2.2 with probability 1e-4.
    const cdf = ops.ndtr(draws.slice().sort()).data;
    const distance = cdf.reduce((most, p, i) => Math.max(most, Math.abs(p - (i + 0.5) / count)), 0);
    assert.ok(distance * Math.sqrt(count) < 2.2, String(distance));
    for (const bound of [3, 3.5, 4]) {
      const p = 2 * (ops.ndtr(-bound) as { item(): number }).item();
      const found = draws.filter((x) => Math.abs(x) > bound).length;
      assert.ok(Math.abs(found - count * p) < 4.5 * Math.sqrt(count * p), `${found} beyond ${bound}, ${count * p} expected`);
    }
  },
});
