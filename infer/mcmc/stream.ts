/** Random numbers of one transition: a stream that is a function of the chain's key and the number of the transition, and of nothing else. */
import { exp, log } from './elementary.ts';
import { threefry, unit52 } from '../../core/random/threefry.ts';

/** What a transition may draw for: each has counters of its own. */
export type Purpose = 'transition' | 'stepSize';

/** A stream in place: what it gives next depends on what was taken. */
export interface Stream {
  /** Goes to the start of the numbers for a purpose in transition `index` of the chain with these key words. */
  readonly start: (key: ArrayLike<number>, purpose: Purpose, index: number) => void;
  /** 32 random bits, as a number from 0. */
  readonly word: () => number;
  /** Uniform in (0, 1), 32 bits of it. */
  readonly uniform: () => number;
  /** Standard normal, from 52 bits. */
  readonly normal: () => number;
}

const LAYERS = 128;

/** Where the lowest layer ends and the tail begins, for 128 layers of one area: Doornik (2005), section 3. */
const TAIL = 3.442619855899;

/** Doubles of the table: the right ends x of the layers, x below x at the next, and the density's height at x. */
interface Layers {
  readonly ends: Float64Array;
  readonly ratios: Float64Array;
  readonly heights: Float64Array;
}

const makeLayers = (): Layers => {
  const height = (x: number): number => exp(-0.5 * x * x);
  const ends = new Float64Array(LAYERS + 1);
  const area = 9.91256303526217e-3;
  // The lowest layer is a rectangle of the same area as its part under the curve and the tail together.
  ends[0] = area / height(TAIL);
  ends[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) ends[i] = Math.sqrt(-2 * log(area / ends[i - 1]! + height(ends[i - 1]!)));
  return {
    ends,
    ratios: Float64Array.from({ length: LAYERS }, (_, i) => ends[i + 1]! / ends[i]!),
    heights: ends.map(height),
  };
};

let layers: Layers | undefined;

/**
 * Makes a stream. Threefry of the key, the purpose and the index gives the 128 bits from which xoshiro128++ goes on: within a transition, numbers
 * in order are all that is needed, and they cost a fifth of what blocks of Threefry would. Normals come by the ziggurat method.
 *
 * No function is used whose last bit an engine may choose, so that draws are the same on all of them.
 *
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); Blackman, Vigna, "Scrambled linear pseudorandom number generators"
 *   (2021); Marsaglia, Tsang, "The ziggurat method" (2000); J. A. Doornik, "An improved ziggurat method to generate normal random samples" (2005)
 */
export const makeStream = (): Stream => {
  layers ??= makeLayers();
  const { ends, ratios, heights } = layers;
  const own = new Uint32Array(2);
  const state = new Int32Array(4);
  const block = new Uint32Array(2);

  const word = (): number => {
    // Not destructured: that is slow until an engine has optimised it.
    const a = state[0]!;
    const b = state[1]!;
    const c = state[2]!;
    const d = state[3]!;
    const sum = (a + d) | 0;
    const out = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
    const mixed = d ^ b;
    state[2] = c ^ a ^ (b << 9);
    state[1] = b ^ c ^ a;
    state[0] = a ^ mixed;
    state[3] = (mixed << 11) | (mixed >>> 21);
    return out;
  };

  const uniform = (): number => (word() + 0.5) * 2 ** -32;

  /** 52 bits in (0, 1). */
  const fine = (): number => unit52(word(), word()) + 2 ** -53;

  /** Beyond the tail's begin: Marsaglia (1964). */
  const tail = (): number => {
    for (;;) {
      const x = log(fine()) / TAIL;
      const y = log(fine());
      if (-2 * y >= x * x) return TAIL - x;
    }
  };

  const normal = (): number => {
    for (;;) {
      const high = word();
      const low = word();
      const u = unit52(high, low) + 2 ** -53;
      // The 12 lowest bits are no part of the uniform number.
      const layer = low & (LAYERS - 1);
      const sign = (low & LAYERS) === 0 ? 1 : -1;
      if (u < ratios[layer]!) return sign * u * ends[layer]!;
      if (layer === 0) return sign * tail();
      const x = u * ends[layer]!;
      if (heights[layer]! + fine() * (heights[layer + 1]! - heights[layer]!) < exp(-0.5 * x * x)) return sign * x;
    }
  };

  return {
    start: (key, purpose, index) => {
      threefry(key[0]!, key[1]!, purpose === 'transition' ? 0 : 1, index, own);
      threefry(own[0]!, own[1]!, 0, 0, block);
      state.set(block);
      threefry(own[0]!, own[1]!, 0, 1, block);
      state.set(block, 2);
    },
    word,
    uniform,
    normal,
  };
};
