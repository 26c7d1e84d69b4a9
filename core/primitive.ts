/** What an array does where JavaScript wants a number, as in `x + 1` or `x > 0`, or a list: without this it would be text there, and compare as false. */
import * as tf from '#tfjs';
import { kindlingError } from './errors.ts';
import { showShape } from './shape.ts';
import { RECORDER } from './value.ts';

/** What arrays outside a recording have, and recorded values have not. */
const READ = 'Return the value, and read its numbers from what the compiled function gives';
const MISSING: Readonly<Record<string, string>> = {
  item: READ,
  toArray: READ,
  map: 'Apply functions of ops to the whole array; vmap and map take a function of one part of it',
};

const refuseMethod = (name: string, remedy: string): void => {
  Object.defineProperty(tf.Tensor.prototype, name, {
    configurable: true,
    // Not there at all on tensors with numbers: whoever asks by it whether a value is an array of ours must get the right answer.
    get(this: tf.Tensor): unknown {
      if (tf.getBackend() !== RECORDER) return undefined;
      return () => {
        throw kindlingError('Unsupported', {
          message: `a recorded value has no ${name}(): its numbers are not there yet, as the function is being compiled, not run`,
          given: `an array of shape ${showShape(this.shape)}`,
          remedy,
        });
      };
    },
    set(this: tf.Tensor, value: unknown) {
      Object.defineProperty(this, name, { configurable: true, writable: true, value });
    },
  });
};

/** Refuses to take a tensor apart, as in `const [a, b] = x`, or to ask it for what only other arrays have: else that is a TypeError of no help. */
export const refuseIteration = (): void => {
  Object.defineProperty(tf.Tensor.prototype, Symbol.iterator, {
    configurable: true,
    writable: true,
    value(this: tf.Tensor): never {
      throw kindlingError('Unsupported', {
        message: 'an array can’t be iterated over, as in const [a, b] = x or [...x]',
        given: `a tensor of shape ${showShape(this.shape)}`,
        remedy: 'Write const [a, b] = ops.unstack(x); repeat with scan or map',
      });
    },
  });
  for (const [name, remedy] of Object.entries(MISSING)) refuseMethod(name, remedy);
};

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
