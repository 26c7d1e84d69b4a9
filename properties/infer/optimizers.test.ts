/** Optimisers: pure functions on trees that go downhill, agree with their papers, compose, and survive JSON. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adagrad, adam, applyUpdates, chain, clip, clippedAdam, momentum, ops, rmsprop, sgd, type Optimizer } from '../../infer/kindling.ts';
import { mapTree, zipTree } from '../../core/tree.ts';
import { asArray, toNDArray, toNumber, toTensor, type AnyArray, type Input } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(0.1),
  'sgd, decaying': sgd((step) => ops.div(0.5, ops.sqrt(ops.add(step, 9)))),
  'sgd with momentum': sgd(0.02, { momentum: 0.9 }),
  'sgd with momentum, nesterov': sgd(0.02, { momentum: 0.9, nesterov: true }),
  adam: adam(0.05),
  'adam, own decays': adam(0.02, { b1: 0.8, b2: 0.99, eps: 1e-6 }),
  'adam, decaying': adam((step) => ops.mul(0.1, ops.pow(0.999, step))),
  clippedAdam: clippedAdam(0.05, { clipNorm: 1 }),
  'clippedAdam, decaying': clippedAdam(0.2, { lrd: 0.998 }),
  momentum: momentum(0.02, 0.8),
  // Its steps do not shrink with the gradient.
  rmsprop: rmsprop((step) => ops.mul(0.1, ops.pow(0.997, step))),
  'rmsprop with momentum': rmsprop((step) => ops.mul(0.02, ops.pow(0.997, step)), { momentum: 0.9, gamma: 0.95 }),
  adagrad: adagrad(0.5),
  'adagrad, no momentum': adagrad(0.5, { momentum: 0 }),
  'chain of sgd': chain(
    sgd(0.5),
    sgd(0.2),
    chain(),
    sgd((step) => ops.neg(ops.add(-1, ops.mul(0, step)))),
  ),
};

/** A quadratic bowl: its parameters at the start, its lowest point, and how steep it is. */
interface Bowl {
  readonly start: unknown;
  readonly lowest: unknown;
  readonly steepness: number;
}

const bowls: Readonly<Record<string, Bowl>> = {
  'a number': { start: 4, lowest: -1, steepness: 1 },
  'a vector': { start: { w: [0, 0, 0] }, lowest: { w: [1, -2, 0.5] }, steepness: 2 },
  'a tree': { start: { b: [{ c: 1 }, { c: [[1, 2]] }], a: { d: -3 } }, lowest: { b: [{ c: 0 }, { c: [[2, 1]] }], a: { d: 0 } }, steepness: 0.7 },
};

const leaf = (x: unknown): AnyArray => asArray(x as Input);

/** The gradient of ½ · steepness · |x − lowest|². */
const slopeOf =
  ({ lowest, steepness }: Bowl) =>
  (params: unknown): unknown =>
    zipTree((x, low) => ops.mul(steepness, ops.sub(leaf(x), leaf(low))), params, lowest);

interface Point {
  readonly params: unknown;
  readonly state: unknown;
}

const begin = (optimizer: Optimizer, params: unknown): Point => ({ params, state: optimizer.init(params) });

const stepWith =
  (optimizer: Optimizer, slope: (params: unknown) => unknown) =>
  ({ params, state }: Point): Point => {
    const [updates, next] = optimizer.update(slope(params), state, params);
    return { params: applyUpdates(params, updates), state: next };
  };

const after = (steps: number, step: (point: Point) => Point, from: Point): Point => {
  let point = from;
  for (let i = 0; i < steps; i++) point = step(point);
  return point;
};

/** Plain nested arrays, in which two trees are equal where every bit is. */
const plain = (tree: unknown): unknown => mapTree((x) => toNDArray(leaf(x)).toArray(), tree);

const numbersIn = (tree: unknown): readonly number[] => (plain(tree) as { readonly w: readonly number[] }).w;

/** The path of the one parameter `w` over some gradients. */
const pathOf = (optimizer: Optimizer, gradients: readonly number[]): readonly number[] => {
  let point = begin(optimizer, { w: 1 });
  return gradients.map((g) => {
    point = stepWith(optimizer, () => ({ w: g }))(point);
    return toNumber((point.params as { readonly w: AnyArray }).w);
  });
};

const gradients = Array.from({ length: 50 }, (_, i) => Math.sin(3 * i) * 10 ** Math.cos(i));

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });

const table = (check: (optimizer: Optimizer, bowl: Bowl) => void): void =>
  forEachEntry(optimizers, (optimizer) => forEachEntry(bowls, (bowl) => check(optimizer, bowl)));

laws('infer/optimizers', {
  // At a fixed rate Adam may go on circling the bottom, within a fraction of the rate.
  'every one finds the bottom of every bowl': () =>
    table((optimizer, bowl) => {
      const { params } = after(2500, stepWith(optimizer, slopeOf(bowl)), begin(optimizer, bowl.start));
      zipTree((x, low) => toNDArray(ops.sub(leaf(x), leaf(low))).data.forEach((off) => assert.ok(Math.abs(off) < 5e-3, `off by ${off}`)), params, bowl.lowest);
    }),

  'updates have the structure and the shapes of the parameters': () =>
    table((optimizer, { start }) => {
      const [updates] = optimizer.update(start, optimizer.init(start), start);
      zipTree((x, update) => assert.deepEqual(leaf(update).shape, leaf(x).shape), start, updates);
    }),

  'an update changes neither gradients, state nor parameters, and gives the same again': () =>
    table((optimizer, bowl) => {
      const { params, state } = after(3, stepWith(optimizer, slopeOf(bowl)), begin(optimizer, bowl.start));
      const grads = slopeOf(bowl)(params);
      const before = JSON.stringify([grads, state, params]);
      const [first, second] = [0, 1].map(() => JSON.stringify(optimizer.update(grads, state, params)));
      assert.equal(first, second);
      assert.equal(JSON.stringify([grads, state, params]), before);
    }),

  'state survives JSON to the bit': () =>
    table((optimizer, bowl) => {
      const step = stepWith(optimizer, slopeOf(bowl));
      const half = after(7, step, begin(optimizer, bowl.start));
      const loaded = JSON.parse(JSON.stringify(half)) as Point;
      assert.deepEqual(plain(after(7, step, loaded).params), plain(after(7, step, half).params));
    }),

  'chain() is the identity of chain': () =>
    table((optimizer, bowl) => {
      const end = (o: Optimizer): unknown => plain(after(5, stepWith(o, slopeOf(bowl)), begin(o, bowl.start)).params);
      assert.deepEqual(end(chain(chain(), optimizer)), end(optimizer));
      assert.deepEqual(end(chain(optimizer, chain())), end(optimizer));
      assert.deepEqual(end(chain(optimizer)), end(optimizer));
    }),

  'chain is associative': () => {
    const [a, b, c] = [sgd(0.3, { momentum: 0.5 }), adam(0.1), sgd(2)];
    assert.deepEqual(pathOf(chain(chain(a, b), c), gradients), pathOf(chain(a, chain(b, c)), gradients));
    assert.deepEqual(pathOf(chain(chain(a, b), c), gradients), pathOf(chain(a, b, c), gradients));
  },

  'sgd is linear in the gradient': () =>
    fc.assert(
      fc.property(finite, finite, fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 4 }), (p, q, pairs) => {
        const update = (w: readonly number[]): readonly number[] => numbersIn(sgd(0.3).update({ w }, sgd(0.3).init({ w }), { w })[0]);
        const both = update(pairs.map(([g, h]) => p * g + q * h));
        const [first, second] = [update(pairs.map(([g]) => g)), update(pairs.map(([, h]) => h))];
        // Bounded by the size of the terms, as they may cancel.
        return both.every(
          (u, i) =>
            Math.abs(u - (p * first[i]! + q * second[i]!)) <= 1e-15 * (Math.abs(p * first[i]!) + Math.abs(q * second[i]!)) + Number.MIN_VALUE / Number.EPSILON,
        );
      }),
    ),

  'momentum keeps a share of the last step': () => {
    const [rate, share] = [0.1, 0.7];
    for (const nesterov of [false, true]) {
      let [w, m] = [1, 0];
      const expected = gradients.map((g) => {
        m = g + share * m;
        w += -rate * (nesterov ? g + share * m : m);
        return w;
      });
      assert.deepEqual(pathOf(sgd(rate, { momentum: share, nesterov }), gradients), expected);
    }
  },

  'adam is algorithm 1 of its paper': () => {
    const [rate, b1, b2, eps] = [0.01, 0.9, 0.999, 1e-8];
    let [w, m, v] = [1, 0, 0];
    const expected = gradients.map((g, i) => {
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      const [mHat, vHat] = [m / (1 - b1 ** (i + 1)), v / (1 - b2 ** (i + 1))];
      w -= (rate * mHat) / (Math.sqrt(vHat) + eps);
      return w;
    });
    pathOf(adam(rate), gradients).forEach((w, i) => assert.ok(Math.abs(w - expected[i]!) <= 1e-15, `step ${i}: ${w}, expected ${expected[i]}`));
  },

  'clippedAdam is adam on clipped gradients, at a rate that decays from the first step on': () => {
    const cut = gradients.map((g) => Math.max(-0.5, Math.min(0.5, g)));
    assert.deepEqual(pathOf(clippedAdam(0.1, { clipNorm: 0.5 }), gradients), pathOf(adam(0.1), cut));
    assert.deepEqual(pathOf(clippedAdam(0.1, { clipNorm: Infinity }), gradients), pathOf(adam(0.1), gradients));
    assert.deepEqual(pathOf(chain(clip(0.5), sgd(0.1)), gradients), pathOf(sgd(0.1), cut));
    const decayed = (rate: number): Optimizer => adam((step) => ops.mul(rate, ops.pow(0.9, ops.add(step, 1))));
    assert.deepEqual(pathOf(clippedAdam(0.1, { lrd: 0.9, clipNorm: 100 }), gradients), pathOf(decayed(0.1), gradients));
    assert.deepEqual(
      pathOf(
        clippedAdam(() => 0.1, { lrd: 0.9, clipNorm: 100 }),
        gradients,
      ),
      pathOf(decayed(0.1), gradients),
    );
  },

  'momentum is sgd with momentum': () => assert.deepEqual(pathOf(momentum(0.1, 0.7), gradients), pathOf(sgd(0.1, { momentum: 0.7 }), gradients)),

  'rmsprop divides by the root of a running mean': () => {
    const [rate, gamma, eps] = [0.02, 0.8, 1e-6];
    for (const share of [0, 0.6]) {
      let [w, v, m] = [1, 0, 0];
      const expected = gradients.map((g) => {
        v = gamma * v + (1 - gamma) * g * g;
        m = share * m + (rate * g) / Math.sqrt(v + eps);
        w -= m;
        return w;
      });
      const path = pathOf(rmsprop(rate, { gamma, eps, momentum: share }), gradients);
      path.forEach((x, i) => assert.ok(Math.abs(x - expected[i]!) <= 1e-14, `step ${i}: ${x}, expected ${expected[i]}`));
    }
  },

  'adagrad divides by the root of the sum of squares, and stays where that is 0': () => {
    const [rate, share] = [0.2, 0.6];
    let [w, s, m] = [1, 0, 0];
    const given = [0, 0, ...gradients];
    const expected = given.map((g) => {
      s += g * g;
      m = share * m + (1 - share) * (s > 0 ? g / Math.sqrt(s) : 0);
      w -= rate * m;
      return w;
    });
    const path = pathOf(adagrad(rate, { momentum: share }), given);
    path.forEach((x, i) => assert.ok(Math.abs(x - expected[i]!) <= 1e-14, `step ${i}: ${x}, expected ${expected[i]}`));
    assert.deepEqual(path.slice(0, 2), [1, 1]);
  },

  'on a constant gradient adam moves by no more than its rate': () =>
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-6, max: 1, noNaN: true }), (gradient, rate) => {
        const path = [1, ...pathOf(adam(rate), new Array<number>(20).fill(gradient))];
        return path.slice(1).every((w, i) => Math.abs(w - path[i]!) <= rate * (1 + 1e-9) + 1e-15);
      }),
    ),

  'a schedule is asked with the number of steps done': () => {
    const asked: number[] = [];
    const rates = (step: AnyArray): number => {
      asked.push(toNumber(step));
      return 1 / (1 + toNumber(step));
    };
    const path = pathOf(sgd(rates), [1, 1, 1]);
    assert.deepEqual(asked, [0, 1, 2]);
    path.forEach((w, i) => assert.ok(Math.abs(w - [0, -0.5, -0.5 - 1 / 3][i]!) < 1e-15));
    assert.deepEqual(
      pathOf(
        adam(() => 0.3),
        gradients,
      ),
      pathOf(adam(0.3), gradients),
    );
  },

  'tensors give what numbers give, to float32': () =>
    forEachEntry(optimizers, (optimizer) => {
      const [exact, tensors] = [[0.5, -2], toTensor([0.5, -2])].map((w) => {
        const point = after(5, stepWith(optimizer, slopeOf(bowls['a vector']!)), begin(optimizer, { w: [1, 2, 3] }));
        const [updates] = optimizer.update({ w: ops.concat([w, [1]]) }, point.state, point.params);
        return numbersIn(updates);
      });
      exact!.forEach((u, i) => assert.ok(Math.abs(u - tensors![i]!) <= 1e-6 * Math.abs(u)));
    }),

  'rates and shares out of range are refused': () => {
    const refused = (make: () => Optimizer): void => assert.throws(make, { _tag: 'InvalidArgument' });
    for (const rate of [0, -0.1, NaN, Infinity, undefined, '0.1'] as number[]) {
      refused(() => sgd(rate));
      refused(() => adam(rate));
      refused(() => clippedAdam(rate));
      refused(() => momentum(rate));
      refused(() => rmsprop(rate));
      refused(() => adagrad(rate));
    }
    for (const share of [-0.1, 1, NaN]) {
      refused(() => sgd(0.1, { momentum: share }));
      refused(() => adam(0.1, { b1: share }));
      refused(() => adam(0.1, { b2: share }));
      refused(() => clippedAdam(0.1, { b1: share }));
      refused(() => momentum(0.1, share));
      refused(() => rmsprop(0.1, { gamma: share }));
      refused(() => adagrad(0.1, { momentum: share }));
    }
    for (const size of [0, -1, NaN]) refused(() => clippedAdam(0.1, { clipNorm: size }));
    for (const lrd of [0, -1, 1.1, NaN]) refused(() => clippedAdam(0.1, { lrd }));
  },
});
