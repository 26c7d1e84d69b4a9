/** What an array does where JavaScript wants a number, as in `x + 1` or `x > 0`: without this it would be text there, and compare as false. */
import * as tf from '#tfjs';
import { kindlingError } from './errors.ts';
import { showShape } from './shape.ts';
import { RECORDER } from './value.ts';

/** Refuses to take a tensor for a number. Templates still print it; what is being recorded refuses by itself, as it has no numbers. */
export const refuseNumbers = (): void => {
  Object.defineProperty(tf.Tensor.prototype, Symbol.toPrimitive, {
    configurable: true,
    value(this: tf.Tensor, hint: string): string {
      if (hint === 'string' || tf.getBackend() === RECORDER) return this.toString();
      throw kindlingError('Unsupported', {
        message: 'an array was used as a number, as in x + 1, x > 0 or Math.exp(x)',
        given: `a tensor of shape ${showShape(this.shape)}`,
        remedy: 'Write ops.add(x, 1), ops.exp(x); choose with ops.where(ops.greater(x, 0), …) or cond; or read the number first, with x.dataSync()[0]',
      });
    },
  });
};
