/** xoshiro128++ in whole numbers of any size: Blackman and Vigna's own program, as an oracle. */

export interface Words {
  readonly word: () => number;
  /** Uniform in (0, 1). */
  readonly uniform: () => number;
}

const wrap = (x: bigint): bigint => BigInt.asUintN(32, x);
const turned = (x: bigint, by: bigint): bigint => wrap((x << by) | (x >> (32n - by)));

/** The numbers that come after a state, which lies in the low halves of four doubles. */
export const xoshiro = (seed: Float64Array): Words => {
  const halves = new Uint32Array(seed.slice().buffer);
  const state = [0, 2, 4, 6].map((i) => BigInt(halves[i]!)) as [bigint, bigint, bigint, bigint];
  const word = (): number => {
    const result = wrap(turned(wrap(state[0] + state[3]), 7n) + state[0]);
    const shifted = wrap(state[1] << 9n);
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = turned(state[3], 11n);
    return Number(result);
  };
  return { word, uniform: () => (word() + 0.5) * 2 ** -32 };
};
