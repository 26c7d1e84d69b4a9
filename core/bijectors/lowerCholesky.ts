/** The bijectors onto lower Cholesky factors, and between them and positive definite matrices. */
import * as constraints from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { inverseOf } from './combinators.ts';
import { positionsOf, vectorOf } from './layout.ts';
import { lowerMatrix, splitTriangle, strictOf, strictRows, triangleShapes } from './triangle.ts';

const { add, div, log, mul, sum } = ops;

/** From n(n + 1)/2 numbers, the strictly lower entries by rows and then the logarithms of the diagonal, to a lower Cholesky factor. */
export const lowerCholesky: Bijector = makeBijector('lowerCholesky', {
  domainDim: 1,
  codomainDim: 2,
  forward: (x) => {
    const { strict, diagonal } = splitTriangle(x);
    return lowerMatrix(strict, ops.exp(diagonal));
  },
  inverse: (y) => ops.concat([strictOf(y), log(ops.diagPart(y))], -1),
  logDet: (x) => sum(splitTriangle(x).diagonal, -1),
  ...triangleShapes(true),
  codomain: () => constraints.lowerCholesky,
});

/** As `lowerCholesky`, the diagonal log(1 + eˣ) instead of eˣ. */
export const softplusLowerCholesky: Bijector = makeBijector('softplusLowerCholesky', {
  domainDim: 1,
  codomainDim: 2,
  forward: (x) => {
    const { strict, diagonal } = splitTriangle(x);
    return lowerMatrix(strict, ops.softplus(diagonal));
  },
  inverse: (y) => ops.concat([strictOf(y), ops.softplusInverse(ops.diagPart(y))], -1),
  logDet: (x) => sum(ops.logSigmoid(splitTriangle(x).diagonal), -1),
  ...triangleShapes(true),
  codomain: () => constraints.softplusLowerCholesky,
});

/** Each strictly lower entry's number of the diagonal in its row. */
const alongRows = (diagonal: AnyArray): AnyArray => ops.gather(diagonal, positionsOf(strictRows(diagonal.shape.at(-1)!)), -1);

const scaledRows = (strict: AnyArray, scale: AnyArray): AnyArray => lowerMatrix(mul(strict, alongRows(scale)), scale);

/** Row i holds i scaled entries beside its diagonal. */
const scaledVolume = (scale: AnyArray, diagonal: AnyArray): AnyArray =>
  sum(
    add(
      mul(
        vectorOf(diagonal.shape.at(-1)!, (i) => i),
        log(scale),
      ),
      ops.logSigmoid(diagonal),
    ),
    -1,
  );

/** From n(n + 1)/2 numbers to D U: U unit lower triangular of the first n(n − 1)/2 by rows, D diagonal, log(1 + eˣ) of the others. */
export const scaledUnitLowerCholesky: Bijector = makeBijector('scaledUnitLowerCholesky', {
  domainDim: 1,
  codomainDim: 2,
  forward: (x) => {
    const { strict, diagonal } = splitTriangle(x);
    return scaledRows(strict, ops.softplus(diagonal));
  },
  inverse: (y) => {
    const scale = ops.diagPart(y);
    return ops.concat([div(strictOf(y), alongRows(scale)), ops.softplusInverse(scale)], -1);
  },
  logDet: (x) => {
    const { diagonal } = splitTriangle(x);
    return scaledVolume(ops.softplus(diagonal), diagonal);
  },
  forwardAndLogDet: (x) => {
    const { strict, diagonal } = splitTriangle(x);
    const scale = ops.softplus(diagonal);
    return [scaledRows(strict, scale), scaledVolume(scale, diagonal)];
  },
  ...triangleShapes(true),
  codomain: () => constraints.scaledUnitLowerCholesky,
});

/** From a lower Cholesky factor L to L Lᵀ; log-determinant, of the lower triangles: n log 2 + Σ (n − i) log L_ii, i from 0. */
export const choleskyProduct: Bijector = makeBijector('choleskyProduct', {
  domainDim: 2,
  forward: (l) => ops.matMul(l, l, false, true),
  inverse: (y) => ops.cholesky(y),
  logDet: (l) => {
    const n = l.shape.at(-1)!;
    return add(
      n * Math.LN2,
      sum(
        mul(
          vectorOf(n, (i) => n - i),
          log(ops.diagPart(l)),
        ),
        -1,
      ),
    );
  },
  codomain: () => constraints.positiveDefinite,
});

/** From a positive definite matrix to its lower Cholesky factor, as NumPyro's CholeskyTransform. */
export const cholesky: Bijector = inverseOf(choleskyProduct, { name: 'cholesky', codomain: () => constraints.lowerCholesky });

/** From the Cholesky factor L of a correlation matrix to L Lᵀ; log-determinant, of the strictly lower entries: Σ (n − 1 − i) log L_ii, i from 0. */
export const corrMatrixProduct: Bijector = makeBijector('corrMatrixProduct', {
  domainDim: 2,
  forward: (l) => ops.matMul(l, l, false, true),
  inverse: (y) => ops.cholesky(y),
  logDet: (l) => {
    const n = l.shape.at(-1)!;
    return sum(
      mul(
        vectorOf(n, (i) => n - 1 - i),
        log(ops.diagPart(l)),
      ),
      -1,
    );
  },
  codomain: () => constraints.corrMatrix,
});

/** From a correlation matrix to its lower Cholesky factor, as NumPyro's CorrMatrixCholeskyTransform. */
export const corrMatrixCholesky: Bijector = inverseOf(corrMatrixProduct, { name: 'corrMatrixCholesky', codomain: () => constraints.corrCholesky });
