/** Sites of transformed distributions: in loops and branches they keep the arrays of their transforms, latent ones start and train in their sets. */
import assert from 'node:assert/strict';
import * as bijectors from '../../core/bijectors/index.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import * as constraints from '../../core/constraints/index.ts';
import * as dist from '../../core/distributions/index.ts';
import { array } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sample } from '../../core/primitives.ts';
import { toNDArray, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { cond } from '../../transforms/cond/cond.ts';
import { grad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { scan } from '../../transforms/scan/scan.ts';
import { laws } from '../laws.ts';
import { assertClose } from '../laws/numeric.ts';

const exactly = { relative: 1e-10, absolute: 1e-12 } as const;

const stepOf = (shift: Input): dist.Distribution =>
  dist.TransformedDistribution(dist.Normal(0, [1, 2]), [bijectors.affine(shift, -2), bijectors.exp, bijectors.power(ops.add(1, ops.square(shift)))]);

const chain = (start: Input, ys: Input): unknown =>
  scan(
    (shift, y) => {
      sample('y', stepOf(shift), { obs: y as Input });
      return [ops.add(ops.mul(0.5, shift as Input), 0.1), undefined];
    },
    start,
    ys,
  );

const ys = [
  [1, 2],
  [0.5, 3],
  [0.1, 0.7],
];
const densityOfChain = (start: Input, data: Input): AnyArray => logDensity(chain, [start, data], {}).logDensity;

/** The same, the loop written out. */
const byHand = (start: number): number => {
  let shift = start;
  let total = 0;
  for (const y of ys) {
    total += toNDArray(ops.sum(stepOf(shift).logProb(y))).item();
    shift = 0.5 * shift + 0.1;
  }
  return total;
};

laws('sites of transformed distributions', {
  'in a scan, each time has the transform of its own arrays': () => {
    assertClose(jit(densityOfChain)(array(0.3), array(ys)), byHand(0.3), exactly);
    assertClose(densityOfChain(array(0.3), array(ys)), byHand(0.3), { relative: 1e-5 });
    const slope = jit(grad(densityOfChain))(array(0.3), array(ys)) as AnyArray;
    assertClose(slope, (byHand(0.3 + 1e-5) - byHand(0.3 - 1e-5)) / 2e-5, { relative: 1e-7 });
  },

  'in cond, the branch that is taken has its own arrays': () => {
    const branch = (loc: number) => (): Value =>
      sample('y', dist.TransformedDistribution(dist.Normal(0, 1), [bijectors.affine(loc, 2), bijectors.exp]), { obs: 3 });
    const density = (flag: Input): AnyArray => logDensity(() => cond(ops.greater(flag, 0), branch(1), branch(-1)), [], {}).logDensity;
    const expected = (loc: number): AnyArray => dist.TransformedDistribution(dist.Normal(0, 1), [bijectors.affine(loc, 2), bijectors.exp]).logProb(3);
    assertClose(jit(density)(array(1)), expected(1), exactly);
    assertClose(jit(density)(array(-1)), expected(-1), exactly);
  },

  'branches with other transforms are refused': () => {
    const branch = (transform: bijectors.Bijector) => (): Value => sample('y', dist.TransformedDistribution(dist.Normal(0, 1), transform), { obs: 0.5 });
    for (const [a, b] of [
      [bijectors.exp, bijectors.softplus],
      [bijectors.affine(0, 1), bijectors.affine(0, -1)],
    ] as const) {
      assert.throws(() => jit((flag: Input) => logDensity(() => cond(ops.greater(flag, 0), branch(a), branch(b)), [], {}).logDensity)(array(1)), {
        _tag: 'InvalidArgument',
        message: /branches of cond differ/,
      });
    }
  },

  'events keep their support': () => {
    const lognormal = dist.TransformedDistribution(dist.Normal([0, 1], 1).toEvent(1), bijectors.exp);
    assert.equal(lognormal.support.name, 'independent(positive, 1)');
    assertClose(lognormal.logProb([1, -1]), -Infinity, exactly);
    const cuts = dist.TransformedDistribution(dist.Normal(0, 1).expand([3]).toEvent(1), bijectTo(constraints.positiveOrderedVector));
    assert.equal(cuts.support.kind, 'positiveOrderedVector');
    assertClose(cuts.logProb([3, 2, 1]), -Infinity, exactly);
  },
});
