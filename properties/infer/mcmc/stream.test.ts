/** The random numbers of transitions: reproducible, apart from each other, and of the right distribution. */
import assert from 'node:assert/strict';
import { ops } from '../../../infer/kindling.ts';
import { exp, log } from '../../../infer/mcmc/elementary.ts';
import { makeStream } from '../../../infer/mcmc/stream.ts';
import { threefry } from '../../../core/random/threefry.ts';
import { laws } from '../../laws.ts';

const started = (key: readonly number[], index: number, purpose: 'transition' | 'stepSize' = 'transition'): ReturnType<typeof makeStream> => {
  const stream = makeStream();
  stream.start(key, purpose, index);
  return stream;
};

const take = (count: number, draw: () => number): readonly number[] => Array.from({ length: count }, draw);

laws('infer/mcmc: random numbers', {
  'a stream is a function of key, purpose and index alone': () => {
    const stream = started([1, 2], 3);
    const first = [...take(5, stream.normal), ...take(5, stream.uniform), stream.word()];
    stream.start([9, 9], 'transition', 0);
    take(3, stream.word);
    stream.start([1, 2], 'transition', 3);
    assert.deepEqual([...take(5, stream.normal), ...take(5, stream.uniform), stream.word()], first);
    for (const other of [started([1, 3], 3), started([1, 2], 4), started([1, 2], 3, 'stepSize')]) assert.notEqual(other.normal(), first[0]);
  },

  'words are those of xoshiro128++ from a state made by Threefry': () => {
    const [own, low, high] = [new Uint32Array(2), new Uint32Array(2), new Uint32Array(2)];
    threefry(5, 6, 0, 7, own);
    threefry(own[0]!, own[1]!, 0, 0, low);
    threefry(own[0]!, own[1]!, 0, 1, high);
    const state = [...low, ...high].map(BigInt) as [bigint, bigint, bigint, bigint];
    const wrap = (x: bigint): bigint => BigInt.asUintN(32, x);
    const turned = (x: bigint, by: bigint): bigint => wrap((x << by) | (x >> (32n - by)));
    // Blackman and Vigna's own program, in whole numbers of any size.
    const next = (): number => {
      const result = wrap(turned(wrap(state[0] + state[3]), 7n) + state[0]);
      const shifted = wrap(state[1] << 9n);
      state[2] ^= state[0];
      state[3] ^= state[1];
      state[1] ^= state[2];
      state[0] ^= state[3];
      state[2] ^= shifted;
      state[3] = turned(state[3], 11n);
      return Number(result);
    };
    assert.deepEqual(take(200, started([5, 6], 7).word), take(200, next));
  },

  'exp and log without Math are close to those with it, at the edges too': () => {
    for (let x = -745; x < 709; x += 0.37) assert.ok(Math.abs(exp(x) - Math.exp(x)) <= 4e-16 * Math.exp(x) + 5e-324, String(x));
    for (let x = 1e-300; x < 1e300; x *= 7.3) assert.ok(Math.abs(log(x) - Math.log(x)) <= 4e-16 * Math.abs(Math.log(x)), String(x));
    assert.deepEqual([exp(-Infinity), exp(-800), exp(0), exp(800), exp(Infinity), exp(NaN)], [0, 0, 1, Infinity, Infinity, NaN]);
  },

  'uniform numbers lie inside (0, 1), evenly': () => {
    const count = 100_000;
    const draws = take(count, started([5, 6], 0).uniform);
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
    const draws = Float64Array.from(take(count, started([7, 8], 0).normal));
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
