/** Sums over and along an axis so short that it is written out within a tile of rows. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import type { AnyArray, Value } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { compileGraph } from '../../../transforms/jit/compile.ts';
import { drawFrom } from '../../laws/draw.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, type Recorded } from '../../laws/recorded.ts';

type Loss = (x: Value, y: Value, w: Value) => AnyArray;

const leastSquares: Loss = (x, y, w) => ops.sum(ops.square(ops.sub(y, ops.dot(x, w))));

/** Losses of a matrix [rows, columns], targets [rows] and weights [columns]. */
const losses: readonly (readonly [name: string, loss: Loss])[] = [
  ['least squares', leastSquares],
  ['two sums over one axis', (x, y, w) => ops.sum(ops.mul(ops.dot(x, w), ops.sin(ops.add(y, ops.sum(ops.square(ops.sub(x, w)), 1)))))],
  ['a factor of the rows', (x, y, w) => ops.sum(ops.exp(ops.mul(0.1, ops.sum(ops.mul(x, ops.mul(w, ops.expandDims(y, 1))), 1))))],
  ['columns in reverse', (x, y, w) => ops.sum(ops.square(ops.sub(y, ops.dot(ops.reverse(x, [1]), w))))],
  ['rows side by side', (x, y, w) => ops.sum(ops.tanh(ops.sub(y, ops.dot(ops.transpose(ops.reshape(x, [x.shape[1]!, x.shape[0]])), w))))],
  ['functions in the sum', (x, y, w) => ops.sum(ops.mul(y, ops.sum(ops.tanh(ops.mul(x, w)), 1)))],
  ['a sum in a loop over its own axis', (x, y, w) => ops.sum(ops.sin(ops.sub(ops.mul(x, ops.expandDims(ops.mul(y, ops.dot(x, w)), 1)), w)))],
];

const inputsOf = (rows: number, columns: number, seed: number): readonly NDArray[] => {
  const draw = drawFrom(seed);
  return [draw.uniform([rows, columns], -1, 1), draw.uniform([rows], -1, 1), draw.uniform([columns], -1, 1)];
};

const recordedLoss = (loss: Loss, rows: number, columns: number, seed: number): Recorded =>
  recordAt(
    (x, y, w) => {
      const [value, gradients] = valueAndGrad(loss, [0, 1, 2] as const)(x, y, w);
      return [value, ...gradients];
    },
    inputsOf(rows, columns, seed),
  );

/** Bytes of the module for the value of least squares and its gradient by the weights. */
const bytesOf = (columns: number): number => {
  const recorded = recordAt((x, y, w) => valueAndGrad((own: Value) => leastSquares(x, y, own))(w), inputsOf(100, columns, columns));
  return compileGraph(recorded.graph).bytes.length;
};

laws('short axes', {
  'values and gradients are those of the interpreter': () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...losses),
        fc.integer({ min: 17, max: 45 }),
        fc.integer({ min: 1, max: 18 }),
        fc.nat(1000),
        ([name, loss], rows, columns, seed) => {
          const recorded = recordedLoss(loss, rows, columns, seed);
          const expected = interpreted(recorded);
          compiled(recorded).forEach((x, i) =>
            assertClose(x, expected[i]!, { relative: 1e-12, absolute: 1e-13, scaled: true }, `${name} of ${rows} × ${columns}, output ${i}`),
          );
        },
      ),
    ),

  'a short axis is written out and a long one is not': () => {
    const [four, eight, longest, longer, muchLonger] = [4, 8, 16, 18, 80].map(bytesOf);
    assert.ok(eight! - four! > 200 && longest! - eight! > 2 * 200, `${four}, ${eight} and ${longest} bytes for 4, 8 and 16 columns`);
    assert.ok(longer! < eight! && Math.abs(muchLonger! - longer!) < 100, `${longer} and ${muchLonger} bytes for 18 and 80 columns`);
  },
});
