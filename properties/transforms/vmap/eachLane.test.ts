/** vmap compiled as a loop over the lanes: when it is, that it gives the same, and that what the lanes share is computed once. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { toTensor, type AnyArray, type Input } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import type { Graph, GraphNode } from '../../../transforms/jit/graph.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { record } from '../../../transforms/jit/record.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { assertClose } from '../../laws/numeric.ts';

const [ROWS, COLUMNS, LANES] = [64, 16, 3];

type Loop = GraphNode & { readonly kind: 'loop' };

const loopsIn = ({ nodes }: Graph): readonly Loop[] => nodes.filter((node) => node.kind === 'loop');

const kernelsIn = ({ nodes }: Graph): readonly string[] => nodes.flatMap((node) => (node.kind === 'apply' ? [node.kernel.name] : []));

const recorded = (f: (w: Input) => readonly AnyArray[], shape: readonly number[]): Graph =>
  record(([w]) => f(w!).map((x) => toTensor(x)), [{ shape, dtype: 'float' }]);

/** Squared residuals of a regression, the columns weighted by something dear that all lanes share. */
const lossOf = (x: NDArray, y: NDArray, covariance: Input) => {
  const whitened = (w: Input): AnyArray => ops.dot(ops.cholesky(covariance), w);
  return (w: Input): AnyArray => ops.sum(ops.square(ops.sub(ops.dot(x, whitened(w)), y)));
};

const problem = (seed: number): { readonly loss: (w: Input) => AnyArray; readonly points: NDArray } => {
  const draw = drawFrom(seed);
  return { loss: lossOf(draw.away([ROWS, COLUMNS]), draw.away([ROWS]), draw.positiveDefinite([], COLUMNS)), points: draw.away([LANES, COLUMNS]) };
};

const pointAt = (points: NDArray, lane: number): AnyArray => ops.gather(points, lane);

const eachPoint = (f: (w: Input) => AnyArray, points: NDArray): AnyArray => ops.stack(Array.from({ length: LANES }, (_, lane) => f(pointAt(points, lane))));

const near = { relative: 1e-11, absolute: 1e-11, scaled: true };

laws('vmap as a loop over lanes', {
  'a product of a shared matrix with a vector of each lane is one of matrices eagerly, and compiled a loop, with the same results': () =>
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const { loss, points } = problem(seed);
        const both = valueAndGrad(loss);
        const [values, slopes] = [eachPoint((w) => both(w)[0], points), eachPoint((w) => both(w)[1], points)];
        for (const run of [vmap(both), jit(vmap(both)), vmap(jit(both))]) {
          const [value, slope] = run(points);
          assertClose(value, values, near);
          assertClose(slope, slopes, near);
        }
        const total = (w: Input): AnyArray => ops.sum(vmap(loss)(w as NDArray));
        assertClose(grad(total)(points), slopes, near);
        assertClose(jit(grad(total))(points), slopes, near);
      }),
      { numRuns: 5 },
    ),

  'the loop holds what differs between lanes alone': () => {
    const draw = drawFrom(1);
    const [x, y] = [draw.away([ROWS, COLUMNS]), draw.away([ROWS])];
    const both = valueAndGrad((w: Input, covariance: Input) => lossOf(x, y, covariance)(w));
    const graph = recorded(
      (inputs) => [...vmap((w: Input) => both(w, ops.slice(inputs, [0, 0], [COLUMNS, COLUMNS])))(inputs as NDArray)],
      [LANES + COLUMNS, COLUMNS],
    );
    const [loop, ...others] = loopsIn(graph);
    assert.deepEqual([loop!.length, others], [LANES + COLUMNS, []]);
    assert.ok(kernelsIn(graph).includes('Cholesky') && !kernelsIn(loop!.body).includes('Cholesky'));
    assert.ok(kernelsIn(loop!.body).includes('BatchMatMul') && !kernelsIn(graph).includes('BatchMatMul'));
  },

  'small products, products of matrices, and what a gradient is taken of are computed together': () => {
    const small = drawFrom(2).away([4, 4]);
    assert.deepEqual(loopsIn(recorded((w) => [vmap((x: Input) => ops.dot(small, x))(w as NDArray)], [LANES, 4])), []);
    const shared = drawFrom(2).away([ROWS, COLUMNS]);
    assert.deepEqual(loopsIn(recorded((w) => [vmap((x: Input) => ops.matMul(shared, x))(w as NDArray)], [LANES, COLUMNS, 5])), []);
    const { loss } = problem(3);
    assert.deepEqual(loopsIn(recorded((w) => [grad((x: Input) => ops.sum(vmap(loss)(x as NDArray)))(w)], [LANES, COLUMNS])), []);
  },

  'keys, results that are the same in all lanes, and a loop within a loop': () => {
    const shared = drawFrom(4).away([ROWS, COLUMNS]);
    const keys = random.split(random.PRNGKey(5), [2, LANES]);
    const f = (key: random.Key): readonly [AnyArray, AnyArray] => [ops.sum(ops.exp(ops.dot(shared, random.normal(key, [COLUMNS])))), ops.sum(shared)];
    const [sums, same] = jit(vmap(vmap(f)))(keys);
    const expected = Array.from(keys as Iterable<random.Key>, (row) => ops.stack((row as random.KeyBatch).map((key) => f(key)[0])));
    assertClose(sums, ops.stack(expected), near);
    assertClose(same, ops.broadcastTo(ops.sum(shared), [2, LANES]), near);
    const [, once] = jit(vmap(f, 0, { outAxes: [0, null] }))(random.split(random.PRNGKey(6), LANES));
    assertClose(once, ops.sum(shared), near);
  },
});
