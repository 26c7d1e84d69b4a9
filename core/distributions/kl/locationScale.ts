/** Divergences between distributions of a location and a scale, or a scale alone: normal, Laplace, Cauchy, Gumbel, von Mises and their kin. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA, HALF_LOG_2PI } from '../constants.ts';
import { rule, within, type KLRule } from './rule.ts';

const { abs, add, cos, digamma, div, erf, exp, expm1, i0e, i1e, lgamma, log, log1p, logI0, mul, neg, polygamma, square, sub } = ops;

/** u − log(1 + u), where 1 + u = `ratio`: by u where that is small, by the ratio where u is near −1. */
const excess = (u: AnyArray, ratio: AnyArray): AnyArray => {
  const isClose = ops.less(abs(u), 0.5);
  return sub(u, ops.where(isClose, log1p(ops.where(isClose, u, 0)), log(ratio)));
};

const relative = (a: AnyArray, b: AnyArray): AnyArray => div(sub(a, b), b);

/** ½ (r² − 1 − log r²), r = σₚ / σ_q. */
const ofScales = (p: AnyArray, q: AnyArray): AnyArray => {
  const ratio = div(p, q);
  return mul(0.5, excess(mul(relative(p, q), add(ratio, 1)), square(ratio)));
};

type LocScale = 'loc' | 'scale';
interface LocScaleArrays {
  readonly loc: AnyArray;
  readonly scale: AnyArray;
}

/** KL of two normal distributions: ½ (r² − 1 − log r² + ((μₚ − μ_q) / σ_q)²). */
export const klNormal = (p: LocScaleArrays, q: LocScaleArrays): AnyArray => add(ofScales(p.scale, q.scale), mul(0.5, square(div(sub(p.loc, q.loc), q.scale))));

const klLaplace = (p: LocScaleArrays, q: LocScaleArrays): AnyArray => {
  const distance = abs(sub(p.loc, q.loc));
  const ratio = div(p.scale, q.scale);
  return add(add(excess(relative(p.scale, q.scale), ratio), mul(ratio, expm1(neg(div(distance, p.scale))))), div(distance, q.scale));
};

/** log(((σₚ + σ_q)² + d²) / 4 σₚ σ_q): Chyzak, Nielsen (2019), eq. 3. */
const klCauchy = (p: LocScaleArrays, q: LocScaleArrays): AnyArray =>
  log1p(div(add(square(sub(p.scale, q.scale)), square(sub(p.loc, q.loc))), mul(4, mul(p.scale, q.scale))));

const klGumbel = (p: LocScaleArrays, q: LocScaleArrays): AnyArray => {
  const ratio = div(p.scale, q.scale);
  const shift = div(sub(p.loc, q.loc), q.scale);
  // E e^−z of z = (x − loc_q) / scale_q is Γ(1 + ratio) e^−shift.
  return add(add(sub(mul(EULER_GAMMA, sub(ratio, 1)), log(ratio)), shift), expm1(sub(lgamma(add(ratio, 1)), shift)));
};

const entropyOfNormal = (scale: AnyArray): AnyArray => add(log(scale), HALF_LOG_2PI + 0.5);

/** E |x − m| of a normal x is that of a folded normal. */
const klNormalLaplace = (p: LocScaleArrays, q: LocScaleArrays): AnyArray => {
  const off = sub(p.loc, q.loc);
  const z = div(off, p.scale);
  const distance = add(mul(mul(p.scale, Math.sqrt(2 / Math.PI)), exp(mul(-0.5, square(z)))), mul(off, erf(div(z, Math.SQRT2))));
  return sub(add(log(mul(2, q.scale)), div(distance, q.scale)), entropyOfNormal(p.scale));
};

const klNormalGumbel = (p: LocScaleArrays, q: LocScaleArrays): AnyArray => {
  const [shift, spread] = [div(sub(p.loc, q.loc), q.scale), div(p.scale, q.scale)];
  const cross = add(add(log(q.scale), shift), exp(sub(mul(0.5, square(spread)), shift)));
  return sub(cross, entropyOfNormal(p.scale));
};

/** With A = I₁(κₚ) / I₀(κₚ), the mean of cos(x − locₚ): A (κₚ − κ_q cos d) − log I₀(κₚ) + log I₀(κ_q). Mardia, Jupp (2000), sec. 3.5.4. */
const klVonMises = (
  p: { readonly loc: AnyArray; readonly concentration: AnyArray },
  q: { readonly loc: AnyArray; readonly concentration: AnyArray },
): AnyArray => {
  const resultant = div(i1e(p.concentration), i0e(p.concentration));
  const pull = sub(p.concentration, mul(q.concentration, cos(sub(p.loc, q.loc))));
  return add(mul(resultant, pull), sub(logI0(q.concentration), logI0(p.concentration)));
};

/** KL(Gamma ‖ LogNormal), by the mean and variance of the logarithm: ψ(a) − log b and ψ′(a). */
const klGammaLogNormal = (p: { readonly concentration: AnyArray; readonly rate: AnyArray }, q: LocScaleArrays): AnyArray => {
  const { concentration: a, rate: b } = p;
  const logX = sub(digamma(a), log(b));
  const ofP = add(sub(sub(a, log(b)), mul(sub(a, 1), digamma(a))), lgamma(a));
  const ofQ = add(add(logX, add(log(q.scale), HALF_LOG_2PI)), mul(0.5, div(add(polygamma(1, a), square(sub(logX, q.loc))), square(q.scale))));
  return sub(ofQ, ofP);
};

const scaleOnly = (kl: (p: LocScaleArrays, q: LocScaleArrays) => AnyArray) => (p: { readonly scale: AnyArray }, q: { readonly scale: AnyArray }) =>
  kl({ loc: ops.zeros([]), scale: p.scale }, { loc: ops.zeros([]), scale: q.scale });

export const locationScale: readonly KLRule[] = [
  within<LocScale>('Normal', klNormal),
  // A one-to-one map of both leaves the divergence as it is.
  within<LocScale>('LogNormal', klNormal),
  within<LocScale>('Laplace', klLaplace),
  within<LocScale>('Cauchy', klCauchy),
  within<LocScale>('Gumbel', klGumbel),
  within<'scale'>('HalfNormal', scaleOnly(klNormal)),
  within<'scale'>('HalfCauchy', scaleOnly(klCauchy)),
  within<'loc' | 'concentration'>('VonMises', klVonMises),
  rule<LocScale, LocScale>('Normal', 'Laplace', klNormalLaplace),
  rule<LocScale, LocScale>('Normal', 'Gumbel', klNormalGumbel),
  rule<'concentration' | 'rate', LocScale>('Gamma', 'LogNormal', klGammaLogNormal),
];
