/** The bijectors of vectors and matrices: stick breaking, lower Cholesky factors, affine maps by a factor. */
import { lowerCholesky, positiveDefinite, simplex } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import { makeNDArray } from '../ndarray.ts';
import type { Shape } from '../shape.ts';
import type { AnyArray, Input } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';

const { add, exp, log, mul, neg, sub, sum } = ops;

/** log(K − 1 − k) for k = 0 … K − 2: with it, x = 0 maps to the centre of the simplex. */
const stickOffset = (count: number): AnyArray =>
  makeNDArray(
    Float64Array.from({ length: count }, (_, k) => Math.log(count - k)),
    [count],
  );

const lastAxis = (shape: Shape, by: number): Shape => [...shape.slice(0, -1), shape.at(-1)! + by];

const padLast = (x: AnyArray, before: number, after: number, value: number): AnyArray =>
  ops.pad(
    x,
    x.shape.map((_, i) => (i === x.shape.length - 1 ? ([before, after] as const) : ([0, 0] as const))),
    value,
  );

const dropLast = (x: AnyArray): AnyArray =>
  ops.slice(
    x,
    x.shape.map(() => 0),
    lastAxis(x.shape, -1),
  );

/**
 * From K − 1 numbers to a simplex of K: each breaks its share z_k = σ(x_k − log(K − 1 − k)) off what is left of a stick.
 * Stan Reference Manual, "Unit simplex". The log-determinant is of the first K − 1 entries.
 */
export const stickBreaking: Bijector = makeBijector('stickBreaking', {
  domainDim: 1,
  forward: (x) => {
    const t = sub(x, stickOffset(x.shape.at(-1)!));
    // Shares and remainders in logs: a product of many 1 − z underflows.
    const remaining = ops.cumsum(ops.logSigmoid(neg(t)), -1);
    return exp(add(padLast(ops.logSigmoid(t), 0, 1, 0), padLast(remaining, 1, 0, 0)));
  },
  inverse: (y) => {
    const head = dropLast(y);
    const tail = ops.cumsum(y, -1, true, true);
    // What is left after entry k is a sum of the later entries, so that no digits cancel.
    return add(sub(log(head), log(dropLast(tail))), stickOffset(head.shape.at(-1)!));
  },
  logDet: (x) => {
    const t = sub(x, stickOffset(x.shape.at(-1)!));
    const remaining = ops.cumsum(ops.logSigmoid(neg(t)), -1, true);
    return sum(add(add(ops.logSigmoid(t), ops.logSigmoid(neg(t))), remaining), -1);
  },
  forwardShape: (shape) => lastAxis(shape, 1),
  inverseShape: (shape) => lastAxis(shape, -1),
  codomain: () => simplex,
});

const matrixSide = (length: number): number => Math.round((Math.sqrt(8 * length + 1) - 1) / 2);

/** Where entry (i, j) of a matrix of side n is found in [strictly lower entries by rows, diagonal, 0]. */
const unpackIndices = (n: number): AnyArray => {
  const strict = (n * (n - 1)) / 2;
  const index = (i: number, j: number): number => (j < i ? (i * (i - 1)) / 2 + j : j === i ? strict + i : strict + n);
  return makeNDArray(
    Float64Array.from({ length: n * n }, (_, k) => index(Math.floor(k / n), k % n)),
    [n * n],
    'int32',
  );
};

const packIndices = (n: number): AnyArray => {
  const strict = Array.from({ length: n }, (_, i) => Array.from({ length: i }, (__, j) => i * n + j)).flat();
  const diagonal = Array.from({ length: n }, (_, i) => i * (n + 1));
  return makeNDArray(Float64Array.from([...strict, ...diagonal]), [strict.length + n], 'int32');
};

const splitVector = (x: AnyArray): { readonly n: number; readonly strict: AnyArray; readonly diagonal: AnyArray } => {
  const n = matrixSide(x.shape.at(-1)!);
  const [strict, diagonal] = ops.split(x, [x.shape.at(-1)! - n, n], -1);
  return { n, strict: strict!, diagonal: diagonal! };
};

const toMatrix = (n: number, strict: AnyArray, diagonal: AnyArray): AnyArray => {
  const source = padLast(ops.concat([strict, diagonal], -1), 0, 1, 0);
  return ops.reshape(ops.gather(source, unpackIndices(n), -1), [...strict.shape.slice(0, -1), n, n]);
};

/** From n(n + 1)/2 numbers, the strictly lower entries by rows and then the logarithms of the diagonal, to a lower Cholesky factor. */
export const lowerCholeskyBijector: Bijector = makeBijector('lowerCholesky', {
  domainDim: 1,
  codomainDim: 2,
  forward: (x) => {
    const { n, strict, diagonal } = splitVector(x);
    return toMatrix(n, strict, exp(diagonal));
  },
  inverse: (y) => {
    const n = y.shape.at(-1)!;
    const packed = ops.gather(ops.reshape(y, [...y.shape.slice(0, -2), n * n]), packIndices(n), -1);
    const { strict, diagonal } = splitVector(packed);
    return ops.concat([strict, log(diagonal)], -1);
  },
  logDet: (x) => sum(splitVector(x).diagonal, -1),
  forwardShape: (shape) => [...shape.slice(0, -1), matrixSide(shape.at(-1)!), matrixSide(shape.at(-1)!)],
  inverseShape: (shape) => [...shape.slice(0, -2), (shape.at(-1)! * (shape.at(-1)! + 1)) / 2],
  codomain: () => lowerCholesky,
});

/** From a lower Cholesky factor L to L Lᵀ; ∂ log-determinant: n log 2 + Σ (n − i) log L_ii, i from 0. */
export const choleskyProduct: Bijector = makeBijector('choleskyProduct', {
  domainDim: 2,
  forward: (l) => ops.matMul(l, l, false, true),
  inverse: (y) => ops.cholesky(y),
  logDet: (l) => {
    const n = l.shape.at(-1)!;
    const weights = makeNDArray(
      Float64Array.from({ length: n }, (_, i) => n - i),
      [n],
    );
    return add(n * Math.LN2, sum(mul(weights, log(ops.diagPart(l))), -1));
  },
  codomain: () => positiveDefinite,
});

/** y = loc + L x for a lower Cholesky factor L. */
export const lowerCholeskyAffine = (loc: Input, scaleTril: Input): Bijector =>
  makeBijector('lowerCholeskyAffine', {
    params: { loc, scaleTril },
    domainDim: 1,
    forward: (x) => add(loc, ops.squeeze(ops.matMul(scaleTril, ops.expandDims(x, -1)), -1)),
    inverse: (y) => ops.squeeze(ops.triangularSolve(scaleTril, ops.expandDims(sub(y, loc), -1)), -1),
    logDet: (x) => ops.broadcastTo(sum(log(ops.diagPart(scaleTril)), -1), x.shape.slice(0, -1)),
  });
