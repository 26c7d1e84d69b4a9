/** Zero-inflated distributions of counts: with extra zeros besides those of the base. */
import { nonnegative, nonnegativeInteger, positive, real, unitInterval } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { bernoulli } from '../../random/draws.ts';
import { split } from '../../random/key.ts';
import type { AnyArray, Input } from '../../value.ts';
import { namedParts, univariatePart } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import type { Constructor } from '../family.ts';
import { gateOf, gateOfLogits, givenGate, type Gate, type GateOptions } from './gate.ts';
import { NegativeBinomial2 } from './negativeBinomial.ts';
import { Poisson } from './poisson.ts';
import { zeroMixture, zeroMixtureFamily, type ZeroMixture } from './zeroMixture.ts';

const { add, equal, exp, expm1, greater, greaterEqual, log, log1p, logAddExp, mul, square, where } = ops;

/** log(g + (1 − g) P), by P = e^logP, so that neither a P near 1, nor one too small to be held, nor g = 0 costs digits or the derivative in g. */
const logWithZeros = (gate: Gate, logP: AnyArray): AnyArray => {
  const nearOne = log1p(mul(gate.rest(), expm1(logP)));
  const between = log(add(gate.zero(), mul(gate.rest(), exp(logP))));
  const tiny = logAddExp(gate.logZero(), add(gate.logRest(), logP));
  return where(greater(logP, -2), nearOne, where(greater(logP, -80), between, tiny));
};

const inflated = (gate: Gate, base: Distribution): ZeroMixture => ({
  draw: (key, shape) => {
    const [forGate, forBase] = split(key);
    return where(bernoulli(forGate, gate.zero(), shape), 0, base.expand(shape).sample(forBase));
  },
  logProb: (x) => {
    const logP = base.logProb(x);
    return where(equal(x, 0), logWithZeros(gate, logP), add(gate.logRest(), logP));
  },
  mean: () => mul(gate.rest(), base.mean),
  variance: () => mul(gate.rest(), add(base.variance, mul(gate.zero(), square(base.mean)))),
  cdf: (x) => add(where(greaterEqual(x, 0), gate.zero(), 0), mul(gate.rest(), base.cdf(x))),
});

/**
 * ZeroInflatedDistribution(baseDist, { gate }) or (baseDist, { gateLogits }): P(0) = g + (1 − g) B(0), P(k) = (1 − g) B(k) elsewhere, where B are
 * the probabilities of the base and g is `gate`, or 1 / (1 + e^(−gateLogits)).
 *
 * @param baseDist - a distribution of whole numbers
 * @param options - exactly one of `gate`, from 0 to 1, and `gateLogits`, any number
 * @throws InvalidArgument for a base that is continuous or has event axes, and for both or neither of the gates; InvalidParameter for a gate
 * outside its constraint
 * @see Lambert, "Zero-inflated Poisson regression" (1992)
 * @example
 * dist.ZeroInflatedDistribution(dist.Poisson(2), { gate: 0.5 }).mean; // 1
 */
export const ZeroInflatedDistribution = (...args: readonly unknown[]): Distribution => {
  const { baseDist, ...options } = namedParts('ZeroInflatedDistribution', ['baseDist', 'gate', 'gateLogits'], args);
  const base = univariatePart('ZeroInflatedDistribution', 'baseDist', baseDist);
  if (!base.isDiscrete) {
    throw kindlingError('InvalidArgument', {
      message: 'ZeroInflatedDistribution needs a base of whole numbers',
      given: base.name,
      remedy: 'Use HurdleDistribution for a continuous one',
    });
  }
  const gate = givenGate('ZeroInflatedDistribution', options);
  return zeroMixture('ZeroInflatedDistribution', base, gate, inflated(gate, base), (fn, array) => ZeroInflatedDistribution(fn, { [gate.name]: array }));
};

/**
 * ZeroInflatedPoisson(gate, rate): P(0) = g + (1 − g) e^−λ, P(k) = (1 − g) λᵏ e^−λ / k!, g = gate, λ = rate, k = 0, 1, 2 …
 *
 * @param gate - the probability of an extra zero, from 0 to 1
 * @param rate - not negative; 1 by default
 * @see Lambert, "Zero-inflated Poisson regression" (1992)
 * @example
 * dist.ZeroInflatedPoisson(0.5, 2).mean; // 1
 */
export const ZeroInflatedPoisson: Constructor<'gate' | 'rate'> = zeroMixtureFamily(
  'ZeroInflatedPoisson',
  { gate: { constraint: unitInterval }, rate: { constraint: nonnegative, default: 1 } },
  nonnegativeInteger,
  ({ gate, rate }) => inflated(gateOf(gate), Poisson(rate)),
);

const counts = { mean: { constraint: nonnegative }, concentration: { constraint: positive } };

const byGate = zeroMixtureFamily<'mean' | 'concentration' | 'gate'>(
  'ZeroInflatedNegativeBinomial2',
  { ...counts, gate: { constraint: unitInterval } },
  nonnegativeInteger,
  ({ mean, concentration, gate }) => inflated(gateOf(gate), NegativeBinomial2(mean, concentration)),
);

const byGateLogits = zeroMixtureFamily<'mean' | 'concentration' | 'gateLogits'>(
  'ZeroInflatedNegativeBinomial2',
  { ...counts, gateLogits: { constraint: real } },
  nonnegativeInteger,
  ({ mean, concentration, gateLogits }) => inflated(gateOfLogits(gateLogits), NegativeBinomial2(mean, concentration)),
);

/** How to call ZeroInflatedNegativeBinomial2: the gate is named. */
export interface ZeroInflatedNegativeBinomial2Constructor {
  (params: GateOptions & { readonly mean: Input; readonly concentration: Input }): Distribution;
  (mean: Input, concentration: Input, gate: GateOptions): Distribution;
}

/**
 * ZeroInflatedNegativeBinomial2(mean, concentration, { gate }) or (mean, concentration, { gateLogits }): NegativeBinomial2 with extra zeros.
 *
 * @param mean - not negative
 * @param concentration - positive
 * @param gate - exactly one of `gate`, from 0 to 1, and `gateLogits`, any number
 * @throws InvalidArgument for both or neither of the gates
 * @see Greene, "Accounting for excess zeros and sample selection in Poisson and negative binomial regression models" (1994)
 * @example
 * dist.ZeroInflatedNegativeBinomial2(4, 1, { gate: 0.5 }).mean; // 2
 */
export const ZeroInflatedNegativeBinomial2: ZeroInflatedNegativeBinomial2Constructor = (...args: readonly unknown[]): Distribution => {
  const given = namedParts('ZeroInflatedNegativeBinomial2', ['mean', 'concentration', 'gate', 'gateLogits'], args) as Readonly<Record<string, Input>>;
  givenGate('ZeroInflatedNegativeBinomial2', given);
  return (given['gate'] === undefined ? byGateLogits : byGate)(given as never);
};

/**
 * ZeroInflatedProbs(baseDist, gate): `ZeroInflatedDistribution(baseDist, { gate })`.
 *
 * @param baseDist - a distribution of whole numbers
 * @param gate - the probability of an extra zero, from 0 to 1
 * @example
 * dist.ZeroInflatedProbs(dist.Poisson(2), 0.5).batchShape; // []
 */
export const ZeroInflatedProbs = (...args: readonly unknown[]): Distribution => {
  const { baseDist, gate } = namedParts('ZeroInflatedProbs', ['baseDist', 'gate'], args);
  return ZeroInflatedDistribution(baseDist, { gate });
};

/**
 * ZeroInflatedLogits(baseDist, gateLogits): `ZeroInflatedDistribution(baseDist, { gateLogits })`.
 *
 * @param baseDist - a distribution of whole numbers
 * @param gateLogits - the log-odds of an extra zero, any number
 * @example
 * dist.ZeroInflatedLogits(dist.Poisson(2), 0).batchShape; // []
 */
export const ZeroInflatedLogits = (...args: readonly unknown[]): Distribution => {
  const { baseDist, gateLogits } = namedParts('ZeroInflatedLogits', ['baseDist', 'gateLogits'], args);
  return ZeroInflatedDistribution(baseDist, { gateLogits });
};
