/** AdaGrad, with momentum. */
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { chain, checkRate, checkShare, mapArrays, scaleByLearningRate, zipArrays, type Optimizer, type ParamTree, type Schedule } from './optimizer.ts';

export interface AdagradOptions {
  /** The share of the last direction that is kept, from 0 up to 1; 0.9. */
  readonly momentum?: number | undefined;
}

interface Sums {
  readonly square: ParamTree;
  readonly mean: ParamTree;
}

/** Gradients over the root of the sum of their squares, 0 where that is 0; and of these a running mean. */
const scaleByAdagrad = (momentum: number): Optimizer => ({
  init: (params) => ({ square: mapArrays(ops.zerosLike, params), mean: mapArrays(ops.zerosLike, params) }),
  update: (grads, state) => {
    const before = state as Sums;
    const square = zipArrays((s, g) => ops.add(s, ops.square(g)), before.square, grads);
    const scaled = zipArrays((g, s) => ops.mul(g, ops.where(ops.greater(s, 0), ops.rsqrt(ops.where(ops.greater(s, 0), s, 1)), 0)), grads, square);
    const mean = zipArrays((m, g) => ops.add(ops.mul(momentum, m), ops.mul(1 - momentum, g)), before.mean, scaled);
    return [mean, { square, mean }];
  },
});

/**
 * AdaGrad: s ← s + g², m ← μ m + (1 − μ) g / √s, then w ← w − rate · m.
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @see Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization" (2011); the momentum is JAX's and NumPyro's
 * @example
 * const optimizer = adagrad(0.1, { momentum: 0 });
 * const [updates] = optimizer.update({ w: 5 }, optimizer.init({ w: 1 }), { w: 1 });
 * updates.w.item(); // -0.1
 */
export const adagrad = (rate: Schedule, options: AdagradOptions = {}): Optimizer => {
  checkRate('adagrad', rate);
  checkOptions('adagrad', options, ['momentum']);
  const { momentum = 0.9 } = options;
  checkShare('momentum', momentum);
  return chain(scaleByAdagrad(momentum), scaleByLearningRate(rate));
};
