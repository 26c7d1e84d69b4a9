/** Fission: a recorded loop does time by time only what each time needs from the one before. */
import assert from 'node:assert/strict';
import * as dist from '../../../core/distributions/index.ts';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { sample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import type { AnyArray, Value } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import type { LoopNode } from '../../../transforms/jit/graph.ts';
import { prune } from '../../../transforms/jit/prune.ts';
import { logDensity } from '../../../transforms/logDensity.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, type Recorded } from '../../laws/recorded.ts';

const numbers = (shape: readonly number[], seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);

/** The loops that are left, each as the kernels of its body. */
const loopsOf = ({ graph }: Recorded): readonly (readonly string[])[] =>
  prune(graph)
    .nodes.filter((node): node is LoopNode => node.kind === 'loop')
    .map(({ body }) => body.nodes.flatMap((node) => (node.kind === 'apply' ? [node.kernel.name] : [])));

const agree = (recorded: Recorded): void =>
  compiled(recorded).forEach((x, i) => assertClose(x, interpreted(recorded)[i]!, { relative: 1e-10, absolute: 1e-12 }));

laws('fission', {
  'takes out of a loop what varies with the slices alone, and what is made of its results': () => {
    const recorded = recordAt(
      (start, xs) => scan((c, x) => [ops.sin(ops.add(c, ops.exp(x))), ops.log(ops.add(2, c))], start, xs),
      [numbers([3], 0), numbers([20, 3], 1)],
    );
    assert.deepEqual(loopsOf(recorded), [['Add', 'Sin']]);
    agree(recorded);
  },

  'leaves sums to the end': () => {
    const recorded = recordAt((xs) => [scan((sum, x) => [ops.add(sum, ops.square(x)), undefined], 0, xs)[0]], [numbers([20], 2)]);
    assert.deepEqual(loopsOf(recorded), []);
    agree(recorded);
  },

  'makes one pass of a Markov chain whose values are given, gradient included': () => {
    const model = (y: Value): unknown =>
      scan(
        ([before, last], seen) => {
          const z = sample('z', dist.Normal(ops.sub(ops.mul(0.9, last), ops.mul(0.2, before)), 0.5));
          sample('y', dist.Normal(z, 1), { obs: seen });
          return [[last, z], undefined];
        },
        [ops.mean(y), ops.sum(y)] as const,
        y,
      );
    const density = (z: Value, y: Value): AnyArray => logDensity(model, [y], { z }).logDensity;
    const recorded = recordAt(
      (z, y) => {
        const [value, [byZ, byY]] = valueAndGrad(density, [0, 1])(z, y);
        return [value, byZ, byY] as readonly AnyArray[];
      },
      [numbers([30], 3), numbers([30], 4)],
    );
    assert.deepEqual(loopsOf(recorded), []);
    agree(recorded);
  },

  'keeps exponentials for the way back rather than computing them again': () => {
    const matrix = numbers([3, 3], 5);
    const forward = (start: Value, xs: Value): AnyArray =>
      ops.sum(scan((c, x) => [ops.logSumExp(ops.add(ops.add(ops.expandDims(c, 1), matrix), x), 0), undefined], start, xs)[0]);
    const recorded = recordAt((start, xs) => valueAndGrad(forward, [0, 1])(start, xs).flat(), [numbers([3], 6), numbers([20, 3], 7)]);
    const loops = loopsOf(recorded);
    assert.equal(loops.length, 2);
    assert.ok(loops[0]!.includes('Exp') && !loops[1]!.includes('Exp'), loops.map((kernels) => kernels.join(' ')).join('; '));
    agree(recorded);
  },
});
