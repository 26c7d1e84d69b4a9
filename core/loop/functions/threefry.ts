/** Threefry-2x32 as scalar expressions: the words of a block, or numbers made of them, from a key and a counter that come as doubles. */
import {
  add,
  addWords,
  bits,
  defineFunction,
  defineSiblings,
  fromBits,
  iadd,
  iand,
  ior,
  ixor,
  lowTwice,
  mul,
  shl,
  shlWords,
  shrU,
  shrWords,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';

const LOW_WORD = bits(0xffffffffn);
/** A whole number below 2^51, added to 2^52 + 2^51, stands in the low bits, a negative one in two’s complement. */
const SHIFT = 2 ** 52;
const SIGNED_SHIFT = 1.5 * SHIFT;

/** A word in the low half; above it stands what is of no use. */
const toWord = (x: Expr): Expr => toBits(add(x, SIGNED_SHIFT));
const fromWord = (x: Expr): Expr => sub(fromBits(ior(iand(x, LOW_WORD), bits(0x4330000000000000n))), SHIFT);

/** How the rounds are computed: an addition and a rotation of words. */
interface Arithmetic {
  readonly plus: (x: Expr, y: Expr) => Expr;
  readonly rotate: (x: Expr, by: number) => Expr;
  /** A small number as a word. */
  readonly word: (n: number) => Expr;
}

/** One block in the low half of each lane. Whatever stands above it never comes down: a rotation takes the low half twice. */
const single: Arithmetic = { plus: iadd, rotate: (x, by) => shrU(lowTwice(x), 32 - by), word: (n) => bits(BigInt(n)) };

/** Two blocks, one in each half of a lane. */
const paired: Arithmetic = {
  plus: addWords,
  rotate: (x, by) => ior(shlWords(x, by), shrWords(x, 32 - by)),
  word: (n) => bits(BigInt(n) * 0x100000001n),
};

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

type Words = readonly [Expr, Expr];

/** Twenty rounds in five groups of four, a key injection after each: Salmon et al. (2011), section 3.3. */
const block = ({ plus, rotate, word }: Arithmetic, key: Words, counter: Words): Words => {
  const third = ixor(ixor(key[0], key[1]), word(0x1bd11bda));
  const schedule = [key[0], key[1], third];
  let x = plus(counter[0], key[0]);
  let y = plus(counter[1], key[1]);
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      x = plus(x, y);
      y = ixor(rotate(y, by), x);
    }
    x = plus(x, schedule[(group + 1) % 3]!);
    y = plus(y, plus(schedule[(group + 2) % 3]!, word(group + 1)));
  }
  return [x, y];
};

type Parameters = readonly Expr[];

const singleBlock = ([k0, k1, c0, c1]: Parameters): Words => block(single, [toWord(k0!), toWord(k1!)], [toWord(c0!), toWord(c1!)]);

/** The blocks of two lists of parameters. */
const pairedBlock = (all: Parameters): Words => {
  const word = (i: number): Expr => ior(iand(toWord(all[i]!), LOW_WORD), shl(toWord(all[i + 4]!), 32));
  return block(paired, [word(0), word(1)], [word(2), word(3)]);
};

/** A function of a block, together with the one of two blocks at once; `ofSecond` where the words are those in the upper half. */
const ofBlock = (name: string, of: (words: Words) => Expr, ofSecond: (words: Words) => Expr): ScalarFunction => {
  const pair = defineSiblings([`${name}First`, `${name}Second`], 8, (...all) => {
    const words = pairedBlock(all);
    return [of(words), ofSecond(words)];
  }) as readonly [ScalarFunction, ScalarFunction];
  return Object.freeze({ ...defineFunction(name, 4, (...all) => of(singleBlock(all))), pair });
};

const words = defineSiblings(['threefryHigh', 'threefryLow'], 4, (...all) => singleBlock(all).map(fromWord)) as readonly [ScalarFunction, ScalarFunction];
export const threefryHigh: ScalarFunction = words[0];
export const threefryLow: ScalarFunction = words[1];

/** The 32 bits that JAX makes of a block: its words, one xor the other. */
export const threefryXor: ScalarFunction = ofBlock(
  'threefryXor',
  ([high, low]) => fromWord(ixor(high, low)),
  ([high, low]) => fromWord(shrU(ixor(high, low), 32)),
);

/** 52 bits as those of a number in [1, 2), less 1. */
const unit = (whole: Expr): Expr => sub(fromBits(ior(whole, bits(0x3ff0000000000000n))), 1);

/** A double in [0, 1) from the high 52 bits of a block: JAX’s uniform one. */
export const threefryUnit: ScalarFunction = ofBlock(
  'threefryUnit',
  ([high, low]) => unit(ior(shl(iand(high, LOW_WORD), 20), shrU(iand(low, LOW_WORD), 12))),
  ([high, low]) => unit(ior(shl(shrU(high, 32), 20), shrU(low, 44))),
);

const FINITE = bits(0xbfffffffffffffffn);

/** A block as the bits of one double, but for bit 62, which is 0, so that the double is finite and no machine changes it on its way. */
export const threefryPacked: ScalarFunction = defineFunction('threefryPacked', 4, (...all) => {
  const [high, low] = singleBlock(all);
  return fromBits(iand(ior(shl(high, 32), iand(low, LOW_WORD)), FINITE));
});

/** The number in (0, 1) that is the middle of an interval of width 2^−count, from so many bits of a packed block. */
const middle = (packed: Expr, from: number, count: number): Expr => {
  const whole = iand(shrU(toBits(packed), from), bits((1n << BigInt(count)) - 1n));
  return mul(add(sub(fromBits(ior(whole, bits(0x4330000000000000n))), SHIFT), 0.5), 2 ** -count);
};

/** The uniform number of a packed block, of its low 44 bits. */
export const packedUniform = (packed: Expr): Expr => middle(packed, 0, 44);
/** Another of 18 bits, for a choice that needs no more: 2^−19 is the error of a probability. */
export const packedCoarse = (packed: Expr): Expr => middle(packed, 44, 18);
