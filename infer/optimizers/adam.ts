/** Adam. */
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { asArray, type AnyArray } from '../../core/value.ts';
import { chain, checkRate, checkShare, mapArrays, scaleByLearningRate, zipArrays, type Optimizer, type ParamTree, type Schedule } from './optimizer.ts';

export interface AdamOptions {
  /** Decay of the mean of gradients; 0.9. */
  readonly b1?: number | undefined;
  /** Decay of the mean of squared gradients; 0.999. */
  readonly b2?: number | undefined;
  /** Added to the root of the latter; 1e-8. */
  readonly eps?: number | undefined;
}

interface Moments {
  readonly count: AnyArray;
  readonly mean: ParamTree;
  readonly square: ParamTree;
}

/** Gradients over the root of their mean square, both means corrected for their start at 0: Kingma and Ba (2015), algorithm 1. */
export const scaleByAdam = ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }: AdamOptions = {}): Optimizer => ({
  init: (params) => ({ count: asArray(0), mean: mapArrays(ops.zerosLike, params), square: mapArrays(ops.zerosLike, params) }),
  update: (grads, state) => {
    const before = state as Moments;
    const count = ops.add(before.count, 1);
    const mean = zipArrays((m, g) => ops.add(ops.mul(b1, m), ops.mul(1 - b1, g)), before.mean, grads);
    const square = zipArrays((v, g) => ops.add(ops.mul(b2, v), ops.mul(1 - b2, ops.square(g))), before.square, grads);
    const [meanShare, squareShare] = [b1, b2].map((decay) => ops.sub(1, ops.pow(decay, count))) as [AnyArray, AnyArray];
    const updates = zipArrays((m, v) => ops.div(ops.div(m, meanShare), ops.add(ops.sqrt(ops.div(v, squareShare)), eps)), mean, square);
    return [updates, { count, mean, square }];
  },
});

/**
 * Adam: each step is about `rate` long in every parameter, whatever the size of the gradient.
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @see Kingma and Ba, "Adam: a method for stochastic optimization" (2015)
 * @example
 * const optimizer = adam(0.1);
 * const [updates] = optimizer.update({ w: 5 }, optimizer.init({ w: 1 }), { w: 1 });
 * updates.w.item().toFixed(6); // '-0.100000'
 */
export const adam = (rate: Schedule, options: AdamOptions = {}): Optimizer => {
  checkRate('adam', rate);
  checkOptions('adam', options, ['b1', 'b2', 'eps']);
  checkShare('b1', options.b1);
  checkShare('b2', options.b2);
  return chain(scaleByAdam(options), scaleByLearningRate(rate));
};
