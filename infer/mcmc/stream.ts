/** The random numbers of a transition as code: a stream of words, and standard normal numbers by the ziggurat method. */
import {
  add,
  addWords,
  bits,
  call,
  div,
  eq,
  exprOf,
  fromBits,
  iand,
  ieq,
  ior,
  ixor,
  lt,
  mul,
  select,
  shl,
  shlWords,
  shrU,
  shrWords,
  sub,
  toBits,
  type Expr,
  type Memory,
  type Operand,
} from '../../core/loop/expression.ts';
import { exp } from '../../core/loop/functions/exp.ts';
import { log } from '../../core/loop/functions/log.ts';
import { threefryHigh, threefryLow } from '../../core/loop/functions/threefry.ts';
import {
  assign,
  makeVariable,
  plus,
  readAt,
  repeat,
  repeatWhile,
  setTo,
  truncated,
  valueOf,
  when,
  withIndex,
  writeAt,
  type Integer,
  type Step,
  type Variable,
} from '../../core/loop/procedure.ts';
import { LAYERS, TAIL } from './ziggurat.ts';

/** Random words in a procedure. Each is the low half of a double's bits; the high half is 0. */
export interface Stream {
  /** Takes the four words of the state from memory, and puts them back. */
  readonly load: readonly Step[];
  readonly save: readonly Step[];
  /** Goes to the start of the numbers that come from four others, each a word as a number. */
  readonly start: (origin: Memory) => readonly Step[];
  /** Goes to the next word. */
  readonly next: Step;
  /** The word; whether its lowest bit is set; and as a number in (0, 1). */
  readonly word: Expr;
  readonly isOdd: Expr;
  readonly uniform: Expr;
}

const wordOf = (variable: Variable): Expr => toBits(valueOf(variable));

const rotated = (word: Expr, by: number): Expr => ior(shlWords(word, by), shrWords(word, 32 - by));

/** Below 2^52, the bits of a number plus 2^52 that come after those of 2^52 are a whole number. */
const BASE = 2 ** 52;
const numberIn = (word: Expr): Expr => sub(fromBits(ior(word, bits(0x4330000000000000n))), BASE);
const wordIn = (number: Expr): Expr => iand(toBits(add(number, BASE)), bits(0xffffffffn));

/**
 * Makes a stream. Threefry of an origin gives the 128 bits from which xoshiro128++ goes on: within a transition, numbers in order are all that is
 * needed, and they cost a fifth of what blocks of Threefry would.
 *
 * No function is used whose last bit an engine may choose, so that draws are the same on all of them.
 *
 * @param state - the memory of four words
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); Blackman, Vigna, "Scrambled linear pseudorandom number generators" (2021)
 */
export const makeStream = (state: Memory): Stream => {
  const [a, b, c, d] = [makeVariable('a'), makeVariable('b'), makeVariable('c'), makeVariable('d')];
  const [out, high, low] = [makeVariable('out'), makeVariable('high'), makeVariable('low')];
  const all = [a, b, c, d];
  const [A, B, C, D] = [wordOf(a), wordOf(b), wordOf(c), wordOf(d)];
  const [both, mixed] = [ixor(C, A), ixor(D, B)];
  const block = (...[k0, k1, c0, c1]: readonly Operand[]): readonly [Expr, Expr] => [
    call(threefryHigh, k0!, k1!, c0!, c1!),
    call(threefryLow, k0!, k1!, c0!, c1!),
  ];
  const [zero, one] = [exprOf(0), exprOf(1)];
  return {
    load: all.map((variable, i) => setTo(variable, readAt(state, i))),
    save: all.map((variable, i) => writeAt(state, i, valueOf(variable))),
    start: (origin) => {
      const [first, second] = block(...[0, 1, 2, 3].map((i) => readAt(origin, i)));
      const own = [valueOf(high), valueOf(low)];
      const words = [...block(...own, zero, zero), ...block(...own, zero, one)];
      return [assign([high, first], [low, second]), assign(...all.map((variable, i) => [variable, fromBits(wordIn(words[i]!))] as const))];
    },
    next: assign(
      [out, fromBits(addWords(rotated(addWords(A, D), 7), A))],
      [a, fromBits(ixor(A, mixed))],
      [b, fromBits(ixor(B, both))],
      [c, fromBits(ixor(both, shlWords(B, 9)))],
      [d, fromBits(rotated(mixed, 11))],
    ),
    word: wordOf(out),
    isOdd: ieq(iand(wordOf(out), bits(1n)), bits(1n)),
    uniform: mul(add(numberIn(wordOf(out)), 0.5), 2 ** -32),
  };
};

/** Of 64 random bits the first 52, as a number in (0, 1): below 2, the bits after those of 1 are a fraction. */
const fine = (high: Expr, low: Expr): Expr => add(sub(fromBits(ior(shrU(ior(shl(high, 32), low), 12), bits(0x3ff0000000000000n))), 1), 2 ** -53);

/**
 * Fills a memory with standard normal numbers.
 *
 * @param layers - the memory of the ziggurat's tables
 * @see Marsaglia, Tsang, "The ziggurat method" (2000); J. A. Doornik, "An improved ziggurat method to generate normal random samples" (2005)
 */
export const normalSteps = ({ next, word }: Stream, layers: Memory, to: Memory, count: number): readonly Step[] => {
  const [high, low, u, v, x, layer, isDone] = [
    makeVariable('high'),
    makeVariable('low'),
    makeVariable('u'),
    makeVariable('v'),
    makeVariable('x'),
    makeVariable('layer'),
    makeVariable('isDone'),
  ];
  const drawFine = (variable: Variable): readonly Step[] => [
    next,
    setTo(high, fromBits(word)),
    next,
    setTo(low, fromBits(word)),
    setTo(variable, fine(wordOf(high), wordOf(low))),
  ];
  // Its own 12 lowest bits are no part of u.
  const [y, sign] = [makeVariable('y'), makeVariable('sign')];
  const keep = (i: Integer, size: Expr): readonly Step[] => [writeAt(to, i, mul(valueOf(sign), size)), setTo(isDone, 1)];
  const end = (k: Integer): Expr => readAt(layers, k);
  const ratio = (k: Integer): Expr => readAt(layers, plus(k, LAYERS + 1));
  const height = (k: Integer): Expr => readAt(layers, plus(k, 2 * LAYERS + 1));
  /** Beyond the begin of the tail: Marsaglia (1964). */
  const tail = (i: Integer): readonly Step[] => [
    setTo(x, 1),
    setTo(y, 0),
    repeatWhile(lt(mul(valueOf(y), -2), mul(valueOf(x), valueOf(x))), [
      ...drawFine(u),
      ...drawFine(v),
      setTo(x, div(call(log, valueOf(u)), TAIL)),
      setTo(y, call(log, valueOf(v))),
    ]),
    ...keep(i, sub(TAIL, valueOf(x))),
  ];
  return [
    repeat('i', 0, count, (i) => [
      setTo(isDone, 0),
      repeatWhile(eq(valueOf(isDone), 0), [
        ...drawFine(u),
        setTo(layer, numberIn(iand(wordOf(low), bits(BigInt(LAYERS - 1))))),
        setTo(sign, select(ieq(iand(wordOf(low), bits(BigInt(LAYERS))), bits(0n)), 1, -1)),
        withIndex('layer', truncated(valueOf(layer)), (k) => [
          setTo(x, mul(valueOf(u), end(k))),
          when(lt(valueOf(u), ratio(k)), keep(i, valueOf(x)), [
            when(eq(valueOf(layer), 0), tail(i), [
              ...drawFine(v),
              when(
                lt(add(height(k), mul(valueOf(v), sub(height(plus(k, 1)), height(k)))), call(exp, mul(-0.5, mul(valueOf(x), valueOf(x))))),
                keep(i, valueOf(x)),
              ),
            ]),
          ]),
        ]),
      ]),
    ]),
  ];
};
