/** RMSProp. */
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { chain, checkRate, checkShare, mapArrays, scaleByLearningRate, zipArrays, type Optimizer, type ParamTree, type Schedule } from './optimizer.ts';
import { accumulate } from './sgd.ts';

export interface RmspropOptions {
  /** Decay of the mean of squared gradients; 0.9. */
  readonly gamma?: number | undefined;
  /** Added to that mean, under the root; 1e-8. */
  readonly eps?: number | undefined;
  /** The share of the last step that is kept, from 0 up to 1; 0 by default. NumPyro's RMSPropMomentum has 0.9. */
  readonly momentum?: number | undefined;
}

/** Gradients over the root of their mean square, which starts at 0. */
const scaleByRms = (gamma: number, eps: number): Optimizer => ({
  init: (params) => mapArrays(ops.zerosLike, params),
  update: (grads, state) => {
    const square: ParamTree = zipArrays((v, g) => ops.add(ops.mul(gamma, v), ops.mul(1 - gamma, ops.square(g))), state, grads);
    return [zipArrays((g, v) => ops.div(g, ops.sqrt(ops.add(v, eps))), grads, square), square];
  },
});

/**
 * RMSProp: v ← γ v + (1 − γ) g², then w ← w − rate · g / √(v + ε).
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @see Tieleman and Hinton, "Lecture 6.5: rmsprop" (2012); NumPyro and JAX start v at 0 and have ε under the root, as here
 * @example
 * const optimizer = rmsprop(0.1, { gamma: 0.75 });
 * const [updates] = optimizer.update({ w: 5 }, optimizer.init({ w: 1 }), { w: 1 });
 * updates.w.item().toFixed(6); // '-0.200000'
 */
export const rmsprop = (rate: Schedule, options: RmspropOptions = {}): Optimizer => {
  checkRate('rmsprop', rate);
  checkOptions('rmsprop', options, ['gamma', 'eps', 'momentum']);
  const { gamma = 0.9, eps = 1e-8, momentum = 0 } = options;
  checkShare('gamma', gamma);
  checkShare('momentum', momentum);
  const descent = chain(scaleByRms(gamma, eps), scaleByLearningRate(rate));
  return momentum === 0 ? descent : chain(descent, accumulate(momentum, false));
};
