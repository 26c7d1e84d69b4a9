/** Hurdle distributions: zeros come from a gate alone, all else from a base distribution without its zeros. */
import { nonnegative, nonnegativeInteger, positive, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { bernoulli } from '../../random/draws.ts';
import { split, type Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { namedParts, univariatePart } from '../combinators/parts.ts';
import { Gamma } from '../continuous/gamma.ts';
import { LogNormal } from '../continuous/normal.ts';
import { logNormalizer } from '../continuous/truncatedExponential.ts';
import type { Distribution } from '../distribution.ts';
import type { Constructor } from '../family.ts';
import { gateOf, givenGate, type Gate } from './gate.ts';
import { NegativeBinomial2 } from './negativeBinomial.ts';
import { Poisson } from './poisson.ts';
import { otherThanZero, positiveNegativeBinomial2, positivePoisson } from './positiveCounts.ts';
import { zeroMixture, zeroMixtureFamily, type ZeroMixture } from './zeroMixture.ts';

const { add, div, equal, expm1, greaterEqual, less, lgamma, log, log1mExp, mul, neg, square, sub, where } = ops;

type Draw = (key: Key, shape: Shape) => AnyArray;

/** What a base knows better than its density over the probability of not being 0. */
interface WithoutZeros {
  readonly draw?: Draw;
  /** log B(k) / (1 − B(0)) for k > 0. */
  readonly logProb?: (k: AnyArray) => AnyArray;
}

/** Of a base that is continuous, or whose zeros are left out. */
const overHurdle = (gate: Gate, base: Distribution, without: WithoutZeros = {}): ZeroMixture => {
  const hasZeros = base.isDiscrete;
  const other: Draw = without.draw ?? ((key, shape) => (hasZeros ? otherThanZero(base, key, shape) : base.expand(shape).sample(key)));
  const logAtZero = (): AnyArray => base.logProb(0);
  /** (1 − g) / (1 − B(0)): by how much the base's probabilities are scaled. */
  const scale = (): AnyArray => (hasZeros ? div(gate.rest(), neg(expm1(logAtZero()))) : gate.rest());
  return {
    draw: (key, shape) => {
      const [forGate, forOther] = split(key);
      return where(bernoulli(forGate, gate.zero(), shape), 0, other(forOther, shape));
    },
    logProb: (x) => {
      const isZero = equal(x, 0);
      // At 0 the base may be infinite: it is asked elsewhere.
      const at = where(isZero, hasZeros ? x : base.support.feasible(x.shape), x);
      const logOther = (): AnyArray => without.logProb?.(at) ?? (hasZeros ? sub(base.logProb(at), log1mExp(neg(logAtZero()))) : base.logProb(at));
      return where(isZero, gate.logZero(), add(gate.logRest(), logOther()));
    },
    mean: () => mul(scale(), base.mean),
    variance: () => mul(scale(), add(base.variance, mul(sub(1, scale()), square(base.mean)))),
    cdf: (x) => {
      const below = base.cdf(x);
      const isUp = greaterEqual(x, 0);
      return add(where(isUp, gate.zero(), 0), mul(scale(), hasZeros ? sub(below, where(isUp, ops.exp(logAtZero()), 0)) : below));
    },
  };
};

/**
 * HurdleDistribution(baseDist, { gate }) or (baseDist, { gateLogits }): P(0) = g; elsewhere (1 − g) B(k) / (1 − B(0)) for a base of whole
 * numbers, (1 − g) f(x) for one with a density f; g is `gate`, or 1 / (1 + e^(−gateLogits)).
 *
 * Draws of a base of whole numbers need a distribution function or a finite support.
 *
 * @param baseDist - a distribution of single numbers
 * @param options - exactly one of `gate`, from 0 to 1, and `gateLogits`, any number
 * @throws InvalidArgument for a base with event axes, and for both or neither of the gates; InvalidParameter for a gate outside its constraint
 * @see Mullahy, "Specification and testing of some modified count data models" (1986); Cragg (1971)
 * @example
 * dist.HurdleDistribution(dist.Poisson(2), { gate: 0.25 }).logProb(0); // -1.3862943611198906
 */
export const HurdleDistribution = (...args: readonly unknown[]): Distribution => {
  const { baseDist, ...options } = namedParts('HurdleDistribution', ['baseDist', 'gate', 'gateLogits'], args);
  const base = univariatePart('HurdleDistribution', 'baseDist', baseDist);
  const gate = givenGate('HurdleDistribution', options);
  return zeroMixture('HurdleDistribution', base, gate, overHurdle(gate, base), (fn, array) => HurdleDistribution(fn, { [gate.name]: array }));
};

/** log λᵏ / (k! (e^λ − 1)): at small rates by powers of λ, as a density over 1 − e^−λ would lose the derivative. */
const logPositivePoisson =
  (rate: AnyArray, poisson: Distribution) =>
  (k: AnyArray): AnyArray => {
    const isSmall = less(rate, 1);
    const small = where(isSmall, rate, 0.5);
    const byPowers = sub(sub(mul(sub(k, 1), log(small)), lgamma(add(k, 1))), logNormalizer(small));
    const ordinary = where(isSmall, 1, rate);
    return where(isSmall, byPowers, sub(poisson.logProb(k), log1mExp(ordinary)));
  };

/**
 * HurdlePoisson(gate, rate): P(0) = g, P(k) = (1 − g) λᵏ e^−λ / (k! (1 − e^−λ)) for k = 1, 2 …, g = gate, λ = rate.
 *
 * @param gate - the probability of 0, from 0 to 1
 * @param rate - positive; 1 by default
 * @see Mullahy, "Specification and testing of some modified count data models" (1986)
 * @example
 * dist.HurdlePoisson(0.25, 2).logProb(0); // -1.3862943611198906
 */
export const HurdlePoisson: Constructor<'gate' | 'rate'> = zeroMixtureFamily(
  'HurdlePoisson',
  { gate: { constraint: unitInterval }, rate: { constraint: positive, default: 1 } },
  nonnegativeInteger,
  ({ gate, rate }) => {
    const poisson = Poisson(rate);
    return overHurdle(gateOf(gate), poisson, { draw: (key, shape) => positivePoisson(key, rate, shape), logProb: logPositivePoisson(rate, poisson) });
  },
);

/**
 * HurdleNegativeBinomial2(gate, mean, concentration): P(0) = g, P(k) = (1 − g) B(k) / (1 − B(0)) for k = 1, 2 …, with the probabilities B of
 * NegativeBinomial2(mean, concentration), g = gate.
 *
 * @param gate - the probability of 0, from 0 to 1
 * @param mean - positive, of the base
 * @param concentration - positive
 * @see Mullahy, "Specification and testing of some modified count data models" (1986)
 * @example
 * dist.HurdleNegativeBinomial2(0.25, 2, 1).logProb(0); // -1.3862943611198906
 */
export const HurdleNegativeBinomial2: Constructor<'gate' | 'mean' | 'concentration'> = zeroMixtureFamily(
  'HurdleNegativeBinomial2',
  { gate: { constraint: unitInterval }, mean: { constraint: positive }, concentration: { constraint: positive } },
  nonnegativeInteger,
  ({ gate, mean, concentration }) =>
    overHurdle(gateOf(gate), NegativeBinomial2(mean, concentration), { draw: (key, shape) => positiveNegativeBinomial2(key, mean, concentration, shape) }),
);

/**
 * HurdleGamma(gate, concentration, rate): P(0) = g, and on x > 0 the density (1 − g) λᵃ x^(a−1) e^(−λx) / Γ(a), g = gate, a = concentration,
 * λ = rate. The log-probability of 0 is log g.
 *
 * @param gate - the probability of 0, from 0 to 1
 * @param concentration - positive
 * @param rate - positive; 1 by default
 * @see Cragg, "Some statistical models for limited dependent variables" (1971)
 * @example
 * dist.HurdleGamma(0.5, 3, 1).mean; // 1.5
 */
export const HurdleGamma: Constructor<'gate' | 'concentration' | 'rate'> = zeroMixtureFamily(
  'HurdleGamma',
  { gate: { constraint: unitInterval }, concentration: { constraint: positive }, rate: { constraint: positive, default: 1 } },
  nonnegative,
  ({ gate, concentration, rate }) => overHurdle(gateOf(gate), Gamma(concentration, rate)),
);

/**
 * HurdleLogNormal(gate, loc, scale): P(0) = g, and on x > 0 the density (1 − g) exp(−(log x − μ)² / 2σ²) / (x σ √(2π)), g = gate, μ = loc,
 * σ = scale. The log-probability of 0 is log g.
 *
 * @param gate - the probability of 0, from 0 to 1
 * @param loc - the mean of log x, any number; 0 by default
 * @param scale - the standard deviation of log x, positive; 1 by default
 * @see Cragg, "Some statistical models for limited dependent variables" (1971)
 * @example
 * dist.HurdleLogNormal(0.25, 0, 1).logProb(0); // -1.3862943611198906
 */
export const HurdleLogNormal: Constructor<'gate' | 'loc' | 'scale'> = zeroMixtureFamily(
  'HurdleLogNormal',
  { gate: { constraint: unitInterval }, loc: { constraint: real, default: 0 }, scale: { constraint: positive, default: 1 } },
  nonnegative,
  ({ gate, loc, scale }) => overHurdle(gateOf(gate), LogNormal(loc, scale)),
);

/**
 * HurdleProbs(baseDist, gate): `HurdleDistribution(baseDist, { gate })`.
 *
 * @param baseDist - a distribution of single numbers
 * @param gate - the probability of a zero, from 0 to 1
 * @example
 * dist.HurdleProbs(dist.Poisson(2), 0.5).batchShape; // []
 */
export const HurdleProbs = (...args: readonly unknown[]): Distribution => {
  const { baseDist, gate } = namedParts('HurdleProbs', ['baseDist', 'gate'], args);
  return HurdleDistribution(baseDist, { gate });
};

/**
 * HurdleLogits(baseDist, gateLogits): `HurdleDistribution(baseDist, { gateLogits })`.
 *
 * @param baseDist - a distribution of single numbers
 * @param gateLogits - the log-odds of a zero, any number
 * @example
 * dist.HurdleLogits(dist.Poisson(2), 0).batchShape; // []
 */
export const HurdleLogits = (...args: readonly unknown[]): Distribution => {
  const { baseDist, gateLogits } = namedParts('HurdleLogits', ['baseDist', 'gateLogits'], args);
  return HurdleDistribution(baseDist, { gateLogits });
};
