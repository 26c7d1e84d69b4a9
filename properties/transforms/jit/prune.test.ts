/** Pruning: the graph means what it meant, and a loop no longer does what nobody reads. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as ops from '../../../core/ops/index.ts';
import { random } from '../../../infer/kindling.ts';
import type { AnyArray, Value } from '../../../core/value.ts';
import { evaluateGraph, type Graph, type LoopNode } from '../../../transforms/jit/graph.ts';
import { prune } from '../../../transforms/jit/prune.ts';
import { recordLoop } from '../../../transforms/jit/recordLoop.ts';
import { whileLoop } from '../../../transforms/scan/whileLoop.ts';
import { laws } from '../../laws.ts';
import { compiled, recordAt } from '../../laws/recorded.ts';

/** Three carries of which the second reads the first, and the third nothing but itself; two stacks. */
const loop = (start: Value, other: Value, xs: Value): readonly AnyArray[] => {
  const { carry, stacked } = recordLoop(
    ([a, b, c], [x]) => ({
      carry: [ops.sin(ops.add(a!, x!)), ops.add(b!, ops.mul(a!, other)), ops.mul(c!, 2)],
      stacked: [ops.square(a!), ops.exp(x!)],
    }),
    [start, start, other],
    [xs],
    4,
  );
  return [...carry, ...stacked];
};

const inputs = [random.normal(random.PRNGKey(0), [2]), random.normal(random.PRNGKey(1), [2]), random.normal(random.PRNGKey(2), [4, 2])];

const loopsIn = ({ nodes }: Graph): readonly LoopNode[] => nodes.filter((node) => node.kind === 'loop');

laws('prune', {
  'keeps the meaning of whatever part of a loop is read': () =>
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }), (parts) => {
        const recorded = recordAt((a, b, xs) => parts.map((part) => loop(a, b, xs)[part]!), inputs);
        const pruned = prune(recorded.graph);
        const values = (graph: Graph): readonly (readonly number[])[] => evaluateGraph(graph, recorded.inputs).map(({ data }) => [...data]);
        assert.deepEqual(values(pruned), values(recorded.graph));
        compiled(recorded).forEach(({ data }, i) => data.forEach((x, k) => assert.ok(Math.abs(x - values(pruned)[i]![k]!) < 1e-12)));
      }),
      { numRuns: 12 },
    ),

  'takes out of a loop what only parts that nobody reads need': () => {
    const shapeOf = (part: number): readonly [carried: number, outputs: number, operands: number] => {
      const { graph } = recordAt((a, b, xs) => [loop(a, b, xs)[part]!], inputs);
      const [own] = loopsIn(prune(graph)) as [LoopNode];
      return [own.carryCount, own.body.outputs.length, own.operands.length];
    };
    assert.deepEqual(shapeOf(0), [1, 1, 2]);
    assert.deepEqual(shapeOf(1), [2, 2, 4]);
    assert.deepEqual(shapeOf(2), [1, 1, 1]);
    assert.deepEqual(shapeOf(3), [1, 2, 2]);
    assert.deepEqual(shapeOf(4), [0, 1, 1]);
  },

  'drops a loop that nobody reads, and keeps what ends one': () => {
    const unread = recordAt((a, b, xs) => {
      loop(a, b, xs);
      return [ops.add(a, 1)];
    }, inputs);
    assert.equal(loopsIn(prune(unread.graph)).length, 0);
    const counted = recordAt(
      (a) => {
        const { x } = whileLoop(
          ({ n }) => ops.less(n, 3),
          ({ n, x: at }) => ({ n: ops.add(n, 1), x: ops.mul(at, 2) }),
          { n: 0, x: a },
        ) as { readonly x: AnyArray };
        return [x];
      },
      [inputs[0]!],
    );
    assert.deepEqual(
      evaluateGraph(prune(counted.graph), counted.inputs).map(({ data }) => [...data]),
      [[...inputs[0]!.data].map((x) => 8 * x)],
    );
  },
});
