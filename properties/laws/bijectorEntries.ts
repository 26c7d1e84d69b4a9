/** The bijectors that the laws of bijectors run on, each with arguments of its own. */
import * as bijectors from '../../core/bijectors/index.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import type { Bijector } from '../../core/bijectors/index.ts';
import * as constraints from '../../core/constraints/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { PRNGKey } from '../../core/random/key.ts';
import type { Shape } from '../../core/shape.ts';
import { toNDArray } from '../../core/value.ts';
import type { BijectorEntry } from './bijectorLaws.ts';
import type { Draw } from './draw.ts';

const { affine, compose, exp, independent, inverseOf, power, sigmoid, softplus, stickBreaking } = bijectors;
const { real, positive, unitInterval, interval, orderedVector } = constraints;

const lowerBy =
  (diagonal: number) =>
  (shape: Shape): readonly number[] => {
    const n = shape.at(-1)!;
    return Array.from({ length: n * n }, (_, i) => i).filter((i) => i % n <= Math.floor(i / n) + diagonal);
  };
const lower = lowerBy(0);
const strictlyLower = lowerBy(-1);
const allButLast = (shape: Shape): readonly number[] => Array.from({ length: shape.at(-1)! - 1 }, (_, i) => i);

const numbers = (bijector: Bijector, domain: constraints.Constraint = real, low = -3, high = 3): BijectorEntry => ({
  bijector,
  domain,
  argument: (d) => d.uniform([], low, high),
});
const vectors = (bijector: Bijector, length: number, free?: BijectorEntry['free']): BijectorEntry => ({
  bijector,
  domain: constraints.realVector,
  argument: (d) => d.uniform([length], -2, 2),
  ...(free === undefined ? {} : { free }),
});
const matrices = (bijector: Bijector, shape: Shape): BijectorEntry => ({
  bijector,
  domain: constraints.independent(real, shape.length),
  argument: (d) => d.uniform(shape, -2, 2),
});

const factor = (d: Draw): NDArray => toNDArray(ops.tril(d.triangular([], 3)));
const corrFactor = (d: Draw): NDArray => toNDArray(bijectors.corrCholesky.forward(d.uniform([6], -1, 1)));
const ascending = (d: Draw): NDArray => {
  const x = d.distinct([4]);
  return makeNDArray(Float64Array.from(x.data).sort(), x.shape);
};

const network = bijectors.autoregressiveNN({ inputDim: 3, hiddenDims: [5, 4], skipConnections: true, nonlinearity: ops.tanh });
const weights = network.init(PRNGKey(3));
const bijectorOf = (constraint: constraints.Constraint): Bijector => bijectTo(constraint);

const scaleTril = [
  [1, 0, 0],
  [0.5, 2, 0],
  [-1, 0.3, 0.7],
];

/** Bijectors by name. */
export const bijectorEntries: Readonly<Record<string, BijectorEntry>> = {
  identity: numbers(bijectors.identity),
  exp: numbers(exp),
  sigmoid: numbers(sigmoid),
  softplus: numbers(softplus),
  tanh: numbers(bijectors.tanh),
  affine: numbers(affine(2, -3)),
  'affine on an interval': numbers(affine(1, 2), interval(-1, 4), -1, 4),
  power: numbers(power(2.5), positive, 0.2, 3),
  'negative power': numbers(power(-0.5), positive, 0.2, 3),
  'inverse exp': numbers(inverseOf(exp), positive, 0.2, 3),
  'inverse sigmoid': numbers(inverseOf(sigmoid), unitInterval, 0.1, 0.9),
  'compose to numbers': numbers(compose(exp, affine(1, -2))),
  'compose of nothing': numbers(compose()),
  circular: numbers(bijectorOf(constraints.circular)),
  independent: vectors(independent(exp, 1), 3),
  'independent of a composition': vectors(independent(compose(affine(0.1, [1, 2, 3]), exp), 1), 3),
  stickBreaking: vectors(stickBreaking, 3, allButLast),
  l1Ball: vectors(bijectors.l1Ball, 3),
  ordered: vectors(bijectors.ordered, 4),
  'ordered, of one element': vectors(bijectors.ordered, 1),
  positiveOrderedVector: vectors(bijectorOf(constraints.positiveOrderedVector), 3),
  'inverse of simplexToOrdered': { bijector: inverseOf(bijectors.simplexToOrdered(0.3)), domain: orderedVector, argument: ascending, free: allButLast },
  'stick breaking, then simplexToOrdered': vectors(compose(stickBreaking, bijectors.simplexToOrdered(-1)), 3),
  'zeroSum of vectors': { ...vectors(bijectors.zeroSum(1), 3), isSurface: true },
  'zeroSum of matrices': { ...matrices(bijectors.zeroSum(2), [2, 3]), isSurface: true },
  lowerCholesky: vectors(bijectors.lowerCholesky, 6, lower),
  softplusLowerCholesky: vectors(bijectors.softplusLowerCholesky, 6, lower),
  scaledUnitLowerCholesky: vectors(bijectors.scaledUnitLowerCholesky, 6, lower),
  corrCholesky: vectors(bijectors.corrCholesky, 6, strictlyLower),
  'corrCholesky of side 2': vectors(bijectors.corrCholesky, 1, strictlyLower),
  corrMatrix: vectors(bijectorOf(constraints.corrMatrix), 3, strictlyLower),
  positiveSemidefinite: vectors(bijectorOf(constraints.positiveSemidefinite), 6, lower),
  'inverse of corrMatrixCholesky': {
    bijector: inverseOf(bijectors.corrMatrixCholesky, { codomain: () => constraints.corrMatrix }),
    domain: constraints.corrCholesky,
    argument: corrFactor,
    free: strictlyLower,
    moving: strictlyLower,
  },
  lowerCholeskyAffine: vectors(bijectors.lowerCholeskyAffine([1, 2, 3], scaleTril), 3),
  choleskyProduct: { bijector: bijectors.choleskyProduct, domain: constraints.lowerCholesky, argument: factor, free: lower, moving: lower },
  'compose to matrices': vectors(compose(bijectors.lowerCholesky, bijectors.choleskyProduct), 6, lower),
  'numbers, then vectors': vectors(compose(affine(0.2, 0.5), stickBreaking), 3, allButLast),
  permute: vectors(bijectors.permute([2, 0, 1]), 3),
  reshape: matrices(bijectors.reshape([6], [2, 3]), [2, 3]),
  'vectors, then numbers': vectors(compose(bijectors.permute([1, 0]), exp), 2),
  discreteCosine: vectors(bijectors.discreteCosine, 5),
  haar: vectors(bijectors.haar, 5),
  recursiveLinear: matrices(
    bijectors.recursiveLinear([
      [0.6, 0.1],
      [-0.3, 1.2],
    ]),
    [5, 2],
  ),
  inverseAutoregressive: vectors(
    bijectors.inverseAutoregressive((x) => network.apply(weights, x), { params: weights }),
    3,
  ),
  affineCoupling: vectors(
    bijectors.affineCoupling(1, (x) => [ops.mul(x, [2, -1]), ops.sin(ops.add(x, [0, 1]))]),
    3,
  ),
};
