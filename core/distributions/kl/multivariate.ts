/** Divergences between distributions of vectors and matrices: Gaussian ones by any parametrisation, Dirichlet, Wishart's kin. */
import * as ops from '../../ops/index.ts';
import { broadcastShapes } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';
import { eigenvaluesOf } from '../multivariate/circulantNormal.ts';
import { scaleTrilOf } from '../multivariate/multivariateNormal.ts';
import { arraysOf, within, type KLRule } from './rule.ts';

const { add, broadcastTo, diagPart, digamma, div, expandDims, lgamma, log, matMul, mean, mul, square, squeeze, sub, sum, transposeMatrix, triangularSolve } =
  ops;

/** A Gaussian of vectors: its mean, and the lower factor of its covariance, or the roots of its diagonal. */
interface Gaussian {
  readonly loc: AnyArray;
  readonly factor: AnyArray;
  readonly isDiagonal: boolean;
}

const diagonal = (x: AnyArray): AnyArray => mul(expandDims(x, -1), ops.eye(x.shape.at(-1)!));

/** How to see each family as a Gaussian; `Normal` stands for one whose last batch axis is the event. */
const gaussians: Readonly<Record<string, (d: Distribution) => Gaussian>> = {
  MultivariateNormal: (d) => ({ loc: d.mean, factor: ops.tril(scaleTrilOf(d)), isDiagonal: false }),
  LowRankMultivariateNormal: (d) => {
    const { loc, covFactor, covDiag } = arraysOf(d);
    return { loc: loc!, factor: ops.cholesky(add(matMul(covFactor!, transposeMatrix(covFactor!)), diagonal(covDiag!))), isDiagonal: false };
  },
  Normal: (d) => {
    const base = d.wraps?.kind === 'event' ? d.wraps.base : d;
    return { loc: base.mean, factor: ops.sqrt(base.variance), isDiagonal: true };
  },
};

const logDeterminant = ({ factor, isDiagonal }: Gaussian): AnyArray => sum(log(isDiagonal ? factor : diagPart(factor)), -1);

/** A factor and a vector of one batch, as the solver asks. */
const solved = (factor: AnyArray, x: AnyArray): AnyArray => {
  const batch = broadcastShapes(factor.shape.slice(0, -2), x.shape.slice(0, -2));
  return triangularSolve(broadcastTo(factor, [...batch, ...factor.shape.slice(-2)]), broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
};

/** Σ over squared entries of L_q⁻¹ Lₚ, and of L_q⁻¹ (μₚ − μ_q). */
const distances = (p: Gaussian, q: Gaussian): AnyArray => {
  const off = sub(p.loc, q.loc);
  if (q.isDiagonal) {
    const variances = p.isDiagonal ? square(p.factor) : sum(square(p.factor), -1);
    return sum(div(add(variances, square(off)), square(q.factor)), -1);
  }
  const factor = p.isDiagonal ? diagonal(p.factor) : p.factor;
  return add(sum(square(solved(q.factor, factor)), [-2, -1]), sum(square(squeeze(solved(q.factor, expandDims(off, -1)), -1)), -1));
};

/** ½ (tr(Σ_q⁻¹ Σₚ) + (μₚ − μ_q)ᵀ Σ_q⁻¹ (μₚ − μ_q) − n) + log |L_q| − log |Lₚ|. */
const klGaussian = (p: Gaussian, q: Gaussian): AnyArray => add(mul(0.5, sub(distances(p, q), p.loc.shape.at(-1)!)), sub(logDeterminant(q), logDeterminant(p)));

const gaussianRules = Object.entries(gaussians).flatMap(([p, ofP]) =>
  Object.entries(gaussians)
    .filter(([q]) => !(p === 'Normal' && q === 'Normal'))
    .map(([q, ofQ]): KLRule => ({
      p: p === 'Normal' ? 'event(Normal)' : p,
      q: q === 'Normal' ? 'event(Normal)' : q,
      kl: (one, other) => klGaussian(ofP(one), ofQ(other)),
    })),
);

interface Concentration {
  readonly concentration: AnyArray;
}

/** Penny (2001), KL-divergences of Normal, Gamma, Dirichlet and Wishart densities, eq. 12. */
const klDirichlet = ({ concentration: a }: Concentration, { concentration: b }: Concentration): AnyArray => {
  const [totalA, totalB] = [sum(a, -1), sum(b, -1)];
  const lead = sub(sub(lgamma(totalA), sum(lgamma(a), -1)), sub(lgamma(totalB), sum(lgamma(b), -1)));
  return add(lead, sum(mul(sub(a, b), sub(digamma(a), expandDims(digamma(totalA), -1))), -1));
};

/** The inverse of a circulant covariance is circulant too: its diagonal holds the mean of the inverse eigenvalues. */
const klNormalCirculant = (p: Distribution, q: Distribution): AnyArray => {
  const { loc, factor } = gaussians['Normal']!(p);
  const trace = mul(mean(div(1, eigenvaluesOf(q)), -1), sum(square(factor), -1));
  return sub(mul(0.5, trace), add(q.logProb(loc), p.entropy()));
};

export const multivariate: readonly KLRule[] = [
  ...gaussianRules,
  within<'concentration'>('Dirichlet', klDirichlet),
  { p: 'event(Normal)', q: 'CirculantNormal', kl: klNormalCirculant },
];
