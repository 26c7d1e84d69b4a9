/** Rounding to single precision, on doubles. */
import {
  abs,
  add,
  bits,
  defineFunction,
  fromBits,
  ge,
  iand,
  ior,
  mul,
  pmax,
  pmin,
  select,
  sub,
  toBits,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';

const SIGN = bits(1n << 63n);
const EXPONENT = bits(0x7ffn << 52n);
/** Between the smallest normal single and the first number beyond them all. */
const [LEAST, BEYOND] = [2 ** -126, 2 ** 128];
/** Added to a number of exponent e, 1.5 · 2^(e + 29) leaves of it the bits that a single has: the sum is rounded there, ties to even. */
const SHIFT = 1.5 * 2 ** 29;

const powerBelow = (x: Expr): Expr => fromBits(iand(toBits(x), EXPONENT));

/**
 * The nearest single, as `Math.fround`: exact for every double, subnormal results, overflow to ±Infinity, −0 and NaN among them.
 *
 * @see J.-M. Muller et al.: Handbook of Floating-Point Arithmetic, 2nd edition (2018), section 4.3 (rounding by adding a constant)
 */
export const fround: ScalarFunction = defineFunction('fround', 1, (x) => {
  const size = abs(x);
  const shift = mul(pmin(pmax(powerBelow(size), LEAST), BEYOND), SHIFT);
  const rounded = sub(add(size, shift), shift);
  const held = select(ge(rounded, BEYOND), mul(rounded, Infinity), rounded);
  return fromBits(ior(toBits(held), iand(toBits(x), SIGN)));
});
