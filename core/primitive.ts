/** What an array does where JavaScript wants a number, as in `x + 1` or `x > 0`, or a list: without this it would be text there, and compare as false. */
import * as tf from '#tfjs';
import { kindlingError } from './errors.ts';
import { showShape } from './shape.ts';
import { RECORDER_OF_ANY } from './value.ts';

/** What arrays outside a recording have, and recorded values have not. */
const READ = 'Return the value, and read its numbers from what the compiled function gives';
const APPLY = 'Apply functions of ops to the whole array; vmap and map take a function of one part of it';

/** What to write in their place, of a recorded value and of a tensor from outside the recording. */
const MISSING: Readonly<Record<string, readonly [recorded: string, outside: string]>> = {
  item: [READ, 'Read its number with x.dataSync()[0]'],
  toArray: [READ, 'Read its numbers with x.arraySync()'],
  map: [APPLY, APPLY],
};

/** Another copy of the library in the process may be the one that records: these methods are one for all of them. */
const isRecording = (): boolean => tf.getBackend().startsWith(RECORDER_OF_ANY);

/** Whether a tensor belongs to a recording; one from outside has numbers, which its own backend holds. */
const isRecorded = ({ dataId }: tf.Tensor): boolean => {
  const { state } = tf.engine() as unknown as { readonly state: { readonly tensorInfo: WeakMap<object, { readonly backend: unknown }> } };
  return state.tensorInfo.get(dataId)?.backend === tf.backend();
};

const refuseMethod = (name: string, recorded: string, outside: string): void => {
  Object.defineProperty(tf.Tensor.prototype, name, {
    configurable: true,
    // Nothing outside a recording: whoever asks by `typeof x.item` whether a value is an array of ours must get the right answer.
    get(this: tf.Tensor): unknown {
      if (!isRecording()) return undefined;
      return () => {
        throw kindlingError(
          'Unsupported',
          isRecorded(this)
            ? {
                message: `a recorded value has no ${name}(): its numbers are not there yet, as the function is being compiled, not run`,
                given: `an array of shape ${showShape(this.shape)}`,
                remedy: recorded,
              }
            : { message: `a tensor has no ${name}()`, given: `a tensor of shape ${showShape(this.shape)}`, remedy: outside },
        );
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
  for (const [name, [recorded, outside]] of Object.entries(MISSING)) refuseMethod(name, recorded, outside);
};

/** Refuses to take a tensor for a number. Templates still print it; what is being recorded refuses by itself, as it has no numbers. */
export const refuseNumbers = (): void => {
  Object.defineProperty(tf.Tensor.prototype, Symbol.toPrimitive, {
    configurable: true,
    value(this: tf.Tensor, hint: string): string {
      if (hint === 'string' || isRecording()) return this.toString();
      throw kindlingError('Unsupported', {
        message: 'an array was used as a number, as in x + 1, x > 0 or Math.exp(x)',
        given: `a tensor of shape ${showShape(this.shape)}`,
        remedy: 'Write ops.add(x, 1), ops.exp(x); choose with ops.where(ops.greater(x, 0), …) or cond; or read the number first, with x.dataSync()[0]',
      });
    },
  });
};
