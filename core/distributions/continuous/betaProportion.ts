/** The beta distribution by its mean. */
import { openInterval, positive, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { beta } from '../../random/variates.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor, type ParamsOf } from '../family.ts';
import { betaEntropy, logBetaDensity } from './gammaParts.ts';

const { add, betainc, betaincInv, clipByValue, div, mul, sub } = ops;

const shapes = ({ mean, concentration }: ParamsOf<'mean' | 'concentration'>): readonly [AnyArray, AnyArray] => [
  mul(mean, concentration),
  mul(sub(1, mean), concentration),
];

/**
 * BetaProportion(mean, concentration): Beta(mean c, (1 − mean) c), c = concentration, on 0 ≤ x ≤ 1; the variance is mean (1 − mean) / (c + 1).
 *
 * @param mean - strictly between 0 and 1
 * @param concentration - positive
 * @see Ferrari, Cribari-Neto, "Beta regression for modelling rates and proportions" (2004), eq. 4
 * @example
 * dist.BetaProportion(0.5, 2).logProb(0.3); // 0
 */
export const BetaProportion: Constructor<'mean' | 'concentration'> = defineDistribution({
  name: 'BetaProportion',
  params: { mean: { constraint: openInterval(0, 1) }, concentration: { constraint: positive } },
  support: unitInterval,
  isReparameterized: true,
  sample: (params, key, shape) => beta(key, ...shapes(params), shape),
  logProb: (params, x) => logBetaDensity(...shapes(params), x, sub(1, x)),
  mean: ({ mean }) => mean,
  variance: ({ mean, concentration }) => div(mul(mean, sub(1, mean)), add(concentration, 1)),
  cdf: (params, x) => betainc(...shapes(params), clipByValue(x, 0, 1)),
  icdf: (params, q) => betaincInv(...shapes(params), q),
  entropy: (params) => betaEntropy(...shapes(params)),
});
