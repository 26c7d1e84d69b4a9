/** Stochastic gradient descent, plain or with momentum. */
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { chain, checkRate, checkShare, mapArrays, scaleByLearningRate, zipArrays, type Optimizer, type Schedule } from './optimizer.ts';

export interface SgdOptions {
  /** The share of the last step that is kept, from 0 up to 1; 0 by default. */
  readonly momentum?: number | undefined;
  /** Looks ahead by the momentum. */
  readonly nesterov?: boolean | undefined;
}

/** m ← momentum · m + g: Sutskever, Martens, Dahl, Hinton (2013), eq. 1. */
export const accumulate = (momentum: number, nesterov: boolean): Optimizer => ({
  init: (params) => mapArrays(ops.zerosLike, params),
  update: (grads, state) => {
    const next = zipArrays((g, m) => ops.add(g, ops.mul(momentum, m)), grads, state);
    return [nesterov ? zipArrays((g, m) => ops.add(g, ops.mul(momentum, m)), grads, next) : next, next];
  },
});

/**
 * w ← w − rate · g.
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @example
 * const [updates] = sgd(0.1).update({ w: 2 }, sgd(0.1).init({ w: 1 }), { w: 1 });
 * updates.w.item(); // -0.2
 */
export const sgd = (rate: Schedule, options: SgdOptions = {}): Optimizer => {
  checkRate('sgd', rate);
  checkOptions('sgd', options, ['momentum', 'nesterov']);
  const { momentum = 0, nesterov = false } = options;
  checkShare('momentum', momentum);
  return momentum === 0 ? scaleByLearningRate(rate) : chain(accumulate(momentum, nesterov), scaleByLearningRate(rate));
};
