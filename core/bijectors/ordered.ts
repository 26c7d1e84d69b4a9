/** The bijectors onto ordered vectors. */
import { orderedVector, simplex } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, type Shape } from '../shape.ts';
import { shapeOf, type AnyArray, type Input } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { inverseOf } from './combinators.ts';
import { atRank, cutLast, dropFirst, dropLast } from './layout.ts';

const { add, exp, log, neg, sub, sum } = ops;

/**
 * y_0 = x_0, y_i = y_{i−1} + e^{x_i}. Stan Reference Manual, "Ordered vector".
 *
 * @example
 * bijectors.ordered.forward([1, 0, 0]); // [1, 2, 3]
 */
export const ordered: Bijector = makeBijector('ordered', {
  domainDim: 1,
  forward: (x) => {
    const [first, steps] = cutLast(x, 1);
    return ops.cumsum(ops.concat([first, exp(steps)], -1), -1);
  },
  inverse: (y) => ops.concat([cutLast(y, 1)[0], log(sub(dropFirst(y), dropLast(y)))], -1),
  logDet: (x) => sum(dropFirst(x), -1),
  codomain: () => orderedVector,
});

/** From ordered cut points to the shares of a logistic variable between them. */
const orderedToSimplex = (anchor: Input): Bijector => {
  const batch = (shape: Shape): Shape => broadcastShapes(shape.slice(0, -1), shapeOf(anchor));
  const centred = (y: AnyArray): AnyArray => sub(y, ops.expandDims(anchor, -1));
  return makeBijector('orderedToSimplex', {
    params: { anchor },
    domainDim: 1,
    forward: (y) => {
      const c = centred(y);
      const [low, high] = [dropLast(c), dropFirst(c)];
      // σ(b) − σ(a) = σ(b) σ(−a) (1 − e^{a − b}), which keeps its digits where both are near 0 or 1.
      const between = exp(add(add(ops.logSigmoid(high), ops.logSigmoid(neg(low))), log(neg(ops.expm1(sub(low, high))))));
      const last = cutLast(c, c.shape.at(-1)! - 1)[1];
      return ops.concat([ops.sigmoid(cutLast(c, 1)[0]), between, ops.sigmoid(neg(last))], -1);
    },
    inverse: (x) => {
      const below = dropLast(ops.cumsum(x, -1));
      const above = dropLast(ops.cumsum(x, -1, true, true));
      return add(sub(log(below), log(above)), ops.expandDims(anchor, -1));
    },
    logDet: (y) => {
      const c = centred(y);
      return sum(add(ops.logSigmoid(c), ops.logSigmoid(neg(c))), -1);
    },
    forwardShape: (shape) => [...batch(shape), shape.at(-1)! + 1],
    inverseShape: (shape) => [...batch(shape), shape.at(-1)! - 1],
    codomain: () => simplex,
    apart: (rank) => ({ form: 'orderedToSimplex', arrays: [atRank(anchor, rank - 1)], rebuild: ([a]) => orderedToSimplex(a!) }),
  });
};

/**
 * From a simplex of K to the K − 1 cut points between which a logistic variable, centred at `anchor`, falls with these probabilities:
 * y_i = anchor + logit Σ_{k≤i} x_k. Betancourt, "Ordinal Regression" (2019), section 2.2. The log-determinant is of the first K − 1 entries.
 *
 * @param anchor - a number, or a batch of them
 * @example
 * bijectors.simplexToOrdered().forward([0.5, 0.25, 0.25]); // [0, 1.0986122887]
 */
export const simplexToOrdered = (anchor: Input = 0): Bijector =>
  inverseOf(orderedToSimplex(anchor), { name: 'simplexToOrdered', codomain: () => orderedVector });
