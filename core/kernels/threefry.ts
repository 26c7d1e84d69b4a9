/** The kernel of random bits: one word of each Threefry block, from a key and counters that may be known only when it runs. */
import { threefry, unit52 } from '../random/threefry.ts';
import { broadcastShapes } from '../shape.ts';
import { eachBroadcast } from './elementwise.ts';
import { defineKernel, type Kernel } from './kernel.ts';

/**
 * Word 0 or 1 of threefry(key, [high, low]), or the `'xor'` of both (`word`), whole numbers below 2^32, which float64 holds; or a `'unit'` number in
 * [0, 1) of the high 52 bits.
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
      const [first, second] = [words[0]!, words[1]!];
      out.data[at] = word === 'unit' ? unit52(first, second) : word === 'xor' ? (first ^ second) >>> 0 : word === 0 ? first : second;
    });
  },
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
