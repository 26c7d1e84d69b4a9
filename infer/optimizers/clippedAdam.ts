/** Adam on clipped gradients, with a rate that decays. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { asArray } from '../../core/value.ts';
import { scaleByAdam, type AdamOptions } from './adam.ts';
import { chain, checkRate, checkShare, mapArrays, scaleByLearningRate, type Optimizer, type Schedule } from './optimizer.ts';

export interface ClippedAdamOptions extends AdamOptions {
  /** The largest size of an element of a gradient; 10. */
  readonly clipNorm?: number | undefined;
  /** What the rate is multiplied by at each step, the first included; 1. */
  readonly lrd?: number | undefined;
}

/**
 * Cuts each element of a gradient to at most `most` in size.
 *
 * @param most - positive
 * @example
 * const [updates] = clip(2).update({ w: [5, -1] }, clip(2).init({ w: [0, 0] }), { w: [0, 0] });
 * updates.w.toArray(); // [2, -1]
 */
export const clip = (most: number): Optimizer => {
  if (!(typeof most === 'number' && most > 0))
    throw kindlingError('InvalidArgument', { message: 'gradients are clipped to a positive size', given: String(most) });
  return { init: () => ({}), update: (grads, state) => [mapArrays((g) => ops.maximum(-most, ops.minimum(most, g)), grads), state] };
};

/**
 * Adam, each element of a gradient being cut to `[−clipNorm, clipNorm]` before: Pyro's and NumPyro's.
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @see Kingma and Ba, "Adam: a method for stochastic optimization" (2015)
 * @example
 * const optimizer = clippedAdam(0.1, { clipNorm: 1 });
 * const [updates] = optimizer.update({ w: 500 }, optimizer.init({ w: 1 }), { w: 1 });
 * updates.w.item().toFixed(6); // '-0.100000'
 */
export const clippedAdam = (rate: Schedule, options: ClippedAdamOptions = {}): Optimizer => {
  checkRate('clippedAdam', rate);
  checkOptions('clippedAdam', options, ['b1', 'b2', 'eps', 'clipNorm', 'lrd']);
  const { clipNorm = 10, lrd = 1, ...moments } = options;
  checkShare('b1', moments.b1);
  checkShare('b2', moments.b2);
  if (!(typeof lrd === 'number' && lrd > 0 && lrd <= 1)) {
    throw kindlingError('InvalidArgument', { message: 'lrd, by which the rate decays, must be a number above 0, at most 1', given: String(lrd) });
  }
  const decaying: Schedule = (step) => ops.mul(asArray(typeof rate === 'function' ? rate(step) : rate), ops.pow(lrd, ops.add(step, 1)));
  return chain(clip(clipNorm), scaleByAdam(moments), scaleByLearningRate(lrd === 1 ? rate : decaying));
};
