/** The kernel of random bits: one word of each Threefry block, from a key and counters that may be known only when it runs. */
import { threefry } from '../random/threefry.ts';
import { broadcastShapes } from '../shape.ts';
import { eachBroadcast } from './elementwise.ts';
import { defineKernel, type Kernel } from './kernel.ts';

/**
 * Word 0 or 1 of threefry(key, [high, low]), or the `'xor'` of both (`word`); words are whole numbers below 2^32, which float64 holds.
 * The two words of a key are the last axis of `key`; the axes before it broadcast with the counters.
 */
export const ThreefryWord: Kernel = defineKernel({
  name: 'ThreefryWord',
  inputs: ['key', 'high', 'low'],
  shape: ([key, high, low]) => ({ shape: broadcastShapes(key!.shape.slice(0, -1), high!.shape, low!.shape), dtype: 'float' }),
  cast: () => ['float', 'float', 'float'],
  run: (out, inputs, { word }) => {
    const [key, high, low] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const words = new Uint32Array(2);
    eachBroadcast(out.shape, [key.shape.slice(0, -1), high.shape, low.shape], (at, [k, i, j]) => {
      threefry(key.data[2 * k!]!, key.data[2 * k! + 1]!, high.data[i!]!, low.data[j!]!, words);
      out.data[at] = word === 'xor' ? (words[0]! ^ words[1]!) >>> 0 : words[word as 0 | 1]!;
    });
  },
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
