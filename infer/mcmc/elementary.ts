/** exp and log for the arithmetic between transitions, without `Math.exp` and `Math.log`, whose last bits an engine may choose. */
import { log as logFunction } from '../../core/loop/functions/log.ts';
import { functionOf } from '../../core/loop/interpret.ts';

/** The compiled code's logarithm, interpreted: it is asked for rarely. */
export const log: (x: number) => number = functionOf(logFunction);

const LOG2_E = 1.4426950408889634;
/** ln 2 in two parts; products of the first with an exponent are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** 2^k for −1022 ≤ k ≤ 1023, by its bits; words are little-endian, as in WebAssembly. */
const power = (k: number): number => {
  words[0] = 0;
  words[1] = (k + 1023) << 20;
  return double[0]!;
};

/**
 * eˣ within 2 ulp: Cody and Waite's reduction x = k ln 2 + r, |r| ≤ ln 2 / 2, and the Taylor series of e^r to the 14th power, whose rest is
 * below 2^−60. Every transition of the warmup needs one, so that interpreting the compiled code's would be felt.
 *
 * @see Muller, Elementary Functions, 3rd edition (2016), chapter 11
 */
export const exp = (x: number): number => {
  if (!(x > -745.2)) return x <= -745.2 ? 0 : x;
  if (x > 709.79) return Infinity;
  const k = Math.round(x * LOG2_E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n > 0; n--) sum = 1 + (r / n) * sum;
  // Two factors: where the result is no normal number, or 2^k is none, one alone would not do.
  const half = k >> 1;
  return sum * power(half) * power(k - half);
};
