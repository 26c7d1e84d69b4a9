/** Divergences between distributions of positive numbers and of numbers between bounds: gamma, Weibull, Pareto, beta, uniform and their kin. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA } from '../constants.ts';
import { rule, within, type KLRule } from './rule.ts';

const { add, digamma, div, exp, greaterEqual, lbeta, lessEqual, lgamma, log, log1p, logicalAnd, mul, neg, sub, where } = ops;

interface Gamma {
  readonly concentration: AnyArray;
  readonly rate: AnyArray;
}

/** (aₚ − a_q) ψ(aₚ) − log Γ(aₚ) + log Γ(a_q) + a_q log(bₚ / b_q) + aₚ (b_q − bₚ) / bₚ. Penny (2001), KL-divergences of Normal, Gamma, Dirichlet and Wishart densities. */
const klGamma = (p: Gamma, q: Gamma): AnyArray => {
  const { concentration: a, rate: b } = p;
  const u = div(sub(q.rate, b), b);
  const shapes = add(mul(sub(a, q.concentration), digamma(a)), sub(lgamma(q.concentration), lgamma(a)));
  return add(shapes, sub(mul(a, u), mul(q.concentration, log1p(u))));
};

const one = ops.ones([]);
const two = ops.fill([], 2);

/** Families that are gamma distributions by other parameters. */
const gammas: Readonly<Record<string, (params: Readonly<Record<string, AnyArray>>) => Gamma>> = {
  Gamma: ({ concentration, rate }) => ({ concentration: concentration!, rate: rate! }),
  Exponential: ({ rate }) => ({ concentration: one, rate: rate! }),
  Chi2: ({ df }) => ({ concentration: div(df!, two), rate: div(one, two) }),
};

interface Weibull {
  readonly scale: AnyArray;
  readonly concentration: AnyArray;
}

/** E log(x / λ) = −γ / k; the entropy is γ (1 − 1/k) + log(λ / k) + 1. */
const negativeEntropy = ({ scale, concentration: k }: Weibull): AnyArray => sub(add(log(div(k, scale)), mul(EULER_GAMMA, sub(div(1, k), 1))), 1);

/** Bauckhage (2014), Computing the Kullback–Leibler divergence between two generalized gamma distributions. */
const klWeibullGamma = (p: Weibull, { concentration: a, rate: b }: Gamma): AnyArray => {
  const logX = sub(log(p.scale), div(EULER_GAMMA, p.concentration));
  const mean = mul(p.scale, exp(lgamma(add(1, div(1, p.concentration)))));
  const cross = sub(add(sub(mul(a, log(b)), lgamma(a)), mul(sub(a, 1), logX)), mul(b, mean));
  return sub(negativeEntropy(p), cross);
};

/** Bauckhage (2013), Computing the Kullback–Leibler divergence between two Weibull distributions. */
const klWeibull = (p: Weibull, q: Weibull): AnyArray => {
  const ratio = div(q.concentration, p.concentration);
  const logRatio = log(div(p.scale, q.scale));
  const power = exp(add(mul(q.concentration, logRatio), lgamma(add(1, ratio))));
  const cross = sub(add(log(div(q.concentration, q.scale)), mul(sub(q.concentration, 1), sub(logRatio, div(EULER_GAMMA, p.concentration)))), power);
  return sub(negativeEntropy(p), cross);
};

interface Pareto {
  readonly scale: AnyArray;
  readonly alpha: AnyArray;
}

const klPareto = (p: Pareto, q: Pareto): AnyArray => {
  const u = div(sub(q.alpha, p.alpha), p.alpha);
  const shapes = sub(u, log1p(u));
  return where(greaterEqual(p.scale, q.scale), add(shapes, mul(q.alpha, log(div(p.scale, q.scale)))), Infinity);
};

interface Beta {
  readonly concentration1: AnyArray;
  readonly concentration0: AnyArray;
}

const klBeta = (p: Beta, q: Beta): AnyArray => {
  const { concentration1: a, concentration0: b } = p;
  const [da, db] = [sub(a, q.concentration1), sub(b, q.concentration0)];
  const lead = sub(lbeta(q.concentration1, q.concentration0), lbeta(a, b));
  return sub(add(lead, add(mul(da, digamma(a)), mul(db, digamma(b)))), mul(add(da, db), digamma(add(a, b))));
};

interface Bounds {
  readonly low: AnyArray;
  readonly high: AnyArray;
}

const inside = (p: Bounds, low: AnyArray | number, high: AnyArray | number): AnyArray => logicalAnd(greaterEqual(p.low, low), lessEqual(p.high, high));

const klUniform = (p: Bounds, q: Bounds): AnyArray => where(inside(p, q.low, q.high), log(div(sub(q.high, q.low), sub(p.high, p.low))), Infinity);

/** E log x of x uniform from `low` ≥ 0: log high − 1 + low log(high / low) / (high − low). */
const meanLog = (low: AnyArray, high: AnyArray): AnyArray => {
  const width = sub(high, low);
  const isZero = lessEqual(low, 0);
  const at = where(isZero, 1, low);
  return sub(add(log(high), where(isZero, 0, mul(div(at, width), log1p(div(width, at))))), 1);
};

const klUniformBeta = (p: Bounds, q: Beta): AnyArray => {
  const isInside = inside(p, 0, 1);
  const [low, high] = [where(isInside, p.low, 0), where(isInside, p.high, 1)];
  const logs = add(mul(sub(q.concentration1, 1), meanLog(low, high)), mul(sub(q.concentration0, 1), meanLog(sub(1, high), sub(1, low))));
  const cross = sub(logs, lbeta(q.concentration1, q.concentration0));
  return where(isInside, neg(add(log(sub(high, low)), cross)), Infinity);
};

interface Kumaraswamy {
  readonly concentration1: AnyArray;
  readonly concentration0: AnyArray;
}

/** Of one first parameter: then x^a is Beta(1, b) under both. Otherwise E log(1 − x^a) has no closed form. */
export const negativeEntropyOfKumaraswamy = ({ concentration1: a, concentration0: b }: Kumaraswamy): AnyArray => {
  const harmonic = add(digamma(add(b, 1)), EULER_GAMMA);
  return sub(sub(add(log(a), log(b)), mul(sub(1, div(1, a)), harmonic)), sub(1, div(1, b)));
};

const gammaRules = Object.entries(gammas).flatMap(([p, ofP]) =>
  Object.entries(gammas).map(([q, ofQ]) => rule<string, string>(p, q, (a, b) => klGamma(ofP(a), ofQ(b)))),
);

export const positive: readonly KLRule[] = [
  ...gammaRules,
  // x and 1 / x have one divergence.
  within<'concentration' | 'rate'>('InverseGamma', klGamma),
  rule<'scale' | 'concentration', 'concentration' | 'rate'>('Weibull', 'Gamma', klWeibullGamma),
  rule<'scale' | 'concentration', 'rate'>('Weibull', 'Exponential', (p, q) => klWeibullGamma(p, gammas['Exponential']!(q))),
  within<'scale' | 'concentration'>('Weibull', klWeibull),
  within<'scale' | 'alpha'>('Pareto', klPareto),
  within<'concentration1' | 'concentration0'>('Beta', klBeta),
  within<'low' | 'high'>('Uniform', klUniform),
  rule<'low' | 'high', 'concentration1' | 'concentration0'>('Uniform', 'Beta', klUniformBeta),
];
