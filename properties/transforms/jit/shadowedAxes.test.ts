/** Sums over an axis that a loop around them runs over too: repeated along an axis as long as the one that was summed. */
import fc from 'fast-check';
import * as ops from '../../../core/ops/index.ts';
import type { AnyArray } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { assertClose } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt } from '../../laws/recorded.ts';

const extents = fc.constantFrom(1, 2, 3, 5, 9, 18);

laws('sums repeated along an axis like theirs', {
  'have the interpreter’s values, however their operands lie': () =>
    fc.assert(
      fc.property(extents, extents, extents, fc.boolean(), fc.nat(1000), (batch, n, k, isScaled, seed) => {
        const draw = drawFrom(seed);
        const [x, y, scale] = [draw.uniform([batch, k, n], -1, 1), draw.uniform([k], -1, 1), draw.uniform([k, n], -1, 1)];
        const repeated = (sums: AnyArray, by: AnyArray): AnyArray => {
          const all = ops.tile(ops.reshape(sums, [batch, 1, n]), [1, k, 1]);
          return isScaled ? ops.mul(all, by) : ops.add(all, 0.5);
        };
        const recorded = recordAt(
          (a, b, c) => {
            const rows = ops.reshape(ops.transpose(a, [0, 2, 1]), [batch * n, k]);
            const products = ops.matMul(rows, ops.reshape(b, [k, 1]));
            return [repeated(products, c), repeated(ops.sum(a, 1), c), ops.sum(repeated(ops.square(products), c), [1, 2])];
          },
          [x, y, scale],
        );
        const expected = interpreted(recorded);
        compiled(recorded).forEach((value, i) => assertClose(value, expected[i]!, { relative: 1e-12, absolute: 1e-13, scaled: true }, `output ${i}`));
      }),
    ),
});
