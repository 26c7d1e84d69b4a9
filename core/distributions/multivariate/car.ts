/** The conditional autoregressive distribution of the values at the sites of a graph. */
import { constraint } from '../../constraints/constraint.ts';
import { openInterval, positive, realVector, type Constraint } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { addAxes } from '../axes.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, byInverse, checkFit, isOfSize, logDiagonal, timesVector, vectorOrNumber } from './forms.ts';

const { add, all, diag, equal, expandDims, eye, greater, log, log1p, logicalAnd, mul, neg, rsqrt, square, sub, sum, transposeMatrix } = ops;

/** Weights between sites: symmetric, and every site has a neighbour. */
const adjacency: Constraint = constraint('adjacency', {
  name: 'symmetric, with a positive sum in each row',
  eventDim: 2,
  check: (x) => logicalAnd(all(equal(x, transposeMatrix(x)), [-2, -1]), all(greater(sum(x, -1), 0), -1)),
  feasible: (shape) => ops.broadcastTo(sub(1, eye(shape.at(-1)!)), shape),
});

interface Params {
  readonly correlation: AnyArray;
  readonly conditionalPrecision: AnyArray;
  readonly adjMatrix: AnyArray;
}

/** D − ρ W. */
const structure = ({ correlation, adjMatrix }: Params): AnyArray => sub(diag(sum(adjMatrix, -1)), mul(addAxes(correlation, 2), adjMatrix));

/**
 * ½ log |det (D − ρ W)|. Of weights that are known by the eigenvalues λ of D^−½ W D^−½, which do not depend on ρ: Σ log(1 − ρ λ). Of
 * others by a Cholesky factor, which has a gradient in them also where eigenvalues are equal.
 */
const halfLogDet = (params: Params): AnyArray => {
  if (!isConcrete(params.adjMatrix)) return logDiagonal(ops.cholesky(structure(params)));
  const weights = toNDArray(params.adjMatrix);
  const degrees = sum(weights, -1);
  const scale = rsqrt(degrees);
  const eigenvalues = ops.eigh(mul(mul(weights, expandDims(scale, -1)), expandDims(scale, -2)))[0];
  return mul(0.5, add(sum(log1p(neg(mul(expandDims(params.correlation, -1), eigenvalues))), -1), sum(log(degrees), -1)));
};

/** The lower Cholesky factor of the covariance. */
const factorOf = (params: Params): AnyArray => byInverse.factor(mul(addAxes(params.conditionalPrecision, 2), structure(params)));

const row = (ofLoc: Constraint): Constructor<'loc' | 'correlation' | 'conditionalPrecision' | 'adjMatrix'> =>
  defineDistribution({
    name: 'CAR',
    params: {
      loc: { constraint: ofLoc },
      correlation: { constraint: openInterval(-1, 1) },
      conditionalPrecision: { constraint: positive },
      adjMatrix: { constraint: adjacency },
    },
    support: realVector,
    eventShape: ({ loc, adjMatrix }) => {
      const n = adjMatrix.shape.at(-1)!;
      checkFit('CAR', adjMatrix.shape.at(-2) === n && isOfSize(loc, n), { loc, adjMatrix });
      return [n];
    },
    isReparameterized: true,
    sample: ({ loc, ...params }, key, shape) => add(loc, timesVector(factorOf(params), normal(key, [...shape, params.adjMatrix.shape.at(-1)!]))),
    logProb: ({ loc, ...params }, x) => {
      const off = sub(x, loc);
      const neighbours = mul(expandDims(params.correlation, -1), timesVector(params.adjMatrix, off));
      const quadratic = sum(mul(off, sub(mul(sum(params.adjMatrix, -1), off), neighbours)), -1);
      const n = params.adjMatrix.shape.at(-1)!;
      const constant = add(halfLogDet(params), mul(0.5 * n, log(params.conditionalPrecision)));
      return sub(sub(constant, n * HALF_LOG_2PI), mul(mul(0.5, params.conditionalPrecision), quadratic));
    },
    mean: ({ loc }) => loc,
    variance: ({ loc: _, ...params }) => sum(square(factorOf(params)), -1),
    entropy: ({ loc: _, ...params }) => {
      const n = params.adjMatrix.shape.at(-1)!;
      return sub(n * (HALF_LOG_2PI + 0.5), add(halfLogDet(params), mul(0.5 * n, log(params.conditionalPrecision))));
    },
  });

/**
 * CAR(loc, correlation, conditionalPrecision, adjMatrix): the multivariate normal of precision τ (D − ρ W), ρ = correlation,
 * τ = conditionalPrecision, W = adjMatrix the weights between the sites of a graph and D the diagonal of their sums.
 *
 * @param loc - the mean, `[…, n]`, or a number for all
 * @param correlation - ρ, between −1 and 1; 0 makes the sites independent
 * @param conditionalPrecision - τ, positive
 * @param adjMatrix - W, `[…, n, n]`, symmetric, with a neighbour for each site. Given as an array, its eigenvalues are found once; of a
 *   traced argument each density takes a Cholesky factor
 * @throws InvalidShape where loc and adjMatrix do not fit; InvalidParameter for a site without a neighbour
 * @see Besag, Spatial interaction and the statistical analysis of lattice systems (1974)
 * @example
 * dist.CAR([0, 0], 0, 1, [[0, 1], [1, 0]]).logProb([0, 0]); // -1.8378770664093456
 */
export const CAR: Constructor<'loc' | 'correlation' | 'conditionalPrecision' | 'adjMatrix'> = (...args: readonly unknown[]): Distribution => {
  const given = arraysOf(namedParts('CAR', ['loc', 'correlation', 'conditionalPrecision', 'adjMatrix'], args));
  return row(vectorOrNumber(given['loc']))(given);
};
