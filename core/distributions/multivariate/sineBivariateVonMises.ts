/** The sine bivariate von Mises distribution of two angles. */
import { circular, independent, positive, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { split } from '../../random/key.ts';
import { vonMises } from '../../random/variates.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { byForm } from './forms.ts';
import { circularVariance, drawAngle, logIntegral, pair, wrap, type Coupling } from './sineMarginal.ts';

const { add, atan2, mul, sin, sqrt, square, squeeze, sub } = ops;

type Params = Readonly<Record<string, AnyArray>>;

const forms: Readonly<Record<string, (params: Params) => AnyArray>> = {
  correlation: (params) => params['correlation']!,
  weightedCorrelation: (params) => mul(params['weightedCorrelation']!, sqrt(mul(params['phiConcentration']!, params['psiConcentration']!))),
};

const row = (form: string): Constructor<string> => {
  const couplingOf = (params: Params): Coupling => ({
    first: params['phiConcentration']!,
    second: params['psiConcentration']!,
    correlation: forms[form]!(params),
  });
  return defineDistribution<string>({
    name: 'SineBivariateVonMises',
    params: {
      phiLoc: { constraint: circular },
      psiLoc: { constraint: circular },
      phiConcentration: { constraint: positive },
      psiConcentration: { constraint: positive },
      [form]: { constraint: real },
    },
    support: independent(circular, 1),
    eventShape: () => [2],
    isReparameterized: true,
    sample: (params, key, shape) => {
      const [forPhi, forPsi] = split(key);
      const coupling = couplingOf(params);
      const phi = drawAngle(coupling, forPhi, shape);
      const pull = mul(coupling.correlation, sin(phi));
      // Given φ the other angle is von Mises about an angle that leans with sin φ.
      const psi = add(atan2(pull, coupling.second), vonMises(forPsi, sqrt(add(square(pull), square(coupling.second))), shape));
      return pair(wrap(add(phi, params['phiLoc']!)), wrap(add(psi, params['psiLoc']!)));
    },
    logProb: (params, x) => {
      const coupling = couplingOf(params);
      const [phi, psi] = ops.split(x, 2, -1).map((angle, i) => sub(squeeze(angle, -1), params[i === 0 ? 'phiLoc' : 'psiLoc']!)) as [AnyArray, AnyArray];
      // κ (cos x − 1), in which nothing cancels near 0.
      const fall = (concentration: AnyArray, angle: AnyArray): AnyArray => mul(mul(-2, concentration), square(sin(mul(0.5, angle))));
      const falls = add(fall(coupling.first, phi), fall(coupling.second, psi));
      return sub(add(falls, mul(coupling.correlation, mul(sin(phi), sin(psi)))), logIntegral(coupling));
    },
    mean: (params) => pair(...both(wrap(params['phiLoc']!), wrap(params['psiLoc']!))),
    variance: (params) => {
      const { first, second, correlation } = couplingOf(params);
      return pair(...both(circularVariance({ first, second, correlation }), circularVariance({ first: second, second: first, correlation })));
    },
  });
};

/** Two arrays broadcast to one shape. */
const both = (a: AnyArray, b: AnyArray): readonly [AnyArray, AnyArray] => [add(a, ops.zeros(b.shape)), add(b, ops.zeros(a.shape))];

const names = ['phiLoc', 'psiLoc', 'phiConcentration', 'psiConcentration', 'correlation', 'weightedCorrelation'] as const;

/**
 * SineBivariateVonMises(phiLoc, psiLoc, phiConcentration, psiConcentration, correlation): angles φ, ψ with
 * f(φ, ψ) ∝ exp(κ₁ cos(φ − μ₁) + κ₂ cos(ψ − μ₂) + ρ sin(φ − μ₁) sin(ψ − μ₂)). It has one top where ρ² < κ₁ κ₂, and two beyond.
 *
 * The constant is an integral over the circle by 129 points, to 13 digits, at any concentrations of one top; of two narrow tops to fewer.
 * `mean` is the mean direction of one top, `variance` the circular variance 1 − E[cos] of each angle, as of VonMises.
 *
 * @param phiLoc - μ₁, between −π and π
 * @param psiLoc - μ₂, likewise
 * @param phiConcentration - κ₁, positive
 * @param psiConcentration - κ₂, positive
 * @param correlation - ρ, any number; or
 * @param weightedCorrelation - ρ / √(κ₁ κ₂); exactly one of the two
 * @see Singh, Hnizdo, Demchuk, Probabilistic model for two dependent circular variables (2002)
 * @example
 * dist.SineBivariateVonMises(0, 0, 1, 1, 0).logProb([0, 0]); // -2.14758284983305
 */
export const SineBivariateVonMises: Constructor<(typeof names)[number]> = byForm('SineBivariateVonMises', names, {
  correlation: row('correlation'),
  weightedCorrelation: row('weightedCorrelation'),
});
