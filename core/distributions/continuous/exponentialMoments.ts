/** Moments that have no closed form, or lose all their digits in it: expectations over an exponential variate by quadrature. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { exponentialNodes, integrate } from '../quadrature.ts';

/** A function of an exponential variate and of parameters. */
type OfExponential = (s: AnyArray, params: readonly AnyArray[]) => AnyArray;

const ofNodes =
  (params: readonly AnyArray[], g: OfExponential) =>
  (s: AnyArray): AnyArray =>
    g(
      s,
      params.map((x) => addAxes(x, 1)),
    );

/** E[g(S)] for S ~ Exponential(1). */
export const exponentialMean = (params: readonly AnyArray[], g: OfExponential): AnyArray => integrate(exponentialNodes, ofNodes(params, g));

/** Var[g(S)], from deviations, so that a constant in g costs no digits. */
export const exponentialVariance = (params: readonly AnyArray[], g: OfExponential): AnyArray => {
  const values = ofNodes(params, g);
  const mean = integrate(exponentialNodes, values, true);
  return integrate(exponentialNodes, (s) => ops.square(ops.sub(values(s), mean)));
};
