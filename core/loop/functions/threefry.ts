/** Threefry-2x32 as scalar expressions: the two words of a block, or a uniform number made of them, from a key and a counter that come as doubles. */
import {
  add,
  bits,
  defineFunction,
  defineSiblings,
  floor,
  fromBits,
  iadd,
  iand,
  ior,
  ixor,
  mul,
  shl,
  shrU,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';

const LOW_WORD = bits(0xffffffffn);
/** 2^52: a whole number below it, added to it, stands in the low bits. */
const SHIFT = 2 ** 52;

const toWord = (x: Expr): Expr => iand(toBits(add(x, SHIFT)), LOW_WORD);
const fromWord = (x: Expr): Expr => sub(fromBits(ior(iand(x, LOW_WORD), bits(0x4330000000000000n))), SHIFT);

/** Words whose upper halves hold whatever is left there: only what goes down from there has to be cut off, in a rotation and at the end. */
const rotate = (x: Expr, by: number): Expr => {
  const word = iand(x, LOW_WORD);
  return ior(shl(word, by), shrU(word, 32 - by));
};

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Twenty rounds in five groups of four, a key injection after each: Salmon et al. (2011), section 3.3. */
const block = (k0: Expr, k1: Expr, c0: Expr, c1: Expr): readonly [Expr, Expr] => {
  const keys = [toWord(k0), toWord(k1)];
  const third = ixor(ixor(keys[0]!, keys[1]!), bits(0x1bd11bdan));
  const schedule = [keys[0]!, keys[1]!, third];
  let x = iadd(toWord(c0), schedule[0]!);
  let y = iadd(toWord(c1), schedule[1]!);
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      x = iadd(x, y);
      y = ixor(rotate(y, by), x);
    }
    x = iadd(x, schedule[(group + 1) % 3]!);
    y = iadd(y, iadd(schedule[(group + 2) % 3]!, bits(BigInt(group + 1))));
  }
  return [fromWord(x), fromWord(y)];
};

const words = defineSiblings(['threefryHigh', 'threefryLow'], 4, (k0, k1, c0, c1) => block(k0, k1, c0, c1)) as readonly [ScalarFunction, ScalarFunction];
export const threefryHigh: ScalarFunction = words[0];
export const threefryLow: ScalarFunction = words[1];

/** The 32 bits that JAX makes of a block: its words, one xor the other. */
export const threefryXor: ScalarFunction = defineFunction('threefryXor', 4, (k0, k1, c0, c1) => {
  const [high, low] = block(k0, k1, c0, c1);
  return fromWord(ixor(toWord(high), toWord(low)));
});

/** A double in (0, 1) from the high 52 bits of a block: an odd multiple of 2^−53, the middle of what JAX's uniform double rounds down. */
export const threefryUniform: ScalarFunction = defineFunction('threefryUniform', 4, (k0, k1, c0, c1) => {
  const [high, low] = block(k0, k1, c0, c1);
  return add(mul(add(mul(high, 2 ** 20), floor(mul(low, 2 ** -12))), 2 ** -52), 2 ** -53);
});
